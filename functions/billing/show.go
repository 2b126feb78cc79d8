package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// Amounts are whole pence; times are RFC 3339.

func limitsOf(l connect.Limits) api.Limits {
	return api.Limits{
		Sites: l.Sites, Members: l.Members, Callbacks: l.Callbacks, KeepDays: l.RetentionDays, Clients: l.Clients, API: l.API,
	}
}

func planOf(p connect.Plan) api.Plan {
	return api.Plan{
		ID: p.ID, Name: p.Name, Rank: p.Rank, Month: p.Price(connect.Monthly), Year: p.Price(connect.Yearly),
		ClientMonth: p.ClientPrice(connect.Monthly), ClientYear: p.ClientPrice(connect.Yearly), Limits: limitsOf(p.Limits),
	}
}

func (h *handlers) billing(r *http.Request, who connect.Identity) (*api.Billing, error) {
	sub, err := h.store.Subscription(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	return h.answer(r, who, sub)
}

func (h *handlers) answer(r *http.Request, who connect.Identity, sub *connect.Subscription) (*api.Billing, error) {
	now := web.Now(r)
	usage, err := h.store.Usage(r.Context(), who.Account, now)
	if err != nil {
		return nil, err
	}
	e, err := h.store.Entitlement(r.Context(), who.Account, now)
	if err != nil {
		return nil, err
	}
	account, err := h.store.Account(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	out := &api.Billing{
		ClosingAt: api.OptionalTime(account.ClosingAt), Plan: planOf(e.Plan), Limits: limitsOf(e.Limits),
		Access: api.Access(e.Access.String()), Notice: api.BillingNotice(e.Alert), MayPay: who.Role >= connect.Owner,
		Usage:  api.Usage{Sites: usage.Sites, Members: usage.Members, Clients: usage.Clients, Callbacks: usage.Callbacks},
		PaidBy: api.Optional(e.PaidBy),
	}
	if !sub.TrialUsed {
		out.TrialDays = connect.TrialDays
	}
	if sub.Status != connect.Unsubscribed {
		out.Subscription = &api.Subscription{
			Status: api.SubscriptionStatus(sub.Status), Plan: sub.Plan, Interval: sub.Interval, Clients: sub.Quantity,
			PeriodEnd: api.OptionalTime(sub.PeriodEnd), TrialEnd: api.OptionalTime(sub.TrialEnd),
			EndsAt: api.OptionalTime(sub.EndsAt), EndedAt: api.OptionalTime(sub.EndedAt), HasCard: sub.HasCard,
			Duplicates: len(sub.Duplicates),
		}
		if p := sub.Pause; p.Behavior != "" && sub.Status.Billable() {
			out.Subscription.Pause = &api.Pause{Until: api.OptionalTime(p.Until), Later: p.Behavior == connect.KeepDrafts}
		}
	}
	for _, p := range connect.Plans {
		out.Plans = append(out.Plans, planOf(p))
	}
	return out, nil
}

// refreshBilling asks Stripe before it answers: who comes back from Stripe's page sees the truth, also when no
// webhook has arrived yet. What the address of the page says is not looked at.
func (h *handlers) refreshBilling(r *http.Request, who connect.Identity) (*api.Billing, error) {
	ctx := r.Context()
	sub, err := h.store.Subscription(ctx, who.Account)
	if err != nil {
		return nil, err
	}
	if sub.Customer == "" {
		return h.answer(r, who, sub)
	}
	if _, err := h.cashier.Sync(ctx, who.Account, sub.Customer, web.Now(r)); err != nil {
		return nil, err
	}
	return h.billing(r, who)
}
