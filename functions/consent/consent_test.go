package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/policy"
	"github.com/mi-telecom/mi-connect/shared/web"
)

const cdnKey = "the key of the CDN"

type world struct{ *apitest.Client }

func newWorld(t *testing.T) *world {
	w := apitest.New(t)
	w.Clock.Set(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	for what, text := range map[string]string{
		"address": "198.51.100.7", "user agent": "Secret Agent", "email": "example.com", "complaint": "unhappy",
	} {
		w.Private(what, text)
	}
	return &world{w.Serve(lambdahttp.HTTP(app(w.Logger(), w.DB, w.Links, w.Book, web.NewCDN(cdnKey), w.Clock.Now)))}
}

func (w *world) call(method, path, body string, status int) map[string]any {
	w.T.Helper()
	a := w.Do(apitest.Request{
		Method: method, Path: path, Body: body, Header: map[string]string{"user-agent": "Secret Agent 7"},
	})
	if a.Status != status {
		w.T.Fatalf("%s %s %s: %d %s, want %d", method, path, body, a.Status, a.Body, status)
	}
	out := map[string]any{}
	if a.Body != "" {
		a.Into(w.T, &out)
	}
	return out
}

// dump is every item of a table as text.
func (w *world) dump(name string) (items []string) {
	for _, i := range w.Items(name) {
		text, _ := json.Marshal(i)
		items = append(items, string(text))
	}
	return items
}

func TestPolicyIsTheManifest(t *testing.T) {
	w := newWorld(t)
	got := w.call("GET", "/v1/policy", "", 200)
	if got["revision"] != policy.Current.Revision() || len(got["storage"].([]any)) != len(policy.Current.Storage) ||
		len(got["hosts"].([]any)) != len(policy.Current.Hosts) {
		t.Errorf("answer %v", got)
	}
}

func TestReceiptIsKeptShownAndWithdrawn(t *testing.T) {
	w := newWorld(t)
	given := w.call(
		"POST", "/v1/consent",
		`{"revision":"`+policy.Current.Revision()+`","choice":"accepted","page":"/verify?token=abc#x"}`, 201,
	)
	id := w.Private("receipt", given["id"].(string))
	if given["page"] != "/verify" || given["text"] != policy.Current.TextHash() || given["choice"] != "accepted" {
		t.Errorf("answer %v", given)
	}
	w.Clock.Forward(time.Hour)
	if shown := w.call("GET", "/v1/consent/"+id, "", 200); shown["at"] != given["at"] || shown["withdrawnAt"] != nil {
		t.Errorf("shown %v", shown)
	}
	w.call("DELETE", "/v1/consent/"+id, "", 204)
	w.Clock.Forward(time.Hour)
	w.call("DELETE", "/v1/consent/"+id, "", 204) // repeated
	if shown := w.call("GET", "/v1/consent/"+id, "", 200); shown["withdrawnAt"] != "2026-11-23T13:00:00Z" {
		t.Errorf("after withdrawing: %v", shown)
	}
	items := w.dump("CONSENTS_TABLE")
	if len(items) != 2 {
		t.Errorf("%d items, want the receipt and its withdrawal", len(items))
	}
	for _, secret := range []string{"198.51.100.7", "Secret Agent", "token=", "abc"} {
		if strings.Contains(strings.Join(items, "\n"), secret) {
			t.Errorf("%q is stored", secret)
		}
	}
	// Retention is compared on read, whenever TTL gets to it.
	w.Clock.Forward(32 * 24 * time.Hour)
	w.call("GET", "/v1/consent/"+id, "", 404)
	w.call("DELETE", "/v1/consent/"+id, "", 404)
}

func TestConsentRefuses(t *testing.T) {
	w := newWorld(t)
	rev := policy.Current.Revision()
	for body, want := range map[string]string{
		``: "malformed", `{`: "malformed", `{"revision":"` + rev + `","choice":"accepted","ip":"1.2.3.4"}`: "unknown-field",
		`{"revision":"made-up","choice":"accepted"}`: "invalid", `{"revision":"` + rev + `","choice":"perhaps"}`: "invalid",
		`{"revision":"` + rev + `","choice":"accepted"} {}`: "malformed",
	} {
		if got := w.call("POST", "/v1/consent", body, 400); got["type"] != "urn:mi-connect:problem:"+want {
			t.Errorf("%s: %v, want %s", body, got["type"], want)
		}
	}
	w.call("POST", "/v1/consent", `{"page":"`+strings.Repeat("x", 3000)+`"}`, 413)
	w.call("GET", "/v1/consent/r_000000000000", "", 404)
	w.call("GET", "/v1/consent/seals", "", 404)
	if items := w.dump("CONSENTS_TABLE"); len(items) != 0 {
		t.Errorf("a refusal wrote %v", items)
	}
	if got := w.call(
		"POST", "/v1/consent", `{"revision":"`+rev+`","choice":"declined","page":"widget/1.0"}`, 201,
	); got["page"] != "widget/1.0" {
		t.Errorf("the widget's version: %v", got)
	}
}
