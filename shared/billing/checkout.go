package billing

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/stripe/stripe-go/v76"
	checkout "github.com/stripe/stripe-go/v76/checkout/session"
	"github.com/stripe/stripe-go/v76/customer"
	"github.com/stripe/stripe-go/v76/price"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// Payer is who an account's customer at Stripe is called.
type Payer struct {
	Name  string
	Email connect.Email
}

// PlanChoice is what an account wants to subscribe to.
type PlanChoice struct {
	Plan     connect.PlanID
	Interval connect.Interval
	Quantity int64
}

// ErrSubscribed says that there is a subscription already: it can be changed.
var ErrSubscribed = &connect.Error{
	Kind: connect.Conflict, Code: "already-subscribed",
	Message: "You already have a subscription. Change its plan instead.",
}

// Cashier is a Syncer where people pay.
type Cashier struct {
	*Syncer
	Payments store.Payments
}

// Checkout returns the address of Stripe's own payment page for a first, or a new, subscription.
//
// Of all such pages of an account at most one can be paid at any time, so that two tabs end in at most one
// subscription: the page of the one before is closed permanently before another is made, and what is to be
// made is written down before it is, with asked in the audit log, and only while the account is open: it returns
// connect.ErrAccountClosing else. returnTo is our page to come back to.
func (k *Cashier) Checkout(
	ctx context.Context, account connect.AccountID, payer Payer, choice PlanChoice, returnTo string, now time.Time,
	asked ...connect.AuditEntry,
) (string, error) {
	v := checkoutAttempt{
		Cashier: k, account: account, payer: payer, wish: choice, returnTo: returnTo, now: now, asked: asked,
	}
	for n := range attempts {
		if n > 0 {
			if err := pause(ctx, n); err != nil {
				return "", err
			}
		}
		url, err := v.page(ctx)
		if !errors.Is(err, connect.ErrConflict) {
			return url, err
		}
	}
	return "", errBusy
}

// checkoutAttempt is one call of Checkout.
type checkoutAttempt struct {
	*Cashier
	account  connect.AccountID
	payer    Payer
	wish     PlanChoice
	returnTo string
	now      time.Time
	asked    []connect.AuditEntry // what the log still has to say
}

func (v *checkoutAttempt) page(ctx context.Context) (string, error) {
	client := v.Keys.Client(ctx, v.now)
	sub, err := v.Accounts.Subscription(ctx, v.account)
	if err != nil {
		return "", err
	}
	if sub.Customer == "" {
		id, err := client.newCustomer(ctx, v.account, v.payer, v.Origin, sub.Version)
		if err != nil {
			return "", err
		}
		if err := v.Payments.SetCustomer(ctx, sub, id, v.now); err != nil {
			return "", err
		}
	}
	// The page before first: once it can no longer be paid, what Stripe says of the subscription stays true.
	if sub.Checkout.Seq > 0 {
		if sub.Checkout.ID == "" {
			// It was cut off before its answer came: the same call brings the same page, if there is one.
			page, err := client.openCheckout(ctx, sub, v.returnTo)
			if missing(err) {
				return "", v.relearn(ctx, sub)
			}
			if err != nil {
				return "", err
			}
			sub.Checkout.ID = page.ID
		}
		url, err := client.closeCheckout(ctx, sub.Checkout, v.wish)
		if err != nil {
			return "", err
		}
		if url != "" {
			return url, v.begin(ctx, sub, "")
		}
	}
	truth, err := client.Fetch(ctx, v.account, sub.Customer)
	if err != nil {
		return "", err
	}
	next, notice := merge(sub, truth, v.now)
	if truth.Status.Billable() || truth.Deleted {
		if err := v.Billing.SaveSubscription(ctx, next, notice, v.now, logged(sub, next, v.now)...); err != nil {
			return "", err
		}
		if truth.Deleted {
			return "", connect.ErrConflict // once more, with a new customer
		}
		return "", ErrSubscribed
	}
	next.Checkout = connect.Checkout{
		Seq: sub.Checkout.Seq + 1, Plan: v.wish.Plan, Interval: v.wish.Interval, Quantity: v.wish.Quantity,
		Trial: !next.TrialUsed,
	}
	if err := v.begin(ctx, next, notice, logged(sub, next, v.now)...); err != nil {
		return "", err
	}
	page, err := client.openCheckout(ctx, next, v.returnTo)
	if missing(err) {
		return "", v.relearn(ctx, next)
	}
	if err != nil {
		return "", err
	}
	next.Checkout.ID = page.ID
	return page.URL, v.begin(ctx, next, "")
}

// begin stores what leads to a payment. When the account has been closed meanwhile, the page that is open already
// is closed again: the address of one that can be paid must not be given out.
func (v *checkoutAttempt) begin(
	ctx context.Context, sub *connect.Subscription, notice string, log ...connect.AuditEntry,
) error {
	err := v.Payments.BeginPayment(ctx, sub, notice, v.now, append(log, v.asked...)...)
	if err == nil {
		v.asked = nil
	}
	if errors.Is(err, connect.ErrAccountClosing) && sub.Checkout.ID != "" {
		if err := v.Keys.Client(ctx, v.now).expire(ctx, sub.Checkout.ID); err != nil && !errors.Is(err, connect.ErrConflict) {
			return err
		}
	}
	return err
}

