package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/policy"
	"github.com/mi-telecom/mi-connect/shared/receipt"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

type world struct {
	t    *testing.T
	app  http.Handler
	now  time.Time
	log  bytes.Buffer
	env  map[string]string
	book *receipt.Book
}

func newWorld(t *testing.T) *world {
	_, env := localtest.Dynamo(t)
	w := &world{t: t, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), env: env, book: receipt.Open(make([]byte, 32), 30)}
	s := store.Open(func(name string) string { return env[name] })
	w.app = app(web.Logger(&w.log), s, token.NewLinks(make([]byte, 32)), w.book, func() time.Time { return w.now })
	return w
}

func (w *world) call(method, path, body string, status int) map[string]any {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("User-Agent", "Secret Agent 7")
	r.RemoteAddr = "203.0.113.9"
	rec := httptest.NewRecorder()
	w.app.ServeHTTP(rec, r)
	if rec.Code != status {
		w.t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, rec.Code, rec.Body, status)
	}
	out := map[string]any{}
	if rec.Body.Len() > 0 {
		if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
			w.t.Fatal(err)
		}
	}
	return out
}

// dump is every item of a table as text.
func (w *world) dump(name string) (items []string) {
	w.t.Helper()
	table := w.env[name]
	out, err := localtest.Server(w.t).Client.Scan(context.Background(), &dynamodb.ScanInput{TableName: &table})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, i := range out.Items {
		text, _ := json.Marshal(i)
		items = append(items, string(text))
	}
	return items
}

func TestPolicyIsTheManifest(t *testing.T) {
	w := newWorld(t)
	got := w.call("GET", "/v1/policy", "", 200)
	if got["revision"] != policy.Current.Revision() || len(got["storage"].([]any)) != len(policy.Current.Storage) || len(got["hosts"].([]any)) != len(policy.Current.Hosts) {
		t.Errorf("answer %v", got)
	}
}

func TestReceiptIsKeptShownAndWithdrawn(t *testing.T) {
	w := newWorld(t)
	given := w.call("POST", "/v1/consent", `{"revision":"`+policy.Current.Revision()+`","choice":"accepted","page":"/verify?token=abc#x"}`, 201)
	id := given["id"].(string)
	if given["page"] != "/verify" || given["text"] != policy.Current.TextHash() || given["choice"] != "accepted" {
		t.Errorf("answer %v", given)
	}
	w.now = w.now.Add(time.Hour)
	if shown := w.call("GET", "/v1/consent/"+id, "", 200); shown["at"] != given["at"] || shown["withdrawnAt"] != nil {
		t.Errorf("shown %v", shown)
	}
	w.call("DELETE", "/v1/consent/"+id, "", 204)
	w.now = w.now.Add(time.Hour)
	w.call("DELETE", "/v1/consent/"+id, "", 204) // repeated
	if shown := w.call("GET", "/v1/consent/"+id, "", 200); shown["withdrawnAt"] != "2026-11-23T13:00:00Z" {
		t.Errorf("after withdrawing: %v", shown)
	}
	items := w.dump("CONSENTS_TABLE")
	if len(items) != 2 {
		t.Errorf("%d items, want the receipt and its withdrawal", len(items))
	}
	for _, secret := range []string{"203.0.113.9", "Secret Agent", "token=", "abc"} {
		if strings.Contains(strings.Join(items, "\n"), secret) {
			t.Errorf("%q is stored", secret)
		}
	}
	if strings.Contains(w.log.String(), id) || strings.Contains(w.log.String(), "203.0.113.9") || strings.Contains(w.log.String(), "Secret Agent") {
		t.Errorf("the log says too much: %s", w.log.String())
	}
	// Retention is compared on read, whenever TTL gets to it.
	w.now = w.now.AddDate(0, 0, 32)
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
	w.call("DELETE", "/v1/consent/..%2Fpolicy", "", 404)
	if items := w.dump("CONSENTS_TABLE"); len(items) != 0 {
		t.Errorf("a refusal wrote %v", items)
	}
	if got := w.call("POST", "/v1/consent", `{"revision":"`+rev+`","choice":"declined","page":"widget/1.0"}`, 201); got["page"] != "widget/1.0" {
		t.Errorf("the widget's version: %v", got)
	}
}

func TestComplaintIsStoredAndAcknowledgedOnce(t *testing.T) {
	w := newWorld(t)
	kinds := func() (k []string) {
		for _, i := range w.dump("OUTBOX_TABLE") {
			for _, kind := range []store.MessageKind{store.ComplaintForUs, store.ComplaintReceived} {
				if strings.Contains(i, `"kind":{"Value":"`+string(kind)+`"}`) {
					k = append(k, string(kind))
				}
			}
			if strings.Contains(i, "example.com") || strings.Contains(i, "unhappy") {
				t.Errorf("the outbox holds the complaint: %s", i)
			}
		}
		slices.Sort(k)
		return k
	}
	body := `{"name":"Ada","email":" Ada@Example.com","message":"I am unhappy."}`
	if id := w.call("POST", "/v1/complaints", body, 202)["id"].(string); !connect.ValidID("d_", id) {
		t.Errorf("id %q", id)
	}
	if got := kinds(); !slices.Equal(got, []string{"complaint", "complaint-received"}) {
		t.Fatalf("asked for %v", got)
	}
	w.call("POST", "/v1/complaints", body, 202)
	if got := kinds(); !slices.Equal(got, []string{"complaint", "complaint", "complaint-received"}) {
		t.Fatalf("within the hour: %v", got)
	}
	w.now = w.now.Add(connect.AcknowledgeLife + time.Second)
	w.call("POST", "/v1/complaints", body, 202)
	if got := kinds(); len(got) != 5 {
		t.Fatalf("after the hour: %v", got)
	}
	if n := len(w.dump("COMPLAINTS_TABLE")); n != 3 {
		t.Errorf("%d complaints stored, want 3", n)
	}
	for _, bad := range []string{`{}`, `{"email":"x","message":"y"}`, `{"email":"a@example.com","message":""}`, `{"email":"a@example.com","message":"y","phone":"1"}`} {
		w.call("POST", "/v1/complaints", bad, 400)
	}
	if strings.Contains(w.log.String(), "example.com") {
		t.Error("the address is in the log")
	}
}
