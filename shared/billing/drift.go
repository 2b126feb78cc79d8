package billing

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/event"
	"github.com/stripe/stripe-go/v76/subscription"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Drift is one difference that was found and mended, or could not be.
type Drift struct {
	Account  connect.AccountID
	Customer connect.CustomerID
	Cause    string // subscription, event, duplicate, unknown-customer, failed
	From, To connect.Paying
	Err      error
}

// Report is what a reconciliation saw.
type Report struct {
	Customers int // with subscriptions at Stripe
	Events    int // that Stripe could not deliver
	Drifts    []Drift
}

// eventsSince is how far back undelivered events are looked for: as far as Stripe keeps them.
const eventsSince = 30 * 24 * time.Hour

// Reconcile lists all subscriptions and all undelivered events at Stripe and mends every difference by the
// same Apply that the events go through. It goes on after what it cannot mend, and reports it.
func (k *Keeper) Reconcile(ctx context.Context, now time.Time) (Report, error) {
	var r Report
	client := k.Keys.Client(ctx, now)
	customers, err := client.customers(ctx)
	if err != nil {
		return r, err
	}
	r.Customers = len(customers)
	for _, id := range sorted(customers) {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		k.mend(ctx, &r, id, customers[id], now)
	}
	events, err := client.undelivered(ctx, now.Add(-eventsSince))
	if err != nil {
		return r, err
	}
	r.Events = len(events)
	for _, e := range events {
		account, applied, err := k.Store.EventAccount(ctx, e.ID, e.Customer, now)
		if err != nil {
			return r, err
		}
		if applied || account == "" {
			continue
		}
		k.apply(ctx, &r, account, e.Customer, e.ID, "event", now)
	}
	return r, nil
}

// mend compares what the list said with what is stored, and asks again before it writes: the list is older.
func (k *Keeper) mend(ctx context.Context, r *Report, id connect.CustomerID, subs []*stripe.Subscription, now time.Time) {
	account, _, err := k.Store.EventAccount(ctx, "none", id, now)
	if err != nil {
		r.Drifts = append(r.Drifts, Drift{Customer: id, Cause: "failed", Err: err})
		return
	}
	if account == "" {
		r.Drifts = append(r.Drifts, Drift{Customer: id, Cause: "unknown-customer"})
		return
	}
	sub, err := k.Store.Subscription(ctx, account)
	if err != nil {
		r.Drifts = append(r.Drifts, Drift{Account: account, Customer: id, Cause: "failed", Err: err})
		return
	}
	if sub.Customer != id {
		return // a former customer: deleted at Stripe, or about to be seen so
	}
	truth, err := k.Keys.Client(ctx, now).truth(account, id, subs)
	if err != nil {
		r.Drifts = append(r.Drifts, Drift{Account: account, Customer: id, Cause: "failed", From: sub.Paying, Err: err})
		return
	}
	if next, notice := merge(sub, truth, now); differ(sub, next) || notice != "" {
		k.apply(ctx, r, account, id, "", "subscription", now)
	}
	if len(truth.Duplicates) > 0 {
		r.Drifts = append(r.Drifts, Drift{Account: account, Customer: id, Cause: "duplicate", From: sub.Paying, To: truth.Paying})
	}
}

func (k *Keeper) apply(ctx context.Context, r *Report, account connect.AccountID, id connect.CustomerID, event, cause string, now time.Time) {
	result, err := k.Apply(ctx, account, id, event, now)
	switch {
	case err != nil:
		r.Drifts = append(r.Drifts, Drift{Account: account, Customer: id, Cause: "failed", Err: err})
	case result.Changed:
		r.Drifts = append(r.Drifts, Drift{Account: account, Customer: id, Cause: cause, From: result.Before.Paying, To: result.Sub.Paying})
	}
}

func sorted(m map[connect.CustomerID][]*stripe.Subscription) []connect.CustomerID {
	ids := make([]connect.CustomerID, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// customers lists every subscription by its customer, a hundred a call.
func (c *Client) customers(ctx context.Context) (map[connect.CustomerID][]*stripe.Subscription, error) {
	params := &stripe.SubscriptionListParams{Status: stripe.String("all")}
	params.Context, params.Limit = ctx, stripe.Int64(100)
	params.AddExpand("data.customer")
	params.AddExpand("data.latest_invoice.payment_intent")
	list := subscription.Client{B: c.backend, Key: c.key}.List(params)
	out := map[connect.CustomerID][]*stripe.Subscription{}
	for list.Next() {
		s := list.Subscription()
		if s.Customer == nil {
			return nil, errors.New("billing: Stripe's answer has no customer")
		}
		id := connect.CustomerID(s.Customer.ID)
		out[id] = append(out[id], s)
	}
	return out, failed(list.Err())
}

// undelivered lists the events that Stripe could not bring to every endpoint, oldest first.
func (c *Client) undelivered(ctx context.Context, since time.Time) ([]Event, error) {
	var out []Event
	type dated struct {
		Event
		created int64
	}
	var all []dated
	// Stripe takes at most 20 types in one call.
	params := &stripe.EventListParams{DeliverySuccess: stripe.Bool(false), Types: stripe.StringSlice(Used), CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	params.Context, params.Limit = ctx, stripe.Int64(100)
	list := event.Client{B: c.backend, Key: c.key}.List(params)
	for list.Next() {
		e := list.Event()
		body, err := json.Marshal(map[string]any{
			"id": e.ID, "object": "event", "type": e.Type, "account": e.Account, "api_version": APIVersion, "livemode": e.Livemode,
			"data": map[string]any{"object": e.Data.Raw},
		})
		if err != nil {
			return nil, err
		}
		parsed, err := ParseEvent(body, c.Live())
		if err != nil || parsed.Customer == "" {
			continue // nothing of ours
		}
		all = append(all, dated{parsed, e.Created})
	}
	if err := list.Err(); err != nil {
		return nil, failed(err)
	}
	slices.SortStableFunc(all, func(a, b dated) int { return cmp.Compare(a.created, b.created) })
	for _, e := range all {
		out = append(out, e.Event)
	}
	return out, nil
}
