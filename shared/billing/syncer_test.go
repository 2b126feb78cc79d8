package billing_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/stripe"
	"github.com/mi-telecom/mi-connect/internal/stripetest"
	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

var ctx = context.Background()

func size(t *testing.T, name string, few int) int {
	if s := os.Getenv("BILLING_" + name); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("BILLING_%s=%s is no number", name, s)
		}
		return n
	}
	return few
}

func read(t *testing.T, w *stripetest.World, account connect.AccountID) *connect.Subscription {
	t.Helper()
	s, err := w.Store.Subscription(ctx, account)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func checkout(
	k *stripetest.Syncer, w *stripetest.World, account connect.AccountID, plan connect.PlanID,
) (string, error) {
	return k.Checkout(
		ctx, account, billing.Payer{Name: "Test Ltd", Email: "owner@example.com"},
		billing.PlanChoice{Plan: plan, Interval: connect.Monthly, Quantity: 1}, "http://localhost/billing", w.Clock.Now(),
	)
}

// A hundred tabs ask for a payment page at once, for all plans, and everybody pays every page they can get
// hold of: one subscription lives.
func TestParallelCheckouts(t *testing.T) {
	w := stripetest.New(t)
	plans := []connect.PlanID{"starter", "business", "agency"}
	for round := range size(t, "CHECKOUTS", 2) {
		account := connect.AccountID(fmt.Sprintf("a_tabs%d", round))
		w.Account(t, account)
		var mu sync.Mutex
		pages, refused := map[string]int{}, map[string]int{}
		paid := 0
		var all sync.WaitGroup
		for n := range 100 {
			all.Go(func() {
				url, err := checkout(w.Syncer, w, account, plans[n%3])
				mu.Lock()
				defer mu.Unlock()
				var e *connect.Error
				switch {
				case err == nil:
					pages[url]++
				case errors.As(err, &e) && e.Kind != connect.Internal:
					refused[e.Code]++
				default:
					t.Error(err)
				}
				if n%10 == 0 { // somebody pays in between
					w.Stripe.Do(func(a stripe.Actor) {
						for _, id := range a.Open(string(read(t, w, account).Customer)) {
							if a.Pay(id, "good") {
								paid++
							}
						}
					})
				}
			})
		}
		all.Wait()
		customer := read(t, w, account).Customer
		if customer == "" {
			t.Fatal("no customer")
		}
		// Every page that was ever given out is paid, open or not.
		for url := range pages {
			w.Stripe.Do(func(a stripe.Actor) {
				if a.Pay(url[len(w.URL+"/pay/"):], "good") {
					paid++
				}
			})
		}
		if paid == 0 {
			// Tabs with different wishes have closed each other's pages: who asks once more, alone, can pay.
			url, err := checkout(w.Syncer, w, account, "agency")
			if err != nil {
				t.Fatal(err)
			}
			w.Stripe.Do(func(a stripe.Actor) {
				if a.Pay(url[len(w.URL+"/pay/"):], "good") {
					paid++
				}
			})
		}
		live := 0
		w.Stripe.Do(func(a stripe.Actor) {
			_, standing := a.Subscriptions(string(customer))
			for _, p := range standing {
				if p.Billable() {
					live++
				}
			}
			if customers := a.Customers("account", string(account)); customers != 1 {
				t.Errorf("%d customers of one account", customers)
			}
		})
		if live != 1 || paid != 1 {
			t.Errorf("%d live subscriptions, %d pages paid", live, paid)
		}
		if _, err := w.Syncer.Sync(ctx, account, customer, w.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		if _, err := checkout(w.Syncer, w, account, "agency"); !errors.Is(err, billing.ErrSubscribed) {
			t.Errorf("a second one: %v", err)
		}
		if round == 0 && !t.Failed() {
			t.Logf(
				"billing: 100 parallel checkouts of one account: %d pages, refused %v, 1 customer, %d live subscription",
				len(pages), refused, live,
			)
		}
	}
	if !t.Failed() {
		t.Logf(
			"billing: 100 parallel checkouts of one account, %d times: one customer and one live subscription each",
			size(t, "CHECKOUTS", 2),
		)
	}
}

// Checkout dies after every step and is asked for again: there is one page that can be paid, one customer.
func TestCrashInCheckout(t *testing.T) {
	w := stripetest.New(t)
	crash := &stripetest.Crash{}
	fragile := fragileKeeper(t, w, crash)
	crashes, steps := 0, 1
	for at := 0; at <= steps; at++ {
		for _, answered := range []bool{false, true} {
			for _, second := range []connect.PlanID{"starter", "business"} {
				account := connect.AccountID(fmt.Sprintf("a_cc%d%v%s", at, answered, second))
				w.Account(t, account)
				if at%2 == 1 { // an open page of before
					if _, err := checkout(w.Syncer, w, account, "agency"); err != nil {
						t.Fatal(err)
					}
				}
				dying := crash.Arm(at, answered)
				_, err := fragile.Checkout(
					dying, account, billing.Payer{Name: "Test Ltd", Email: "owner@example.com"},
					billing.PlanChoice{Plan: "starter", Interval: connect.Monthly, Quantity: 1}, "http://localhost/billing",
					w.Clock.Now(),
				)
				if made := crash.Disarm(); at == 0 {
					steps = max(steps, made+3) // with a page of before there are more
				} else if err != nil {
					crashes++
				}
				url, err := checkout(w.Syncer, w, account, second)
				if err != nil {
					t.Fatalf("step %d: %v", at, err)
				}
				w.Stripe.Do(func(a stripe.Actor) {
					open := a.Open(string(read(t, w, account).Customer))
					if len(open) != 1 || url != w.URL+"/pay/"+open[0] {
						t.Errorf("step %d (%v): open %v, given %s", at, answered, open, url)
					}
					if n := a.Customers("account", string(account)); n != 1 {
						t.Errorf("step %d (%v): %d customers", at, answered, n)
					}
				})
			}
		}
	}
	if crashes < 20 {
		t.Errorf("only %d crashes", crashes)
	}
	if !t.Failed() {
		t.Logf("billing: %d crashes in a checkout, each asked for again: one page, one customer", crashes)
	}
}

func fragileKeeper(t *testing.T, w *stripetest.World, crash *stripetest.Crash) *stripetest.Syncer {
	t.Helper()
	env := map[string]string{}
	for k, v := range w.Env {
		env[k] = v
	}
	env["AWS_ENDPOINT_URL_DYNAMODB"] = crash.Before(t, w.Env["AWS_ENDPOINT_URL_DYNAMODB"])
	db := store.Open(func(name string) string { return env[name] })
	return stripetest.NewSyncer(db, w.Keys(t, crash.Before(t, w.URL)), w.Syncer.Cashier.Origin)
}

// All webhooks of a day are lost, for accounts in every state: one reconciliation makes all equal, the next
// finds nothing, and one that dies after any step is made good by the next.
func TestReconcile(t *testing.T) {
	w := stripetest.New(t)
	const accounts = 24
	type one struct {
		account  connect.AccountID
		customer connect.CustomerID
		sub      string
	}
	var all []one
	for n := range accounts {
		o := one{account: connect.AccountID(fmt.Sprintf("a_day%d", n))}
		o.customer, o.sub = w.Subscribe(
			t, o.account, connect.PlanID([]string{"starter", "business", "agency"}[n%3]), []string{"good", "", "3ds"}[n%3],
		)
		all = append(all, o)
	}
	if r, err := w.Syncer.Reconcile(ctx, w.Clock.Now()); err != nil || len(r.Drifts) != accounts {
		t.Fatalf("%d drifts, %v", len(r.Drifts), err)
	}
	w.Clock.Advance(13*24*time.Hour + 12*time.Hour)
	w.Stripe.Do(func(stripe.Actor) {})
	if _, err := w.Syncer.Reconcile(ctx, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	// The day: trials end, payments fail, people cancel and change, customers are deleted.
	for n, o := range all {
		w.Stripe.Do(func(a stripe.Actor) {
			switch n % 6 {
			case 0:
				a.Cancel(o.sub, true)
			case 3:
				a.Card(string(o.customer), "declined")
			}
		})
	}
	w.Clock.Advance(24 * time.Hour)
	w.Stripe.Do(func(stripe.Actor) {})
	for n, o := range all {
		if n%8 == 7 {
			w.Call(t, "DELETE", "/v1/customers/"+string(o.customer))
		}
	}
	lost := len(w.Stripe.Held())

	crash := &stripetest.Crash{}
	fragile := fragileKeeper(t, w, crash)
	crashes := 0
	for at := 1; at < 60; at += 7 {
		_, err := fragile.Reconcile(crash.Arm(at, at%2 == 0), w.Clock.Now())
		if crash.Disarm(); err != nil {
			crashes++
		}
	}
	before := map[connect.SubscriptionStatus]int{}
	r, err := w.Syncer.Reconcile(ctx, w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	fixed := 0
	for _, d := range r.Drifts {
		if d.Err != nil {
			t.Errorf("%+v", d)
		}
		fixed++
	}
	client := w.Syncer.Keys.Client(ctx, w.Clock.Now())
	for n, o := range all {
		got := read(t, w, o.account)
		before[got.Status]++
		truth, err := client.Fetch(ctx, o.account, o.customer)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprintf("%+v", got.Billing) != fmt.Sprintf("%+v", truth.Billing) {
			t.Errorf("%s is %+v, and Stripe says %+v", o.account, got.Billing, truth.Billing)
		}
		if n%8 == 7 && (got.Status != connect.Canceled || got.Customer != "") {
			t.Errorf("%s was deleted and is %s", o.account, got.Status)
		}
	}
	if again, err := w.Syncer.Reconcile(ctx, w.Clock.Now()); err != nil || len(again.Drifts) != 0 {
		t.Errorf("the next one: %+v %v", again.Drifts, err)
	}
	for account, mails := range w.Mails(t) {
		seen := map[string]bool{}
		for _, m := range mails {
			if seen[m] {
				t.Errorf("%s was told twice: %s", account, m)
			}
			seen[m] = true
		}
	}
	if !t.Failed() {
		t.Logf(
			"billing: all %d webhooks lost for %d accounts, %d reconciliations cut off, then one: all equal %v; the next "+
				"found nothing",
			lost, accounts, crashes, before,
		)
	}
}

// A second subscription that was made by hand at Stripe is found and reported, and the older one counts.
func TestDuplicatesAreReported(t *testing.T) {
	w := stripetest.New(t)
	customer, first := w.Subscribe(t, "a_double", "starter", "good")
	w.Clock.Advance(time.Minute)
	w.Form(t, "/v1/subscriptions", map[string]string{
		"customer": string(customer), "items[0][price]": "price_local_business_month",
	})
	r, err := w.Syncer.Reconcile(ctx, w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, d := range r.Drifts {
		found = found || d.Cause == "duplicate" && d.Account == "a_double"
	}
	if s := read(t, w, "a_double"); !found || s.ID != first || len(s.Duplicates) != 1 {
		t.Errorf("%+v, reported %v", s, found)
	}
}

// More subscriptions than Stripe lists in one answer: each is compared, and the two of one customer that are on
// two pages are found.
func TestReconcileReadsEveryPage(t *testing.T) {
	w := stripetest.New(t)
	const accounts = 104
	var first connect.CustomerID
	for n := range accounts {
		customer, _ := w.Subscribe(t, connect.AccountID(fmt.Sprintf("a_page%d", n)), "starter", "good")
		if n == 0 {
			first = customer
		}
	}
	w.Clock.Advance(time.Minute)
	w.Form(t, "/v1/subscriptions", map[string]string{
		"customer": string(first), "items[0][price]": "price_local_business_month",
	})
	count := func() (fixed, double int) {
		r, err := w.Syncer.Reconcile(ctx, w.Clock.Now())
		if err != nil || r.Customers != accounts {
			t.Fatalf("%d customers, %v", r.Customers, err)
		}
		for _, d := range r.Drifts {
			switch {
			case d.Err != nil:
				t.Error(d.Err)
			case d.Cause == "duplicate":
				double++
			default:
				fixed++
			}
		}
		return fixed, double
	}
	if fixed, double := count(); fixed != accounts || double != 1 {
		t.Errorf("%d fixed, %d customers with two", fixed, double)
	}
	if fixed, double := count(); fixed != 0 || double != 1 {
		t.Errorf("once more: %d fixed, %d customers with two", fixed, double)
	}
}

// A customer whose deletion nobody told us of, and of which Stripe's list says nothing, is found all the same.
func TestUnlistedCustomersAreFound(t *testing.T) {
	w := stripetest.New(t)
	customer, _ := w.Subscribe(t, "a_lost", "business", "good")
	if _, err := w.Syncer.Sync(ctx, "a_lost", customer, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	w.Call(t, "DELETE", "/v1/customers/"+string(customer))
	to, err := url.Parse(w.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	silent := stripetest.Front(t, func(rw http.ResponseWriter, r *http.Request) []byte {
		if r.URL.Path == "/v1/subscriptions" && r.URL.Query().Get("customer") == "" {
			return []byte(`{"object":"list","url":"/v1/subscriptions","has_more":false,"data":[]}`)
		}
		proxy.ServeHTTP(rw, r)
		return nil
	})
	keeper := stripetest.NewSyncer(w.DB, w.Keys(t, silent), "")
	r, err := keeper.Reconcile(ctx, w.Clock.Now())
	if s := read(t, w, "a_lost"); err != nil || s.Status != connect.Canceled || s.Customer != "" {
		t.Errorf("%s, customer %q; %+v %v", s.Status, s.Customer, r, err)
	}
}

// Cancelling and resuming that die at any step and are asked for again end as asked; the audit log tells each
// state once.
func TestCrashInCancelAndResume(t *testing.T) {
	w := stripetest.New(t)
	crash := &stripetest.Crash{}
	fragile := fragileKeeper(t, w, crash)
	crashes := 0
	for at := 1; at <= 6; at++ {
		for _, answered := range []bool{false, true} {
			account := connect.AccountID(fmt.Sprintf("a_cr%d%v", at, answered))
			w.Account(t, account)
			customer, _ := w.Subscribe(t, account, "starter", "good")
			if _, err := w.Syncer.Sync(ctx, account, customer, w.Clock.Now()); err != nil {
				t.Fatal(err)
			}
			for n, cancels := range []bool{true, false, true} {
				act := func(k *stripetest.Syncer, ctx context.Context) error {
					client, sub := k.Keys.Client(ctx, w.Clock.Now()), read(t, w, account)
					call := client.Resume
					if cancels {
						call = client.Cancel
					}
					if err := call(ctx, sub); err != nil {
						return err
					}
					_, err := k.Sync(ctx, account, customer, w.Clock.Now())
					return err
				}
				if err := act(fragile, crash.Arm(at, answered)); err != nil {
					crashes++
				}
				crash.Disarm()
				for range 2 {
					if err := act(w.Syncer, ctx); err != nil {
						t.Fatal(err)
					}
				}
				if s := read(t, w, account); s.EndsAt.IsZero() == cancels || s.Status != connect.Trialing {
					t.Errorf("step %d (%v): %+v", at, answered, s.Billing)
				}
				log, _, err := w.Store.AuditLog(ctx, account, store.AuditFilter{Action: "billing.", Limit: 20}, w.Clock.Now())
				if err != nil || len(log) != n+2 {
					t.Errorf("step %d (%v): %d entries, want %d: %+v %v", at, answered, len(log), n+2, log, err)
				}
				w.Clock.Advance(time.Minute)
			}
		}
	}
	if crashes < 12 {
		t.Errorf("only %d crashes", crashes)
	}
	if !t.Failed() {
		t.Logf(
			"billing: %d crashes in cancelling and resuming, each asked for again: as asked, each state logged once", crashes,
		)
	}
}

// A change of plan that dies at any step and is made again is charged once.
func TestCrashInChange(t *testing.T) {
	w := stripetest.New(t)
	crash := &stripetest.Crash{}
	fragile := fragileKeeper(t, w, crash)
	for at := 1; at <= 6; at++ {
		for _, answered := range []bool{false, true} {
			account := connect.AccountID(fmt.Sprintf("a_ch%d%v", at, answered))
			w.Account(t, account)
			customer, sub := w.Subscribe(t, account, "starter", "good")
			w.Clock.Advance(15 * 24 * time.Hour)
			apply := func(k *stripetest.Syncer, ctx context.Context) error {
				_, err := k.Sync(ctx, account, customer, w.Clock.Now())
				return err
			}
			if err := apply(w.Syncer, ctx); err != nil {
				t.Fatal(err)
			}
			choice := billing.PlanChoice{Plan: "business", Interval: connect.Monthly, Quantity: 1}
			reckoned := w.Clock.Now()
			dying := crash.Arm(at, answered)
			err := fragile.Keys.Client(dying, w.Clock.Now()).Change(dying, read(t, w, account), choice, reckoned)
			if err == nil {
				_ = apply(fragile, dying)
			}
			crash.Disarm()
			if s := read(t, w, account); s.Plan != "business" {
				if err := w.Syncer.Keys.Client(ctx, w.Clock.Now()).Change(ctx, s, choice, reckoned); err != nil {
					t.Fatal(err)
				}
			}
			if err := apply(w.Syncer, ctx); err != nil {
				t.Fatal(err)
			}
			bills, err := w.Syncer.Keys.Client(ctx, w.Clock.Now()).Invoices(ctx, customer)
			if err != nil {
				t.Fatal(err)
			}
			if s := read(t, w, account); s.Plan != "business" || s.ID != sub || len(bills) != 3 { // trial, first month, change
				t.Errorf("step %d (%v): %s, %d bills", at, answered, s.Plan, len(bills))
			}
		}
	}
}

// What was said before is what is charged, to the penny.
func TestQuoteIsWhatIsCharged(t *testing.T) {
	w := stripetest.New(t)
	customer, _ := w.Subscribe(t, "a_quote", "starter", "good")
	w.Clock.Advance(20*24*time.Hour + 7*time.Hour + 13*time.Second)
	if _, err := w.Syncer.Sync(ctx, "a_quote", customer, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	client := w.Syncer.Keys.Client(ctx, w.Clock.Now())
	for _, choice := range []billing.PlanChoice{
		{Plan: "business", Interval: connect.Monthly, Quantity: 1}, {Plan: "agency", Interval: connect.Monthly, Quantity: 13},
		{Plan: "agency", Interval: connect.Yearly, Quantity: 13}, {Plan: "starter", Interval: connect.Yearly, Quantity: 1},
		{Plan: "starter", Interval: connect.Monthly, Quantity: 1},
	} {
		s := read(t, w, "a_quote")
		quote, err := client.Preview(ctx, s, choice, w.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(11 * time.Minute) // they think about it
		if err := client.Change(ctx, s, choice, quote.At); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Syncer.Sync(ctx, "a_quote", customer, w.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		bills, err := client.Invoices(ctx, customer)
		if err != nil {
			t.Fatal(err)
		}
		s = read(t, w, "a_quote")
		if bills[0].Total != quote.Now || bills[0].Tax != quote.Tax || s.Plan != choice.Plan ||
			s.Interval != choice.Interval || s.Quantity != choice.Quantity {
			t.Errorf("%+v: said %s, charged %s; now %s %s %d", choice, quote.Now, bills[0].Total, s.Plan, s.Interval, s.Quantity)
		}
		w.Clock.Advance(24 * time.Hour)
	}
}
