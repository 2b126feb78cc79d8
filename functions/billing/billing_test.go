package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/stripe"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/internal/stripetest"
	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

type fixture struct {
	*apitest.Client
	stripe *stripe.Server
	base   string
	owner  apitest.Person
	keeper *stripetest.Syncer
}

func start(t *testing.T) *fixture {
	w := apitest.New(t)
	w.Private("Stripe key", stripe.Key)
	server, base := stripetest.Stand(t, w.Clock.Now)
	keys, err := billing.OpenKeys(context.Background(), stripetest.Read, base, false, w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	syncer := stripetest.NewSyncer(w.DB, keys, apitest.Origin)
	return &fixture{
		w.Serve(lambdahttp.HTTP(app(w.Logger(), w.DB, syncer.Cashier, web.NewCDN(""), apitest.Origin, w.Clock.Now))), server,
		base, w.Person("owner@example.com"), syncer,
	}
}

// during has do run once, in the middle of what is done next: before Stripe takes the first call of a method whose
// path ends so.
func (f *fixture) during(method, end string, do func()) {
	f.T.Helper()
	var once sync.Once
	front := stripetest.Front(f.T, func(w http.ResponseWriter, r *http.Request) []byte {
		if r.Method == method && strings.HasSuffix(r.URL.Path, end) {
			once.Do(do)
		}
		f.stripe.ServeHTTP(w, r)
		return nil
	})
	keys, err := billing.OpenKeys(context.Background(), stripetest.Read, front, false, f.Clock.Now())
	if err != nil {
		f.T.Fatal(err)
	}
	f.keeper.Keys = keys
}

func (f *fixture) get(path string) map[string]any {
	f.T.Helper()
	a := f.Do(apitest.Request{Method: "GET", Path: path, Bearer: f.owner.Token.Text})
	if a.Status != 200 {
		f.T.Fatalf("GET %s: %d %s", path, a.Status, a.Body)
	}
	return a.JSON()
}

func (f *fixture) post(path string, body any) apitest.Answer {
	f.T.Helper()
	return f.Do(apitest.Request{Method: "POST", Path: path, Body: body, Bearer: f.owner.Token.Text})
}

func (f *fixture) ok(path string, body any) map[string]any {
	f.T.Helper()
	a := f.post(path, body)
	if a.Status != 200 {
		f.T.Fatalf("POST %s: %d %s", path, a.Status, a.Body)
	}
	return a.JSON()
}

// pass lets time pass, after which the owner logs in again.
func (f *fixture) pass(d time.Duration) {
	f.T.Helper()
	f.Pass(&f.owner, d)
}

func wish(plan, interval string) map[string]any {
	return map[string]any{"plan": plan, "interval": interval}
}

// at reads "subscription.status" out of an answer.
func at(v map[string]any, path string) any {
	var out any = v
	for _, name := range strings.Split(path, ".") {
		m, _ := out.(map[string]any)
		out = m[name]
	}
	return out
}

func (f *fixture) want(v map[string]any, want map[string]any) {
	f.T.Helper()
	for path, w := range want {
		if got := at(v, path); fmt.Sprint(got) != fmt.Sprint(w) {
			f.T.Errorf("%s is %v, want %v", path, got, w)
		}
	}
}

// The owner's way through: trial, card, upgrade, a failed payment, fixing it, cancelling, resuming, the end.
// No webhook ever arrives: what is seen after each step is the truth all the same.
func TestTheOwnersWay(t *testing.T) {
	f := start(t)
	f.want(
		f.get("/v1/billing"),
		map[string]any{
			"plan.id": "free", "subscription": nil, "trialDays": 14, "access": "full", "notice": "", "mayPay": true,
			"usage.members": 1,
		},
	)
	f.want(f.get("/v1/billing/invoices"), map[string]any{"next": nil})

	url := f.ok("/v1/billing/checkout", wish("starter", "month"))["url"].(string)
	page := strings.TrimPrefix(url, f.base+"/pay/")
	if page == url {
		t.Fatal(url)
	}
	// Coming back without having paid, whatever the address says, changes nothing.
	f.want(f.ok("/v1/billing/refresh", nil), map[string]any{"plan.id": "free", "subscription": nil})
	if again := f.ok("/v1/billing/checkout", wish("starter", "month"))["url"]; again != url {
		t.Errorf("two tabs, two pages: %v, %v", url, again)
	}
	f.stripe.Do(func(a stripe.Actor) { a.Pay(page, "") })
	f.want(f.get("/v1/billing"), map[string]any{"plan.id": "free"})
	f.want(
		f.ok("/v1/billing/refresh", nil),
		map[string]any{
			"plan.id": "starter", "subscription.status": "trialing", "subscription.hasCard": false, "trialDays": 0,
			"limits.sites": 3,
		},
	)
	if a := f.post("/v1/billing/checkout", wish("business", "year")); a.Status != 409 {
		t.Errorf("a second subscription: %d %s", a.Status, a.Body)
	}

	f.pass(12 * 24 * time.Hour)
	f.want(f.ok("/v1/billing/refresh", nil), map[string]any{"notice": "trial-ending", "access": "full"})
	if u := f.ok("/v1/billing/payment-link", nil)["url"].(string); !strings.HasPrefix(u, f.base+"/portal/") {
		t.Errorf("a trial is fixed at %s", u)
	}
	sub, err := f.Store.Subscription(context.Background(), f.owner.Account)
	if err != nil {
		t.Fatal(err)
	}
	customer := string(sub.Customer)
	f.stripe.Do(func(a stripe.Actor) { a.Card(customer, "good") })
	f.want(f.ok("/v1/billing/refresh", nil), map[string]any{"notice": "", "subscription.hasCard": true})
	f.pass(5 * 24 * time.Hour)
	f.want(f.ok("/v1/billing/refresh", nil), map[string]any{"subscription.status": "active"})
	f.want(f.get("/v1/billing/invoices"), map[string]any{"next.total": 2280, "next.tax": 380})

	quote := f.ok("/v1/billing/preview", wish("business", "month"))
	if quote["now"].(float64) <= 0 || quote["next"].(float64) != 4900 {
		t.Errorf("%v", quote)
	}
	change := wish("business", "month")
	change["at"], change["now"] = quote["at"], quote["now"]
	f.want(f.ok("/v1/billing/change", change), map[string]any{"plan.id": "business", "limits.api": true})
	bills := f.get("/v1/billing/invoices")["items"].([]any)
	if got := at(bills[0].(map[string]any), "total"); got != quote["now"] {
		t.Errorf("said %v, charged %v", quote["now"], got)
	}
	if a := f.post("/v1/billing/change", change); a.Status != 409 {
		t.Errorf("the same again: %d", a.Status)
	}

	f.stripe.Do(func(a stripe.Actor) { a.Card(customer, "declined") })
	f.pass(29 * 24 * time.Hour)
	f.want(
		f.ok("/v1/billing/refresh", nil),
		map[string]any{
			"subscription.status": "past_due", "notice": "payment-failed", "plan.id": "business", "access": "full",
		},
	)
	f.pass(7 * 24 * time.Hour)
	f.want(f.get("/v1/billing"), map[string]any{"access": "read-only", "plan.id": "business"})
	u := f.ok("/v1/billing/payment-link", nil)["url"].(string)
	if !strings.HasPrefix(u, f.base+"/invoice/") {
		t.Errorf("a failed payment is fixed at %s", u)
	}
	f.stripe.Do(func(a stripe.Actor) { a.Card(customer, "good"); a.Settle(sub.ID) })
	f.want(
		f.ok("/v1/billing/refresh", nil), map[string]any{"subscription.status": "active", "notice": "", "access": "full"},
	)

	if f.ok("/v1/billing/cancel", nil)["subscription"].(map[string]any)["endsAt"] == nil {
		t.Error("cancelled, and no end")
	}
	f.want(f.ok("/v1/billing/resume", nil), map[string]any{"subscription.endsAt": nil, "plan.id": "business"})
	f.ok("/v1/billing/cancel", nil)
	f.pass(40 * 24 * time.Hour)
	f.want(
		f.ok("/v1/billing/refresh", nil),
		map[string]any{"subscription.status": "canceled", "plan.id": "free", "notice": "ended", "access": "full"},
	)
	for _, path := range []string{"/v1/billing/cancel", "/v1/billing/resume", "/v1/billing/payment-link"} {
		if a := f.post(path, nil); a.Status != 409 {
			t.Errorf("%s after the end: %d", path, a.Status)
		}
	}
	// The log tells who asked, and what Stripe then said.
	log, _, err := f.Store.AuditLog(
		t.Context(), f.owner.Account, store.AuditFilter{Action: "billing.", Limit: 100}, f.Clock.Now(),
	)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	for _, e := range log {
		told[e.ActorName+": "+e.Target]++
	}
	for _, want := range []string{
		"Stripe: Free → Starter monthly, on trial", "Pat Example: to change to Business monthly",
		"Stripe: Starter monthly, active → Business monthly, active",
		"Stripe: Business monthly, active → Business monthly, payment overdue", "Pat Example: to continue after cancelling",
	} {
		if told[want] != 1 {
			t.Errorf("%s: %d times in %v", want, told[want], told)
		}
	}
	// A new one has no second trial.
	again := f.ok("/v1/billing/checkout", wish("starter", "year"))["url"].(string)
	f.stripe.Do(func(a stripe.Actor) { a.Pay(strings.TrimPrefix(again, f.base+"/pay/"), "good") })
	f.want(
		f.ok("/v1/billing/refresh", nil), map[string]any{"subscription.status": "active", "subscription.interval": "year"},
	)
}

// A change whose payment the bank does not let through leaves the plan as it is, and says so.
func TestAChangeThatIsNotPaid(t *testing.T) {
	for card, notice := range map[string]string{"declined": "payment-failed", "3ds": "action-needed"} {
		f := start(t)
		url := f.ok("/v1/billing/checkout", wish("starter", "month"))["url"].(string)
		f.stripe.Do(func(a stripe.Actor) { a.Pay(strings.TrimPrefix(url, f.base+"/pay/"), "good") })
		f.pass(20 * 24 * time.Hour)
		f.ok("/v1/billing/refresh", nil)
		sub, err := f.Store.Subscription(context.Background(), f.owner.Account)
		if err != nil {
			t.Fatal(err)
		}
		f.stripe.Do(func(a stripe.Actor) { a.Card(string(sub.Customer), card) })
		change := wish("agency", "year")
		quote := f.ok("/v1/billing/preview", wish("agency", "year"))
		change["at"], change["now"] = quote["at"], quote["now"]
		f.want(
			f.ok("/v1/billing/change", change),
			map[string]any{"plan.id": "starter", "notice": notice, "subscription.status": "active"},
		)
		f.stripe.Do(func(a stripe.Actor) { a.Settle(sub.ID) })
		f.want(
			f.ok("/v1/billing/refresh", nil),
			map[string]any{"plan.id": "agency", "notice": "", "subscription.interval": "year", "limits.clients": 10},
		)
	}
}

func TestRefusals(t *testing.T) {
	f := start(t)
	for _, c := range []struct {
		path   string
		body   any
		status int
		code   string
	}{
		{"/v1/billing/checkout", map[string]any{"plan": "platinum", "interval": "month"}, 400, "invalid"},
		{"/v1/billing/checkout", wish("free", "month"), 400, "invalid"},
		{"/v1/billing/checkout", wish("starter", "week"), 400, "invalid"},
		{"/v1/billing/checkout", map[string]any{"plan": "starter", "interval": "month", "clients": 3}, 400, "invalid"},
		{"/v1/billing/checkout", map[string]any{"plan": "agency", "interval": "month", "clients": -1}, 400, "invalid"},
		{"/v1/billing/checkout", map[string]any{"plan": "agency", "interval": "month", "clients": 501}, 400, "invalid"},
		{"/v1/billing/checkout", `{"plan":"starter","interval":"month","price":1}`, 400, "unknown-field"},
		{"/v1/billing/checkout", `[]`, 400, "malformed"},
		{"/v1/billing/checkout", `{"plan":"starter","interval":"month","clients":1.5}`, 400, "malformed"},
		{"/v1/billing/preview", wish("starter", "month"), 409, "not-subscribed"},
		{"/v1/billing/portal", map[string]any{}, 409, "not-subscribed"},
		{"/v1/billing/change", map[string]any{"plan": "starter", "interval": "month", "at": "yesterday"}, 400, "invalid"},
		{
			"/v1/billing/change",
			map[string]any{
				"plan": "starter", "interval": "month", "at": f.Clock.Now().Add(-31 * time.Minute).Format(time.RFC3339),
			},
			400, "invalid",
		},
		{
			"/v1/billing/change",
			map[string]any{"plan": "starter", "interval": "month", "at": f.Clock.Now().Add(time.Minute).Format(time.RFC3339)},
			400, "invalid",
		},
		{"/v1/billing/cancel", nil, 409, "not-subscribed"},
	} {
		before := f.Sizes()
		a := f.post(c.path, c.body)
		if a.Status != c.status || a.JSON()["type"] != "urn:mi-connect:problem:"+c.code {
			t.Errorf("%s %v: %d %s, want %d %s", c.path, c.body, a.Status, a.Body, c.status, c.code)
		}
		if fmt.Sprint(before) != fmt.Sprint(f.Sizes()) {
			t.Errorf("%s %v: something was written", c.path, c.body)
		}
	}
	stranger := f.Person("stranger@example.com")
	for _, c := range []struct {
		bearer, account string
		status          int
	}{{"", "", 401}, {"x.y.z", "", 401}, {stranger.Token.Text, string(f.owner.Account), 403}} {
		for _, path := range []string{
			"/v1/billing/checkout", "/v1/billing/portal", "/v1/billing/payment-link", "/v1/billing/preview",
			"/v1/billing/change", "/v1/billing/cancel", "/v1/billing/resume", "/v1/billing/refresh",
		} {
			header := map[string]string{}
			if c.account != "" {
				header["Mi-Account"] = c.account
			}
			if a := f.Do(apitest.Request{
				Method: "POST", Path: path, Body: wish("starter", "month"), Bearer: c.bearer, Header: header,
			}); a.Status != c.status {
				t.Errorf("%s: %d, want %d", path, a.Status, c.status)
			}
		}
	}
}

// Amounts are whole pence in every answer.
func TestNoFraction(t *testing.T) {
	f := start(t)
	for _, text := range []string{
		f.Do(apitest.Request{Method: "GET", Path: "/v1/billing", Bearer: f.owner.Token.Text}).Body,
	} {
		if strings.Contains(text, ".5") || strings.Contains(text, "e+") {
			t.Error(text)
		}
	}
	for p, want := range map[connect.Pence]string{
		0: "£0.00", 5: "£0.05", 1900: "£19.00", 149000: "£1,490.00", -450: "-£4.50", 123456789: "£1,234,567.89",
	} {
		if p.String() != want {
			t.Errorf("%d is %s", int64(p), p)
		}
	}
}

// stripeWorld makes calls of Stripe's API as an operator does.
func (f *fixture) stripeWorld() *stripetest.World { return &stripetest.World{URL: f.base} }
