package billing

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// Syncer keeps the store equal to Stripe.
type Syncer struct {
	Accounts store.Accounts
	Billing  store.Billing
	Keys     *Keys
	// Origin is where this deployment is reached: customers that it makes at Stripe carry it, so that of several
	// that share one Stripe account none ends a subscription of another's.
	Origin string
}

// EventSyncer is a Syncer where Stripe's events come in.
type EventSyncer struct {
	*Syncer
	Events store.StripeEvents
}

// Result says what an application did.
type Result struct {
	Changed    bool // what we knew was not what Stripe says
	Alert      string
	Before     connect.Billing
	Sub        *connect.Subscription
	Duplicates []string // other live subscriptions of the customer
	Ignored    string   // why nothing was done
	Closing    bool     // the account is being closed, and so its subscription was set to end
}

const attempts = 6

// Sync makes what is stored of an account equal to what Stripe says of its customer.
//
// The order is the point: the version is read first, then Stripe is asked, then both are written on
// condition of that version. Whatever else happens in between, in whatever order events arrive, whoever
// writes last has asked after the version before was written, and so nothing older ever replaces anything
// newer. The version rises even when nothing changed: a writer that asked earlier must fail.
//
// A subscription whose account is being closed is set to end besides.
func (k *Syncer) Sync(
	ctx context.Context, account connect.AccountID, customer connect.CustomerID, now time.Time,
) (Result, error) {
	return k.sync(ctx, account, customer, now, k.Billing.SaveSubscription)
}

// Apply is Sync for an event, which is marked as applied in the transaction that stores its effect.
func (k *EventSyncer) Apply(
	ctx context.Context, account connect.AccountID, customer connect.CustomerID, event string, now time.Time,
) (Result, error) {
	return k.sync(ctx, account, customer, now, func(
		ctx context.Context, sub *connect.Subscription, alert string, now time.Time, log ...connect.AuditEntry,
	) error {
		err := k.Events.ApplyStripeEvent(ctx, sub, event, alert, now, log...)
		if !errors.Is(err, connect.ErrConflict) {
			return err
		}
		// Whoever was faster may have had another delivery of the same event.
		if _, applied, lost := k.Events.StripeEventAccount(ctx, event, customer, now); lost != nil {
			return lost
		} else if applied {
			return store.ErrApplied
		}
		return err
	})
}

// save stores what Stripe has said, as SaveSubscription does.
type save func(context.Context, *connect.Subscription, string, time.Time, ...connect.AuditEntry) error

func (k *Syncer) sync(
	ctx context.Context, account connect.AccountID, customer connect.CustomerID, now time.Time, keep save,
) (Result, error) {
	result, err := k.equalise(ctx, account, customer, now, keep)
	if err != nil || result.Sub == nil {
		return result, err
	}
	return k.whileClosing(ctx, result, now)
}

func (k *Syncer) equalise(
	ctx context.Context, account connect.AccountID, customer connect.CustomerID, now time.Time, keep save,
) (Result, error) {
	for n := range attempts {
		if n > 0 {
			if err := pause(ctx, n); err != nil {
				return Result{}, err
			}
		}
		sub, err := k.Accounts.Subscription(ctx, account)
		if err != nil {
			return Result{}, err
		}
		if sub.Customer != customer {
			return Result{Ignored: "former customer"}, nil
		}
		truth, err := k.Keys.Client(ctx, now).Fetch(ctx, account, customer)
		if err != nil {
			return Result{}, err
		}
		next, notice := merge(sub, truth, now)
		switch err := keep(ctx, next, notice, now, logged(sub, next, now)...); {
		case err == nil:
			return Result{
				Changed: differ(sub, next), Alert: notice, Before: sub.Billing, Sub: next, Duplicates: next.Duplicates,
			}, nil
		case errors.Is(err, store.ErrApplied):
			return Result{Ignored: "applied before"}, nil
		case !errors.Is(err, connect.ErrConflict):
			return Result{}, err
		}
	}
	return Result{}, errBusy
}

