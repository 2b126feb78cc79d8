package billing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stripe/stripe-go/v76"
	checkout "github.com/stripe/stripe-go/v76/checkout/session"
	"github.com/stripe/stripe-go/v76/customer"
	"github.com/stripe/stripe-go/v76/subscription"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// whileClosing lets a subscription end with what is paid for when its account is being closed: a payment page
// that was opened before can be paid after, and a change can overtake the closing. Who restores the account can
// take the end back.
func (k *Syncer) whileClosing(ctx context.Context, r Result, now time.Time) (Result, error) {
	if !r.Sub.Status.Billable() || !r.Sub.EndsAt.IsZero() {
		return r, nil
	}
	account, err := k.Accounts.Account(ctx, r.Sub.Account)
	if errors.Is(err, connect.ErrNotFound) || err == nil && account.ClosingAt.IsZero() {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	if err := k.Keys.Client(ctx, now).Cancel(ctx, r.Sub); err != nil {
		return r, err
	}
	again, err := k.equalise(ctx, r.Sub.Account, r.Sub.Customer, now, k.Billing.SaveSubscription)
	if err != nil || again.Sub == nil {
		return r, err
	}
	r.Changed, r.Closing, r.Sub = true, true, again.Sub
	return r, nil
}

// ended is a subscription that was ended with its account.
type ended struct {
	id   string
	was  connect.SubscriptionStatus
	note string // what the operator needs to decide on a refund
}

// CloseCustomer lets Stripe forget an account whose time has come: its payment pages are closed, its subscriptions
// cancelled at once, its customer deleted, and only when Stripe says that nothing of it is left is it stored so.
// Until then nothing of the account is purged. It may be cut off anywhere and done again.
func (k *Syncer) CloseCustomer(ctx context.Context, account connect.AccountID, now time.Time) ([]ended, error) {
	var all []ended
	for n := range attempts {
		if n > 0 {
			if err := pause(ctx, n); err != nil {
				return all, err
			}
		}
		sub, err := k.Accounts.Subscription(ctx, account)
		if err != nil || sub.Customer == "" {
			return all, err
		}
		some, err := k.Keys.Client(ctx, now).endCustomer(ctx, account, sub.Customer)
		all = append(all, some...)
		if err != nil {
			return all, err
		}
		next, _ := merge(sub, StripeState{Deleted: true}, now) // the mail of an end speaks of an account that continues
		next.SentAlerts = sub.SentAlerts
		if err := k.Billing.SaveSubscription(
			ctx, next, "", now, logged(sub, next, now)...,
		); !errors.Is(err, connect.ErrConflict) {
			return all, err
		}
	}
	return all, errBusy
}

// endCustomer ends all there is of a customer of ours, and makes sure of it.
func (c *Client) endCustomer(ctx context.Context, account connect.AccountID, id connect.CustomerID) ([]ended, error) {
	if _, err := c.customer(ctx, account, id); err != nil {
		return nil, err // another account's
	}
	if err := c.closePages(ctx, id); err != nil {
		return nil, err
	}
	subs, err := c.subscriptions(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []ended
	for _, s := range subs {
		if !mayCost(s) {
			continue
		}
		params := &stripe.SubscriptionCancelParams{InvoiceNow: stripe.Bool(false), Prorate: stripe.Bool(false)}
		params.Context = ctx
		if _, err := (subscription.Client{B: c.backend, Key: c.key}).Cancel(s.ID, params); err != nil && !missing(err) {
			return out, failed(err)
		}
		out = append(out, ended{s.ID, connect.SubscriptionStatus(s.Status), refundNote(s)})
	}
	params := &stripe.CustomerParams{}
	params.Context = ctx
	if _, err := (customer.Client{B: c.backend, Key: c.key}).Del(string(id), params); err != nil && !missing(err) {
		return out, failed(err)
	}
	truth, err := c.customer(ctx, account, id)
	if err != nil {
		return out, err
	}
	if subs, err = c.subscriptions(ctx, id); err != nil {
		return out, err
	}
	for _, s := range subs {
		if mayCost(s) || !truth.Deleted {
			return out, fmt.Errorf("billing: customer %s was ended, and subscription %s is %s", id, s.ID, s.Status)
		}
	}
	return out, nil
}

// mayCost reports whether a subscription can still lead to a payment.
func mayCost(s *stripe.Subscription) bool {
	p := connect.SubscriptionStatus(s.Status)
	return p.Billable() || p == connect.Incomplete
}

// refundNote says what was paid last, and for how long.
func refundNote(s *stripe.Subscription) string {
	if i := s.LatestInvoice; i != nil && i.AmountPaid > 0 {
		return fmt.Sprintf(
			"invoice %s, %s paid, for the time to %s", i.ID, connect.Pence(i.AmountPaid),
			at(s.CurrentPeriodEnd).Format(time.DateOnly),
		)
	}
	return "nothing was paid last"
}

// closePages makes sure that no payment page of a customer can be paid any more. They are listed at Stripe: one
// whose opening was cut off is known nowhere else.
func (c *Client) closePages(ctx context.Context, id connect.CustomerID) error {
	sessions := checkout.Client{B: c.backend, Key: c.key}
	params := &stripe.CheckoutSessionListParams{Customer: stripe.String(string(id))}
	params.Context, params.Limit = ctx, stripe.Int64(100)
	list := sessions.List(params)
	for list.Next() {
		if page := list.CheckoutSession(); page.Status == stripe.CheckoutSessionStatusOpen {
			if err := c.expire(ctx, page.ID); err != nil && !errors.Is(err, connect.ErrConflict) {
				return err
			}
		}
	}
	if err := list.Err(); err != nil && !missing(err) {
		return failed(err)
	}
	return nil
}

// expire closes one page; connect.ErrConflict says that it was paid, or closed, just now.
func (c *Client) expire(ctx context.Context, page string) error {
	params := &stripe.CheckoutSessionExpireParams{}
	params.Context = ctx
	params.SetIdempotencyKey("expire:" + page)
	_, err := (checkout.Client{B: c.backend, Key: c.key}).Expire(page, params)
	if e, ok := errors.AsType[*stripe.Error](err); ok && e.HTTPStatusCode == 400 {
		return connect.ErrConflict
	}
	return failed(err)
}

// unknown looks at a customer that is no account's. One that was made here, for an account that is gone, is ended;
// one that has something of ours otherwise is for a person; what other products sell over the same Stripe account
// is nobody's business.
func (r *reconciliation) unknown(
	ctx context.Context, id connect.CustomerID, account connect.AccountID, made bool, subs []*stripe.Subscription,
) {
	if !slices.ContainsFunc(subs, func(s *stripe.Subscription) bool { return mayCost(s) && ours(s) }) {
		return
	}
	if !made || !connect.ValidID("a_", string(account)) {
		r.add(Drift{Customer: id, Cause: "unknown-customer"})
		return
	}
	_, err := r.Accounts.Account(ctx, account)
	switch {
	case errors.Is(err, connect.ErrNotFound):
		some, err := r.client.endCustomer(ctx, account, id)
		r.ended(account, id, some, err)
	case err != nil:
		r.add(Drift{Account: account, Customer: id, Cause: "failed", Err: err})
	default:
		r.add(Drift{Account: account, Customer: id, Cause: "unknown-customer"})
	}
}

// ours reports whether a subscription is to one of our plans.
func ours(s *stripe.Subscription) bool {
	if s.Metadata["account"] != "" || s.Customer != nil && s.Customer.Metadata["account"] != "" {
		return true
	}
	return s.Items != nil && slices.ContainsFunc(s.Items.Data, func(i *stripe.SubscriptionItem) bool {
		if i.Price == nil {
			return false
		}
		plan, ok := connect.FindPlan(connect.PlanID(i.Price.Metadata["plan"]))
		return ok && plan.Paid()
	})
}

// pageLife is how long a payment page can be paid at most.
const pageLife = 24 * time.Hour

// closings closes the payment pages of accounts that are being closed, and ends at Stripe those whose time has come.
func (r *reconciliation) closings(ctx context.Context) error {
	return r.Ledger.Closings(ctx, func(account connect.AccountID, at time.Time) error {
		switch begun := at.Add(-connect.ClosingGrace); {
		case !r.now.Before(at):
			sub, err := r.Accounts.Subscription(ctx, account)
			if err != nil {
				r.add(Drift{Account: account, Cause: "failed", Err: err})
				break
			}
			some, err := r.CloseCustomer(ctx, account, r.now)
			r.ended(account, sub.Customer, some, err)
		case r.now.Before(begun.Add(pageLife + time.Hour)):
			sub, err := r.Accounts.Subscription(ctx, account)
			if err == nil && sub.Customer != "" {
				err = r.client.closePages(ctx, sub.Customer)
			}
			if err != nil {
				r.add(Drift{Account: account, Cause: "failed", Err: err})
			}
		}
		return ctx.Err()
	})
}

func (r *reconciliation) ended(account connect.AccountID, id connect.CustomerID, all []ended, err error) {
	for _, e := range all {
		r.add(Drift{
			Account: account, Customer: id, Cause: "closed-account", From: e.was, To: connect.Canceled,
			Detail: "subscription " + e.id + ": " + e.note,
		})
	}
	if err != nil {
		r.add(Drift{Account: account, Customer: id, Cause: "failed", Err: err})
	}
}
