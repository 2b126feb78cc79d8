package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// These run on the embedded DynamoDB, and on AWS's own with TEST_DYNAMODB=dynamodb-local.

var now = time.Now().UTC().Truncate(time.Second)

func open(t *testing.T) (apitest.Store, map[string]string) {
	t.Helper()
	_, env := localtest.Dynamo(t)
	return apitest.AllDoors(store.Open(func(k string) string { return env[k] })), env
}

// through is a store of the same tables whose requests pass through f.
func through(env map[string]string, f func(*http.Request) (*http.Response, error)) apitest.Store {
	return apitest.AllDoors(store.OpenThrough(func(k string) string { return env[k] }, roundTrip(f)))
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// losing loses the answer to the first request of an operation, "PutItem".
func losing(operation string) (f func(*http.Request) (*http.Response, error), lost *atomic.Bool) {
	lost = &atomic.Bool{}
	return func(r *http.Request) (*http.Response, error) {
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err == nil && strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+operation) && lost.CompareAndSwap(false, true) {
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
			return nil, io.ErrUnexpectedEOF
		}
		return answer, err
	}, lost
}

// cancelling answers the first n transactions with a conflict, as DynamoDB does when two meet.
func cancelling(n int32) func(*http.Request) (*http.Response, error) {
	var seen atomic.Int32
	return func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems") && seen.Add(1) <= n {
			body := `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"cancelled","CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"}]}`
			return &http.Response{
				StatusCode: 400, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
				Body: io.NopCloser(bytes.NewBufferString(body)), Request: r,
			}, nil
		}
		return http.DefaultTransport.RoundTrip(r)
	}
}

func registration(email string) connect.Registration {
	return connect.Registration{
		ID: token.NewID(), Email: connect.Email(email), Name: "Pat", Company: "Example",
		ExpiresAt: now.Add(connect.VerificationLife),
	}
}

func login(user connect.UserID) (token.Bearer, connect.LoginSession) {
	t := token.NewBearer(user, now.Add(connect.SessionLife))
	return t, connect.LoginSession{
		ID: t.ID(), User: user, Browser: "Firefox on Linux", CreatedAt: now, LastSeenAt: now,
		ExpiresAt: now.Add(connect.SessionLife),
	}
}

// person registers and verifies somebody.
func person(t *testing.T, s apitest.Store, email string) (token.Bearer, connect.AccountID) {
	t.Helper()
	reg := registration(email)
	if err := s.Register(t.Context(), reg, now); err != nil {
		t.Fatal(err)
	}
	tok, session := login(connect.NewUserID())
	if err := s.CompleteRegistration(t.Context(), reg, "hash of "+string(reg.Email), tok, session, now); err != nil {
		t.Fatal(err)
	}
	who, err := s.Identify(t.Context(), tok.Text, "", now)
	if err != nil {
		t.Fatal(err)
	}
	return tok, who.Account
}

func wantKind(t *testing.T, what string, err error, kind connect.Kind) {
	t.Helper()
	if err == nil || connect.KindOf(err) != kind {
		t.Errorf("%s: %v", what, err)
	}
}

