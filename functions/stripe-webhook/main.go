// Function stripe-webhook takes Stripe's events. It believes nothing in them but whose they are: what is
// true is fetched from Stripe.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/secret"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func main() {
	db := store.FromEnvironment()
	syncer := &billing.EventSyncer{
		Syncer: &billing.Syncer{
			Accounts: store.Accounts(db), Billing: store.Billing(db), Keys: billing.MustKeys(secret.Text, true),
		},
		Events: store.StripeEvents(db),
	}
	lambdahttp.Serve(app(web.Logger(os.Stdout), syncer, time.Now).OnlyThrough(web.NewCDN(os.Getenv("CDN_KEY"))))
}

func app(log *slog.Logger, syncer *billing.EventSyncer, clock func() time.Time) *web.App {
	a := web.New(log, clock, nil)
	h := &handlers{syncer: syncer}
	h.routes(a)
	return a
}

type handlers struct{ syncer *billing.EventSyncer }
