package billing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/customer"
	"github.com/stripe/stripe-go/v76/subscription"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// StripeState is what Stripe says of a customer at one moment.
type StripeState struct {
	connect.Billing
	Any     bool // it has, or had, a subscription
	Deleted bool // the customer was deleted there
}

// Fetch asks Stripe for all subscriptions of an account's customer and says which one counts. The answer
// depends on nothing but Stripe's objects, so that whoever asks last is right.
//
// What it cannot understand (a foreign customer, an unknown price, another number of items than one) is an
// error: writing a guess would be worse than standing still and being noticed.
func (c *Client) Fetch(ctx context.Context, account connect.AccountID, id connect.CustomerID) (StripeState, error) {
	subs, err := c.subscriptions(ctx, id)
	if err != nil {
		return StripeState{}, err
	}
	if len(subs) == 0 {
		return c.customer(ctx, account, id)
	}
	return c.state(account, id, subs)
}

// subscriptions lists all there are of a customer, none for one that Stripe does not know.
func (c *Client) subscriptions(ctx context.Context, id connect.CustomerID) ([]*stripe.Subscription, error) {
	params := &stripe.SubscriptionListParams{Customer: stripe.String(string(id)), Status: stripe.String("all")}
	params.Context, params.Limit, params.Single = ctx, stripe.Int64(100), true
	params.AddExpand("data.customer")
	params.AddExpand("data.latest_invoice.payment_intent")
	list := subscription.Client{B: c.backend, Key: c.key}.List(params)
	var subs []*stripe.Subscription
	for list.Next() {
		subs = append(subs, list.Subscription())
	}
	if err := list.Err(); err != nil && !missing(err) {
		return nil, failed(err)
	}
	return subs, nil
}

// state reads all subscriptions of one customer.
func (c *Client) state(
	account connect.AccountID, id connect.CustomerID, subs []*stripe.Subscription,
) (StripeState, error) {
	owner := subs[0].Customer
	if owner == nil {
		return StripeState{}, errors.New("billing: Stripe's answer has no customer")
	}
	if !owner.Deleted && owner.Metadata["account"] != string(account) {
		return StripeState{}, fmt.Errorf("billing: customer %s is not the one of account %s", id, account)
	}
	slices.SortFunc(subs, func(a, b *stripe.Subscription) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), order(a, b), cmp.Compare(a.ID, b.ID))
	})
	b, err := c.billing(subs[0])
	if err != nil {
		return StripeState{}, err
	}
	for _, s := range subs[1:] {
		if b.Status.Billable() && connect.SubscriptionStatus(s.Status).Billable() {
			b.Duplicates = append(b.Duplicates, s.ID)
		}
	}
	return StripeState{Billing: b, Any: rank(subs[0]) < 3, Deleted: owner.Deleted}, nil
}

// rank puts first what money flows for, then what still may, then what is over.
func rank(s *stripe.Subscription) int {
	switch p := connect.SubscriptionStatus(s.Status); {
	case p.Billable():
		return 0
	case p == connect.Incomplete:
		return 1
	case p == connect.Canceled:
		return 2
	default:
		return 3
	}
}

// order is by age: of live ones the oldest counts, of ended ones the youngest.
func order(a, b *stripe.Subscription) int {
	if rank(a) == 0 {
		return cmp.Compare(a.Created, b.Created)
	}
	return cmp.Compare(b.Created, a.Created)
}

// customer is asked when there is no subscription.
func (c *Client) customer(ctx context.Context, account connect.AccountID, id connect.CustomerID) (StripeState, error) {
	params := &stripe.CustomerParams{}
	params.Context = ctx
	got, err := customer.Client{B: c.backend, Key: c.key}.Get(string(id), params)
	switch {
	case missing(err):
		return StripeState{Deleted: true}, nil
	case err != nil:
		return StripeState{}, failed(err)
	case got.Deleted:
		return StripeState{Deleted: true}, nil
	case got.Metadata["account"] != string(account):
		return StripeState{}, fmt.Errorf("billing: customer %s is not the one of account %s", id, account)
	}
	return StripeState{}, nil
}

// billing reads one subscription.
func (c *Client) billing(s *stripe.Subscription) (connect.Billing, error) {
	b := connect.Billing{
		ID: s.ID, Status: connect.SubscriptionStatus(s.Status), CreatedAt: at(s.Created), PeriodEnd: at(s.CurrentPeriodEnd),
		TrialEnd: at(s.TrialEnd),
		EndedAt:  at(s.EndedAt), HasCard: s.DefaultPaymentMethod != nil,
	}
	if s.Customer.InvoiceSettings != nil && s.Customer.InvoiceSettings.DefaultPaymentMethod != nil {
		b.HasCard = true
	}
	if s.CancelAtPeriodEnd || s.CancelAt != 0 {
		if b.EndsAt = at(s.CancelAt); b.EndsAt.IsZero() {
			b.EndsAt = b.PeriodEnd
		}
	}
	if b.Status == connect.Canceled {
		b.EndsAt = b.EndedAt
	}
	if p := s.PauseCollection; p != nil {
		b.Pause = connect.Pause{Behavior: connect.PauseBehavior(p.Behavior), Until: at(p.ResumesAt)}
	}
	if i := s.LatestInvoice; i != nil {
		b.Invoice = i.ID
		b.InvoiceOpen = i.Status == stripe.InvoiceStatusOpen && i.AmountRemaining > 0
		if b.InvoiceOpen {
			b.DueSince = at(i.Created)
			b.RequiresAction = i.PaymentIntent != nil && i.PaymentIntent.Status == stripe.PaymentIntentStatusRequiresAction
		}
	}
	if b.Status == connect.PastDue && b.DueSince.IsZero() {
		b.DueSince = at(s.CurrentPeriodStart)
	}
	if s.Livemode != c.LiveMode() {
		return b, fmt.Errorf("billing: subscription %s is of the other mode", s.ID)
	}
	if s.Items == nil || len(s.Items.Data) != 1 {
		return b, fmt.Errorf("billing: subscription %s has another number of items than one", s.ID)
	}
	item := s.Items.Data[0]
	if item.Price == nil || item.Price.Recurring == nil {
		return b, fmt.Errorf("billing: subscription %s has no recurring price", s.ID)
	}
	plan, ok := connect.FindPlan(connect.PlanID(item.Price.Metadata["plan"]))
	if !ok || !plan.Paid() {
		return b, fmt.Errorf("billing: price %s of subscription %s is none of ours", item.Price.ID, s.ID)
	}
	b.Item, b.Plan, b.Interval, b.Quantity = item.ID, plan.ID, connect.Interval(item.Price.Recurring.Interval),
		item.Quantity
	if !b.Interval.Valid() {
		return b, fmt.Errorf("billing: price %s has an interval that is not sold", item.Price.ID)
	}
	if b.Status.Billable() && b.PeriodEnd.IsZero() {
		return b, fmt.Errorf("billing: subscription %s has no end of its period", s.ID)
	}
	return b, nil
}
