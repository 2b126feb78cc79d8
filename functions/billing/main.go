// Function billing shows an account its plan, and leads its owner to Stripe's own pages. It makes the calls
// to Stripe that a person waits for; what is true afterwards it fetches, as the webhook does.
package main

import (
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/secret"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func main() {
	cdn := web.NewCDN(os.Getenv("CDN_KEY"))
	db, origin := store.FromEnvironment(), os.Getenv("ORIGIN")
	cashier := &billing.Cashier{
		Syncer: &billing.Syncer{
			Accounts: store.Accounts(db), Billing: store.Billing(db), Keys: billing.MustKeys(secret.Text, false), Origin: origin,
		},
		Payments: store.Payments(db),
	}
	lambdahttp.Serve(app(web.Logger(os.Stdout), db, cashier, cdn, origin, time.Now).OnlyThrough(cdn))
}

func app(
	log *slog.Logger, db store.DB, cashier *billing.Cashier, cdn web.CDN, origin string, clock func() time.Time,
) *web.App {
	a := web.New(log, clock, store.Identity(db).Identify).Behind(cdn)
	h := &handlers{
		cashier: cashier,
		store:   doors{store.Accounts(db), store.Plans(db), store.Billing(db), store.Payments(db)},
		page:    origin + "/app/billing",
	}
	h.routes(a)
	return a
}

// doors are what this function may do with the tables.
type doors struct {
	store.Accounts
	store.Plans
	store.Billing
	store.Payments
}

type handlers struct {
	cashier *billing.Cashier
	store   doors
	page    string // our own billing page
}

func (h *handlers) client(r *http.Request) *billing.Client {
	return h.cashier.Keys.Client(r.Context(), web.Now(r))
}

var errNone = &connect.Error{
	Kind: connect.Conflict, Code: "not-subscribed", Message: "You don't have a subscription. Choose a plan first.",
}

// currentSubscription is the account's subscription, if there is one that money can flow for.
func (h *handlers) currentSubscription(r *http.Request, who connect.Identity) (*connect.Subscription, error) {
	sub, err := h.store.Subscription(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	if !sub.Status.Billable() {
		return nil, errNone
	}
	return sub, nil
}

// auditEntry is what the audit log says of who wants what.
func (h *handlers) auditEntry(r *http.Request, who connect.Identity, what string) connect.AuditEntry {
	return web.AuditEntry(r, who, connect.BillingAsked, what)
}

// isOpen returns connect.ErrAccountClosing for an account that is being closed. What leads to a payment is begun by a
// write that has the same condition; this spares the calls before it.
func (h *handlers) isOpen(r *http.Request, who connect.Identity) (connect.Account, error) {
	account, err := h.store.Account(r.Context(), who.Account)
	if err == nil && !account.ClosingAt.IsZero() {
		err = connect.ErrAccountClosing
	}
	return account, err
}
