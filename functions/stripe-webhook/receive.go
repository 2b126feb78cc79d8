package main

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// budget is what one event may take: less than the function's time-out, so that Stripe gets an answer, and
// more than one call of Stripe's may.
const budget = 8 * time.Second

var errTooLarge = &connect.Error{Kind: connect.Invalid, Code: "body-too-large", Message: "The body is too large."}

// stripeWebhook applies an event before it answers. Any failure of ours is a 5xx, and Stripe sends the event
// again; what can never become good is a 400; what is none of our business is a 200.
func (h *handlers) stripeWebhook(r *http.Request) (*api.StripeResult, error) {
	ctx, cancel := context.WithTimeout(r.Context(), budget)
	defer cancel()
	now := web.Now(r)
	body, err := io.ReadAll(io.LimitReader(r.Body, billing.MaxStripeEvent+1))
	if err != nil {
		return nil, err
	}
	if len(body) > billing.MaxStripeEvent {
		return nil, errTooLarge
	}
	if err := h.syncer.Keys.Verify(ctx, body, r.Header.Get("Stripe-Signature"), now); err != nil {
		return nil, err
	}
	event, err := billing.ParseStripeEvent(body, h.syncer.Keys.Client(ctx, now).LiveMode())
	if err != nil {
		return nil, err
	}
	web.Note(r, "event", event.ID)
	web.Note(r, "type", event.Type)
	switch {
	case !event.Used:
		return answer("not used"), nil
	case event.Customer == "":
		return answer("nobody's customer"), nil
	}
	account, applied, err := h.syncer.Events.StripeEventAccount(ctx, event.ID, event.Customer, now)
	switch {
	case err != nil:
		return nil, err
	case applied:
		return answer("applied before"), nil
	case account == "":
		// Every customer of ours is stored before it can subscribe.
		web.Note(r, "unknownCustomer", string(event.Customer))
		return answer("unknown customer"), nil
	}
	result, err := h.syncer.Apply(ctx, account, event.Customer, event.ID, now)
	if err != nil {
		return nil, err
	}
	if len(result.Duplicates) > 0 {
		web.Note(r, "duplicateSubscriptions", strconv.Itoa(len(result.Duplicates)))
	}
	if result.Ignored != "" {
		return answer(api.StripeResultResult(result.Ignored)), nil
	}
	web.Note(r, "account", string(account))
	web.Count(r, "BillingChanges")
	if result.Closing {
		web.Note(r, "closingAccount", "its subscription was set to end")
	}
	return answer("applied"), nil
}

func answer(what api.StripeResultResult) *api.StripeResult { return &api.StripeResult{Result: what} }
