// Function login registers people, logs them in and out, and changes what they log in with. It alone may
// read password hashes and second factors.
package main

import (
	"log/slog"
	"net/url"
	"os"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/secret"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func main() {
	links := token.MustLinks(secret.Keep("TOKEN_KEY"))
	cdn := web.NewCDN(os.Getenv("CDN_KEY"))
	lambdahttp.Serve(app(web.Logger(os.Stdout), store.FromEnvironment(), links, cdn, os.Getenv("ORIGIN"), time.Now).OnlyThrough(cdn))
}

func app(log *slog.Logger, db store.DB, links token.Links, cdn web.CDN, origin string, clock func() time.Time) *web.App {
	a := web.New(log, clock, store.Identity(db).Identify)
	h := &handlers{
		store: doors{
			store.Throttles(db), store.Accounts(db), store.Plans(db), store.Team(db), store.Profile(db),
			store.AuditWriter(db), store.Links(db), store.Tokens(db), store.Logins(db), store.Credentials(db),
			store.Registrations(db), store.EmailChanges(db), store.Recoveries(db), store.Joining(db),
			store.Leaving(db),
		},
		links: links, cdn: cdn, passkeys: relyingParty(origin),
	}
	h.routes(a)
	return a
}

// relyingParty is us towards the browser's passkeys, bound to the dashboard's origin.
func relyingParty(origin string) *webauthn.WebAuthn {
	u, err := url.Parse(origin)
	if err == nil {
		var w *webauthn.WebAuthn
		if w, err = webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: "Mi Connect", RPOrigins: []string{origin}}); err == nil {
			return w
		}
	}
	panic("login: ORIGIN is no address that passkeys can be bound to: " + err.Error())
}

// doors are what this function may do with the tables.
type doors struct {
	store.Throttles
	store.Accounts
	store.Plans
	store.Team
	store.Profile
	store.AuditWriter
	store.Links
	store.Tokens
	store.Logins
	store.Credentials
	store.Registrations
	store.EmailChanges
	store.Recoveries
	store.Joining
	store.Leaving
}

type handlers struct {
	store    doors
	links    token.Links
	cdn      web.CDN
	passkeys *webauthn.WebAuthn
}
