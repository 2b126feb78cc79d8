package stripe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/stripe"
	"github.com/mi-telecom/mi-connect/internal/stripetest"
	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// referee is Stripe's own stripe-mock, whose description of the API is exactly the version we speak.
func referee(t *testing.T) string {
	t.Helper()
	find := exec.Command("go", "tool", "-n", "stripe-mock")
	find.Dir = localtest.Root(t)
	out, err := find.Output()
	if err != nil {
		t.Fatal("stripe-mock: ", err)
	}
	ports := make([]string, 2)
	for n := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ports[n] = l.Addr().String()
		_ = l.Close()
	}
	mock := exec.Command(
		strings.TrimSpace(string(out)), "-http-addr", ports[0], "-https-addr", ports[1], "-strict-version-check",
	)
	if err := mock.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mock.Process.Kill(); _ = mock.Wait() })
	for range 200 {
		if c, err := net.Dial("tcp", ports[0]); err == nil {
			_ = c.Close()
			return "http://" + ports[0]
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("stripe-mock does not answer")
	return ""
}

type seen struct {
	method, path, query, body string
	header                    http.Header
	status                    int
	answer                    []byte
}

// All that the product asks of Stripe in a whole life has the shape that Stripe describes, and so has all
// that the stand-in answers. What the stand-in refuses is refused by the referee too, or is about state,
// which the referee has not.
func TestAgainstStripesDescription(t *testing.T) {
	w := stripetest.New(t)
	var mu sync.Mutex
	var calls []seen
	w.Stripe.Watch(func(r *http.Request, _ url.Values, status int, answer []byte) {
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, seen{
			r.Method, r.URL.Path, r.URL.RawQuery, r.PostForm.Encode(), r.Header.Clone(), status, bytes.Clone(answer),
		})
	})
	stripetest.Record(t, w)
	everyOtherCall(t, w)
	mock := referee(t)

	client := &http.Client{Timeout: 10 * time.Second}
	paths := map[string]int{}
	ask := func(c seen) (int, string) {
		r, _ := http.NewRequest(c.method, mock+c.path+"?"+c.query, strings.NewReader(c.body))
		r.Header.Set("Authorization", "Bearer sk_test_123")
		r.Header.Set("Stripe-Version", stripe.Version)
		if c.method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		return answer.StatusCode, string(text)
	}
	d := description(t)
	for _, c := range calls {
		status, text := ask(c)
		if status != 200 && c.status == 200 {
			t.Errorf(
				"%s %s?%s %s: the stand-in takes it, and Stripe's description does not: %d %s", c.method, c.path, c.query, c.body,
				status, text,
			)
		}
		name, faults := d.check(c.method, c.path, c.status, c.answer)
		paths[c.method+" "+name]++
		for _, f := range faults {
			t.Errorf("%s %s answers %d: %s", c.method, c.path, c.status, f)
		}
	}
	// The referee must be able to say no.
	for _, bad := range []seen{
		{method: "POST", path: "/v1/checkout/sessions", body: "mode=subscription&plan=starter"},
		{method: "GET", path: "/v1/subscriptions", query: "state=all"},
		{method: "POST", path: "/v1/customers", body: "mail=x"},
		{method: "POST", path: "/v1/subscriptions/sub_1", body: "proration_behavior=sometimes"},
	} {
		if status, text := ask(bad); status != 400 {
			t.Errorf("the referee takes %s %s %s: %d %s", bad.method, bad.path, bad.body, status, text)
		}
	}
	for name, body := range map[string]string{
		"/v1/customers/x": `{"id":"cus_1","object":"customer"}`,
		"/v1/subscriptions/x": strings.Replace(
			string(d.good(t, calls, "/v1/subscriptions")), `"status":"`, `"status":"happily_`, 1,
		),
	} {
		if _, faults := d.check("GET", name, 200, []byte(body)); len(faults) == 0 {
			t.Errorf("%s: the description takes what it must not: %.80s", name, body)
		}
	}
	for _, e := range w.Stripe.Held() {
		for _, f := range d.validate(d.schema("event"), decode(t, e.Body), "event") {
			t.Errorf("webhook %s: %s", e.Type, f)
		}
	}
	if len(paths) < 14 {
		t.Errorf("only %d kinds of call were made: %v", len(paths), paths)
	}
	if !t.Failed() {
		t.Logf(
			"billing: %d calls of %d kinds and %d webhooks have the shape of Stripe's description %s", len(calls), len(paths),
			len(w.Stripe.Held()), stripe.Version,
		)
	}
}

