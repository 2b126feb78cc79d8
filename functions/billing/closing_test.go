package main

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/stripe"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

func (f *fixture) close() (at time.Time) {
	f.T.Helper()
	now := f.Clock.Now()
	at = now.Add(connect.ClosingGrace)
	if err := f.Store.CloseAccount(
		f.T.Context(), f.owner.Account, at, nil,
		connect.AuditEntry{Account: f.owner.Account, At: now, Action: connect.AccountClosing},
	); err != nil {
		f.T.Fatal(err)
	}
	return at
}

func (f *fixture) restore() {
	f.T.Helper()
	a, err := f.Store.Account(f.T.Context(), f.owner.Account)
	if err != nil {
		f.T.Fatal(err)
	}
	if err := f.Store.ReopenAccount(
		f.T.Context(), a, connect.AuditEntry{Account: a.ID, At: f.Clock.Now(), Action: connect.AccountRestored},
	); err != nil {
		f.T.Fatal(err)
	}
}

func (f *fixture) reconcile() {
	f.T.Helper()
	report, err := f.keeper.Reconcile(f.T.Context(), f.Clock.Now())
	if err != nil {
		f.T.Fatal(err)
	}
	for _, d := range report.Drifts {
		if d.Err != nil {
			f.T.Errorf("%+v", d)
		}
	}
}

// purge is what function purge does each day.
func (f *fixture) purge() (gone bool) {
	f.T.Helper()
	now := f.Clock.Now()
	due, _, err := f.Store.DueClosings(f.T.Context(), now, "")
	if err != nil {
		f.T.Fatal(err)
	}
	for _, c := range due {
		if _, _, err := f.Store.PurgeAccount(f.T.Context(), c, now, &store.Budget{Items: 10_000}); err != nil {
			f.T.Fatal(err)
		}
	}
	_, err = f.Store.Account(f.T.Context(), f.owner.Account)
	return errors.Is(err, connect.ErrNotFound)
}

func (f *fixture) money() (live []string, paid int64) {
	f.stripe.Do(func(a stripe.Actor) { live, paid = a.Live(), a.Paid() })
	return live, paid
}

func (f *fixture) openPage(plan string) string {
	f.T.Helper()
	return strings.TrimPrefix(f.ok("/v1/billing/checkout", wish(plan, "month"))["url"].(string), f.base+"/pay/")
}

func (f *fixture) pay(page string) (paid bool) {
	f.stripe.Do(func(a stripe.Actor) { paid = a.Pay(page, "good") })
	return paid
}

// A payment page that was opened before the closing and is paid after it: whatever is heard of it and in whatever
// order the nightly work runs, the account is not purged before Stripe has ended what it pays, and a year on Stripe
// has taken nothing more.
func TestAClosedAccountPaysNothingMore(t *testing.T) {
	for _, c := range []struct {
		name                       string
		told, purgeFirst, trialled bool
	}{
		{"told at once", true, false, false},
		{"never told", false, false, false},
		{"never told, purge first", false, true, false},
		{"paid at once, told, purge first", true, true, true},
		{"paid at once, never told", false, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t)
			if c.trialled { // the trial was used before: the page takes money
				f.pay(f.openPage("starter"))
				f.ok("/v1/billing/refresh", nil)
				f.ok("/v1/billing/cancel", nil)
				f.pass(15 * 24 * time.Hour)
				f.want(f.ok("/v1/billing/refresh", nil), map[string]any{"subscription.status": "canceled"})
			}
			page := f.openPage("starter")
			f.Clock.Forward(time.Minute)
			at := f.close()
			f.Clock.Forward(time.Minute)
			if !f.pay(page) {
				t.Fatal("the page was not open")
			}
			_, paid := f.money()
			if c.told {
				if at := f.ok("/v1/billing/refresh", nil)["subscription"].(map[string]any)["endsAt"]; at == nil {
					t.Error("a subscription of a closing account continues")
				}
			}
			for day := range 31 {
				f.Clock.Forward(24 * time.Hour)
				if day%2 == 0 && f.Clock.Now().Before(at) && !c.told {
					f.reconcile()
				}
			}
			gone := f.purge()
			if live, _ := f.money(); gone && len(live) > 0 {
				t.Errorf("purged with %v live at Stripe", live)
			}
			if c.purgeFirst && gone {
				t.Error("purged before its customer was ended at Stripe")
			}
			f.reconcile()
			if !f.purge() {
				t.Error("not purged after its customer was ended")
			}
			if dump := f.Dump(); strings.Contains(dump, "cus_local") {
				t.Errorf("a customer is left behind:\n%s", dump)
			}
			f.reconcile()
			for range 13 {
				f.Clock.Forward(31 * 24 * time.Hour)
			}
			live, after := f.money()
			if len(live) != 0 || after != paid {
				t.Errorf("a year after: %v live, £%d taken before and £%d now", live, paid, after)
			}
			f.reconcile()
		})
	}
}

