package stripe_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/stripe"
	"github.com/mi-telecom/mi-connect/shared/billing"
)

// endpoint takes webhooks and keeps their ids.
type endpoint struct {
	mu   sync.Mutex
	ids  []string
	fail int // so many are refused first
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	e.mu.Lock()
	defer e.mu.Unlock()
	if (billing.Secrets{stripe.Secret}).Verify(body, r.Header.Get("Stripe-Signature"), time.Now()) != nil {
		w.WriteHeader(400)
		return
	}
	if e.fail > 0 {
		e.fail--
		w.WriteHeader(500)
		return
	}
	parsed, _, _ := bytes.Cut(body[bytes.Index(body, []byte(`"id":"evt_`))+6:], []byte(`"`))
	e.ids = append(e.ids, string(parsed))
}

func (e *endpoint) wait(t *testing.T, n int) []string {
	t.Helper()
	for range 400 {
		e.mu.Lock()
		ids := append([]string(nil), e.ids...)
		e.mu.Unlock()
		if len(ids) >= n {
			return ids
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%d webhooks, want %d: %v", len(e.ids), n, e.ids)
	return nil
}

func post(t *testing.T, url, body string) string {
	t.Helper()
	kind := "application/json"
	if !strings.HasPrefix(body, "{") {
		kind = "application/x-www-form-urlencoded"
	}
	r, _ := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", "Bearer "+stripe.Key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != 200 {
		t.Fatal(url, answer.Status, string(text))
	}
	return string(text)
}

// Webhooks arrive signed, again after a failure; held, doubled, mixed, dropped and replayed when that is
// asked for; and what was not delivered is still known after a restart.
func TestDeliveries(t *testing.T) {
	e := &endpoint{fail: 1}
	hook := httptest.NewServer(e)
	defer hook.Close()
	file := filepath.Join(t.TempDir(), "stripe.json")
	open := func() (*stripe.Server, *httptest.Server) {
		front := httptest.NewUnstartedServer(nil)
		s, err := stripe.New(stripe.Options{Path: file, Base: "http://" + front.Listener.Addr().String(), Webhook: hook.URL})
		if err != nil {
			t.Fatal(err)
		}
		front.Config.Handler = s
		front.Start()
		return s, front
	}
	s, front := open()
	customer := func() { post(t, front.URL+"/v1/customers", "name=x") }
	customer()
	e.wait(t, 1) // the second try
	post(t, front.URL+"/control", `{"mode":"hold"}`)
	for range 8 {
		customer()
	}
	time.Sleep(50 * time.Millisecond)
	held := s.Held()
	if got := e.wait(t, 1); len(got) != 1 || len(held) != 8 {
		t.Fatalf("held %d, came %v", len(held), got)
	}
	front.Close()
	_ = s.Close()
	s, front = open()
	if len(s.Held()) != 8 {
		t.Fatal("forgot what was held")
	}
	post(t, front.URL+"/control/release", `{"order":["`+held[7].ID+`"],"seed":0}`)
	got := e.wait(t, 9)[1:]
	if got[len(got)-1] != held[7].ID && got[0] == held[0].ID {
		t.Errorf("released in another order than was asked for: %v", got)
	}
	post(t, front.URL+"/control", `{"mode":"drop"}`)
	customer()
	post(t, front.URL+"/control", `{"mode":"deliver","duplicate":2}`)
	customer()
	if got := e.wait(t, 12)[9:]; got[0] != got[1] || got[1] != got[2] {
		t.Errorf("doubled: %v", got)
	}
	post(t, front.URL+"/control", `{"mode":"deliver","shuffle":true}`)
	post(t, front.URL+"/control/replay", `{}`)
	if got := e.wait(t, 23)[12:]; len(got) != 11 {
		t.Errorf("replayed: %v", got)
	}
	foreign, _ := http.NewRequest(http.MethodPost, front.URL+"/control/replay", strings.NewReader("{}"))
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	if answer, err := http.DefaultClient.Do(foreign); err != nil || answer.StatusCode != 403 {
		t.Error("another website may press the buttons", err)
	}
	front.Close()
	_ = s.Close()
}
