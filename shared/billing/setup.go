package billing

import (
	"context"
	"fmt"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/price"
	"github.com/stripe/stripe-go/v76/product"
	"github.com/stripe/stripe-go/v76/webhookendpoint"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Setup makes at Stripe what the plans need: a product and a price for each plan and interval, and the
// webhook endpoint when webhook is not "". It may be run at any time: what is there stays. say is told each
// thing that was made; a new endpoint's signing secret is told once, Stripe shows it to nobody again.
func (c *Client) Setup(ctx context.Context, webhook string, say func(string)) error {
	for _, plan := range connect.Plans {
		if !plan.Paid() {
			continue
		}
		if err := c.setupProduct(ctx, plan, say); err != nil {
			return err
		}
		for _, interval := range []connect.Interval{connect.Monthly, connect.Yearly} {
			if err := c.setupPrice(ctx, plan, interval, say); err != nil {
				return err
			}
		}
	}
	if webhook == "" {
		return nil
	}
	return c.setupWebhook(ctx, webhook, say)
}

func productID(plan connect.PlanID) string { return "mi_connect_" + string(plan) }

func (c *Client) setupProduct(ctx context.Context, plan connect.Plan, say func(string)) error {
	products := product.Client{B: c.backend, Key: c.key}
	get := &stripe.ProductParams{}
	get.Context = ctx
	if _, err := products.Get(productID(plan.ID), get); !missing(err) {
		return failed(err)
	}
	// txcd_10103001 is Stripe's tax code for software as a service, business use.
	params := &stripe.ProductParams{
		ID: stripe.String(productID(plan.ID)), Name: stripe.String("Mi Connect " + plan.Name),
		TaxCode: stripe.String("txcd_10103001"),
	}
	params.Context = ctx
	params.SetIdempotencyKey("product:" + string(plan.ID))
	if _, err := products.New(params); err != nil {
		return failed(err)
	}
	say("product " + productID(plan.ID))
	return nil
}

// setupPrice makes a new price when the amounts are not those of the one that is found by the lookup key,
// and moves the key to it. Who has subscribed keeps the old price.
func (c *Client) setupPrice(ctx context.Context, plan connect.Plan, interval connect.Interval, say func(string)) error {
	prices := price.Client{B: c.backend, Key: c.key}
	lookup := LookupKey(plan.ID, interval)
	paid := amounts(plan, interval)
	list := &stripe.PriceListParams{LookupKeys: []*string{stripe.String(lookup)}}
	list.Context, list.Single = ctx, true
	found := prices.List(list)
	if found.Next() && found.Price().Metadata["amounts"] == paid && found.Price().Active {
		return nil
	}
	if err := found.Err(); err != nil {
		return failed(err)
	}
	params := &stripe.PriceParams{
		Currency: stripe.String("gbp"), Product: stripe.String(productID(plan.ID)), LookupKey: stripe.String(lookup),
		TransferLookupKey: stripe.Bool(true),
		Nickname:          stripe.String(plan.Name + " a " + string(interval)), TaxBehavior: stripe.String("exclusive"),
		Recurring: &stripe.PriceRecurringParams{Interval: stripe.String(string(interval))},
		Metadata:  map[string]string{"plan": string(plan.ID), "amounts": paid},
	}
	if plan.Client == 0 {
		params.UnitAmount = stripe.Int64(int64(plan.Price(interval)))
	} else {
		// The clients that are included cost one flat amount together, each further one its own.
		params.BillingScheme, params.TiersMode = stripe.String("tiered"), stripe.String("graduated")
		params.Tiers = []*stripe.PriceTierParams{
			{
				UpTo: stripe.Int64(int64(plan.Limits.Clients)), FlatAmount: stripe.Int64(int64(plan.Price(interval))),
				UnitAmount: stripe.Int64(0),
			},
			{UpToInf: stripe.Bool(true), UnitAmount: stripe.Int64(int64(plan.ClientPrice(interval)))},
		}
	}
	params.Context = ctx
	params.SetIdempotencyKey("price:" + lookup + ":" + paid)
	if _, err := prices.New(params); err != nil {
		return failed(err)
	}
	say("price " + lookup + ": " + paid + " pence")
	return nil
}

func (c *Client) setupWebhook(ctx context.Context, url string, say func(string)) error {
	endpoints := webhookendpoint.Client{B: c.backend, Key: c.key}
	list := &stripe.WebhookEndpointListParams{}
	list.Context, list.Limit = ctx, stripe.Int64(100)
	all := endpoints.List(list)
	for all.Next() {
		e := all.WebhookEndpoint()
		if e.URL != url {
			continue
		}
		if e.APIVersion != APIVersion {
			return fmt.Errorf(
				"billing: the endpoint %s has API version %q: remove it at Stripe and run this again", e.ID, e.APIVersion,
			)
		}
		params := &stripe.WebhookEndpointParams{EnabledEvents: stripe.StringSlice(Used)}
		params.Context = ctx
		_, err := endpoints.Update(e.ID, params)
		return failed(err)
	}
	if err := all.Err(); err != nil {
		return failed(err)
	}
	params := &stripe.WebhookEndpointParams{
		URL: stripe.String(url), APIVersion: stripe.String(APIVersion), EnabledEvents: stripe.StringSlice(Used),
		Description: stripe.String("Mi Connect"),
	}
	params.Context = ctx
	params.SetIdempotencyKey("endpoint:" + url)
	got, err := endpoints.New(params)
	if err != nil {
		return failed(err)
	}
	say("webhook endpoint " + got.ID + "; its signing secret, shown only now: " + got.Secret)
	return nil
}
