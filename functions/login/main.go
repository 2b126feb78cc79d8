// Function login registers people and logs them in and out. It alone may read password hashes.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/secret"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func main() {
	links := token.NewLinks(secret.MustKey("TOKEN_KEY"))
	lambdahttp.Serve(app(web.Logger(os.Stdout), store.FromEnvironment(), links, time.Now))
}

func app(log *slog.Logger, s *store.Store, links token.Links, clock func() time.Time) *web.App {
	a := web.New(log, clock, s.Identify)
	h := &handlers{store: s, links: links}

	a.Public("POST /v1/register", h.register)
	a.Public("POST /v1/verify", h.verify)
	a.Public("POST /v1/login", h.login)

	a.Handle("POST /v1/logout", connect.NoRole, h.logout)
	a.Handle("GET /v1/sessions", connect.NoRole, h.listSessions)
	a.Handle("DELETE /v1/sessions", connect.NoRole, h.endOtherSessions)
	a.Handle("DELETE /v1/sessions/{id}", connect.NoRole, h.endSession)
	return a
}

type handlers struct {
	store *store.Store
	links token.Links
}
