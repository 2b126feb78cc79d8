package main

import (
	"crypto/ecdh"
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/webpush"
)

// service is a push service that can be down, and that browsers can be gone from.
type service struct {
	*httptest.Server
	mu     sync.Mutex
	status map[string]int // by browser, of what is not taken
	taken  map[string]int // by browser
	topics map[string]bool
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := strings.TrimPrefix(r.URL.Path, "/")
	if status := s.status[name]; status != 0 {
		w.WriteHeader(status)
		return
	}
	s.taken[name]++
	s.topics[name+" "+r.Header.Get("Topic")] = true
	w.WriteHeader(http.StatusCreated)
}

// pushes are those since they were looked at last.
func (s *service) pushes() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := fmt.Sprint(s.taken)
	s.taken, s.topics = map[string]int{}, map[string]bool{}
	return out
}

func startWithPush(t *testing.T) (*fixture, *service) {
	s := &service{status: map[string]int{}, taken: map[string]int{}, topics: map[string]bool{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	t.Setenv("PUSH_SERVICES", s.URL)
	return start(t), s
}

// turnOn has somebody's browser take notifications.
func (f *fixture) turnOn(s *service, p apitest.Person, name string) {
	f.T.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		f.T.Fatal(err)
	}
	endpoint := f.Private("push address", s.URL+"/"+name)
	d := connect.PushDevice{
		ID: webpush.DeviceID(endpoint), Endpoint: endpoint, PublicKey: key.PublicKey().Bytes(), Auth: make([]byte, 16),
		Key: 1, CreatedAt: f.Clock.Now(), Session: p.Token.ID(),
	}
	if _, err := f.Store.AddPushDevice(f.T.Context(), p.Token.User, d, f.Clock.Now()); err != nil {
		f.T.Fatal(err)
	}
}

func (f *fixture) on(p apitest.Person) int {
	f.T.Helper()
	devices, err := f.Store.PushDevices(f.T.Context(), p.Token.User, f.Clock.Now())
	if err != nil {
		f.T.Fatal(err)
	}
	return len(devices)
}

// A push comes where and when its reader is mailed at once, and nowhere and never else.
func TestAPushComesWithTheMailAtOnce(t *testing.T) {
	f, s := startWithPush(t)
	olive, gina, dan := f.Person("olive@example.com"), f.Person("gina@example.com"), f.Person("dan@example.com")
	f.Member(gina, olive.Account, connect.Agent)
	f.Member(dan, olive.Account, connect.Agent)
	shop := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	f.turnOn(s, olive, "phone")
	f.turnOn(s, olive, "laptop")
	f.turnOn(s, gina, "gina")
	f.choose(dan, olive.Account, shop, connect.AlertDaily)
	f.turnOn(s, dan, "dan")
	f.Clock.Set(time.Date(2026, 7, 6, 10, 0, 0, 0, time.UTC))
	expect := func(when, want string) {
		t.Helper()
		f.settle(3 * time.Minute)
		if got := s.pushes(); got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
	f.ask(shop, "Ada")
	expect("at once", "map[gina:1 laptop:1 phone:1]")
	f.choose(gina, olive.Account, shop, connect.AlertOff)
	f.ask(shop, "Bob")
	expect("off", "map[laptop:1 phone:1]")
	f.times(olive, night)
	f.Clock.Set(time.Date(2026, 7, 6, 22, 0, 0, 0, time.UTC))
	f.ask(shop, "Cleo")
	expect("in quiet hours", "map[]")
	f.emailed()
	f.Clock.Set(time.Date(2026, 7, 7, 6, 1, 0, 0, time.UTC))
	expect("when they end", "map[]")
	if to := f.emailed(); len(to["olive@example.com"]) != 1 {
		t.Error("when they end there is an email", to)
	}
	f.Clock.Set(time.Date(2026, 7, 7, 10, 0, 0, 0, time.UTC))
	for n := range connect.RequestMailsPerHour + 4 {
		f.ask(shop, fmt.Sprint("Rush ", n))
	}
	expect("a rush", "map[laptop:10 phone:10]")
	f.Clock.Set(time.Date(2026, 7, 7, 11, 1, 0, 0, time.UTC))
	expect("the rest of the hour", "map[laptop:1 phone:1]")
	f.choose(gina, olive.Account, shop, connect.AlertAtOnce)
	member, err := f.Store.Member(t.Context(), olive.Account, gina.Token.User)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Store.RemoveMember(t.Context(), member, connect.AuditEntry{Account: olive.Account}); err != nil {
		t.Fatal(err)
	}
	f.ask(shop, "Fay")
	expect("a member less", "map[laptop:1 phone:1]")
	if _, err := f.Store.EndSessions(t.Context(), olive.Token.User, func(string) bool { return true }); err != nil {
		t.Fatal(err)
	}
	f.ask(shop, "Gus")
	expect("logged out", "map[]")
}

// A push service that is down, slow to come back or refuses costs no mail and repeats none, and is not tried for ever.
func TestNoMailWaitsForAPush(t *testing.T) {
	f, s := startWithPush(t)
	olive := f.Person("olive@example.com")
	shop := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	f.turnOn(s, olive, "phone")
	f.turnOn(s, olive, "laptop")
	f.turnOn(s, olive, "gone")
	f.stream()
	f.emailed()
	s.status["gone"], s.status["phone"] = http.StatusGone, http.StatusServiceUnavailable
	f.ask(shop, "Ada")
	f.settle(2 * time.Minute)
	if to := f.emailed(); len(to["olive@example.com"]) != 1 {
		t.Fatal(to)
	}
	if f.on(olive) != 2 {
		t.Error("a browser that is gone is kept")
	}
	delete(s.status, "phone")
	f.settle(20 * time.Minute)
	if to := f.emailed(); len(to) != 0 {
		t.Error("a mail was repeated", to)
	}
	// Whoever has had it has it again under its tag: it is replaced.
	if len(s.topics) != 2 || s.pushes() == "map[]" {
		t.Error(s.topics)
	}
	s.status["phone"], s.status["laptop"] = http.StatusServiceUnavailable, http.StatusForbidden
	f.ask(shop, "Bob")
	f.settle(2 * time.Hour)
	if to := f.emailed(); len(to["olive@example.com"]) != 1 || s.pushes() != "map[]" {
		t.Error(to)
	}
	failed := 0
	for _, i := range f.Items("OUTBOX_TABLE") {
		if i["kind"] == string(connect.PushRequested) && i["phase"] == string(connect.PhaseFailed) {
			failed++
			if tries := fmt.Sprint(i["tries"]); tries != "4" {
				t.Errorf("given up after %s", tries)
			}
		}
	}
	if failed != 1 || f.on(olive) != 2 || f.metrics("FailedMails") != 0 {
		t.Error(failed, f.on(olive), f.metrics("FailedMails"))
	}
	// What was called meanwhile is told to nobody.
	s.status["phone"] = 0
	c := f.ask(shop, "Cleo")
	s.status["phone"] = http.StatusServiceUnavailable
	f.settle(time.Minute)
	c.Resolve(connect.NoAnswer, "Gina", f.Clock.Now())
	if err := f.Store.ChangeCallback(t.Context(), c, f.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	s.status["phone"] = 0
	f.settle(30 * time.Minute)
	if got := s.pushes(); got != "map[]" {
		t.Error(got)
	}
}

// The function dies at any of its calls, before or after: the mail goes once, and the browser has the notification at
// least once, under one tag.
func TestACrashAnywhereNotifies(t *testing.T) {
	f, s := startWithPush(t)
	olive := f.Person("olive@example.com")
	shop := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	f.stream()
	f.emailed()
	f.turnOn(s, olive, "phone")
	whole, crashes, again := f.deliver.store, 0, 0
	for _, answered := range []bool{false, true} {
		for at := 1; ; at++ {
			f.Clock.Forward(time.Hour)
			wire := &apitest.Dying{At: at, Answered: answered}
			f.ask(shop, "Ada")
			before := maps.Clone(f.seen)
			f.deliver.store = open(store.OpenThrough(func(k string) string { return f.Env[k] }, wire))
			f.stream()
			f.deliver.store = whole
			f.seen = before // what it was at comes again
			f.settle(3 * time.Minute)
			ids := map[string]bool{}
			for _, m := range f.emailed()["olive@example.com"] {
				ids[m.ID] = true
			}
			sent, topics := s.taken["phone"], len(s.topics)
			s.pushes()
			if len(ids) != 1 || sent < 1 || topics != 1 {
				t.Errorf("died at call %d (%v): %d mails, %d pushes of %d tags", at, answered, len(ids), sent, topics)
			}
			again += sent - 1
			if !wire.Died() {
				break
			}
			crashes++
		}
	}
	if crashes < 30 {
		t.Errorf("only %d crashes", crashes)
	}
	t.Logf("%d crashes: each mail once, each notification; %d were sent again under their tag", crashes, again)
}
