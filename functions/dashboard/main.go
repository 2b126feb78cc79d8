// Function dashboard is the API of people who are logged in: the account, its sites, their statistics and inbox.
package main

import (
	"log/slog"
	"net/http"
	"os"
	"time"
	_ "time/tzdata" // the runtime has no time zones

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func main() {
	cdn := web.NewCDN(os.Getenv("CDN_KEY"))
	lambdahttp.Serve(
		app(web.Logger(os.Stdout), store.FromEnvironment(), cdn, os.Getenv("ORIGIN"), time.Now).OnlyThrough(cdn),
	)
}

func app(log *slog.Logger, db store.DB, cdn web.CDN, origin string, clock func() time.Time) *web.App {
	a := web.New(log, clock, store.Identity(db).Identify).Behind(cdn)
	h := &handlers{
		store: doors{
			store.Requests(db), store.Inbox(db), store.Throttles(db), store.Accounts(db), store.Sites(db),
			store.OpeningHours(db), store.Designs(db),
			store.Plans(db), store.Team(db), store.Membership(db), store.AccountNames(db), store.Agency(db), store.Reopening(db),
			store.Profile(db), store.AuditReader(db), store.AuditWriter(db), store.Stats(db), store.SiteComplaintRegister(db),
			store.PushReader(db),
		},
		origin: origin,
	}
	h.routes(a)
	return a
}

// doors are what this function may do with the tables.
type doors struct {
	store.Requests
	store.Inbox
	store.Throttles
	store.Accounts
	store.Sites
	store.OpeningHours
	store.Designs
	store.Plans
	store.Team
	store.Membership
	store.AccountNames
	store.Agency
	store.Reopening
	store.Profile
	store.AuditReader
	store.AuditWriter
	store.Stats
	store.SiteComplaintRegister
	store.PushReader
}

type handlers struct {
	store  doors
	origin string // of our own pages
}

// site is the request's site, if it is the account's.
func (h *handlers) site(r *http.Request, who connect.Identity, id string) (*connect.Site, error) {
	if !connect.ValidID("s_", id) {
		return nil, connect.ErrNotFound
	}
	return h.store.Site(r.Context(), who.Account, connect.SiteID(id))
}