// relearn asks Stripe again after it did not know a customer that we do, and has the checkout start again.
func (v *checkoutAttempt) relearn(ctx context.Context, sub *connect.Subscription) error {
	result, err := v.Sync(ctx, v.account, sub.Customer, v.now)
	if err == nil && !result.Changed {
		return fmt.Errorf("billing: Stripe knows customer %s and opens no page for it", sub.Customer)
	}
	return cmp.Or(err, error(connect.ErrConflict))
}

// newCustomer asks with the same key until what it makes is stored, so that parallel calls make one.
func (c *Client) newCustomer(
	ctx context.Context, account connect.AccountID, payer Payer, origin string, version int64,
) (connect.CustomerID, error) {
	params := &stripe.CustomerParams{Name: stripe.String(payer.Name), Email: stripe.String(string(payer.Email))}
	params.Context = ctx
	params.AddMetadata("account", string(account))
	params.AddMetadata("origin", origin)
	// The name is part of the key: with another one, the same key would be refused for a day.
	sum := sha256.Sum256([]byte(payer.Name + "\x00" + string(payer.Email) + "\x00" + origin))
	params.SetIdempotencyKey(fmt.Sprintf("customer:%s:%d:%s", account, version, hex.EncodeToString(sum[:6])))
	got, err := customer.Client{B: c.backend, Key: c.key}.New(params)
	if err != nil {
		return "", failed(err)
	}
	return connect.CustomerID(got.ID), nil
}

// openCheckout makes the payment page that sub.Checkout describes, or finds it.
func (c *Client) openCheckout(
	ctx context.Context, sub *connect.Subscription, returnTo string,
) (*stripe.CheckoutSession, error) {
	want := sub.Checkout
	priceID, err := c.price(ctx, want.Plan, want.Interval)
	if err != nil {
		return nil, err
	}
	params := &stripe.CheckoutSessionParams{
		Mode:     stripe.String(string(stripe.CheckoutSessionModeSubscription)),
		Customer: stripe.String(string(sub.Customer)),
		LineItems: []*stripe.CheckoutSessionLineItemParams{
			{Price: stripe.String(priceID), Quantity: stripe.Int64(max(1, want.Quantity))},
		},
		// The address says which page to ask about; whether it was paid, Stripe says.
		SuccessURL:        stripe.String(returnTo + "?checkout=done"),
		CancelURL:         stripe.String(returnTo + "?checkout=left"),
		ClientReferenceID: stripe.String(string(sub.Account)),
		AutomaticTax:      &stripe.CheckoutSessionAutomaticTaxParams{Enabled: stripe.Bool(true)},
		TaxIDCollection:   &stripe.CheckoutSessionTaxIDCollectionParams{Enabled: stripe.Bool(true)},
		CustomerUpdate: &stripe.CheckoutSessionCustomerUpdateParams{
			Address: stripe.String("auto"), Name: stripe.String("auto"),
		},
		BillingAddressCollection: stripe.String("required"),
		SubscriptionData: &stripe.CheckoutSessionSubscriptionDataParams{
			Metadata: map[string]string{"account": string(sub.Account)},
		},
	}
	if want.Trial {
		params.PaymentMethodCollection = stripe.String("if_required")
		params.SubscriptionData.TrialPeriodDays = stripe.Int64(connect.TrialDays)
		params.SubscriptionData.TrialSettings = &stripe.CheckoutSessionSubscriptionDataTrialSettingsParams{
			EndBehavior: &stripe.CheckoutSessionSubscriptionDataTrialSettingsEndBehaviorParams{
				MissingPaymentMethod: stripe.String("cancel"),
			},
		}
	}
	params.Context = ctx
	params.SetIdempotencyKey(fmt.Sprintf("checkout:%s:%s:%d", sub.Account, sub.Customer, want.Seq))
	got, err := checkout.Client{B: c.backend, Key: c.key}.New(params)
	return got, failed(err)
}

// closeCheckout returns the address of the page when it is still open and for the same choice, and else makes
// sure that it can no longer be paid.
func (c *Client) closeCheckout(ctx context.Context, open connect.Checkout, choice PlanChoice) (string, error) {
	sessions := checkout.Client{B: c.backend, Key: c.key}
	get := &stripe.CheckoutSessionParams{}
	get.Context = ctx
	page, err := sessions.Get(open.ID, get)
	switch {
	case missing(err):
		return "", nil
	case err != nil:
		return "", failed(err)
	case page.Status != stripe.CheckoutSessionStatusOpen:
		return "", nil
	case open.Plan == choice.Plan && open.Interval == choice.Interval && open.Quantity == choice.Quantity:
		return page.URL, nil
	}
	return "", c.expire(ctx, open.ID) // a conflict: look again
}

// LookupKey is how the price of new subscriptions is found; who has subscribed keeps the price they have.
func LookupKey(plan connect.PlanID, interval connect.Interval) string {
	return "mi_" + string(plan) + "_" + string(interval)
}

func (c *Client) price(ctx context.Context, plan connect.PlanID, interval connect.Interval) (string, error) {
	params := &stripe.PriceListParams{
		LookupKeys: []*string{stripe.String(LookupKey(plan, interval))}, Active: stripe.Bool(true),
	}
	params.Context, params.Single = ctx, true
	list := price.Client{B: c.backend, Key: c.key}.List(params)
	if list.Next() {
		return list.Price().ID, nil
	}
	if err := list.Err(); err != nil {
		return "", failed(err)
	}
	return "", fmt.Errorf("billing: Stripe has no price %s: run make stripe-setup", LookupKey(plan, interval))
}
