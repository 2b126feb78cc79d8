package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

var errSame = &connect.Error{Kind: connect.Conflict, Code: "same-plan", Message: "This is the plan you have."}

func (in *wishJSON) change(sub *connect.Subscription) (billing.Wish, error) {
	wish, err := in.wish()
	switch {
	case err != nil:
		return wish, err
	case !sub.Paying.Live():
		return wish, errNone
	case sub.Plan == wish.Plan && sub.Interval == wish.Interval && sub.Quantity == wish.Quantity:
		return wish, errSame
	}
	return wish, nil
}

// quoteJSON is what a change costs.
type quoteJSON struct {
	Now    connect.Pence `json:"now"`
	Tax    connect.Pence `json:"tax"`
	Next   connect.Pence `json:"next"`
	NextAt time.Time     `json:"nextAt"`
	At     time.Time     `json:"at"`
	Over   []string      `json:"over"` // what is there beyond the plan's limits: it stays, but no more can be added
}

// preview says what a change costs before it is made.
func (h *handlers) preview(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in wishJSON
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	if _, err := in.wish(); err != nil {
		return err
	}
	if _, err := h.isOpen(r, who); err != nil {
		return err
	}
	sub, err := h.store.Subscription(r.Context(), who.Account)
	if err != nil {
		return err
	}
	wish, err := in.change(sub)
	if err != nil {
		return err
	}
	quote, err := h.client(r).Preview(r.Context(), sub, wish, web.Now(r))
	if err != nil {
		return h.keeper.Outdated(r.Context(), sub, err, web.Now(r))
	}
	out, err := h.quoted(r, who, wish, quote)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, out)
}

func (h *handlers) quoted(r *http.Request, who connect.Identity, wish billing.Wish, quote billing.Quote) (quoteJSON, error) {
	now := web.Now(r)
	out := quoteJSON{quote.Now, quote.Tax, quote.Next, quote.NextAt, quote.At, []string{}}
	usage, err := h.store.Usage(r.Context(), who.Account, now)
	if err != nil {
		return out, err
	}
	to := connect.Entitle(&connect.Subscription{Billing: connect.Billing{Paying: connect.Active, Plan: wish.Plan, Quantity: wish.Quantity}}, now)
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

// change makes the change that preview priced, for the moment it was priced at. What it costs is reckoned again from
// what Stripe says now: nobody is charged what they were not told.
func (h *handlers) change(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in struct {
		wishJSON
		At  string         `json:"at"`
		Now *connect.Pence `json:"now"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	if _, err := in.wish(); err != nil {
		return err
	}
	now := web.Now(r)
	reckoned, err := time.Parse(time.RFC3339, in.At)
	var p connect.Problems
	if err != nil || reckoned.After(now) || now.Sub(reckoned) > quoteLife {
		p.Add("at", "This must be the time of a preview of the last 30 minutes.")
	}
	if in.Now == nil {
		p.Add("now", "This must be the amount that the preview said.")
	}
	if err := p.Err(); err != nil {
		return &connect.Error{Kind: connect.Invalid, Code: "invalid", Message: "The price is no longer up to date. Look at it again.", Fields: p}
	}
	if _, err := h.isOpen(r, who); err != nil {
		return err
	}
	sub, err := h.live(r, who)
	if err != nil {
		return err
	}
	result, err := h.keeper.Apply(r.Context(), who.Account, sub.Customer, "", now)
	if err != nil {
		return err
	}
	if sub = result.Sub; sub == nil {
		return billing.ErrOutdated
	}
	wish, err := in.wishJSON.change(sub)
	if err != nil {
		return err
	}
	quote, changed, err := h.client(r).Requote(r.Context(), sub, wish, reckoned, *in.Now, now)
	if err != nil {
		return h.keeper.Outdated(r.Context(), sub, err, now)
	}
	if changed {
		return h.repriced(r, who, wish, quote)
	}
	what := "to change to " + connect.PlanWords(wish.Plan, wish.Interval, wish.Quantity)
	err = h.act(w, r, who, sub, what, h.store.BeginPayment, func(ctx context.Context, c *billing.Client) error {
		return c.Change(ctx, sub, wish, reckoned)
	})
	if !errors.Is(err, billing.ErrOutdated) {
		return err
	}
	// The period ended between the two calls.
	if sub, err = h.live(r, who); err != nil {
		return err
	}
	if quote, err = h.client(r).Preview(r.Context(), sub, wish, time.Time{}); err != nil {
		return billing.ErrOutdated
	}
	return h.repriced(r, who, wish, quote)
}

// repriced refuses a change with what it would cost now.
func (h *handlers) repriced(r *http.Request, who connect.Identity, wish billing.Wish, quote billing.Quote) error {
	preview, err := h.quoted(r, who, wish, quote)
	if err != nil {
		return err
	}
	return &connect.Error{
		Kind: connect.Conflict, Code: "price-changed", Extra: map[string]any{"preview": preview},
		Message: "The price has changed since you looked at it. Nothing was changed or charged; here is the new price.",
	}
}

func (h *handlers) cancel(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	sub, err := h.live(r, who)
	if err != nil {
		return err
	}
	begin := func(ctx context.Context, sub *connect.Subscription, notice string, now time.Time, log ...connect.Event) error {
		return h.store.SaveSubscription(ctx, sub, "", notice, now, log...)
	}
	return h.act(w, r, who, sub, "to cancel at the end of the period", begin, func(ctx context.Context, c *billing.Client) error { return c.Cancel(ctx, sub) })
}

func (h *handlers) resume(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	if _, err := h.isOpen(r, who); err != nil {
		return err
	}
	sub, err := h.live(r, who)
	if err != nil {
		return err
	}
	return h.act(w, r, who, sub, "to go on after cancelling", h.store.BeginPayment, func(ctx context.Context, c *billing.Client) error { return c.Resume(ctx, sub) })
}

// beginning stores, as one write, that an act begins and what the audit log says of it.
type beginning func(ctx context.Context, sub *connect.Subscription, notice string, now time.Time, log ...connect.Event) error

// act begins and makes a call and then stores and answers what is true after it, whatever the call said.
func (h *handlers) act(w http.ResponseWriter, r *http.Request, who connect.Identity, sub *connect.Subscription, what string, begin beginning, call func(context.Context, *billing.Client) error) error {
	now := web.Now(r)
	err := h.keeper.Begin(r.Context(), sub, func() error { return begin(r.Context(), sub, "", now, h.asked(r, who, what)) })
	if err != nil {
		return err
	}
	if err := call(r.Context(), h.client(r)); err != nil {
		return h.keeper.Outdated(r.Context(), sub, err, now)
	}
	if _, err := h.keeper.Apply(r.Context(), who.Account, sub.Customer, "", now); err != nil {
		return err
	}
	return h.show(w, r, who)
}