// everyOtherCall makes the calls that a life does not.
func everyOtherCall(t *testing.T, w *stripetest.World) {
	t.Helper()
	ctx := context.Background()
	client := w.Syncer.Keys.Client(ctx, w.Clock.Now())
	customer, _ := w.Subscribe(t, "a_calls", "starter", "good")
	w.Clock.Advance(20 * 24 * time.Hour)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	result, err := w.Syncer.Sync(ctx, "a_calls", customer, w.Clock.Now())
	must(err)
	sub := result.Sub
	_, err = client.Preview(
		ctx, sub, billing.PlanChoice{Plan: "agency", Interval: connect.Yearly, Quantity: 12}, w.Clock.Now(),
	)
	must(err)
	_, err = client.Upcoming(ctx, sub)
	must(err)
	_, err = client.Invoices(ctx, customer)
	must(err)
	_, err = client.OpenInvoice(ctx, sub.Invoice)
	must(err)
	for _, card := range []bool{true, false} {
		_, err = client.Portal(ctx, sub, card, "http://localhost/billing")
		must(err)
	}
	must(client.Cancel(ctx, sub))
	must(client.Resume(ctx, sub))
	w.Stripe.Do(func(a stripe.Actor) { a.Card(string(customer), "declined") })
	// waits for its payment
	must(
		client.Change(ctx, sub, billing.PlanChoice{Plan: "business", Interval: connect.Monthly, Quantity: 1}, w.Clock.Now()),
	)
	_, err = w.Syncer.Reconcile(ctx, w.Clock.Now())
	must(err)
	// Two wishes in a row: the first page is looked at and closed.
	for _, plan := range []connect.PlanID{"starter", "business"} {
		w.Account(t, "a_calls2")
		_, err = w.Syncer.Checkout(
			ctx, "a_calls2", billing.Payer{Name: "Two", Email: "two@example.com"},
			billing.PlanChoice{Plan: plan, Interval: connect.Yearly, Quantity: 1}, "http://localhost/billing", w.Clock.Now(),
		)
		must(err)
	}
	second, err := w.Store.Subscription(ctx, "a_calls2")
	must(err)
	_, err = client.Fetch(ctx, "a_calls2", second.Customer)
	must(err)
	w.Call(t, "DELETE", "/v1/customers/"+string(second.Customer))
	_, err = client.Fetch(ctx, "a_calls2", second.Customer)
	must(err)
}

// spec is Stripe's OpenAPI description as stripe-mock carries it.
type spec struct {
	Components struct{ Schemas map[string]any }
	Paths      map[string]map[string]any
}

func description(t *testing.T) *spec {
	t.Helper()
	find := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/stripe/stripe-mock")
	find.Dir = localtest.Root(t)
	dir, err := find.Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "embedded/openapi/spec3.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d spec
	var version struct{ Info struct{ Version string } }
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &version); err != nil || version.Info.Version != stripe.Version ||
		stripe.Version != billing.APIVersion {
		t.Fatal("the description is of ", version.Info.Version)
	}
	return &d
}

