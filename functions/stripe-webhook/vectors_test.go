package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/stripe"
	"github.com/mi-telecom/mi-connect/internal/stripetest"
	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
)

// event is a good event about a customer; change spoils it.
func event(t *testing.T, id string, customer connect.CustomerID, change func(e map[string]any)) []byte {
	t.Helper()
	e := map[string]any{
		"id": id, "object": "event", "api_version": billing.APIVersion, "created": 1, "livemode": false,
		"pending_webhooks": 1, "type": "customer.subscription.updated",
		"request": nil,
		"data": map[string]any{
			"object": map[string]any{"id": "sub_1", "object": "subscription", "customer": string(customer)},
		},
	}
	if change != nil {
		change(e)
	}
	body, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Every header and body has its exact answer, and what is refused writes nothing.
func TestVectors(t *testing.T) {
	w := stripetest.New(t)
	h := app(quiet, w.Syncer.EventSyncer, w.Clock.Now)
	customer, _ := w.Subscribe(t, "a_vectors", "starter", "good")
	now := w.Clock.Now()
	before, err := w.Store.Subscription(context.Background(), "a_vectors")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	good := func() []byte { n++; return event(t, fmt.Sprintf("evt_v%d", n), customer, nil) }
	spoilt := func(change func(e map[string]any)) []byte {
		n++
		return event(t, fmt.Sprintf("evt_v%d", n), customer, change)
	}
	with := func(body []byte, header func(t, v1 string) string) func() ([]byte, string) {
		return func() ([]byte, string) {
			signed := billing.Sign(body, stripe.Secret, now)
			stamp, mac, _ := strings.Cut(signed, ",v1=")
			return body, header(strings.TrimPrefix(stamp, "t="), mac)
		}
	}
	at := func(when time.Time) func() ([]byte, string) {
		return func() ([]byte, string) { b := good(); return b, billing.Sign(b, stripe.Secret, when) }
	}
	signed := func(body []byte) func() ([]byte, string) {
		return func() ([]byte, string) { return body, billing.Sign(body, stripe.Secret, now) }
	}
	zip := func(b []byte) []byte {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		_, _ = z.Write(b)
		_ = z.Close()
		return out.Bytes()
	}
	const badSignature = "bad-signature"
	vectors := []struct {
		name   string
		make   func() ([]byte, string)
		status int
		code   string // of the problem, or the result
	}{
		{"no header", with(good(), func(_, _ string) string { return "" }), 400, badSignature},
		{"no t", with(good(), func(_, v1 string) string { return "v1=" + v1 }), 400, badSignature},
		{"no v1", with(good(), func(ts, _ string) string { return "t=" + ts }), 400, badSignature},
		{"300 s old", at(now.Add(-300 * time.Second)), 200, "applied"},
		{"301 s old", at(now.Add(-301 * time.Second)), 400, badSignature},
		{"300 s ahead", at(now.Add(300 * time.Second)), 200, "applied"},
		{"301 s ahead", at(now.Add(301 * time.Second)), 400, badSignature},
		{"a year ahead", at(now.AddDate(1, 0, 0)), 400, badSignature},
		{"v0 only", with(good(), func(ts, v1 string) string { return "t=" + ts + ",v0=" + v1 }), 400, badSignature},
		{"two v1, the second good", with(good(), func(ts, v1 string) string { return "t=" + ts + ",v1=" + strings.Repeat("0", 64) + ",v1=" + v1 }), 200, "applied"},
		{"two v1, neither good", with(good(), func(ts, v1 string) string {
			return "t=" + ts + ",v1=" + strings.Repeat("0", 64) + ",v1=" + strings.Repeat("1", 64)
		}), 400, badSignature},
		{"v1 in upper case", with(good(), func(ts, v1 string) string { return "t=" + ts + ",v1=" + strings.ToUpper(v1) }), 400, badSignature},
		{"names in upper case", with(good(), func(ts, v1 string) string { return "T=" + ts + ",V1=" + v1 }), 400, badSignature},
		{"two t", with(good(), func(ts, v1 string) string { return "t=" + ts + ",t=" + ts + ",v1=" + v1 }), 400, badSignature},
		{"t is no number", with(good(), func(_, v1 string) string { return "t=now,v1=" + v1 }), 400, badSignature},
		{"t overflows", with(good(), func(_, v1 string) string { return "t=99999999999999999999,v1=" + v1 }), 400, badSignature},
		{"a byte of the signature flipped", with(good(), func(ts, v1 string) string {
			mac, _ := hex.DecodeString(v1)
			mac[7] ^= 1
			return "t=" + ts + ",v1=" + hex.EncodeToString(mac)
		}), 400, badSignature},
		{"signature cut short", with(good(), func(ts, v1 string) string { return "t=" + ts + ",v1=" + v1[:62] }), 400, badSignature},
		{"another secret", func() ([]byte, string) { b := good(); return b, billing.Sign(b, "whsec_other", now) }, 400, badSignature},
		{"the empty secret", func() ([]byte, string) { b := good(); return b, billing.Sign(b, "", now) }, 400, badSignature},
		{"a byte of the body flipped", func() ([]byte, string) {
			b := good()
			s := billing.Sign(b, stripe.Secret, now)
			b[len(b)/2] ^= 1
			return b, s
		}, 400, badSignature},
		{"the body in base64, signed before", func() ([]byte, string) {
			b := good()
			return []byte(base64.StdEncoding.EncodeToString(b)), billing.Sign(b, stripe.Secret, now)
		}, 400, badSignature},
		{"gzip, signed before", func() ([]byte, string) { b := good(); return zip(b), billing.Sign(b, stripe.Secret, now) }, 400, badSignature},
		{"gzip, signed after", signed(zip(good())), 400, "malformed"},
		{"a BOM before, signed", signed(append([]byte("\xef\xbb\xbf"), good()...)), 400, "malformed"},
		{"nothing, signed", signed(nil), 400, "malformed"},
		{"{}", signed([]byte("{}")), 400, "malformed"},
		{"[]", signed([]byte("[]")), 400, "malformed"},
		{"null", signed([]byte("null")), 400, "malformed"},
		{"data: null", signed(spoilt(func(e map[string]any) { e["data"] = nil })), 400, "malformed"},
		{
			"data.object: null", signed(spoilt(func(e map[string]any) { e["data"] = map[string]any{"object": nil} })), 400,
			"malformed",
		},
		{"no id", signed(spoilt(func(e map[string]any) { delete(e, "id") })), 400, "malformed"},
		{"no type", signed(spoilt(func(e map[string]any) { delete(e, "type") })), 400, "malformed"},
		{"another object", signed(spoilt(func(e map[string]any) { e["object"] = "charge" })), 400, "malformed"},
		{"no customer", signed(event(t, "evt_vx1", "", nil)), 200, "nobody's customer"},
		{"1 MB", func() ([]byte, string) {
			b := good()
			b = append(b, bytes.Repeat([]byte(" "), 1<<20-len(b))...)
			return b, billing.Sign(b, stripe.Secret, now)
		}, 200, "applied"},
		{"1 MB + 1", func() ([]byte, string) {
			b := good()
			b = append(b, bytes.Repeat([]byte(" "), 1<<20+1-len(b))...)
			return b, billing.Sign(b, stripe.Secret, now)
		}, 400, "body-too-large"},
		{"livemode", signed(spoilt(func(e map[string]any) { e["livemode"] = true })), 400, "wrong-mode"},
		{"no livemode", signed(spoilt(func(e map[string]any) { delete(e, "livemode") })), 400, "wrong-mode"},
		{
			"another Stripe account", signed(spoilt(func(e map[string]any) { e["account"] = "acct_other" })), 400,
			"wrong-account",
		},
		{
			"a newer API version", signed(spoilt(func(e map[string]any) { e["api_version"] = "2025-03-31.basil" })), 400,
			"wrong-api-version",
		},
		{"no API version", signed(spoilt(func(e map[string]any) { delete(e, "api_version") })), 400, "wrong-api-version"},
		{
			"a type that is not used", signed(spoilt(func(e map[string]any) { e["type"] = "charge.refunded" })), 200, "not used",
		},
		{"a guest's payment", signed(spoilt(func(e map[string]any) {
			e["type"], e["data"] = "checkout.session.completed", map[string]any{
				"object": map[string]any{"id": "cs_1", "object": "checkout.session", "mode": "payment", "customer": nil},
			}
		})), 200, "nobody's customer"},
		{"a session that creates no customer", signed(spoilt(func(e map[string]any) {
			e["type"], e["data"] = "checkout.session.completed",
				map[string]any{"object": map[string]any{"id": "cs_1", "object": "checkout.session", "mode": "setup"}}
		})), 200, "nobody's customer"},
		{"another product's customer", signed(event(t, "evt_vx5", "shop-4711", nil)), 200, "unknown customer"},
		{"a customer that is a number", signed(spoilt(func(e map[string]any) {
			e["data"].(map[string]any)["object"].(map[string]any)["customer"] = 7
		})), 400, "malformed"},
		{"an unknown customer", signed(event(t, "evt_vx2", "cus_nobody", nil)), 200, "unknown customer"},
		{"good", signed(event(t, "evt_vx3", customer, nil)), 200, "applied"},
		{"the same again", signed(event(t, "evt_vx3", customer, nil)), 200, "applied before"},
		{"the customer as an object", signed(spoilt(func(e map[string]any) {
			e["data"].(map[string]any)["object"].(map[string]any)["customer"] = map[string]any{
				"id": string(customer), "object": "customer",
			}
		})), 200, "applied"},
	}
	refused := 0
	for _, v := range vectors {
		body, header := v.make()
		version := read(t, w, "a_vectors").Version
		status, answer := stripetest.Post(h, body, header)
		if status != v.status || codeOf(answer) != v.code {
			t.Errorf("%s: %d %s, want %d %s", v.name, status, codeOf(answer), v.status, v.code)
		}
		if wrote := read(t, w, "a_vectors").Version != version; wrote != (v.code == "applied") {
			t.Errorf("%s: wrote %v", v.name, wrote)
		}
		if v.status == 400 {
			refused++
		}
		if strings.Contains(answer, "whsec") || strings.Contains(answer, string(customer)) {
			t.Errorf("%s: the answer tells: %s", v.name, answer)
		}
	}
	if before.Status != connect.Unsubscribed || read(t, w, "a_vectors").Status != connect.Trialing {
		t.Error("the good ones did not apply")
	}
	// As API Gateway sends what it holds for binary: base64, decoded before it is verified.
	body := good()
	raw, err := json.Marshal(map[string]any{
		"version": "2.0", "rawPath": "/v1/stripe/webhook",
		"headers": map[string]string{"stripe-signature": billing.Sign(body, stripe.Secret, now)},
		"body":    base64.StdEncoding.EncodeToString(body), "isBase64Encoded": true,
		"requestContext": map[string]any{
			"requestId": "r1", "http": map[string]string{"method": "POST", "sourceIp": "198.51.100.7"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := lambdahttp.HTTP(h).Invoke(context.Background(), raw)
	if err != nil || !strings.Contains(string(out), `"statusCode":200`) {
		t.Errorf("base64: %s %v", out, err)
	}
	t.Logf("billing: %d vectors of header and body, %d of them refused, each with its answer", len(vectors)+1, refused)
}

func read(t *testing.T, w *stripetest.World, account connect.AccountID) *connect.Subscription {
	t.Helper()
	s, err := w.Store.Subscription(context.Background(), account)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func codeOf(answer string) string {
	var v struct{ Type, Result string }
	_ = json.Unmarshal([]byte(answer), &v)
	if v.Result != "" {
		return v.Result
	}
	return strings.TrimPrefix(v.Type, "urn:mi-connect:problem:")
}

// What Stripe's own answer can hold that cannot be used: nothing is written, Stripe is asked to come again,
// and once it is fixed the event ends well.
func TestAnswersThatCannotBeUsed(t *testing.T) {
	w := stripetest.New(t)
	customer, _ := w.Subscribe(t, "a_odd", "starter", "good")
	other, _ := w.Subscribe(t, "a_other", "starter", "good")
	real := w.Answer(t, customer)
	replaced := func(old, with string) []byte {
		if !strings.Contains(string(real), old) {
			t.Fatalf("the answer has no %s", old)
		}
		return []byte(strings.ReplaceAll(string(real), old, with))
	}
	changed := func(change func(sub map[string]any)) []byte {
		var list map[string]any
		if err := json.Unmarshal(real, &list); err != nil {
			t.Fatal(err)
		}
		change(list["data"].([]any)[0].(map[string]any))
		out, _ := json.Marshal(list)
		return out
	}
	items := func(sub map[string]any) map[string]any { return sub["items"].(map[string]any) }
	var answer []byte
	front := stripetest.Front(t, func(http.ResponseWriter, *http.Request) []byte { return answer })
	h := app(quiet, stripetest.NewSyncer(w.DB, w.Keys(t, front), "").EventSyncer, w.Clock.Now)
	for n, c := range []struct {
		name string
		body []byte
	}{
		{"zero items", changed(func(s map[string]any) { items(s)["data"] = []any{} })},
		{"two items", changed(func(s map[string]any) { d := items(s)["data"].([]any); items(s)["data"] = append(d, d[0]) })},
		{"unknown price", replaced(`"plan":"starter"`, `"plan":"platinum"`)},
		{"a price without a plan", replaced(`{"plan":"starter"}`, `{}`)},
		{"the free plan at a price", replaced(`"plan":"starter"`, `"plan":"free"`)},
		{"current_period_end 0", changed(func(s map[string]any) { s["current_period_end"] = 0 })},
		{"no current_period_end", changed(func(s map[string]any) { delete(s, "current_period_end") })},
		{"livemode", changed(func(s map[string]any) { s["livemode"] = true })},
		{
			"another account's customer",
			[]byte(strings.ReplaceAll(string(w.Answer(t, other)), string(other), string(customer))),
		},
		{"no customer", changed(func(s map[string]any) { s["customer"] = nil })},
	} {
		answer = c.body
		before := read(t, w, "a_odd")
		body := event(t, fmt.Sprintf("evt_odd%d", n), customer, nil)
		if status, text := w.Post(h, body); status != 500 || codeOf(text) != "internal" {
			t.Errorf("%s: %d %s", c.name, status, text)
		}
		if after := read(t, w, "a_odd"); after.Version != before.Version {
			t.Errorf("%s: was written", c.name)
		}
		answer = real
		if status, text := w.Post(h, body); status != 200 || codeOf(text) != "applied" {
			t.Errorf("%s, fixed: %d %s", c.name, status, text)
		}
	}
}

// A customer that was deleted at Stripe: the subscription has ended, and the next checkout makes another.
func TestDeletedCustomer(t *testing.T) {
	w := stripetest.New(t)
	h := app(quiet, w.Syncer.EventSyncer, w.Clock.Now)
	customer, _ := w.Subscribe(t, "a_gone", "starter", "good")
	deliver(t, w, h, event(t, "evt_gone1", customer, nil))
	w.Call(t, "DELETE", "/v1/customers/"+string(customer))
	body := event(t, "evt_gone2", customer, func(e map[string]any) {
		e["type"], e["data"] = "customer.deleted",
			map[string]any{"object": map[string]any{"id": string(customer), "object": "customer"}}
	})
	if status, text := w.Post(h, body); status != 200 || codeOf(text) != "applied" {
		t.Fatal(status, text)
	}
	if s := read(t, w, "a_gone"); s.Status != connect.Canceled || s.Customer != "" {
		t.Fatalf("%+v", s)
	}
	if status, text := w.Post(h, event(t, "evt_gone3", customer, nil)); status != 200 ||
		codeOf(text) != "unknown customer" {
		t.Error(status, text)
	}
	again, _ := w.Subscribe(t, "a_gone", "business", "good")
	deliver(t, w, h, event(t, "evt_gone4", again, nil))
	if s := read(t, w, "a_gone"); again == customer || s.Status != connect.Active || s.Plan != "business" ||
		s.Customer != again {
		t.Errorf("%+v", s)
	}
}

func FuzzSignature(f *testing.F) {
	now := stripetest.NewClock().Now()
	f.Add("t=1,v1=00", []byte("{}"))
	f.Add(billing.Sign([]byte("{}"), stripe.Secret, now), []byte("{}"))
	f.Add("t=,v1=,v1=,,,=,=", []byte("\xef\xbb\xbf"))
	secrets := billing.Secrets{stripe.Secret, "whsec_second"}
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		if secrets.Verify(body, header, now) == nil {
			// Only who knows a secret gets here; the one seed that does was signed.
			stamp := ""
			for _, part := range strings.Split(header, ",") {
				if v, ok := strings.CutPrefix(part, "t="); ok {
					stamp = v
				}
			}
			var seconds int64
			if _, err := fmt.Sscan(stamp, &seconds); err != nil {
				t.Fatalf("verified without a time: %q", header)
			}
			want := stripe.Signature(body, stripe.Secret, time.Unix(seconds, 0))
			mac := strings.Split(strings.Split(want, "v1=")[1], ",")[0]
			if !strings.Contains(header, mac) {
				t.Fatalf("verified what nobody signed: %q %q", header, body)
			}
		}
		if err := secrets.Verify(body, billing.Sign(body, "whsec_second", now), now); err != nil {
			t.Fatal("a good signature was refused")
		}
		if (billing.Secrets{""}).Verify(body, billing.Sign(body, "", now), now) == nil ||
			(billing.Secrets{}).Verify(body, header, now) == nil {
			t.Fatal("an empty secret verifies")
		}
		e, err := billing.ParseStripeEvent(body, false)
		if err == nil && (e.ID == "" || e.Type == "") {
			t.Fatalf("%+v from %q", e, body)
		}
		if err != nil && connect.KindOf(err) != connect.Invalid {
			t.Fatal(err)
		}
	})
}
