package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/stripe"
	"github.com/mi-telecom/mi-connect/infra/local/template"
	"github.com/mi-telecom/mi-connect/internal/stripetest"
	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"

	"path/filepath"
)

// The process dies after every single step, before or after the step has happened, and the event comes
// again: nothing is lost and nothing doubled.
func TestCrashAfterEveryStep(t *testing.T) {
	w := stripetest.New(t)
	crash := &stripetest.Crash{}
	env := map[string]string{}
	for k, v := range w.Env {
		env[k] = v
	}
	env["AWS_ENDPOINT_URL_DYNAMODB"] = crash.Before(t, w.Env["AWS_ENDPOINT_URL_DYNAMODB"])
	fragile := stripetest.NewSyncer(
		store.Open(func(name string) string { return env[name] }), w.Keys(t, crash.Before(t, w.URL)), "",
	)
	dying, healthy := app(quiet, fragile.EventSyncer, w.Clock.Now), app(quiet, w.Syncer.EventSyncer, w.Clock.Now)
	crashes, steps := 0, 1
	for at := 0; at <= steps; at++ {
		for _, answered := range []bool{false, true} {
			account := connect.AccountID(fmt.Sprintf("a_crash%d%v", at, answered))
			customer, sub := w.Subscribe(t, account, "starter", "good")
			w.Stripe.Do(func(a stripe.Actor) { a.Card(string(customer), "") }) // so that there is something to mail
			w.Clock.Advance(12 * 24 * time.Hour)
			body := event(t, "evt_"+string(account), customer, nil)
			ctx := crash.Arm(at, answered)
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/v1/stripe/webhook", strings.NewReader(string(body)))
			r.Header.Set("Stripe-Signature", stripe.Signature(body, stripe.Secret, w.Clock.Now()))
			answer := httptest.NewRecorder()
			dying.ServeHTTP(answer, r)
			made := crash.Disarm()
			switch {
			case at == 0:
				if answer.Code != 200 || made < 3 {
					t.Fatalf("without a crash: %d, %d steps", answer.Code, made)
				}
				steps = made
			case answer.Code < 500:
				t.Errorf("dead at step %d (%v) it answered %d", at, answered, answer.Code)
			default:
				crashes++
			}
			for range 2 {
				if status, text := w.Post(healthy, body); status != 200 {
					t.Errorf("step %d: brought again: %d %s", at, status, text)
				}
			}
			s := read(t, w, account)
			if s.Status != connect.Trialing || s.ID != sub {
				t.Errorf("step %d: %+v", at, s)
			}
			if mails := w.Mails(t)[account]; len(mails) != 1 || !strings.HasPrefix(mails[0], "trial-ending:") {
				t.Errorf("step %d (%v): mails %v", at, answered, mails)
			}
		}
	}
	if !t.Failed() {
		t.Logf(
			"billing: %d crashes at %d steps of the webhook, each event brought again: nothing lost, nothing doubled", crashes,
			steps,
		)
	}
}

// Fifty copies of one event at the same moment have one effect.
func TestParallelCopies(t *testing.T) {
	w := stripetest.New(t)
	h := app(quiet, w.Syncer.EventSyncer, w.Clock.Now)
	rounds := size(t, "COPIES", 6)
	retried := 0
	for round := range rounds {
		account := connect.AccountID(fmt.Sprintf("a_copies%d", round))
		customer, _ := w.Subscribe(t, account, "starter", "")
		w.Clock.Advance(12 * 24 * time.Hour)
		before := read(t, w, account).Version
		body := event(t, "evt_"+string(account), customer, nil)
		var mu sync.Mutex
		results := map[string]int{}
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				for tries := 1; ; tries++ {
					status, text := w.Post(h, body)
					mu.Lock()
					if status >= 500 && tries < 50 { // it is being changed, or this machine is too slow: Stripe comes again
						retried++
						mu.Unlock()
						continue
					}
					results[fmt.Sprint(status, " ", codeOf(text))]++
					mu.Unlock()
					return
				}
			})
		}
		all.Wait()
		if results["200 applied"] != 1 || results["200 applied before"] != 49 {
			t.Fatalf("round %d: %v", round, results)
		}
		if s := read(t, w, account); s.Version != before+1 || s.Status != connect.Trialing {
			t.Fatalf("round %d: version %d after %d, %s", round, s.Version, before, s.Status)
		}
	}
	mails := w.Mails(t)
	for round := range rounds {
		if n := len(mails[connect.AccountID(fmt.Sprintf("a_copies%d", round))]); n != 1 {
			t.Errorf("round %d: %d mails", round, n)
		}
	}
	if !t.Failed() {
		t.Logf(
			"billing: 50 parallel copies of one event, %d times: one effect and one mail each (%d had to come again)", rounds,
			retried,
		)
	}
}