// While an account is being closed nothing that costs money can be begun, and nothing is written of the attempt;
// restored, it has what is true at Stripe.
func TestNothingIsBegunWhileClosing(t *testing.T) {
	f := start(t)
	f.pay(f.openPage("starter"))
	f.ok("/v1/billing/refresh", nil)
	quote := f.ok("/v1/billing/preview", wish("business", "month"))
	change := wish("business", "month")
	change["at"], change["now"] = quote["at"], quote["now"]
	f.ok("/v1/billing/cancel", nil)
	f.close()
	before := f.Dump()
	for path, body := range map[string]any{
		"/v1/billing/checkout": wish("business", "year"), "/v1/billing/preview": wish("business", "month"),
		"/v1/billing/change": change, "/v1/billing/resume": nil,
	} {
		if a := f.post(path, body); a.Status != 409 || a.Code() != "account-closing" ||
			!strings.Contains(a.Text("detail"), "Restore it before") {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	if f.Dump() != before {
		t.Error("something was written")
	}
	if f.get("/v1/billing")["closingAt"] == nil {
		t.Error("the page does not hear of the closing")
	}
	f.restore()
	f.want(f.get("/v1/billing"), map[string]any{"closingAt": nil})
	f.want(f.ok("/v1/billing/resume", nil), map[string]any{"subscription.endsAt": nil, "subscription.status": "trialing"})
}

// The closing overtakes a call that was already under way.
func TestClosingInTheMiddle(t *testing.T) {
	t.Run("of a checkout", func(t *testing.T) {
		for _, end := range []string{"/customers", "/subscriptions", "/checkout/sessions"} {
			f := start(t)
			method := "POST"
			if end == "/subscriptions" {
				method = "GET"
			}
			f.during(method, end, func() { f.close() })
			if a := f.post("/v1/billing/checkout", wish("starter", "month")); a.Status != 409 || a.Code() != "account-closing" {
				t.Errorf("during %s: %d %s", end, a.Status, a.Body)
			}
			sub, err := f.Store.Subscription(t.Context(), f.owner.Account)
			if err != nil {
				t.Fatal(err)
			}
			f.stripe.Do(func(a stripe.Actor) {
				if open := a.Open(string(sub.Customer)); len(open) > 0 {
					t.Errorf("during %s: a page is left open", end)
				}
			})
		}
	})
	t.Run("of a resume", func(t *testing.T) {
		f := start(t)
		f.pay(f.openPage("starter"))
		f.ok("/v1/billing/refresh", nil)
		f.ok("/v1/billing/cancel", nil)
		sub, err := f.Store.Subscription(t.Context(), f.owner.Account)
		if err != nil {
			t.Fatal(err)
		}
		f.during("POST", "/subscriptions/"+sub.ID, func() { f.close() })
		a := f.post("/v1/billing/resume", nil)
		if a.Status != 200 || at(a.JSON(), "subscription.endsAt") == nil {
			t.Errorf("resumed for an account that is being closed: %d %s", a.Status, a.Body)
		}
	})
}

// A hundred times at once: an account is closed, its owner asks for payment pages and pays each that can be paid.
func TestCloseAndCheckoutAtOnce(t *testing.T) {
	rounds, refused := 20, 0
	for round := range rounds {
		f := start(t)
		var all sync.WaitGroup
		var mu sync.Mutex
		var pages []string
		for n := range 5 {
			all.Go(func() {
				if n == round%5 {
					time.Sleep(time.Duration(round) * 4 * time.Millisecond)
					f.close()
					return
				}
				a := f.post("/v1/billing/checkout", wish([]string{"starter", "business"}[n%2], "month"))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case a.Status == 200:
					pages = append(pages, strings.TrimPrefix(a.Text("url"), f.base+"/pay/"))
				case a.Code() == "account-closing":
					refused++
				case a.Code() != "busy" && a.Code() != "already-subscribed":
					t.Errorf("%d %s", a.Status, a.Body)
				}
			})
		}
		all.Wait()
		for _, page := range pages {
			f.pay(page)
		}
		f.Clock.Forward(connect.ClosingGrace + time.Hour)
		f.reconcile()
		if !f.purge() {
			t.Error("not purged")
		}
		if live, _ := f.money(); len(live) != 0 {
			t.Errorf("round %d: %v live", round, live)
		}
		var open []string
		f.stripe.Do(func(a stripe.Actor) { open = a.Open("") })
		if len(open) != 0 {
			t.Errorf("round %d: open pages %v", round, open)
		}
	}
	fmt.Printf(
		"billing: %d times close and 4 checkouts at once: %d refused, nothing live at Stripe after the purge\n", rounds,
		refused,
	)
}
