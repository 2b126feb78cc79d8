package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/stripe"
	"github.com/mi-telecom/mi-connect/internal/stripetest"
	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// Stripe's key has no value until somebody gives it one: that is no failure. That it may not be read is one.
func TestBeforeStripeIsSetUpNothingFails(t *testing.T) {
	kind := "ResourceNotFoundException"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(
			w, `{"__type":%q,"Message":"Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"}`,
			kind,
		)
	}))
	defer server.Close()
	for name, value := range map[string]string{"AWS_ENDPOINT_URL_SECRETS_MANAGER": server.URL, "AWS_REGION": "eu-west-2",
		"AWS_ACCESS_KEY_ID":     "x",
		"AWS_SECRET_ACCESS_KEY": "x", billing.KeyName: "", billing.KeyName + "_ARN": "arn:key"} {
		t.Setenv(name, value)
	}
	var log bytes.Buffer
	r := &reconcile{log: web.Logger(&log), clock: time.Now}
	if _, err := r.run(t.Context()); err != nil || !strings.Contains(log.String(), "not set up") {
		t.Errorf("%v, %s", err, log.String())
	}
	kind = "AccessDeniedException"
	if _, err := r.run(t.Context()); err == nil {
		t.Error("a key that may not be read is no failure")
	}
}

// What a person must look at is counted for the alarm, at every run; what was fixed is not.
func TestWhatIsLeftRaisesTheAlarm(t *testing.T) {
	w := stripetest.New(t)
	var log bytes.Buffer
	r := &reconcile{syncer: w.Syncer.Reconciler, log: web.Logger(&log), clock: w.Clock.Now}
	run := func(want Summary) {
		t.Helper()
		log.Reset()
		sum, err := r.run(t.Context())
		sum.Events = 0 // all are held back here
		if err != nil || sum != want {
			t.Errorf("%+v, %v; want %+v", sum, err, want)
		}
		lines := bytes.Split(bytes.TrimSpace(log.Bytes()), []byte("\n"))
		var last struct {
			DriftsLeft int
			AWS        struct {
				CloudWatchMetrics []struct{ Metrics []struct{ Name string } }
			} `json:"_aws"`
		}
		if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil || last.DriftsLeft != want.Failed+want.Reported ||
			last.AWS.CloudWatchMetrics[0].Metrics[0].Name != "DriftsLeft" {
			t.Errorf("%v, %s", err, log.String())
		}
	}
	customer, _ := w.Subscribe(t, "a_one", "starter", "good")
	run(Summary{Customers: 1, Fixed: 1})
	run(Summary{Customers: 1})
	w.Clock.Advance(time.Minute)
	w.Form(t, "/v1/subscriptions", map[string]string{
		"customer": string(customer), "items[0][price]": "price_local_business_month",
	})
	run(Summary{Customers: 1, Fixed: 1, Reported: 1})
	run(Summary{Customers: 1, Reported: 1})
	var stranger struct{ ID string }
	if err := json.Unmarshal(
		w.Form(t, "/v1/customers", map[string]string{"name": "Somebody else's"}), &stranger,
	); err != nil {
		t.Fatal(err)
	}
	w.Form(t, "/v1/subscriptions", map[string]string{
		"customer": stranger.ID, "items[0][price]": "price_local_starter_month",
	})
	run(Summary{Customers: 2, Reported: 2})
}

// A customer that was made here for an account that is gone is ended at Stripe, and a person hears of it once with
// what was paid. Another deployment's customer on the same Stripe account is left alone.
func TestACustomerWhoseAccountIsGone(t *testing.T) {
	w := stripetest.New(t)
	var log bytes.Buffer
	r := &reconcile{syncer: w.Syncer.Reconciler, log: web.Logger(&log), clock: w.Clock.Now}
	gone, _ := w.Subscribe(t, "a_gone00001", "starter", "good")
	w.Clock.Advance(15 * 24 * time.Hour) // the trial is over: it was paid
	theirs := stripetest.NewSyncer(w.DB, w.Syncer.Keys, "https://other.test")
	ours := w.Syncer
	w.Syncer = theirs
	other, _ := w.Subscribe(t, "a_other0001", "business", "good")
	w.Syncer = ours
	for account, customer := range map[string]connect.CustomerID{"a_gone00001": gone, "a_other0001": other} {
		w.Forget(t, "A#"+account, "account")
		w.Forget(t, "A#"+account, "subscription")
		w.Forget(t, "C#"+string(customer), "customer")
	}
	for round, want := range []int{2, 1} {
		log.Reset()
		sum, err := r.run(t.Context())
		if err != nil || sum.Reported != want || sum.Failed != 0 {
			t.Errorf("round %d: %+v, %v, want %d reported\n%s", round, sum, err, want, log.String())
		}
		if told := strings.Contains(log.String(), "£22.80 paid, for the time to"); told != (round == 0) {
			t.Errorf("round %d: %s", round, log.String())
		}
	}
	var live []string
	w.Stripe.Do(func(a stripe.Actor) { live = a.Live() })
	if len(live) != 1 {
		t.Errorf("live: %v, want the other deployment's alone", live)
	}
}
