package main

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/stripetest"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// What a person must look at is counted for the alarm, at every run; what was mended is not.
func TestWhatIsLeftRaisesTheAlarm(t *testing.T) {
	w := stripetest.New(t)
	var log bytes.Buffer
	r := &reconcile{keeper: w.Keeper, log: web.Logger(&log), clock: w.Clock.Now}
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
		if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil || last.DriftsLeft != want.Failed+want.Reported || last.AWS.CloudWatchMetrics[0].Metrics[0].Name != "DriftsLeft" {
			t.Errorf("%v, %s", err, log.String())
		}
	}
	customer, _ := w.Subscribe(t, "a_one", "starter", "good")
	run(Summary{Customers: 1, Mended: 1})
	run(Summary{Customers: 1})
	w.Clock.Advance(time.Minute)
	w.Form(t, "/v1/subscriptions", map[string]string{"customer": string(customer), "items[0][price]": "price_local_business_month"})
	run(Summary{Customers: 1, Mended: 1, Reported: 1})
	run(Summary{Customers: 1, Reported: 1})
	var stranger struct{ ID string }
	if err := json.Unmarshal(w.Form(t, "/v1/customers", map[string]string{"name": "Somebody else's"}), &stranger); err != nil {
		t.Fatal(err)
	}
	w.Form(t, "/v1/subscriptions", map[string]string{"customer": stranger.ID, "items[0][price]": "price_local_starter_month"})
	run(Summary{Customers: 2, Reported: 2})
}
