package stripetest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/stripe"
	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Life is one subscription from its trial to its end, played once on the stand-in and kept: what Stripe
// would have answered after every step, and every event with the step that made it.
type Life struct {
	Account  connect.AccountID
	Customer connect.CustomerID
	Steps    []Step
	Events   []LifeEvent // of the types that are used, in the order they were made
}

// Step is what was true after one thing happened.
type Step struct {
	Name   string
	At     time.Time
	Status connect.SubscriptionStatus // as Stripe's own object says
	Alert  connect.BillingAlert       // what the owner should be told while this is so
	answer []byte
}

// LifeEvent is an event and the number of its step.
type LifeEvent struct {
	stripe.Event
	Step int
}

const mark = "_local" // in every id of the stand-in, and in the account's

// Record plays the life.
func Record(t testing.TB, w *World) *Life {
	t.Helper()
	ctx := context.Background()
	l := &Life{Account: "a" + mark + "life0"}
	var sub string
	seen := map[string]bool{}
	step := func(
		name string, paying connect.SubscriptionStatus, notice connect.BillingAlert, wait time.Duration, do func(),
	) {
		t.Helper()
		w.Clock.Advance(wait)
		w.Stripe.Do(func(stripe.Actor) {}) // what was due meanwhile
		if do != nil {
			do()
		}
		s := Step{Name: name, At: w.Clock.Now(), Status: paying, Alert: notice}
		w.Stripe.Do(func(a stripe.Actor) {
			if _, got := a.Subscriptions(string(l.Customer)); got[0] != paying {
				t.Fatalf("the stand-in, after %q: %s, want %s", name, got[0], paying)
			}
		})
		s.answer = w.Answer(t, l.Customer)
		for _, e := range w.Stripe.Held() {
			if !seen[e.ID] && slices.Contains(billing.Used, e.Type) {
				seen[e.ID] = true
				l.Events = append(l.Events, LifeEvent{e, len(l.Steps)})
			}
		}
		l.Steps = append(l.Steps, s)
	}
	const d = 24 * time.Hour
	l.Customer, sub = w.Subscribe(t, l.Account, "starter", "")
	stored := func() *connect.Subscription {
		t.Helper()
		if _, err := w.Syncer.Sync(ctx, l.Account, l.Customer, w.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		s, err := w.Store.Subscription(ctx, l.Account)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	client := w.Syncer.Keys.Client(ctx, w.Clock.Now())
	change := func(plan connect.PlanID) func() {
		return func() {
			if err := client.Change(
				ctx, stored(), billing.PlanChoice{Plan: plan, Interval: connect.Monthly, Quantity: 1}, w.Clock.Now(),
			); err != nil {
				t.Fatal(err)
			}
		}
	}
	act := func(do func(stripe.Actor)) func() { return func() { w.Stripe.Do(do) } }

	step("trial without a card", connect.Trialing, connect.NoAlert, 0, nil)
	step("trial is ending", connect.Trialing, connect.TrialEnding, 11*d, nil)
	step(
		"card given", connect.Trialing, connect.NoAlert, time.Hour,
		act(func(a stripe.Actor) { a.Card(string(l.Customer), "good") }),
	)
	step("first payment", connect.Active, connect.NoAlert, 3*d, nil)
	step("upgrade", connect.Active, connect.NoAlert, 2*d, change("business"))
	step(
		"card spoils", connect.Active, connect.NoAlert, time.Hour,
		act(func(a stripe.Actor) { a.Card(string(l.Customer), "declined") }),
	)
	step("payment failed", connect.PastDue, connect.PaymentFailed, 29*d, nil)
	step(
		"recovery", connect.Active, connect.NoAlert, d,
		act(func(a stripe.Actor) { a.Card(string(l.Customer), "good"); a.Settle(sub) }),
	)
	step("downgrade", connect.Active, connect.NoAlert, 2*d, change("starter"))
	step("cancel", connect.Active, connect.NoAlert, d, act(func(a stripe.Actor) { a.Cancel(sub, true) }))
	step("resume", connect.Active, connect.NoAlert, 0, act(func(a stripe.Actor) { a.Cancel(sub, false) }))
	step(
		"another card", connect.Active, connect.NoAlert, 0, act(func(a stripe.Actor) { a.Card(string(l.Customer), "3ds") }),
	)
	step("the bank asks", connect.PastDue, connect.ActionNeeded, 57*d, nil) // the credit of the downgrade pays one month
	step("the bank is content", connect.Active, connect.NoAlert, d, act(func(a stripe.Actor) { a.Settle(sub) }))
	step("cancel permanently", connect.Active, connect.NoAlert, d, act(func(a stripe.Actor) { a.Cancel(sub, true) }))
	step("end", connect.Canceled, connect.SubscriptionEnded, 31*d, nil)
	return l
}

func (l *Life) query(customer connect.CustomerID) string {
	return url.Values{
		"customer": {string(customer)}, "status": {"all"}, "limit": {"100"}, "expand[0]": {"data.customer"},
		"expand[1]": {"data.latest_invoice.payment_intent"},
	}.Encode()
}

// Stage plays a life again, for many accounts at once: each has come as far as its run says.
type Stage struct {
	Life *Life
	URL  string
	mu   sync.Mutex
	runs map[string]*Run
}

// Run is one account's replay.
type Run struct {
	stage    *Stage
	name     string
	Account  connect.AccountID
	Customer connect.CustomerID
	mu       sync.Mutex
	step     int
	Visited  map[int]bool
}

// NewStage serves the answers of a life.
func NewStage(t testing.TB, l *Life) *Stage {
	s := &Stage{Life: l, runs: map[string]*Run{}}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

func (s *Stage) serve(w http.ResponseWriter, r *http.Request) {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.FormValue("customer"), "cus_"), "x")
	s.mu.Lock()
	run := s.runs[name]
	s.mu.Unlock()
	if run == nil || r.URL.Path != "/v1/subscriptions" {
		http.Error(w, `{"error":{"type":"invalid_request_error"}}`, http.StatusNotFound)
		return
	}
	run.mu.Lock()
	step := run.step
	run.mu.Unlock()
	_, _ = io.WriteString(w, run.rename(string(s.Life.Steps[step].answer)))
}

// Run begins a replay for a new account.
func (s *Stage) Run(t testing.TB, w *World, name string) *Run {
	t.Helper()
	r := &Run{stage: s, name: name, Visited: map[int]bool{0: true}}
	r.Account, r.Customer = connect.AccountID(r.rename(string(s.Life.Account))),
		connect.CustomerID(r.rename(string(s.Life.Customer)))
	s.mu.Lock()
	s.runs[name] = r
	s.mu.Unlock()
	w.Account(t, r.Account)
	if err := w.Store.SetCustomer(
		context.Background(), &connect.Subscription{Account: r.Account}, r.Customer, w.Clock.Now(),
	); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *Run) rename(s string) string { return strings.ReplaceAll(s, mark, "_"+r.name+"x") }

// Reach lets the life continue until e has happened, and returns e as this account's.
func (r *Run) Reach(e LifeEvent) []byte {
	r.mu.Lock()
	if e.Step > r.step {
		r.step = e.Step
	}
	r.Visited[r.step] = true
	r.mu.Unlock()
	return []byte(r.rename(string(e.Body)))
}

// Now is the time the life has come to.
func (r *Run) Now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stage.Life.Steps[r.step].At
}

// At is the number of the step the life has come to.
func (r *Run) At() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.step
}
