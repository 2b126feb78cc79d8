// Function reconcile compares what is stored with Stripe, on a schedule, and fixes what webhooks left.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/secret"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func main() {
	r := &reconcile{log: web.Logger(os.Stdout), clock: time.Now}
	lambda.Start(lambdahttp.Scheduled(r.run))
}

type reconcile struct {
	syncer *billing.Reconciler // nil until Stripe's key has been read
	log    *slog.Logger
	clock  func() time.Time
}

// Summary is what a run returns; every difference has a log record of its own.
type Summary struct {
	Customers int `json:"customers"`
	Events    int `json:"undeliveredEvents"`
	Fixed     int `json:"fixed"`
	Failed    int `json:"failed"`
	// duplicates, customers that are not ours, subscriptions of accounts that are gone: a person must look
	Reported int `json:"reported"`
}

func (r *reconcile) run(ctx context.Context) (Summary, error) {
	now := r.clock()
	if r.syncer == nil {
		keys, err := billing.OpenKeys(ctx, secret.Text, os.Getenv(billing.BaseName), false, now)
		if errors.Is(err, secret.ErrNotSet) { // no reason for an alarm
			r.log.Info("nothing to reconcile: Stripe is not set up")
			return Summary{}, nil
		}
		if err != nil {
			return Summary{}, err
		}
		db := store.FromEnvironment()
		r.syncer = &billing.Reconciler{
			EventSyncer: &billing.EventSyncer{
				Syncer: &billing.Syncer{
					Accounts: store.Accounts(db), Billing: store.Billing(db), Keys: keys, Origin: os.Getenv("ORIGIN"),
				},
				Events: store.StripeEvents(db),
			},
			Ledger: store.Ledger(db),
		}
	}
	report, err := r.syncer.Reconcile(ctx, now)
	sum := Summary{Customers: report.Customers, Events: report.Events}
	for _, d := range report.Drifts {
		attrs := []any{
			"cause", d.Cause, "account", string(d.Account), "customer", string(d.Customer), "from", string(d.From), "to",
			string(d.To),
		}
		switch {
		case d.Err != nil:
			sum.Failed++
			r.log.Error("drift remains", append(attrs, "error", d.Err.Error())...)
		case d.Cause == "duplicate", d.Cause == "unknown-customer", d.Cause == "closed-account":
			sum.Reported++
			r.log.Error("drift needs a person", append(attrs, "note", d.Detail)...)
		default:
			sum.Fixed++
			r.log.Warn("drift fixed", attrs...)
		}
	}
	r.log.Info("reconciled", "customers", sum.Customers, "undeliveredEvents", sum.Events, "fixed", sum.Fixed, "failed",
		sum.Failed, "reported", sum.Reported,
		"DriftsLeft", sum.Failed+sum.Reported, web.Metric(now, "DriftsLeft"))
	return sum, err
}