func decode(t *testing.T, body []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func (d *spec) schema(name string) map[string]any {
	return d.Components.Schemas[name].(map[string]any)
}

// good is a subscription out of the calls.
func (d *spec) good(t *testing.T, calls []seen, path string) []byte {
	t.Helper()
	for _, c := range calls {
		var list struct{ Data []json.RawMessage }
		if c.path == path && json.Unmarshal(c.answer, &list) == nil && len(list.Data) > 0 {
			return list.Data[0]
		}
	}
	t.Fatal("no subscription was listed")
	return nil
}

// check holds an answer against the description of its path.
func (d *spec) check(method, path string, status int, body []byte) (name string, faults []string) {
	for pattern, methods := range d.Paths {
		if !matches(pattern, path) || name != "" && strings.Contains(pattern, "{") {
			continue
		}
		name = pattern
		op, _ := methods[strings.ToLower(method)].(map[string]any)
		if op == nil {
			return name, []string{"no such method"}
		}
		key := "200"
		if status != 200 {
			key = "default"
		}
		response, _ := op["responses"].(map[string]any)[key].(map[string]any)
		content := response["content"].(map[string]any)["application/json"].(map[string]any)
		var v any
		if err := json.Unmarshal(body, &v); err != nil {
			return name, []string{err.Error()}
		}
		faults = d.validate(content["schema"].(map[string]any), v, "answer")
	}
	if name == "" {
		faults = []string{"no such path"}
	}
	return name, faults
}

func matches(pattern, path string) bool {
	a, b := strings.Split(pattern, "/"), strings.Split(path, "/")
	return len(a) == len(b) && func() bool {
		for n := range a {
			if a[n] != b[n] && !strings.HasPrefix(a[n], "{") {
				return false
			}
		}
		return true
	}()
}

// validate knows the part of JSON Schema that Stripe's description uses. A field that is not described is a
// fault as well.
func (d *spec) validate(s map[string]any, v any, at string) []string {
	if ref, ok := s["$ref"].(string); ok {
		return d.validate(d.schema(ref[strings.LastIndexByte(ref, '/')+1:]), v, at)
	}
	if v == nil {
		if s["nullable"] == true || s["type"] == nil && s["anyOf"] == nil {
			return nil
		}
		return []string{at + " is null"}
	}
	if kinds, ok := s["anyOf"].([]any); ok {
		var first []string
		for _, one := range kinds {
			faults := d.validate(one.(map[string]any), v, at)
			if len(faults) == 0 {
				return nil
			}
			// The kind that was meant is the one whose object name fits.
			if first == nil || len(faults) < len(first) {
				first = faults
			}
		}
		return first
	}
	if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, v) {
		return []string{fmt.Sprintf("%s is %v", at, v)}
	}
	wrong := func(kind string) []string { return []string{fmt.Sprintf("%s is no %s: %v", at, kind, v)} }
	switch s["type"] {
	case "string":
		if _, ok := v.(string); !ok {
			return wrong("string")
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			return wrong("boolean")
		}
	case "integer":
		if n, ok := v.(float64); !ok || n != float64(int64(n)) {
			return wrong("integer")
		}
	case "number":
		if _, ok := v.(float64); !ok {
			return wrong("number")
		}
	case "array":
		list, ok := v.([]any)
		if !ok {
			return wrong("array")
		}
		var faults []string
		for n, e := range list {
			faults = append(faults, d.validate(s["items"].(map[string]any), e, fmt.Sprintf("%s[%d]", at, n))...)
		}
		return faults
	case "object":
		o, ok := v.(map[string]any)
		if !ok {
			return wrong("object")
		}
		var faults []string
		required, _ := s["required"].([]any)
		for _, name := range required {
			if _, ok := o[name.(string)]; !ok {
				faults = append(faults, at+" lacks "+name.(string))
			}
		}
		properties, described := s["properties"].(map[string]any)
		for name, e := range o {
			p, ok := properties[name].(map[string]any)
			if !ok {
				if described && s["additionalProperties"] == nil {
					faults = append(faults, at+" has "+name)
				}
				continue
			}
			faults = append(faults, d.validate(p, e, at+"."+name)...)
		}
		return faults
	}
	return nil
}
