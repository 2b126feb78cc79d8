package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// wire is the way to DynamoDB, on which a test counts, fails or ends calls.
type wire struct {
	mu     sync.Mutex
	calls  map[string]int
	refuse func(call, body string) error
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	_, call, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	w.mu.Lock()
	if w.calls == nil {
		w.calls = map[string]int{}
	}
	w.calls[call]++
	if w.refuse != nil {
		err = w.refuse(call, string(body))
	}
	w.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return http.DefaultTransport.RoundTrip(r)
}

func purger(w *apitest.World, through http.RoundTripper) *purge {
	db := w.DB
	if through != nil {
		db = store.OpenThrough(func(k string) string { return w.Env[k] }, through)
	}
	return &purge{store: store.Purge(db), log: w.Logger(), clock: w.Clock.Now}
}

// traces fails for each text that a table that names people still holds.
func traces(t *testing.T, w *apitest.World, texts ...string) {
	t.Helper()
	for _, table := range []string{
		"ACCOUNTS_TABLE", "CREDENTIALS_TABLE", "SESSIONS_TABLE", "CALLBACKS_TABLE", "STATS_TABLE", "AUDIT_TABLE",
	} {
		for _, i := range w.Items(table) {
			for k, v := range i {
				text, _ := v.(string)
				for _, trace := range texts {
					if strings.Contains(text, trace) {
						t.Errorf("%s still holds %q in %s of %v %v", table, trace, k, i["pk"], i["sk"])
					}
				}
			}
		}
	}
}

// closed makes an account with a site, a request on it and an invitation, and closes it.
func closed(t *testing.T, w *apitest.World, email string) (apitest.Person, *connect.Site) {
	t.Helper()
	now, p := w.Clock.Now(), w.Person(email)
	site := w.Site(p.Account, "Site of "+email, "Europe/London", "https://shop.example")
	c := &connect.Callback{ID: connect.NewCallbackID(now), Site: site.ID, SiteName: site.Name, Name: "Vera",
		Phone: "+447700900123", Status: connect.StatusNew,
		CreatedAt: now, UpdatedAt: now, ExpiresAt: now.Add(90 * 24 * time.Hour)}
	if _, err := w.Store.AddCallback(t.Context(), c, "key "+email, "digest", now); err != nil {
		t.Fatal(err)
	}
	w.Invitation(p.Account, "guest-of-"+email, connect.Viewer)
	e := connect.AuditEntry{Account: p.Account, At: now, Action: connect.AccountClosing, Actor: p.Token.User}
	if err := w.Store.CloseAccount(t.Context(), p.Account, now.Add(connect.ClosingGrace), nil, e); err != nil {
		t.Fatal(err)
	}
	return p, site
}

