package billing

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/event"
	"github.com/stripe/stripe-go/v76/subscription"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// Drift is one difference that was found and fixed, or could not be.
type Drift struct {
	Account  connect.AccountID
	Customer connect.CustomerID
	Cause    string // subscription, event, duplicate, unknown-customer, closed-account, failed
	From, To connect.SubscriptionStatus
	Detail   string // what a person needs to know of it
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

// Reconciler is a Syncer that looks at everybody.
type Reconciler struct {
	*EventSyncer
	Ledger store.Ledger
}

// Reconcile lists all subscriptions and all undelivered events at Stripe and fixes every difference by the
// same Sync that the events go through; then those that are live here and not in the list at all. Before that
// it ends what closed accounts have at Stripe. It continues after what it cannot fix, and reports it. Only the
// names of customers are held, not their subscriptions.
func (k *Reconciler) Reconcile(ctx context.Context, now time.Time) (Report, error) {
	run := reconciliation{
		Reconciler: k, now: now, client: k.Keys.Client(ctx, now), seen: map[connect.CustomerID]bool{}, told: map[Drift]bool{},
	}
	err := run.closings(ctx)
	if err == nil {
		err = run.client.customers(ctx, func(id connect.CustomerID, subs []*stripe.Subscription) error {
			run.repair(ctx, id, subs)
			return ctx.Err()
		})
	}
	if err == nil {
		err = run.unlisted(ctx)
	}
	if err == nil {
		err = run.events(ctx)
	}
	run.report.Customers = len(run.seen)
	return run.report, err
}

type reconciliation struct {
	*Reconciler
	now    time.Time
	client *Client
	seen   map[connect.CustomerID]bool
	told   map[Drift]bool
	report Report
}

// add reports a difference once: a customer may be on several pages of the list.
func (r *reconciliation) add(d Drift) {
	once := d
	once.Err = nil
	if !r.told[once] {
		r.told[once] = true
		r.report.Drifts = append(r.report.Drifts, d)
	}
}

// repair compares what a page of the list said of a customer with what is stored. Whatever differs is asked
// again before anything is written: the list is older, and the rest of it may be on another page.
func (r *reconciliation) repair(ctx context.Context, id connect.CustomerID, subs []*stripe.Subscription) {
	r.seen[id] = true
	account, _, err := r.Events.StripeEventAccount(ctx, "none", id, r.now)
	if err != nil {
		r.add(Drift{Customer: id, Cause: "failed", Err: err})
		return
	}
	if account == "" {
		of := subs[0].Customer.Metadata
		r.unknown(ctx, id, connect.AccountID(of["account"]), r.Origin != "" && of["origin"] == r.Origin, subs)
		return
	}
	sub, err := r.Accounts.Subscription(ctx, account)
	if err != nil {
		r.add(Drift{Account: account, Customer: id, Cause: "failed", Err: err})
		return
	}
	if sub.Customer != id {
		r.unknown(ctx, id, account, true, subs) // a former customer: deleted at Stripe, or about to be seen so
		return
	}
	truth, err := r.client.state(account, id, subs)
	if err != nil {
		r.add(Drift{Account: account, Customer: id, Cause: "failed", From: sub.Status, Err: err})
		return
	}
	if next, notice := merge(sub, truth, r.now); differ(sub, next) || notice != "" {
		r.equal(ctx, account, id, "subscription", r.Sync)
	} else if len(truth.Duplicates) > 0 {
		r.add(Drift{Account: account, Customer: id, Cause: "duplicate", To: truth.Status})
	}
}

// unlisted looks at what is live here and of which Stripe's list said nothing: a customer that was deleted
// there long ago, or by another key.
func (r *reconciliation) unlisted(ctx context.Context) error {
	return r.Ledger.Subscriptions(ctx, func(sub *connect.Subscription) error {
		if sub.Customer != "" && sub.Status.Billable() && !r.seen[sub.Customer] {
			r.equal(ctx, sub.Account, sub.Customer, "subscription", r.Sync)
		}
		return ctx.Err()
	})
}

func (r *reconciliation) events(ctx context.Context) error {
	events, err := r.client.undelivered(ctx, r.now.Add(-eventsSince))
	if err != nil {
		return err
	}
	r.report.Events = len(events)
	for _, e := range events {
		account, applied, err := r.Events.StripeEventAccount(ctx, e.ID, e.Customer, r.now)
		if err != nil {
			return err
		}
		if !applied && account != "" {
			apply := func(
				ctx context.Context, account connect.AccountID, customer connect.CustomerID, now time.Time,
			) (Result, error) {
				return r.Apply(ctx, account, customer, e.ID, now)
			}
			r.equal(ctx, account, e.Customer, "event", apply)
		}
	}
	return nil
}

// equal has sync, which is Sync or Apply, make a customer's state equal, and reports what was not.
func (r *reconciliation) equal(
	ctx context.Context, account connect.AccountID, id connect.CustomerID, cause string,
	sync func(context.Context, connect.AccountID, connect.CustomerID, time.Time) (Result, error),
) {
	result, err := sync(ctx, account, id, r.now)
	switch {
	case err != nil:
		r.add(Drift{Account: account, Customer: id, Cause: "failed", Err: err})
		return
	case result.Changed:
		r.add(Drift{Account: account, Customer: id, Cause: cause, From: result.Before.Status, To: result.Sub.Status})
	}
	if len(result.Duplicates) > 0 {
		r.add(Drift{Account: account, Customer: id, Cause: "duplicate", To: result.Sub.Status})
	}
}

// customers lists every subscription, a hundred a call, and brings those of a page by their customer.
func (c *Client) customers(ctx context.Context, each func(connect.CustomerID, []*stripe.Subscription) error) error {
	subscriptions := subscription.Client{B: c.backend, Key: c.key}
	after := ""
	for {
		params := &stripe.SubscriptionListParams{Status: stripe.String("all")}
		params.Context, params.Limit, params.Single = ctx, stripe.Int64(100), true
		params.AddExpand("data.customer")
		params.AddExpand("data.latest_invoice.payment_intent")
		if after != "" {
			params.StartingAfter = stripe.String(after)
		}
		list := subscriptions.List(params)
		page := map[connect.CustomerID][]*stripe.Subscription{}
		for list.Next() {
			s := list.Subscription()
			if s.Customer == nil {
				return errors.New("billing: Stripe's answer has no customer")
			}
			id := connect.CustomerID(s.Customer.ID)
			page[id] = append(page[id], s)
			after = s.ID
		}
		if err := list.Err(); err != nil {
			return failed(err)
		}
		for _, id := range slices.Sorted(maps.Keys(page)) {
			if err := each(id, page[id]); err != nil {
				return err
			}
		}
		if !list.Meta().HasMore || len(page) == 0 {
			return nil
		}
	}
}

// undelivered lists the events that Stripe could not bring to every endpoint, oldest first.
func (c *Client) undelivered(ctx context.Context, since time.Time) ([]StripeEvent, error) {
	var out []StripeEvent
	type dated struct {
		StripeEvent
		created int64
	}
	var all []dated
	// Stripe takes at most 20 types in one call.
	params := &stripe.EventListParams{
		DeliverySuccess: stripe.Bool(false), Types: stripe.StringSlice(Used),
		CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()},
	}
	params.Context, params.Limit = ctx, stripe.Int64(100)
	list := event.Client{B: c.backend, Key: c.key}.List(params)
	for list.Next() {
		e := list.Event()
		body, err := json.Marshal(map[string]any{
			"id": e.ID, "object": "event", "type": e.Type, "account": e.Account, "api_version": APIVersion,
			"livemode": e.Livemode,
			"data":     map[string]any{"object": e.Data.Raw},
		})
		if err != nil {
			return nil, err
		}
		parsed, err := ParseStripeEvent(body, c.LiveMode())
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
		out = append(out, e.StripeEvent)
	}
	return out, nil
}
