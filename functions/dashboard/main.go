// Function dashboard is the signed-in API: the account, its sites, their statistics and inbox.
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
	lambdahttp.Serve(app(web.Logger(os.Stdout), store.FromEnvironment(), os.Getenv("ORIGIN"), time.Now))
}

func app(log *slog.Logger, s *store.Store, origin string, clock func() time.Time) *web.App {
	a := web.New(log, clock, s.Identify)
	h := &handlers{store: s, origin: origin}

	a.Handle("GET /v1/me", connect.Viewer, h.me)

	a.Handle("GET /v1/sites", connect.Viewer, h.listSites)
	a.Handle("POST /v1/sites", connect.Admin, h.addSite)
	a.Handle("GET /v1/sites/{id}", connect.Viewer, h.showSite)
	a.Handle("PUT /v1/sites/{id}", connect.Admin, h.changeSite)
	a.Handle("DELETE /v1/sites/{id}", connect.Admin, h.removeSite)

	a.Handle("GET /v1/sites/{id}/stats", connect.Viewer, h.statistics)
	a.Handle("GET /v1/sites/{id}/callbacks", connect.Viewer, h.inbox)
	a.Handle("PATCH /v1/sites/{id}/callbacks/{callbackId}", connect.Agent, h.mark)
	return a
}

type handlers struct {
	store  *store.Store
	origin string // of our own pages
}

// site is the request's site, if it is the account's.
func (h *handlers) site(r *http.Request, who connect.Identity) (*connect.Site, error) {
	id := r.PathValue("id")
	if !connect.ValidID("s_", id) {
		return nil, connect.ErrNotFound
	}
	return h.store.Site(r.Context(), who.Account, connect.SiteID(id))
}
