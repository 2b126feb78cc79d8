package main

import (
	"context"
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

var errSame = &connect.Error{Kind: connect.Conflict, Code: "same-plan", Message: "This is the plan you have."}

func (h *handlers) wanted(r *http.Request, who connect.Identity, in *wishJSON) (*connect.Subscription, billing.Wish, error) {
	wish, err := in.wish()
	if err != nil {
		return nil, wish, err
	}
	sub, err := h.live(r, who)
	if err != nil {
		return nil, wish, err
	}
	if sub.Plan == wish.Plan && sub.Interval == wish.Interval && sub.Quantity == wish.Quantity {
		return nil, wish, errSame
	}
	return sub, wish, nil
}

// preview says what a change costs before it is made.
func (h *handlers) preview(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in wishJSON
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	sub, wish, err := h.wanted(r, who, &in)
	if err != nil {
		return err
	}
	now := web.Now(r)
	quote, err := h.client(r).Preview(r.Context(), sub, wish, now)
	if err != nil {
		return err
	}
	usage, err := h.store.Usage(r.Context(), who.Account, now)
	if err != nil {
		return err
	}
	to := connect.Entitle(&connect.Subscription{Billing: connect.Billing{Paying: connect.Active, Plan: wish.Plan, Quantity: wish.Quantity}}, now)
	limits := to.Limits
	over := []string{} // what is there beyond the plan's limits: it stays, but no more can be added
	if usage.Sites > limits.Sites {
		over = append(over, "sites")
	}
	if usage.Members > limits.Members {
		over = append(over, "members")
	}
	if usage.Clients > limits.Clients {
		over = append(over, "clients")
	}
	if usage.Callbacks > limits.Callbacks {
		over = append(over, "callbacks")
	}
	return web.JSON(w, http.StatusOK, struct {
		Now    connect.Pence `json:"now"`
		Tax    connect.Pence `json:"tax"`
		Next   connect.Pence `json:"next"`
		NextAt time.Time     `json:"nextAt"`
		At     time.Time     `json:"at"`
		Over   []string      `json:"over"`
	}{quote.Now, quote.Tax, quote.Next, quote.NextAt, quote.At, over})
}

// quoteLife is how long a price that was said is kept to.
const quoteLife = 30 * time.Minute

// change makes the change that preview priced, for the moment it was priced at.
func (h *handlers) change(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in struct {
		wishJSON
		At string `json:"at"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	now := web.Now(r)
	reckoned, err := time.Parse(time.RFC3339, in.At)
	if err != nil || reckoned.After(now) || now.Sub(reckoned) > quoteLife {
		return &connect.Error{Kind: connect.Invalid, Code: "invalid", Message: "The price is no longer up to date. Look at it again.",
			Fields: []connect.FieldError{{Field: "at", Message: "This must be the time of a preview of the last 30 minutes."}}}
	}
	sub, wish, err := h.wanted(r, who, &in.wishJSON)
	if err != nil {
		return err
	}
	return h.act(w, r, who, sub, "to change to "+wishText(wish), func(ctx context.Context, c *billing.Client) error { return c.Change(ctx, sub, wish, reckoned) })
}

func (h *handlers) cancel(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	sub, err := h.live(r, who)
	if err != nil {
		return err
	}
	return h.act(w, r, who, sub, "to cancel at the end of the period", func(ctx context.Context, c *billing.Client) error { return c.Cancel(ctx, sub) })
}

func (h *handlers) resume(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	sub, err := h.live(r, who)
	if err != nil {
		return err
	}
	return h.act(w, r, who, sub, "to go on after cancelling", func(ctx context.Context, c *billing.Client) error { return c.Resume(ctx, sub) })
}

// act makes a call and then stores and answers what is true after it, whatever the call said.
func (h *handlers) act(w http.ResponseWriter, r *http.Request, who connect.Identity, sub *connect.Subscription, what string, call func(context.Context, *billing.Client) error) error {
	if err := h.asked(r, who, what); err != nil {
		return err
	}
	if err := call(r.Context(), h.client(r)); err != nil {
		return err
	}
	if _, err := h.keeper.Apply(r.Context(), who.Account, sub.Customer, "", web.Now(r)); err != nil {
		return err
	}
	return h.show(w, r, who)
}
