// Package billing speaks with Stripe, API version 2023-10-16, and is the only user of its library: it
// verifies what Stripe sends, fetches what is true there, and keeps the store equal to it.
package billing

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// APIVersion is the form of Stripe's objects that this program reads. A webhook endpoint must be made with
// it; `make stripe-setup` does.
const APIVersion = stripe.APIVersion

// Timeout bounds one call of Stripe's. A function that makes one needs a longer one of its own, so that it
// can still answer.
const Timeout = 3 * time.Second

// Client makes calls with one key. It never repeats a call by itself: whoever called repeats, with the same
// idempotency key.
type Client struct {
	backend stripe.Backend
	key     string
}

// NewClient returns a client for base, "" for Stripe itself. An empty key is an error.
func NewClient(key, base string) (*Client, error) {
	if key = strings.TrimSpace(key); key == "" {
		return nil, errors.New("billing: Stripe's secret key is empty")
	}
	config := &stripe.BackendConfig{
		HTTPClient:        &http.Client{Timeout: Timeout, Transport: transport},
		MaxNetworkRetries: stripe.Int64(0),
		EnableTelemetry:   stripe.Bool(false),
		LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull},
	}
	if base != "" {
		config.URL = stripe.String(base)
	}
	return &Client{stripe.GetBackendWithConfig(stripe.APIBackend, config), key}, nil
}

// transport is shared, so that a new key needs no new connection.
var transport = func() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 32
	return t
}()

// LiveMode reports whether the key moves real money.
func (c *Client) LiveMode() bool {
	return strings.HasPrefix(c.key, "sk_live_") || strings.HasPrefix(c.key, "rk_live_")
}

// failed turns an error of Stripe's into ours. All that may be fixed by trying again is Unavailable.
func failed(err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*stripe.Error](err)
	switch {
	case !ok, e.HTTPStatusCode == http.StatusTooManyRequests, e.HTTPStatusCode >= 500:
		return &connect.Error{
			Kind: connect.Unavailable, Code: "stripe-unavailable",
			Message: "The payment service isn't responding. Nothing has changed. Try again.", RetryAfter: 5 * time.Second,
			Cause: err,
		}
	case e.Type == stripe.ErrorTypeIdempotency, e.HTTPStatusCode == http.StatusConflict:
		return &connect.Error{
			Kind: connect.Conflict, Code: connect.ErrConflict.Code, Message: connect.ErrConflict.Message, Cause: err,
		}
	case e.Type == stripe.ErrorTypeCard, e.HTTPStatusCode == http.StatusPaymentRequired:
		return &connect.Error{
			Kind: connect.PaymentNeeded, Code: "payment-refused",
			Message: "The payment was declined. Update your card and try again.", Cause: err,
		}
	}
	return err
}

// outdated reports whether Stripe refused a call for what it was given. Unless the program is wrong, what was
// given was true a moment ago: a subscription that has ended, a customer that was deleted, a period that is over.
func outdated(err error) bool {
	e, ok := errors.AsType[*stripe.Error](err)
	return ok && e.Type == stripe.ErrorTypeInvalidRequest &&
		(e.HTTPStatusCode == http.StatusBadRequest || e.HTTPStatusCode == http.StatusNotFound)
}

// ErrOutdated says that what somebody saw was no longer so.
var ErrOutdated = &connect.Error{
	Kind: connect.Conflict, Code: "outdated",
	Message: "Your subscription has changed in the meantime. Reload it and try again.",
}

// Outdated returns ErrOutdated instead of err when that is a refusal of Stripe's and sub, which the refused call was
// made with, is not what Stripe says now. What Stripe says is stored. A refusal for anything else is a fault of ours.
func (k *Syncer) Outdated(ctx context.Context, sub *connect.Subscription, err error, now time.Time) error {
	if !outdated(err) {
		return err
	}
	result, again := k.Sync(ctx, sub.Account, sub.Customer, now)
	switch {
	case again != nil:
		return again
	case result.Sub == nil || differ(sub, result.Sub):
		return ErrOutdated
	}
	return err
}

// missing reports whether Stripe does not know what was asked for.
func missing(err error) bool {
	e, ok := errors.AsType[*stripe.Error](err)
	return ok && (e.Code == stripe.ErrorCodeResourceMissing || e.HTTPStatusCode == http.StatusNotFound)
}

func at(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
