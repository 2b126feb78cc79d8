package billing

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/price"
	"github.com/stripe/stripe-go/v76/webhookendpoint"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Inspection is how much of Setup is there at Stripe.
type Inspection struct {
	Refused       bool     // Stripe does not take the key, and the rest is not known
	Live          bool     // the key moves real money
	MissingPrices []string // lookup keys without an active price of today's amounts
	Endpoint      string   // id of the webhook's endpoint, "" for none
	Enabled       bool
	APIVersion    string
	MissingEvents []string // that are used here, and not sent
}

// Inspect looks whether all that Setup makes is there, and changes nothing.
func (c *Client) Inspect(ctx context.Context, webhook string) (Inspection, error) {
	out := Inspection{Live: c.LiveMode()}
	for _, plan := range connect.Plans {
		if !plan.Paid() {
			continue
		}
		for _, interval := range []connect.Interval{connect.Monthly, connect.Yearly} {
			there, err := c.hasPrice(ctx, plan, interval)
			if e, ok := errors.AsType[*stripe.Error](err); ok &&
				(e.HTTPStatusCode == http.StatusUnauthorized || e.HTTPStatusCode == http.StatusForbidden) {
				return Inspection{Refused: true, Live: c.LiveMode()}, nil
			}
			if err != nil {
				return Inspection{}, failed(err)
			}
			if !there {
				out.MissingPrices = append(out.MissingPrices, LookupKey(plan.ID, interval))
			}
		}
	}
	return out, c.inspectWebhook(ctx, webhook, &out)
}

func (c *Client) hasPrice(ctx context.Context, plan connect.Plan, interval connect.Interval) (bool, error) {
	prices := price.Client{B: c.backend, Key: c.key}
	list := &stripe.PriceListParams{LookupKeys: []*string{stripe.String(LookupKey(plan.ID, interval))}}
	list.Context, list.Single = ctx, true
	found := prices.List(list)
	there := found.Next() && found.Price().Metadata["amounts"] == amounts(plan, interval) && found.Price().Active
	return there, found.Err()
}

// amounts marks a price with what it was made for.
func amounts(plan connect.Plan, interval connect.Interval) string {
	return fmt.Sprintf("%d+%d", plan.Price(interval), plan.ClientPrice(interval))
}

func (c *Client) inspectWebhook(ctx context.Context, webhook string, out *Inspection) error {
	endpoints := webhookendpoint.Client{B: c.backend, Key: c.key}
	list := &stripe.WebhookEndpointListParams{}
	list.Context, list.Limit = ctx, stripe.Int64(100)
	all := endpoints.List(list)
	for all.Next() {
		e := all.WebhookEndpoint()
		if e.URL != webhook {
			continue
		}
		out.Endpoint, out.Enabled, out.APIVersion = e.ID, e.Status == "enabled", e.APIVersion
		for _, used := range Used {
			if !slices.Contains(e.EnabledEvents, used) && !slices.Contains(e.EnabledEvents, "*") {
				out.MissingEvents = append(out.MissingEvents, used)
			}
		}
	}
	return failed(all.Err())
}
