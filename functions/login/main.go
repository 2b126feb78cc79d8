// Function login registers people, logs them in and out, and changes what they log in with. It alone may
// read password hashes and second factors.
package main

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/mi-telecom/mi-connect/functions/login/factors"
	"github.com/mi-telecom/mi-connect/functions/login/guard"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/secret"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
	"github.com/mi-telecom/mi-connect/shared/webpush"
)

func main() {
	links := token.MustLinks(secret.Keep("TOKEN_KEY"))
	cdn, log := web.NewCDN(os.Getenv("CDN_KEY")), web.Logger(os.Stdout)
	push, err := webpush.OpenKeys(secret.Keep("PUSH_KEY"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "PUSH_KEY:", err)
		os.Exit(1)
	}
	services := webpush.Browsers.And(os.Getenv("PUSH_SERVICES"))
	a := app(log, store.FromEnvironment(), links, pushes{push, services}, cdn, os.Getenv("ORIGIN"), time.Now)
	lambdahttp.Serve(a.OnlyThrough(cdn))
}

func app(
	log *slog.Logger, db store.DB, links token.Links, push pushes, cdn web.CDN, origin string, clock func() time.Time,
) *web.App {
	a := web.New(log, clock, store.Identity(db).Identify).Behind(cdn)
	h := &handlers{
		store: doors{
			store.Accounts(db), store.Plans(db), store.Team(db), store.Profile(db), store.AuditWriter(db),
			store.Links(db), store.Tokens(db), store.Logins(db), store.Credentials(db), store.Registrations(db),
			store.EmailChanges(db), store.Recoveries(db), store.Joining(db), store.Leaving(db),
			store.PushReader(db), store.PushWriter(db), store.PushEnder(db),
		},
		push:     push,
		links:    links,
		guard:    guard.New(store.Throttles(db), store.Logins(db), links),
		passkeys: factors.NewPasskeys(origin),
	}
	h.routes(a)
	return a
}

// doors are what this function may do with the tables.
type doors struct {
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
	store.PushReader
	store.PushWriter
	store.PushEnder
}

type handlers struct {
	store    doors
	links    token.Links
	guard    *guard.Guard
	passkeys factors.Passkeys
	push     pushes
}
