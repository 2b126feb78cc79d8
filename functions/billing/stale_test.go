package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// subscribed is a fixture whose owner pays for a plan.
func subscribed(t *testing.T, trial bool) (*fixture, *connect.Subscription) {
	f := start(t)
	f.pay(f.openPage("starter"))
	if !trial {
		f.pass(15 * 24 * time.Hour)
	}
	f.ok("/v1/billing/refresh", nil)
	return f, f.sub()
}

func (f *fixture) sub() *connect.Subscription {
	f.T.Helper()
	sub, err := f.Store.Subscription(f.T.Context(), f.owner.Account)
	if err != nil {
		f.T.Fatal(err)
	}
	return sub
}

func (f *fixture) call(method, path string) {
	f.T.Helper()
	w := f.stripeWorld()
	w.Call(f.T, method, path)
}

// quoted asks for a price and returns the change that takes it.
func (f *fixture) quoted(plan, interval string) map[string]any {
	f.T.Helper()
	quote := f.ok("/v1/billing/preview", wish(plan, interval))
	change := wish(plan, interval)
	change["at"], change["now"] = quote["at"], quote["now"]
	return change
}

// A price that was said is either kept to or refused with the new one, within the 30 minutes that are promised: a
// period or a trial may end in between, and somebody else may change the plan.
func TestAPriceThatHasChanged(t *testing.T) {
	for name, c := range map[string]struct {
		trial   bool
		between func(f *fixture)
	}{
		"a renewal":            {false, func(f *fixture) { f.Clock.Forward(20 * time.Minute) }},
		"the end of the trial": {true, func(f *fixture) { f.Clock.Forward(20 * time.Minute) }},
		"another tab": {false, func(f *fixture) {
			f.ok("/v1/billing/change", f.quoted("business", "month"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f, sub := subscribed(t, c.trial)
			f.pass(sub.PeriodEnd.Add(-10 * time.Minute).Sub(f.Clock.Now()))
			change := f.quoted("agency", "month")
			c.between(f)
			_, before := f.money()
			a := f.post("/v1/billing/change", change)
			if a.Status != 409 || a.Code() != "price-changed" {
				t.Fatalf("%d %s", a.Status, a.Body)
			}
			if _, after := f.money(); after != before || f.sub().Plan == "agency" {
				t.Errorf("changed or charged (%d, %d) all the same: %+v", before, after, f.sub())
			}
			preview := a.JSON()["preview"].(map[string]any)
			change["at"], change["now"] = preview["at"], preview["now"]
			f.want(f.ok("/v1/billing/change", change), map[string]any{"plan.id": "agency"})
			if _, after := f.money(); after-before != int64(preview["now"].(float64)) {
				t.Errorf("said %v, charged %d", preview["now"], after-before)
			}
		})
	}
	t.Run("the renewal comes between the two calls", func(t *testing.T) {
		f, sub := subscribed(t, false)
		f.pass(sub.PeriodEnd.Add(-10 * time.Minute).Sub(f.Clock.Now()))
		change := f.quoted("agency", "month")
		f.during("POST", "/subscriptions/"+sub.ID, func() { f.Clock.Forward(20 * time.Minute) })
		if a := f.post("/v1/billing/change", change); a.Status != 409 || a.Code() != "price-changed" ||
			a.JSON()["preview"] == nil {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
	t.Run("pressed twice", func(t *testing.T) {
		f, _ := subscribed(t, false)
		change := f.quoted("agency", "month")
		_, before := f.money()
		f.ok("/v1/billing/change", change)
		if a := f.post("/v1/billing/change", change); a.Status != 409 || a.Code() != "same-plan" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		if _, after := f.money(); after-before != int64(change["now"].(float64)) {
			t.Errorf("said %v, charged %d", change["now"], after-before)
		}
	})
}

// Whatever was changed at Stripe and not heard of yet, no call of the page is a fault of ours.
func TestNoCallFailsOnWhatIsOutdated(t *testing.T) {
	for name, spoil := range map[string]func(f *fixture, sub *connect.Subscription){
		"cancelled at once": func(f *fixture, sub *connect.Subscription) { f.call("DELETE", "/v1/subscriptions/"+sub.ID) },
		"customer deleted": func(
			f *fixture, sub *connect.Subscription,
		) {
			f.call("DELETE", "/v1/customers/"+string(sub.Customer))
		},
	} {
		for _, path := range []string{
			"checkout", "portal", "payment-link", "preview", "change", "cancel", "resume", "refresh",
		} {
			f, sub := subscribed(t, false)
			body := any(nil)
			switch path {
			case "change":
				body = f.quoted("business", "month")
			case "preview", "checkout":
				body = wish("business", "month")
			case "portal":
				body = map[string]any{}
			}
			spoil(f, sub)
			if a := f.post("/v1/billing/"+path, body); a.Status >= 500 || a.Status == 400 {
				t.Errorf("%s, then %s: %d %s", name, path, a.Status, a.Body)
			}
			f.get("/v1/billing/invoices")
		}
	}
}

// While payments are paused at Stripe the plan stays, as Stripe means it, whatever happens to the invoices; nothing is
// taken, and the page says until when.
func TestPausedPayments(t *testing.T) {
	for _, behavior := range []string{"keep_as_draft", "mark_uncollectible", "void"} {
		f, sub := subscribed(t, false)
		until := f.Clock.Now().Add(50 * 24 * time.Hour)
		f.stripeWorld().Form(t, "/v1/subscriptions/"+sub.ID, map[string]string{
			"pause_collection[behavior]": behavior, "pause_collection[resumes_at]": fmt.Sprint(until.Unix()),
		})
		f.reconcile() // no event arrives
		f.want(f.get("/v1/billing"), map[string]any{
			"plan.id": "starter", "access": "full", "notice": "", "subscription.status": "active",
			"subscription.pause.until": until.Format(time.RFC3339), "subscription.pause.later": behavior == "keep_as_draft",
		})
		_, before := f.money()
		f.pass(40 * 24 * time.Hour)
		f.want(
			f.ok("/v1/billing/refresh", nil),
			map[string]any{"plan.id": "starter", "access": "full", "notice": "", "subscription.status": "active"},
		)
		if _, after := f.money(); after != before {
			t.Errorf("%s: %d were taken", behavior, after-before)
		}
		f.pass(25 * 24 * time.Hour)
		f.want(f.ok("/v1/billing/refresh", nil), map[string]any{"subscription.pause": nil, "subscription.status": "active"})
		if _, after := f.money(); after == before {
			t.Errorf("%s: nothing is taken after the pause", behavior)
		}
	}
}

// What somebody asked for stands in the log before what came of it, also when both have the same time and when
// another function writes the second.
func TestTheLogKeepsCauseAndEffect(t *testing.T) {
	f, _ := subscribed(t, false)
	rounds := apitest.Often(40, 200)
	plans := []string{"business", "starter"}
	for n := range rounds {
		switch n % 4 {
		case 0, 1:
			f.ok("/v1/billing/change", f.quoted(plans[n%4], "month"))
		case 2:
			f.ok("/v1/billing/cancel", nil)
		case 3:
			f.ok("/v1/billing/resume", nil)
		}
		f.Clock.Forward(time.Duration(n%2) * time.Second)
	}
	var log []connect.AuditEntry
	for after := ""; ; {
		page, next, err := f.Store.AuditLog(
			context.Background(), f.owner.Account, store.AuditFilter{Action: "billing.", Limit: 100, After: after},
			f.Clock.Now(),
		)
		if err != nil {
			t.Fatal(err)
		}
		if log = append(log, page...); next == "" {
			break
		}
		after = next
	}
	asked, wrong := 0, 0
	for n, e := range log { // the newest first
		if e.Action != connect.BillingAsked || strings.HasPrefix(e.Target, "to subscribe") {
			continue
		}
		if asked++; n == 0 || log[n-1].Action != connect.BillingChanged {
			wrong++
		}
	}
	if asked != rounds || wrong != 0 {
		t.Errorf("%d of %d asked for are not followed by what came of them", wrong, asked)
	}
	fmt.Printf("billing: %d times asked and changed at one moment: %d out of order\n", asked, wrong)
}