// Stripe fails in the middle of a handler: the answer is 5xx, nothing is written, and a retry ends well.
func TestStripeFails(t *testing.T) {
	w := stripetest.New(t)
	customer, _ := w.Subscribe(t, "a_fails", "starter", "good")
	fault := ""
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch fault {
		case "429", "500", "502", "503":
			status := map[string]int{"429": 429, "500": 500, "502": 502, "503": 503}[fault]
			rw.WriteHeader(status)
			_, _ = io.WriteString(rw, `{"error":{"type":"api_error","message":"a fault"}}`)
		case "time-out":
			select {
			case <-r.Context().Done():
			case <-time.After(2 * billing.Timeout):
			}
		case "cut off":
			rw.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(rw, `{"object":"list","data":[`)
		case "no JSON":
			_, _ = io.WriteString(rw, `<html>maintenance</html>`)
		case "401":
			rw.WriteHeader(401)
			_, _ = io.WriteString(rw, `{"error":{"type":"invalid_request_error","message":"Invalid API Key"}}`)
		default:
			_, _ = rw.Write(w.Answer(t, customer))
		}
	}))
	t.Cleanup(front.Close)
	h := app(quiet, stripetest.NewSyncer(w.DB, w.Keys(t, front.URL), "").EventSyncer, w.Clock.Now)
	var slowest time.Duration
	for n, kind := range []string{"429", "500", "502", "503", "time-out", "cut off", "no JSON", "401"} {
		body := event(t, fmt.Sprintf("evt_fails%d", n), customer, nil)
		before := read(t, w, "a_fails").Version
		fault = kind
		began := time.Now()
		if status, text := w.Post(h, body); status < 500 {
			t.Errorf("%s: %d %s", kind, status, text)
		}
		slowest = max(slowest, time.Since(began))
		if read(t, w, "a_fails").Version != before {
			t.Errorf("%s: was written", kind)
		}
		fault = ""
		if status, text := w.Post(h, body); status != 200 || codeOf(text) != "applied" {
			t.Errorf("%s, then again: %d %s", kind, status, text)
		}
	}
	if slowest < billing.Timeout || slowest > budget {
		t.Errorf(
			"the time-out took %v; Stripe's client gives up after %v and an event after %v", slowest, billing.Timeout, budget,
		)
	}
}

// The function must outlive its own budget, and that one call of Stripe's.
func TestTimeOuts(t *testing.T) {
	tpl, err := template.Load(filepath.Join(localtest.Root(t), "template.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	functions, _, err := tpl.Functions()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range functions {
		if f.ID == "StripeWebhookFunction" {
			found = true
			if f.Timeout <= budget || budget <= 2*billing.Timeout {
				t.Errorf("function %v, event %v, call %v", f.Timeout, budget, billing.Timeout)
			}
		}
		if strings.HasPrefix(f.ID, "Billing") && f.Timeout < 6*billing.Timeout {
			t.Errorf("%s: %v", f.ID, f.Timeout)
		}
	}
	if !found {
		t.Error("no StripeWebhookFunction")
	}
}

// A secret is replaced while events continue: both are good meanwhile, no deploy is needed, and an empty one
// stops everything.
func TestSecretsChange(t *testing.T) {
	w := stripetest.New(t)
	customer, _ := w.Subscribe(t, "a_secrets", "starter", "good")
	secrets, reads := "whsec_first", 0
	keys, err := billing.OpenKeys(context.Background(), func(_ context.Context, name string) (string, error) {
		if name == billing.SecretsName {
			reads++
			return secrets, nil
		}
		return stripe.Key, nil
	}, w.URL, true, w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	h := app(quiet, stripetest.NewSyncer(w.DB, keys, "").EventSyncer, w.Clock.Now)
	n := 0
	post := func(secret string) int {
		n++
		body := event(t, fmt.Sprintf("evt_secrets%d", n), customer, nil)
		status, _ := stripetest.Post(h, body, billing.Sign(body, secret, w.Clock.Now()))
		return status
	}
	want := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
	want("the first", post("whsec_first"), 200)
	secrets = "whsec_first, whsec_second"
	want("the second, read again at most every ten seconds", post("whsec_second"), 400)
	w.Clock.Advance(11 * time.Second)
	want("the second, read after a bad signature", post("whsec_second"), 200)
	want("the first meanwhile", post("whsec_first"), 200)
	secrets = "whsec_second"
	w.Clock.Advance(6 * time.Minute)
	want("the first, after five minutes", post("whsec_first"), 400)
	want("the second", post("whsec_second"), 200)
	secrets = ""
	w.Clock.Advance(6 * time.Minute)
	want("an empty secret signs nothing", post(""), 400)
	want("and what was good stays good until a better is there", post("whsec_second"), 200)
	before := reads
	for range 100 {
		post("whsec_wrong")
	}
	if reads > before+1 {
		t.Errorf("100 bad signatures: %d readings", reads-before)
	}
	for _, bad := range []string{"", " ", ",", "whsec_first,,short", "sk_test_x", "whsec_"} {
		if _, err := billing.OpenKeys(context.Background(), func(_ context.Context, name string) (string, error) {
			return map[string]string{billing.KeyName: stripe.Key, billing.SecretsName: bad}[name], nil
		}, "", true, w.Clock.Now()); err == nil {
			t.Errorf("started with the secrets %q", bad)
		}
	}
	if _, err := billing.OpenKeys(
		context.Background(), func(context.Context, string) (string, error) { return "", nil }, "", false, w.Clock.Now(),
	); err == nil {
		t.Error("started without a key")
	}
}
