package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

var errSame = &connect.Error{Kind: connect.Conflict, Code: "same-plan", Message: "You're already on this plan."}

func changeOf(in *api.PlanChoice, sub *connect.Subscription) (billing.PlanChoice, error) {
	choice, err := wanted(in)
	switch {
	case err != nil:
		return choice, err
	case !sub.Status.Billable():
		return choice, errNone
	case sub.Plan == choice.Plan && sub.Interval == choice.Interval && sub.Quantity == choice.Quantity:
		return choice, errSame
	}
	return choice, nil
}

// previewChange says what a change costs before it is made.
func (h *handlers) previewChange(r *http.Request, who connect.Identity, in *api.PlanChoice) (*api.Quote, error) {
	if _, err := wanted(in); err != nil {
		return nil, err
	}
	if _, err := h.isOpen(r, who); err != nil {
		return nil, err
	}
	sub, err := h.store.Subscription(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	choice, err := changeOf(in, sub)
	if err != nil {
		return nil, err
	}
	quote, err := h.client(r).Preview(r.Context(), sub, choice, web.Now(r))
	if err != nil {
		return nil, h.cashier.Outdated(r.Context(), sub, err, web.Now(r))
	}
	out, err := h.quoted(r, who, choice, quote)
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (h *handlers) quoted(
	r *http.Request, who connect.Identity, choice billing.PlanChoice, quote billing.Quote,
) (*api.Quote, error) {
	now := web.Now(r)
	out := &api.Quote{
		Now: quote.Now, Tax: quote.Tax, Next: quote.Next, NextAt: quote.NextAt, At: quote.At, Over: []string{},
	}
	usage, err := h.store.Usage(r.Context(), who.Account, now)
	if err != nil {
		return out, err
	}
	to := connect.Entitle(
		&connect.Subscription{Billing: connect.Billing{Status: connect.Active, Plan: choice.Plan, Quantity: choice.Quantity}},
		now,
	)
	limits := to.Limits
	if usage.Sites > limits.Sites {
		out.Over = append(out.Over, "sites")
	}
	if usage.Members > limits.Members {
		out.Over = append(out.Over, "members")
	}
	if usage.Clients > limits.Clients {
		out.Over = append(out.Over, "clients")
	}
	if usage.Callbacks > limits.Callbacks {
		out.Over = append(out.Over, "callbacks")
	}
	return out, nil
}

// quoteLife is how long a price that was said is kept to.
const quoteLife = 30 * time.Minute

// changePlan makes the change that preview priced, for the moment it was priced at. What it costs is reckoned again
// from what Stripe says now: nobody is charged what they were not told.
func (h *handlers) changePlan(r *http.Request, who connect.Identity, in *api.PlanChange) (*api.Billing, error) {
	asked := &api.PlanChoice{Plan: in.Plan, Interval: in.Interval, Clients: in.Clients}
	if _, err := wanted(asked); err != nil {
		return nil, err
	}
	now := web.Now(r)
	reckoned, err := time.Parse(time.RFC3339, in.At)
	var p connect.Problems
	if err != nil || reckoned.After(now) || now.Sub(reckoned) > quoteLife {
		p.Add("at", "Must be the time of a preview from the last 30 minutes.")
	}
	if in.Now == nil {
		p.Add("now", "Must be the amount shown in the preview.")
	}
	if err := p.Err(); err != nil {
		return nil, &connect.Error{
			Kind: connect.Invalid, Code: "invalid", Message: "This price is out of date. Request a new one.", Fields: p,
		}
	}
	if _, err := h.isOpen(r, who); err != nil {
		return nil, err
	}
	sub, err := h.currentSubscription(r, who)
	if err != nil {
		return nil, err
	}
	result, err := h.cashier.Sync(r.Context(), who.Account, sub.Customer, now)
	if err != nil {
		return nil, err
	}
	if sub = result.Sub; sub == nil {
		return nil, billing.ErrOutdated
	}
	choice, err := changeOf(asked, sub)
	if err != nil {
		return nil, err
	}
	quote, changed, err := h.client(r).Requote(r.Context(), sub, choice, reckoned, connect.Pence(*in.Now), now)
	if err != nil {
		return nil, h.cashier.Outdated(r.Context(), sub, err, now)
	}
	if changed {
		return nil, h.repriced(r, who, choice, quote)
	}
	what := "to change to " + connect.DescribePlan(choice.Plan, choice.Interval, choice.Quantity)
	out, err := h.act(r, who, sub, what, h.store.BeginPayment, func(ctx context.Context, c *billing.Client) error {
		return c.Change(ctx, sub, choice, reckoned)
	})
	if !errors.Is(err, billing.ErrOutdated) {
		return out, err
	}
	// The period ended between the two calls.
	if sub, err = h.currentSubscription(r, who); err != nil {
		return nil, err
	}
	if quote, err = h.client(r).Preview(r.Context(), sub, choice, time.Time{}); err != nil {
		return nil, billing.ErrOutdated
	}
	return nil, h.repriced(r, who, choice, quote)
}

// repriced refuses a change with what it would cost now.
func (h *handlers) repriced(
	r *http.Request, who connect.Identity, choice billing.PlanChoice, quote billing.Quote,
) error {
	preview, err := h.quoted(r, who, choice, quote)
	if err != nil {
		return err
	}
	return &connect.Error{
		Kind: connect.Conflict, Code: "price-changed", Extra: map[string]any{"preview": preview},
		Message: "The price has changed. Nothing has been changed or charged. Check the new price before you continue.",
	}
}

func (h *handlers) cancelSubscription(r *http.Request, who connect.Identity) (*api.Billing, error) {
	sub, err := h.currentSubscription(r, who)
	if err != nil {
		return nil, err
	}
	begin := func(
		ctx context.Context, sub *connect.Subscription, notice string, now time.Time, log ...connect.AuditEntry,
	) error {
		return h.store.SaveSubscription(ctx, sub, notice, now, log...)
	}
	return h.act(
		r, who, sub, "to cancel at the end of the period", begin,
		func(ctx context.Context, c *billing.Client) error { return c.Cancel(ctx, sub) },
	)
}

func (h *handlers) resumeSubscription(r *http.Request, who connect.Identity) (*api.Billing, error) {
	if _, err := h.isOpen(r, who); err != nil {
		return nil, err
	}
	sub, err := h.currentSubscription(r, who)
	if err != nil {
		return nil, err
	}
	return h.act(
		r, who, sub, "to continue after cancelling", h.store.BeginPayment,
		func(ctx context.Context, c *billing.Client) error { return c.Resume(ctx, sub) },
	)
}

// beginning stores, as one write, that an act begins and what the audit log says of it.
type beginning func(
	ctx context.Context, sub *connect.Subscription, notice string, now time.Time, log ...connect.AuditEntry,
) error

// act begins and makes a call and then stores and returns what is true after it, whatever the call said.
func (h *handlers) act(
	r *http.Request, who connect.Identity, sub *connect.Subscription, what string, begin beginning,
	call func(context.Context, *billing.Client) error,
) (*api.Billing, error) {
	now := web.Now(r)
	err := h.cashier.BeginChange(
		r.Context(), sub, func() error { return begin(r.Context(), sub, "", now, h.auditEntry(r, who, what)) },
	)
	if err != nil {
		return nil, err
	}
	if err := call(r.Context(), h.client(r)); err != nil {
		return nil, h.cashier.Outdated(r.Context(), sub, err, now)
	}
	if _, err := h.cashier.Sync(r.Context(), who.Account, sub.Customer, now); err != nil {
		return nil, err
	}
	return h.billing(r, who)
}
