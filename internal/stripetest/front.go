package stripetest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/stripe"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Answer is what Stripe says of a customer's subscriptions.
func (w *World) Answer(t testing.TB, customer connect.CustomerID) []byte {
	t.Helper()
	return w.Call(t, http.MethodGet, "/v1/subscriptions?"+(&Life{}).query(customer))
}

// Call makes a call of Stripe's API.
func (w *World) Call(t testing.TB, method, path string) []byte {
	t.Helper()
	r, _ := http.NewRequest(method, w.URL+path, nil)
	r.Header.Set("Authorization", "Bearer "+stripe.Key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 {
		t.Fatal(answer.Status, err, string(body))
	}
	return body
}

// Front answers in Stripe's place.
func Front(t testing.TB, answer func(http.ResponseWriter, *http.Request) []byte) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b := answer(w, r); b != nil {
			_, _ = w.Write(b)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// Crash lets a process die after a number of steps, a step being a call that leaves it. It stands before
// the database and before Stripe.
type Crash struct {
	mu       sync.Mutex
	steps    int
	at       int  // the process dies at this step, 0 never
	answered bool // the last step still happens, but its answer arrives no more
	cancel   context.CancelFunc
}

// Arm begins a process that dies at a step; ctx ends with it.
func (c *Crash) Arm(at int, answered bool) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.steps, c.at, c.answered, c.cancel = 0, at, answered, cancel
	return ctx
}

// Disarm returns how many steps the process made.
func (c *Crash) Disarm() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		c.cancel()
	}
	c.at, c.cancel = 0, nil
	return c.steps
}

// Before returns an address that leads to target while the process lives.
func (c *Crash) Before(t testing.TB, target string) string {
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.steps++
		dead := c.at != 0 && c.steps >= c.at
		last := c.at != 0 && c.steps == c.at
		answered, cancel := c.answered, c.cancel
		c.mu.Unlock()
		if !dead {
			proxy.ServeHTTP(w, r)
			return
		}
		if last && answered {
			// What was asked for happens, whoever asked is gone before the answer.
			proxy.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithoutCancel(r.Context())))
		}
		if cancel != nil {
			cancel()
		}
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// Form makes a call of Stripe's API with parameters.
func (w *World) Form(t testing.TB, path string, values map[string]string) []byte {
	t.Helper()
	form := url.Values{}
	for k, v := range values {
		form.Set(k, v)
	}
	r, _ := http.NewRequest(http.MethodPost, w.URL+path, strings.NewReader(form.Encode()))
	r.Header.Set("Authorization", "Bearer "+stripe.Key)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 {
		t.Fatal(answer.Status, err, string(body))
	}
	return body
}
