package main

import (
	"fmt"
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// wanted is the plan somebody wants.
func wanted(in *api.PlanChoice) (billing.PlanChoice, error) {
	var p connect.Problems
	plan, ok := connect.FindPlan(connect.PlanID(in.Plan))
	if !ok || !plan.Paid() {
		p.Add("plan", "Unknown plan.")
	}
	if !in.Interval.Valid() {
		p.Add("interval", "Must be month or year.")
	}
	asked := api.Value(in.Clients)
	clients := max(1, asked)
	switch {
	case asked < 0 || asked > connect.MaxClients:
		p.Add("clients", fmt.Sprintf("Choose %d clients or fewer. Contact us if you need more.", connect.MaxClients))
	case plan.Client == 0 && asked > 1:
		p.Add("clients", "Only the Agency plan includes clients.")
	case plan.Client > 0:
		clients = max(clients, int64(plan.Limits.Clients))
	}
	return billing.PlanChoice{Plan: plan.ID, Interval: in.Interval, Quantity: clients}, p.Err()
}

// checkout leads to Stripe's payment page for a first, or a new, subscription.
func (h *handlers) checkout(r *http.Request, who connect.Identity, in *api.PlanChoice) (*api.PageLink, error) {
	choice, err := wanted(in)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	account, err := h.isOpen(r, who)
	if err != nil {
		return nil, err
	}
	user, err := h.store.User(ctx, who.User)
	if err != nil {
		return nil, err
	}
	asked := h.auditEntry(r, who, "to subscribe to "+connect.DescribePlan(choice.Plan, choice.Interval, choice.Quantity))
	url, err := h.cashier.Checkout(
		ctx, who.Account, billing.Payer{Name: account.Name, Email: user.Email}, choice, h.page, web.Now(r), asked,
	)
	if err != nil {
		return nil, err
	}
	return &api.PageLink{URL: url}, nil
}

// portal leads to Stripe's page for cards, details and invoices; with card, straight to a new card.
func (h *handlers) portal(r *http.Request, who connect.Identity, in *api.PortalRequest) (*api.PageLink, error) {
	sub, err := h.store.Subscription(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	if sub.Customer == "" {
		return nil, errNone
	}
	url, err := h.client(r).Portal(r.Context(), sub, api.Value(in.Card), h.page+"?checkout=done")
	if err != nil {
		return nil, h.cashier.Outdated(r.Context(), sub, err, web.Now(r))
	}
	return &api.PageLink{URL: url}, nil
}

// paymentLink leads to the one page that fixes what the notice speaks of: the open bill, where another card can be
// used and the bank be answered, or the page for a new card.
func (h *handlers) paymentLink(r *http.Request, who connect.Identity) (*api.PageLink, error) {
	sub, err := h.currentSubscription(r, who)
	if err != nil {
		return nil, err
	}
	var url string
	if sub.InvoiceOpen {
		bill, err := h.client(r).OpenInvoice(r.Context(), sub.Invoice)
		if err != nil {
			return nil, h.cashier.Outdated(r.Context(), sub, err, web.Now(r))
		}
		if bill.Status == "open" {
			url = bill.Page
		}
	}
	if url == "" {
		if url, err = h.client(r).Portal(r.Context(), sub, true, h.page+"?checkout=done"); err != nil {
			return nil, h.cashier.Outdated(r.Context(), sub, err, web.Now(r))
		}
	}
	return &api.PageLink{URL: url}, nil
}