// BeginChange has store write that an act on a subscription begins, with what the audit log says of it, on condition of
// the version. It returns ErrOutdated when the subscription is no longer what the act was decided on.
func (k *Syncer) BeginChange(ctx context.Context, sub *connect.Subscription, store func() error) error {
	for n := range attempts {
		if n > 0 {
			if err := pause(ctx, n); err != nil {
				return err
			}
			fresh, err := k.Accounts.Subscription(ctx, sub.Account)
			if err != nil {
				return err
			}
			if differ(sub, fresh) {
				return ErrOutdated
			}
			*sub = *fresh
		}
		if err := store(); !errors.Is(err, connect.ErrConflict) {
			return err
		}
	}
	return errBusy
}

var errBusy = &connect.Error{
	Kind: connect.Unavailable, Code: "busy", Message: "Someone else is changing this. Try again.", RetryAfter: time.Second,
}

// pause lets whoever is faster finish.
func pause(ctx context.Context, n int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(rand.Int64N(int64(n)*int64(20*time.Millisecond)) + 1)):
		return nil
	}
}

// merge returns what is to be stored once Stripe has said its state, and the alert to be mailed.
func merge(sub *connect.Subscription, truth StripeState, now time.Time) (*connect.Subscription, string) {
	next := *sub
	next.SentAlerts = append([]string(nil), sub.SentAlerts...)
	next.Billing = truth.Billing
	if truth.ID == "" && sub.ID != "" {
		// Stripe has forgotten it: the customer was deleted there.
		next.Billing = connect.Billing{
			ID: sub.ID, Status: connect.Canceled, Plan: sub.Plan, Interval: sub.Interval, Quantity: sub.Quantity,
			CreatedAt: sub.CreatedAt, EndedAt: sub.EndedAt, EndsAt: sub.EndsAt,
		}
		if sub.EndedAt.IsZero() {
			next.EndedAt = now.UTC().Truncate(time.Second)
			next.EndsAt = next.EndedAt
		}
	}
	if truth.Deleted {
		next.Customer, next.FormerCustomer = "", sub.Customer
		next.Checkout.ID = ""
	}
	next.TrialUsed = sub.TrialUsed || truth.Any
	return &next, next.DueAlert(now)
}

// logged is what the audit log says of a change. Who asked for it stands there before it: Stripe tells it without
// a name, and often first.
func logged(before, after *connect.Subscription, now time.Time) []connect.AuditEntry {
	from, to := before.Billing.Describe(), after.Billing.Describe()
	if from == to {
		return nil
	}
	plan := connect.Entitle(after, now).Plan
	if !plan.Paid() { // as long as what it tells of was kept
		plan = connect.Entitle(before, now).Plan
	}
	return []connect.AuditEntry{
		{
			Account: after.Account, At: now, Action: connect.BillingChanged, ActorName: "Stripe", Target: from + " → " + to,
			Plan: plan.ID,
		},
	}
}

// differ reports whether two states differ in more than their versions.
func differ(a, b *connect.Subscription) bool {
	if a.Customer != b.Customer || a.TrialUsed != b.TrialUsed || len(a.SentAlerts) != len(b.SentAlerts) ||
		len(a.Duplicates) != len(b.Duplicates) {
		return true
	}
	for n := range a.Duplicates {
		if a.Duplicates[n] != b.Duplicates[n] {
			return true
		}
	}
	x, y := a.Billing, b.Billing
	x.Duplicates, y.Duplicates = nil, nil
	return !sameBilling(x, y)
}

func sameBilling(x, y connect.Billing) bool {
	return x.ID == y.ID && x.Item == y.Item && x.Status == y.Status && x.Plan == y.Plan && x.Interval == y.Interval &&
		x.Quantity == y.Quantity &&
		x.CreatedAt.Equal(y.CreatedAt) && x.PeriodEnd.Equal(y.PeriodEnd) && x.TrialEnd.Equal(y.TrialEnd) &&
		x.EndsAt.Equal(y.EndsAt) &&
		x.EndedAt.Equal(y.EndedAt) && x.HasCard == y.HasCard && x.Invoice == y.Invoice && x.InvoiceOpen == y.InvoiceOpen &&
		x.RequiresAction == y.RequiresAction &&
		x.DueSince.Equal(y.DueSince) && x.Pause.Behavior == y.Pause.Behavior && x.Pause.Until.Equal(y.Pause.Until)
}