// One account with 10,000 items and one that fails keep twenty small ones waiting no longer than their own turn.
func TestALargeAccountAndAFaultKeepNobodyWaiting(t *testing.T) {
	many := apitest.Often(2_500, 10_000)
	w := apitest.New(t)
	large, site := closed(t, w, "large@example.com")
	w.Fill("CALLBACKS_TABLE", "S#"+string(site.ID), many)
	w.Clock.Forward(time.Second)
	bad, _ := closed(t, w, "bad@example.com")
	var small []string
	for n := range 20 {
		w.Clock.Forward(time.Second)
		p, site := closed(t, w, fmt.Sprintf("small%d@example.com", n))
		small = append(small, string(p.Account), string(p.Token.User), p.Email, string(site.ID))
	}
	w.Clock.Forward(connect.ClosingGrace + time.Second)
	// The first run is out of time when half of the large one is done.
	ctx, cancel := context.WithCancel(t.Context())
	batches := 0
	line := &wire{refuse: func(call, body string) error {
		if strings.Contains(body, "A#"+string(bad.Account)) && call != "BatchWriteItem" {
			return errors.New("a fault")
		}
		if call == "BatchWriteItem" && strings.Contains(body, "S#"+string(site.ID)) {
			if batches++; batches == many/25/2 {
				cancel()
			}
		}
		return nil
	}}
	sum, err := purger(w, line).run(ctx)
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if sum.Accounts != len(small)/4 {
		t.Errorf("the first run: %+v, %v", sum, err)
	}
	if !strings.Contains(w.Logs.String(), `"account":"`+string(bad.Account)+`"`) {
		t.Error("the log does not name the account that failed")
	}
	// The next run continues where that one stopped; the fault still ends nothing but its own.
	sum, err = purger(w, line).run(t.Context())
	if err != nil || sum.Accounts != 1 || sum.Failed != 1 || sum.Left != 0 {
		t.Errorf("the second run: %+v, %v", sum, err)
	}
	traces(t, w, append(small, string(large.Account), string(large.Token.User), large.Email, string(site.ID))...)
	if !strings.Contains(w.Logs.String(), `"PurgeFailures":1`) {
		t.Error("the failure is in no metric")
	}
	if n := line.calls["BatchWriteItem"]; n > many/25+23*8 {
		t.Errorf("%d batches for %d items", n, many)
	}
	fmt.Printf("purge: %d items and 20 small accounts: %v\n", many, line.calls)
	if sum, err = purger(w, nil).run(t.Context()); err != nil || sum.Accounts != 1 || sum.Failed != 0 {
		t.Errorf("once the fault is gone: %+v, %v", sum, err)
	}
}

// A run stops in good time before the function's end, and says what is left.
func TestARunStopsInTime(t *testing.T) {
	w := apitest.New(t)
	closed(t, w, "pat@example.com")
	w.Clock.Forward(connect.ClosingGrace + time.Second)
	ctx, cancel := context.WithTimeout(t.Context(), reserve-time.Second)
	defer cancel()
	if sum, err := purger(w, nil).run(ctx); err != nil || sum.Left != 1 || sum.Accounts != 0 {
		t.Errorf("%+v, %v", sum, err)
	}
}

// Whatever call is the last one that a run makes, the next one leaves nothing, and takes nothing of others.
func TestARunMayEndAnywhere(t *testing.T) {
	w := apitest.New(t)
	other := w.Person("other@example.com")
	step := apitest.Often(5, 1)
	cuts := 0
	for last := 1; ; last += step {
		pat, site := closed(t, w, fmt.Sprintf("pat%d@example.com", last))
		w.Clock.Forward(connect.ClosingGrace + time.Second)
		calls := 0
		line := &wire{refuse: func(string, string) error {
			if calls++; calls > last {
				return errors.New("the process has died")
			}
			return nil
		}}
		first, _ := purger(w, line).run(t.Context())
		if sum, err := purger(w, nil).run(t.Context()); err != nil || sum.Failed != 0 {
			t.Fatalf("after a run of %d calls: %+v, %v", last, sum, err)
		}
		traces(t, w, string(pat.Account), string(pat.Token.User), pat.Email, string(site.ID))
		if _, err := w.Store.User(t.Context(), other.Token.User); err != nil {
			t.Fatalf("who is in another account: %v", err)
		}
		if t.Failed() {
			t.Fatalf("after a run of %d calls", last)
		}
		if first.Failed == 0 {
			break
		}
		cuts++
	}
	fmt.Printf("purge: a run was ended at %d of its calls\n", cuts)
}

func TestTwoRunsAtOnce(t *testing.T) {
	w := apitest.New(t)
	var names []string
	for n := range 5 {
		p, site := closed(t, w, fmt.Sprintf("pat%d@example.com", n))
		names = append(names, string(p.Account), string(p.Token.User), p.Email, string(site.ID))
	}
	w.Clock.Forward(connect.ClosingGrace + time.Second)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if _, err := purger(w, nil).run(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if sum, err := purger(w, nil).run(t.Context()); err != nil || sum.Failed != 0 {
		t.Errorf("%+v, %v", sum, err)
	}
	traces(t, w, names...)
}
