package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/invoice"
	"github.com/stripe/stripe-go/v76/subscription"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Quote is what a change of plan costs.
type Quote struct {
	Now    connect.Pence // charged at once; under 0 is credit for the next invoices
	Tax    connect.Pence // of that
	Next   connect.Pence // each interval after, VAT not included
	At     time.Time     // the moment Now was reckoned for
	NextAt time.Time
}

// Preview asks Stripe what a change to choice would cost if it were made at a moment of the current period, zero for
// the moment at which Stripe is asked.
func (c *Client) Preview(
	ctx context.Context, sub *connect.Subscription, choice PlanChoice, moment time.Time,
) (Quote, error) {
	priceID, err := c.price(ctx, choice.Plan, choice.Interval)
	if err != nil {
		return Quote{}, err
	}
	params := &stripe.InvoiceUpcomingParams{
		Customer: stripe.String(string(sub.Customer)), Subscription: stripe.String(sub.ID),
		SubscriptionItems: []*stripe.SubscriptionItemsParams{
			{ID: stripe.String(sub.Item), Price: stripe.String(priceID), Quantity: stripe.Int64(max(1, choice.Quantity))},
		},
		SubscriptionProrationBehavior: stripe.String("always_invoice"),
	}
	trial := sub.Status == connect.Trialing
	if !trial && !moment.IsZero() {
		params.SubscriptionProrationDate = stripe.Int64(moment.Unix())
	}
	params.Context = ctx
	got, err := invoice.Client{B: c.backend, Key: c.key}.Upcoming(params)
	if err != nil {
		return Quote{}, failed(err)
	}
	if moment.IsZero() {
		moment = at(got.SubscriptionProrationDate)
	}
	q := Quote{
		At: moment.UTC().Truncate(time.Second), Next: connect.PlanOf(choice.Plan).Price(choice.Interval),
		NextAt: sub.PeriodEnd,
	}
	if more := choice.Quantity - int64(connect.PlanOf(choice.Plan).Limits.Clients); more > 0 {
		q.Next += connect.PlanOf(choice.Plan).ClientPrice(choice.Interval) * connect.Pence(more)
	}
	if trial {
		return q, nil
	}
	q.Now, q.Tax = connect.Pence(got.Total), connect.Pence(got.Tax)
	if sub.Interval != choice.Interval {
		q.NextAt = q.At.AddDate(0, 1, 0)
		if choice.Interval == connect.Yearly {
			q.NextAt = q.At.AddDate(1, 0, 0)
		}
	}
	return q, nil
}

// Requote is the quote for a change that somebody was told would cost told at the moment quoted. changed reports
// that it costs something else by now: a period has ended since, or a trial, or somebody has changed the plan. Then
// the quote is of now.
func (c *Client) Requote(
	ctx context.Context, sub *connect.Subscription, choice PlanChoice, quoted time.Time, told connect.Pence, now time.Time,
) (q Quote, changed bool, err error) {
	q, err = c.Preview(ctx, sub, choice, quoted)
	if err == nil && q.Now == told {
		return q, false, nil
	}
	if err != nil && !outdated(err) {
		return q, false, err
	}
	q, err = c.Preview(ctx, sub, choice, now)
	return q, true, err
}

// Change moves a subscription to another plan or interval, reckoned for the moment of a Quote. It holds only once
// what it costs is paid: until then the subscription stays as it was, with an open invoice.
//
// The idempotency key names what the quote was made from: pressed twice it is one change, and the same one again
// after it was taken back is another.
func (c *Client) Change(ctx context.Context, sub *connect.Subscription, choice PlanChoice, reckoned time.Time) error {
	priceID, err := c.price(ctx, choice.Plan, choice.Interval)
	if err != nil {
		return err
	}
	params := &stripe.SubscriptionParams{
		Items: []*stripe.SubscriptionItemsParams{
			{ID: stripe.String(sub.Item), Price: stripe.String(priceID), Quantity: stripe.Int64(max(1, choice.Quantity))},
		},
		ProrationBehavior: stripe.String("always_invoice"),
		PaymentBehavior:   stripe.String("pending_if_incomplete"),
	}
	if sub.Status != connect.Trialing {
		params.ProrationDate = stripe.Int64(reckoned.Unix())
	}
	from := fmt.Sprintf("%s:%s:%d:%s", sub.Plan, sub.Interval, sub.Quantity, sub.Invoice)
	params.SetIdempotencyKey(fmt.Sprintf("change:%s:%s:%s:%d:%d", sub.ID, from, priceID, choice.Quantity, reckoned.Unix()))
	return c.update(ctx, sub, params)
}

// Cancel lets a subscription end with what is paid for; Resume takes that back.
func (c *Client) Cancel(ctx context.Context, sub *connect.Subscription) error {
	return c.endAtPeriodEnd(ctx, sub, "cancel", true)
}

// Resume returns what Stripe does: a subscription that has ended cannot be resumed.
func (c *Client) Resume(ctx context.Context, sub *connect.Subscription) error {
	return c.endAtPeriodEnd(ctx, sub, "resume", false)
}

// endAtPeriodEnd's idempotency key holds the version: as long as nothing was learnt of the first attempt, a second
// one is the same call.
func (c *Client) endAtPeriodEnd(ctx context.Context, sub *connect.Subscription, what string, end bool) error {
	params := &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(end)}
	params.SetIdempotencyKey(fmt.Sprintf("%s:%s:%d", what, sub.ID, sub.Version))
	return c.update(ctx, sub, params)
}

func (c *Client) update(ctx context.Context, sub *connect.Subscription, params *stripe.SubscriptionParams) error {
	params.Context = ctx
	_, err := subscription.Client{B: c.backend, Key: c.key}.Update(sub.ID, params)
	return failed(err)
}
