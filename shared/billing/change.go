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

// Preview asks Stripe what a change to wish would cost at this moment.
func (c *Client) Preview(ctx context.Context, sub *connect.Subscription, wish Wish, now time.Time) (Quote, error) {
	priceID, err := c.price(ctx, wish.Plan, wish.Interval)
	if err != nil {
		return Quote{}, err
	}
	params := &stripe.InvoiceUpcomingParams{
		Customer: stripe.String(string(sub.Customer)), Subscription: stripe.String(sub.ID),
		SubscriptionItems:             []*stripe.SubscriptionItemsParams{{ID: stripe.String(sub.Item), Price: stripe.String(priceID), Quantity: stripe.Int64(max(1, wish.Quantity))}},
		SubscriptionProrationBehavior: stripe.String("always_invoice"),
	}
	trial := sub.Paying == connect.Trialing
	if !trial {
		params.SubscriptionProrationDate = stripe.Int64(now.Unix())
	}
	params.Context = ctx
	got, err := invoice.Client{B: c.backend, Key: c.key}.Upcoming(params)
	if err != nil {
		return Quote{}, failed(err)
	}
	q := Quote{At: now.UTC().Truncate(time.Second), Next: connect.PlanOf(wish.Plan).Price(wish.Interval), NextAt: sub.PeriodEnd}
	if more := wish.Quantity - int64(connect.PlanOf(wish.Plan).Limits.Clients); more > 0 {
		q.Next += connect.PlanOf(wish.Plan).ClientPrice(wish.Interval) * connect.Pence(more)
	}
	if trial {
		return q, nil
	}
	q.Now, q.Tax = connect.Pence(got.Total), connect.Pence(got.Tax)
	if sub.Interval != wish.Interval {
		q.NextAt = q.At.AddDate(0, 1, 0)
		if wish.Interval == connect.Yearly {
			q.NextAt = q.At.AddDate(1, 0, 0)
		}
	}
	return q, nil
}

// Change moves a subscription to another plan or interval, reckoned for the moment of a Quote. It holds
// only once what it costs is paid: until then the subscription stays as it was, with an open invoice.
func (c *Client) Change(ctx context.Context, sub *connect.Subscription, wish Wish, reckoned time.Time) error {
	priceID, err := c.price(ctx, wish.Plan, wish.Interval)
	if err != nil {
		return err
	}
	params := &stripe.SubscriptionParams{
		Items:             []*stripe.SubscriptionItemsParams{{ID: stripe.String(sub.Item), Price: stripe.String(priceID), Quantity: stripe.Int64(max(1, wish.Quantity))}},
		ProrationBehavior: stripe.String("always_invoice"),
		PaymentBehavior:   stripe.String("pending_if_incomplete"),
	}
	if sub.Paying != connect.Trialing {
		params.ProrationDate = stripe.Int64(reckoned.Unix())
	}
	return c.update(ctx, sub, "change:"+priceID+fmt.Sprint(":", wish.Quantity, ":", reckoned.Unix()), params)
}

// Cancel lets a subscription end with what is paid for; Resume takes that back.
func (c *Client) Cancel(ctx context.Context, sub *connect.Subscription) error {
	return c.update(ctx, sub, "cancel", &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(true)})
}

// Resume answers what Stripe does: a subscription that has ended cannot be resumed.
func (c *Client) Resume(ctx context.Context, sub *connect.Subscription) error {
	return c.update(ctx, sub, "resume", &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(false)})
}

// update's idempotency key holds the version: as long as nothing was learnt of the first attempt, a second
// one is the same call.
func (c *Client) update(ctx context.Context, sub *connect.Subscription, what string, params *stripe.SubscriptionParams) error {
	params.Context = ctx
	params.SetIdempotencyKey(fmt.Sprintf("%s:%s:%d", what, sub.ID, sub.Version))
	_, err := subscription.Client{B: c.backend, Key: c.key}.Update(sub.ID, params)
	return failed(err)
}
