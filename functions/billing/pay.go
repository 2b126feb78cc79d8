package main

import (
	"fmt"
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// wishJSON is a plan somebody wants.
type wishJSON struct {
	Plan     string `json:"plan"`
	Interval string `json:"interval"`
	Clients  int64  `json:"clients"`
}

func (in *wishJSON) wish() (billing.Wish, error) {
	var p connect.Problems
	plan, ok := connect.FindPlan(connect.PlanID(in.Plan))
	if !ok || !plan.Paid() {
		p.Add("plan", "There is no such plan to pay for.")
	}
	if !connect.Interval(in.Interval).Valid() {
		p.Add("interval", "This must be month or year.")
	}
	clients := max(1, in.Clients)
	switch {
	case in.Clients < 0 || in.Clients > connect.MaxClients:
		p.Add("clients", fmt.Sprintf("At most %d clients. Write to us for more.", connect.MaxClients))
	case plan.Client == 0 && in.Clients > 1:
		p.Add("clients", "Only the Agency plan has clients.")
	case plan.Client > 0:
		clients = max(clients, int64(plan.Limits.Clients))
	}
	return billing.Wish{Plan: plan.ID, Interval: connect.Interval(in.Interval), Quantity: clients}, p.Err()
}

// checkout leads to Stripe's payment page for a first, or a new, subscription.
func (h *handlers) checkout(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in wishJSON
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	wish, err := in.wish()
	if err != nil {
		return err
	}
	ctx := r.Context()
	account, err := h.isOpen(r, who)
	if err != nil {
		return err
	}
	user, err := h.store.User(ctx, who.User)
	if err != nil {
		return err
	}
	asked := h.asked(r, who, "to subscribe to "+connect.PlanWords(wish.Plan, wish.Interval, wish.Quantity))
	url, err := h.keeper.Checkout(ctx, who.Account, billing.Payer{Name: account.Name, Email: user.Email}, wish, h.page, web.Now(r), asked)
	if err != nil {
		return err
	}
	return answerURL(w, url)
}

// portal leads to Stripe's page for cards, details and invoices; with card, straight to a new card.
func (h *handlers) portal(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in struct {
		Card bool `json:"card"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	sub, err := h.store.Subscription(r.Context(), who.Account)
	if err != nil {
		return err
	}
	if sub.Customer == "" {
		return errNone
	}
	url, err := h.client(r).Portal(r.Context(), sub, in.Card, h.page+"?checkout=done")
	if err != nil {
		return h.keeper.Outdated(r.Context(), sub, err, web.Now(r))
	}
	return answerURL(w, url)
}

// mend leads to the one page that mends what the notice speaks of: the open bill, where another card can be
// used and the bank be answered, or the page for a new card.
func (h *handlers) mend(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	sub, err := h.live(r, who)
	if err != nil {
		return err
	}
	var url string
	if sub.InvoiceOpen {
		bill, err := h.client(r).OpenInvoice(r.Context(), sub.Invoice)
		if err != nil {
			return h.keeper.Outdated(r.Context(), sub, err, web.Now(r))
		}
		if bill.Status == "open" {
			url = bill.Page
		}
	}
	if url == "" {
		if url, err = h.client(r).Portal(r.Context(), sub, true, h.page+"?checkout=done"); err != nil {
			return h.keeper.Outdated(r.Context(), sub, err, web.Now(r))
		}
	}
	return answerURL(w, url)
}
