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
	cdn := web.NewCDN(os.Getenv("CDN_KEY"))
	lambdahttp.Serve(app(web.Logger(os.Stdout), store.FromEnvironment(), cdn, os.Getenv("ORIGIN"), time.Now).OnlyThrough(cdn))
}

func app(log *slog.Logger, s *store.Store, cdn web.CDN, origin string, clock func() time.Time) *web.App {
	a := web.New(log, clock, s.Identify)
	h := &handlers{store: s, cdn: cdn, origin: origin}

	a.Handle("GET /v1/me", connect.NoRole, h.me)
	a.Handle("PATCH /v1/account", connect.Owner, h.changeAccount)
	a.Handle("POST /v1/account/restore", connect.Admin, h.restoreAccount)
	a.Handle("GET /v1/export", connect.Viewer, h.export)
	a.Handle("GET /v1/audit", connect.Admin, h.audit)

	a.Handle("GET /v1/members", connect.Viewer, h.listMembers)
	a.Handle("PATCH /v1/members/{id}", connect.Admin, h.changeMember)
	a.Handle("DELETE /v1/members/{id}", connect.Viewer, h.removeMember)
	a.Handle("GET /v1/invitations", connect.Admin, h.listInvitations)
	a.Handle("POST /v1/invitations", connect.Admin, h.invite)
	a.Handle("DELETE /v1/invitations/{id}", connect.Admin, h.withdraw)

	a.Handle("GET /v1/clients", connect.Viewer, h.listClients)
	a.Handle("POST /v1/clients", connect.Admin, h.addClient)
	a.Handle("DELETE /v1/clients/{id}", connect.Admin, h.endClient)
	a.Handle("POST /v1/clients/invitations", connect.Admin, h.inviteClient)
	a.Handle("DELETE /v1/clients/invitations/{id}", connect.Admin, h.withdrawClient)
	a.Handle("GET /v1/agencies", connect.Viewer, h.listAgencies)
	a.Handle("DELETE /v1/agencies/{id}", connect.Owner, h.endAgency)

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
	cdn    web.CDN
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