func TestRegisterAndVerify(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	reg := registration("pat@example.com")
	if err := s.Register(ctx, reg, now); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Registration(ctx, reg.ID, now); err != nil || got != reg {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.Registration(ctx, reg.ID, reg.ExpiresAt); !errors.Is(err, connect.ErrLinkInvalid) {
		t.Errorf("expired: %v", err)
	}
	if _, err := s.Registration(ctx, "unknown", now); !errors.Is(err, connect.ErrLinkInvalid) {
		t.Errorf("unknown: %v", err)
	}
	tok, session := login(connect.NewUserID())
	if err := s.CompleteRegistration(
		ctx, reg, "a hash", tok, session, reg.ExpiresAt,
	); !errors.Is(err, connect.ErrLinkInvalid) {
		t.Errorf("verified after it expired: %v", err)
	}
	if err := s.CompleteRegistration(ctx, reg, "a hash", tok, session, now); err != nil {
		t.Fatal(err)
	}
	if id, err := s.UserByEmail(ctx, "pat@example.com"); id != tok.User || err != nil {
		t.Error(id, err)
	}
	if u, err := s.User(ctx, tok.User); err != nil || u.Name != "Pat" || u.Email != "pat@example.com" {
		t.Errorf("%+v, %v", u, err)
	}
	if h, err := s.PasswordHash(ctx, tok.User); h != "a hash" || err != nil {
		t.Error(h, err)
	}
	members, err := s.Memberships(ctx, tok.User)
	if err != nil || len(members) != 1 || members[0].Role != connect.Owner {
		t.Fatal(members, err)
	}
	if a, err := s.Account(ctx, members[0].Account); err != nil || a.Name != "Example" {
		t.Errorf("%+v, %v", a, err)
	}
	again, second := login(connect.NewUserID())
	if err := s.CompleteRegistration(ctx, reg, "a hash", again, second, now); !errors.Is(err, connect.ErrLinkInvalid) {
		t.Errorf("verified twice: %v", err)
	}
	other := registration("pat@example.com")
	if err := s.Register(ctx, other, now); err != nil {
		t.Fatal(err)
	}
	if err := s.CompleteRegistration(ctx, other, "a hash", again, second, now); !errors.Is(err, connect.ErrLinkInvalid) {
		t.Errorf("a second account for one address: %v", err)
	}
	wantKind(t, "a user of no id", func() error { _, err := s.User(ctx, "u_nobody"); return err }(), connect.NotFound)
	wantKind(
		t, "an account of no id", func() error { _, err := s.Account(ctx, "a_nobody"); return err }(), connect.NotFound,
	)
	if id, err := s.UserByEmail(ctx, ""); id != "" || err != nil {
		t.Error(id, err)
	}
	if h, err := s.PasswordHash(ctx, ""); h != "" || err != nil {
		t.Error(h, err)
	}
}

// Verifying is one transaction: an answer that is lost, or a conflict with another, must not cost the link.
func TestVerifyThroughTrouble(t *testing.T) {
	s, env := open(t)
	for name, f := range map[string]func(*http.Request) (*http.Response, error){
		"a lost answer": func() func(*http.Request) (
			*http.Response, error,
		) {
			f, _ := losing("TransactWriteItems")
			return f
		}(),
		"two conflicts": cancelling(2),
	} {
		reg := registration(strings.ReplaceAll(name, " ", ".") + "@example.com")
		if err := s.Register(t.Context(), reg, now); err != nil {
			t.Fatal(err)
		}
		tok, session := login(connect.NewUserID())
		if err := through(env, f).CompleteRegistration(t.Context(), reg, "a hash", tok, session, now); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.Session(t.Context(), tok, now); err != nil {
			t.Errorf("%s: not logged in: %v", name, err)
		}
	}
	reg := registration("busy@example.com")
	if err := s.Register(t.Context(), reg, now); err != nil {
		t.Fatal(err)
	}
	tok, session := login(connect.NewUserID())
	wantKind(
		t, "conflicts without end",
		through(env, cancelling(100)).CompleteRegistration(t.Context(), reg, "a hash", tok, session, now),
		connect.Unavailable,
	)
	if err := s.CompleteRegistration(t.Context(), reg, "a hash", tok, session, now); err != nil {
		t.Errorf("the link was lost: %v", err)
	}
}

func TestReplacePasswordHash(t *testing.T) {
	s, _ := open(t)
	tok, _ := person(t, s, "pat@example.com")
	if err := s.ReplacePasswordHash(t.Context(), tok.User, "hash of pat@example.com", "newer"); err != nil {
		t.Fatal(err)
	}
	if err := s.ReplacePasswordHash(t.Context(), tok.User, "hash of pat@example.com", "from an older read"); err != nil {
		t.Fatal(err)
	}
	if h, _ := s.PasswordHash(t.Context(), tok.User); h != "newer" {
		t.Errorf("%q", h)
	}
}

func TestSessions(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	tok, account := person(t, s, "pat@example.com")
	eve, _ := person(t, s, "eve@example.com")
	second, session := login(tok.User)
	session.LastSeenAt = now.Add(time.Minute)
	if err := s.StartSession(ctx, second, session, store.Login{}, now); err != nil {
		t.Fatal(err)
	}
	list, err := s.Sessions(ctx, tok.User, now)
	if err != nil || len(list) != 2 || list[0].ID != second.ID() {
		t.Errorf("%+v, %v", list, err)
	}
	if list, _ := s.Sessions(ctx, tok.User, session.ExpiresAt); len(list) != 0 {
		t.Errorf("expired ones are listed: %v", list)
	}
	for what, at := range map[string]time.Time{
		"at its end": session.ExpiresAt, "after it": session.ExpiresAt.Add(time.Hour),
	} {
		if _, err := s.Session(ctx, tok, at); !errors.Is(err, connect.ErrNotLoggedIn) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := s.Session(ctx, tok, session.ExpiresAt.Add(-time.Second)); err != nil {
		t.Errorf("a second before: %v", err)
	}
	if _, err := s.Session(
		ctx, token.Bearer{User: eve.User, Text: tok.Text}, now,
	); !errors.Is(err, connect.ErrNotLoggedIn) {
		t.Errorf("under another's key: %v", err)
	}
	if who, err := s.Identify(ctx, tok.Text, account, now); err != nil || who.Role != connect.Owner ||
		who.SessionID != tok.ID() {
		t.Errorf("%+v, %v", who, err)
	}
	wantKind(
		t, "another account", func() error { _, err := s.Identify(ctx, eve.Text, account, now); return err }(),
		connect.Forbidden,
	)
	wantKind(t, "no token", func() error { _, err := s.Identify(ctx, "x", "", now); return err }(), connect.NotLoggedIn)
	if n, err := s.EndSessions(ctx, eve.User, func(id string) bool { return id == tok.ID() }); n != 0 || err != nil {
		t.Errorf("ended another's: %d, %v", n, err)
	}
	if n, err := s.EndSessions(ctx, tok.User, func(id string) bool { return id == tok.ID() }); n != 1 || err != nil {
		t.Error(n, err)
	}
	wantKind(t, "ended", func() error { _, err := s.Session(ctx, tok, now); return err }(), connect.NotLoggedIn)
	// A request that is under way while its session is ended must not bring it back.
	if _, err := s.Session(ctx, second, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if list, _ := s.Sessions(ctx, tok.User, now); len(list) != 1 || !list[0].LastSeenAt.Equal(now.Add(time.Hour)) {
		t.Errorf("%+v", list)
	}
}

func site(account connect.AccountID) *connect.Site {
	return &connect.Site{ID: connect.NewSiteID(), Account: account, Key: connect.NewSiteKey(), Name: "Shop",
		Origins:  []connect.Origin{"https://shop.example"},
		TimeZone: "Europe/London", RetentionDays: 90, CreatedAt: now}
}

func TestSites(t *testing.T) {
	s, env := open(t)
	ctx := t.Context()
	a, b := site("a_first000"), site("a_second00")
	for _, one := range []*connect.Site{a, b} {
		if err := s.AddSite(ctx, one); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AddSite(ctx, a); err == nil {
		t.Error("added twice")
	}
	for _, get := range []func() (*connect.Site, error){
		func() (*connect.Site, error) { return s.Site(ctx, a.Account, a.ID) }, func() (*connect.Site, error) { return s.SiteByKey(ctx, a.Key) },
	} {
		if got, err := get(); err != nil || fmt.Sprint(*got) != fmt.Sprint(*a) {
			t.Errorf("%+v, %v", got, err)
		}
	}
	wantKind(
		t, "another account's", func() error { _, err := s.Site(ctx, b.Account, a.ID); return err }(), connect.NotFound,
	)
	stale := *a
	a.Name = "Renamed"
	if err := s.ChangeSite(ctx, a); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "a change from an older read", s.ChangeSite(ctx, &stale), connect.Conflict)
	wantKind(t, "a change that met another", through(env, cancelling(5)).ChangeSite(ctx, a), connect.Conflict)
	a, _ = s.Site(ctx, a.Account, a.ID)
	f, lost := losing("TransactWriteItems")
	a.Name = "Renamed again"
	if err := through(env, f).ChangeSite(ctx, a); err != nil || !lost.Load() {
		t.Errorf("a lost answer: %v", err)
	}
	if got, err := s.SiteByKey(ctx, a.Key); err != nil || got.Name != "Renamed again" || got.Version != a.Version {
		t.Errorf("%+v, %v", got, err)
	}
	for range 2 {
		if err := s.RemoveSite(ctx, a); err != nil {
			t.Fatal(err)
		}
	}
	wantKind(t, "removed", func() error { _, err := s.SiteByKey(ctx, a.Key); return err }(), connect.NotFound)
	wantKind(t, "a change of what is removed", s.ChangeSite(ctx, a), connect.Conflict)
	wantKind(t, "still there", func() error { _, err := s.Site(ctx, a.Account, a.ID); return err }(), connect.NotFound)
	if list, err := s.SitesOf(ctx, b.Account); err != nil || len(list) != 1 || list[0].ID != b.ID {
		t.Error(list, err)
	}
	wantKind(t, "removing meets another", through(env, cancelling(5)).RemoveSite(ctx, b), connect.Unavailable)
}

func callback(site connect.SiteID, at time.Time) *connect.Callback {
	return &connect.Callback{ID: connect.NewCallbackID(at), Site: site, SiteName: "Shop", Name: "Vera",
		Phone: "+447700900123", Email: "vera@example.com", Department: "Heating",
		Message: "Boiler", Page: "https://shop.example/", Status: connect.StatusNew, At: at.Add(time.Hour), CreatedAt: at, UpdatedAt: at, ExpiresAt: at.Add(90 * 24 * time.Hour).Truncate(time.Second)}
}

func TestCallbacks(t *testing.T) {
	s, env := open(t)
	ctx := t.Context()
	c := callback("s_shop0000", now)
	id, err := s.AddCallback(ctx, c, "key", "digest", now)
	if err != nil || id != c.ID {
		t.Fatal(id, err)
	}
	if got, err := s.Callback(ctx, c.Site, c.ID, now); err != nil || !reflect.DeepEqual(got, c) {
		t.Errorf("%+v, %v", got, err)
	}
	if id, err := s.AddCallback(ctx, callback(c.Site, now), "key", "digest", now); id != c.ID || err != nil {
		t.Errorf("again: %s, %v", id, err)
	}
	wantKind(t, "another under the key", func() error {
		_, err := s.AddCallback(ctx, callback(c.Site, now), "key", "another", now)
		return err
	}(), connect.Mismatch)
	if id, err := s.AddCallback(
		ctx, callback(c.Site, now), "key", "another", now.Add(connect.IdempotencyLife),
	); id == c.ID ||
		err != nil {
		t.Errorf("after the key expired: %s, %v", id, err)
	}
	f, lost := losing("TransactWriteItems")
	third := callback(c.Site, now)
	if id, err := through(env, f).AddCallback(ctx, third, "third", "digest", now); id != third.ID || err != nil ||
		!lost.Load() {
		t.Errorf("a lost answer: %s, %v", id, err)
	}
	fourth := callback(c.Site, now)
	if id, err := through(env, cancelling(2)).AddCallback(ctx, fourth, "fourth", "digest", now); id != fourth.ID ||
		err != nil {
		t.Errorf("two conflicts: %s, %v", id, err)
	}
	wantKind(t, "conflicts without end", func() error {
		_, err := through(env, cancelling(100)).AddCallback(ctx, callback(c.Site, now), "fifth", "digest", now)
		return err
	}(), connect.Unavailable)
	wantKind(
		t, "another site's", func() error { _, err := s.Callback(ctx, "s_other000", c.ID, now); return err }(),
		connect.NotFound,
	)
	wantKind(
		t, "expired", func() error { _, err := s.Callback(ctx, c.Site, c.ID, c.ExpiresAt); return err }(), connect.NotFound,
	)

	stale := *c
	c.Status, c.At = connect.StatusCalled, time.Time{}
	if err := s.ChangeCallback(ctx, c, now); err != nil { // in the same instant as it was made
		t.Fatal(err)
	}
	if got, err := s.Callback(ctx, c.Site, c.ID, now); err != nil || !reflect.DeepEqual(got, c) || !got.At.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
	wantKind(t, "a change from an older read", s.ChangeCallback(ctx, &stale, now), connect.Conflict)
	for range 2 {
		receipt := &connect.Receipt{
			ID: connect.NewReceiptID(), Kind: connect.Erasure, Site: c.Site, Via: connect.ViaLink, Count: 1, At: now, MAC: "mac",
			ExpiresAt: now.AddDate(1, 0, 0),
		}
		if err := s.EraseCallback(ctx, c.Site, c.ID, receipt); err != nil {
			t.Fatal(err)
		}
	}
	wantKind(t, "a change of what is erased", s.ChangeCallback(ctx, c, now), connect.Conflict)
	wantKind(t, "erased", func() error { _, err := s.Callback(ctx, c.Site, c.ID, now); return err }(), connect.NotFound)
}

func TestTheInboxInPages(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	for n := range store.InboxPage*2 + 1 {
		c := callback("s_shop0000", now.Add(time.Duration(n)*time.Millisecond))
		if n%2 == 0 {
			c.Status = connect.StatusCalled
		}
		if _, err := s.AddCallback(ctx, c, fmt.Sprint("key", n), "", now); err != nil {
			t.Fatal(err)
		}
	}
	for status, want := range map[connect.CallbackStatus]int{
		"": store.InboxPage*2 + 1, connect.StatusCalled: store.InboxPage + 1, connect.StatusNew: store.InboxPage,
		connect.StatusMissed: 0,
	} {
		seen := map[connect.CallbackID]bool{}
		var last connect.CallbackID = "c_~"
		cursor := ""
		for {
			page, next, err := s.Callbacks(ctx, "s_shop0000", status, cursor, now)
			if err != nil || len(page) > store.InboxPage {
				t.Fatal(len(page), err)
			}
			for _, c := range page {
				if seen[c.ID] || c.ID >= last || status != "" && c.Status != status {
					t.Errorf("%q: %s (%s) after %s", status, c.ID, c.Status, last)
				}
				seen[c.ID], last = true, c.ID
			}
			if next == "" {
				break
			}
			cursor = next
		}
		if len(seen) != want {
			t.Errorf("%q: %d, not %d", status, len(seen), want)
		}
	}
	if page, next, err := s.Callbacks(ctx, "s_shop0000", "", "", now.Add(200*24*time.Hour)); len(page) != 0 ||
		next != "" || err != nil {
		t.Errorf("after the retention: %d, %v", len(page), err)
	}
	wantKind(
		t, "a cursor of another shape",
		func() error { _, _, err := s.Callbacks(ctx, "s_shop0000", "", "eA", now); return err }(), connect.Invalid,
	)
}

func TestTheOutbox(t *testing.T) {
	s, env := open(t)
	ctx := t.Context()
	reg := registration("pat@example.com")
	if err := s.Register(ctx, reg, now); err != nil {
		t.Fatal(err)
	}
	table := env["OUTBOX_TABLE"]
	out, err := localtest.Server(t).Client.Scan(ctx, &dynamodb.ScanInput{TableName: &table})
	if err != nil || len(out.Items) != 1 {
		t.Fatal(out, err)
	}
	id := out.Items[0]["pk"].(*types.AttributeValueMemberS).Value
	m, err := s.Message(ctx, id, now)
	if err != nil || m.Kind != connect.MailVerifyEmail || m.Registration != reg.ID || m.Sent {
		t.Errorf("%+v, %v", m, err)
	}
	if err := s.MarkMessageSent(ctx, id, now); err != nil {
		t.Fatal(err)
	}
	if m, err := s.Message(ctx, id, now); err != nil || !m.Sent {
		t.Errorf("%+v, %v", m, err)
	}
	wantKind(
		t, "expired", func() error { _, err := s.Message(ctx, id, now.Add(connect.OutboxLife)); return err }(),
		connect.NotFound,
	)
	// What expired while its mail was sent must not come back as an item of its own.
	if err := s.MarkMessageSent(ctx, "o_nothing00000", now); err != nil {
		t.Fatal(err)
	}
	wantKind(
		t, "marking made one", func() error { _, err := s.Message(ctx, "o_nothing00000", now); return err }(),
		connect.NotFound,
	)
}

func TestTallies(t *testing.T) {
	s, env := open(t)
	ctx := t.Context()
	first, err := s.DayCounts(ctx, "s_shop0000", "2026-11-23")
	if err != nil || first.Applied("shard", "0") {
		t.Fatal(err)
	}
	v := &connect.Visit{
		Site: "s_shop0000", Reached: connect.Submit, Page: "/", Referrer: "google.com", Device: connect.Phone,
		Hour: "2026-11-23T14",
	}
	first.Apply(v, connect.NoStep)
	first.Apply(&connect.Visit{Reached: connect.Open, Reason: connect.Bot}, connect.NoStep)
	first.SetApplied("shard", "99999999999999999999999")
	f, lost := losing("PutItem")
	if err := through(env, f).SaveDayCounts(ctx, "s_shop0000", first); !errors.Is(err, connect.ErrConflict) ||
		!lost.Load() {
		t.Errorf("a lost answer looks like a conflict, and is read again: %v", err)
	}
	got, err := s.DayCounts(ctx, "s_shop0000", "2026-11-23")
	if err != nil || fmt.Sprint(*got.Day) != fmt.Sprint(*first.Day) {
		t.Errorf("%+v, not %+v: %v", got.Day, first.Day, err)
	}
	for sequence, want := range map[string]bool{
		"99999999999999999999999": true, "100000000000000000000000": false, "99999999999999999999998": true, "1": true,
		"0099999999999999999999999": true,
	} {
		if got.Applied("shard", sequence) != want {
			t.Errorf("%s is applied: %v", sequence, !want)
		}
	}
	if got.Applied("another shard", "1") {
		t.Error("shards are mixed")
	}
	var conflicts atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			mine, err := s.DayCounts(ctx, "s_shop0000", "2026-11-23")
			if err != nil {
				t.Error(err)
				return
			}
			mine.Apply(v, connect.NoStep)
			switch err := s.SaveDayCounts(ctx, "s_shop0000", mine); {
			case errors.Is(err, connect.ErrConflict):
				conflicts.Add(1)
			case err != nil:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, _ = s.DayCounts(ctx, "s_shop0000", "2026-11-23")
	if got.Total.Submits != int64(1+8-conflicts.Load()) {
		t.Errorf("%d counted, %d conflicts", got.Total.Submits, conflicts.Load())
	}
	for n := range 3 {
		d, _ := s.DayCounts(ctx, "s_shop0000", connect.Date("2026-11-20").Add(n))
		d.Apply(v, connect.NoStep)
		if err := s.SaveDayCounts(ctx, "s_shop0000", d); err != nil {
			t.Fatal(err)
		}
	}
	days, err := s.Days(ctx, "s_shop0000", "2026-11-21", "2026-11-23")
	if err != nil || len(days) != 3 || days[0].Date != "2026-11-21" || days[2].Date != "2026-11-23" {
		t.Errorf("%v, %v", days, err)
	}
	if days, _ := s.Days(ctx, "s_other000", "2026-11-21", "2026-11-23"); len(days) != 0 {
		t.Error("another site's")
	}
}

// Two beacons of one visit at once, and a visit that expires: one item, each step once.
func TestVisits(t *testing.T) {
	s, env := open(t)
	ctx := t.Context()
	hour := now.Truncate(time.Hour)
	v := &connect.Visit{Site: "s_shop0000", ID: "abcdefghijklmnopqrstuv", Page: "/", Device: connect.Phone}
	v.Begin(hour, 0, time.UTC)
	var wg sync.WaitGroup
	for n := range 12 {
		wg.Go(func() {
			mine := *v
			mine.Reached = connect.Step(1 + n%3)
			if err := s.RecordVisit(ctx, &mine, now); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	later := *v
	later.Begin(hour.Add(7*time.Hour), 0, time.UTC)
	later.Reached = connect.Impression
	for range 4 {
		wg.Go(func() {
			if err := s.RecordVisit(ctx, &later, hour.Add(connect.VisitLife)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	f, lost := losing("UpdateItem")
	again := later
	again.Reached = connect.Open
	if err := through(env, f).RecordVisit(ctx, &again, hour.Add(connect.VisitLife)); err != nil || !lost.Load() {
		t.Errorf("a lost answer: %v", err)
	}
	table := env["VISITS_TABLE"]
	out, err := localtest.Server(t).Client.Scan(ctx, &dynamodb.ScanInput{TableName: &table})
	if err != nil || len(out.Items) != 1 {
		t.Fatal(out, err)
	}
	visit := out.Items[0]
	if h := visit["h"].(*types.AttributeValueMemberS).Value; h != string(later.Hour) || visit["o"] == nil ||
		visit["s"] != nil {
		t.Errorf("%v", visit)
	}
}
