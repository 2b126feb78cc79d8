package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/keyring"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// rehearsal is an operator on tables and a secret of the test's own.
type rehearsal struct {
	*apitest.World
	operator
	said   *bytes.Buffer
	secret string
	broken error // of the next write of the secret
}

func rehearse(t *testing.T, secret string) *rehearsal {
	r := &rehearsal{World: apitest.New(t), said: &bytes.Buffer{}, secret: secret}
	// Ahead of the machine's clock at every minute of the day, so that what is to come has not come there.
	r.Clock.Forward(24 * time.Hour)
	r.operator = operator{
		out: r.said, clock: r.Clock.Now, wait: r.Clock.Forward, store: store.Rekey(r.World.DB),
		read: func(context.Context, string) (string, error) { return r.secret, nil },
		write: func(_ context.Context, _, text string) error {
			if r.broken != nil {
				return r.broken
			}
			r.secret = text
			return nil
		},
	}
	return r
}

// links are what an instance has that reads the secret now. The ring follows the machine's clock, the test its own:
// what is to come has come.
func (r *rehearsal) links() token.Links {
	ring, err := keyring.Parse(r.secret)
	if err != nil {
		r.T.Fatal(err)
	}
	if _, since := ring.Current(); !r.Clock.Now().Before(since) {
		ring = ring.Settled()
	}
	return token.NewLinks([]byte(ring.Text()))
}

// request stores a visitor's request as an instance with these links does.
func (r *rehearsal) request(site connect.SiteID, n int, links token.Links) {
	r.T.Helper()
	now := r.Clock.Now()
	c := &connect.Callback{
		ID: connect.NewCallbackID(now), Site: site, SiteName: "Shop", Name: "V", Phone: "+447700900123",
		Status: connect.StatusNew, Page: "/",
		CreatedAt: now, UpdatedAt: now, ExpiresAt: now.AddDate(0, 0, 90),
		PhoneDigest: links.Digest(store.DigestPhone, "+447700900123"),
	}
	if n%2 == 0 {
		c.Email, c.EmailDigest = "v@example.com", links.Digest(store.DigestEmail, "v@example.com")
	}
	if _, err := r.World.Store.AddCallback(
		r.T.Context(), c, fmt.Sprintf("key-%d-%s", n, links.Digest("x", "y")), "d", now,
	); err != nil {
		r.T.Fatal(err)
	}
}

func (r *rehearsal) found(site connect.SiteID, links token.Links) int {
	r.T.Helper()
	now := r.Clock.Now().Add(time.Hour) // past what is read from the table itself
	list, _, err := r.World.Store.VisitorCallbacks(
		r.T.Context(), site, store.Visitor{Via: connect.ViaPhone, Digests: links.Digests(store.DigestPhone, "+447700900123")},
		"", now,
	)
	if err != nil {
		r.T.Fatal(err)
	}
	return len(list)
}

// The whole of a rotation, with requests and logins all along, cut off in between: at every moment everything is
// found and every authenticator can be read, and in the end the old version is gone.
func TestARotation(t *testing.T) {
	r := rehearse(t, apitest.Key)
	ctx, site := t.Context(), connect.NewSiteID()
	before := r.links()
	for n := range 30 {
		r.request(site, n, before)
	}
	p, lost := r.Person("pat@example.com"), r.Person("lost@example.com")
	for user, sealed := range map[connect.UserID]string{
		p.Token.User: before.Seal(store.SealTOTP, "SECRET"), lost.Token.User: "1~unreadable",
	} {
		if err := r.World.Store.SaveFactors(
			ctx, user, &connect.Factors{TOTP: sealed}, nil, false, nil, r.Clock.Now(),
		); err != nil {
			t.Fatal(err)
		}
	}

	// The secret cannot be written: nothing has changed.
	r.broken = errors.New("no")
	if err := r.token(ctx, false); err == nil || r.secret != apitest.Key {
		t.Fatalf("%v, %s", err, r.said)
	}
	// It is added, and then the command is stopped while it waits.
	r.broken = nil
	func() {
		defer func() { _ = recover() }()
		stopped := r.operator
		stopped.wait = func(time.Duration) {
			mid := r.links()
			if mid.Stale(before.Digest("x", "y")) {
				t.Error("the new version writes before every instance knows it")
			}
			r.request(site, 31, mid)
			panic("stopped")
		}
		_ = stopped.token(ctx, false)
	}()
	added := r.secret
	r.Clock.Forward(noticePeriod)
	during := r.links()
	if !during.Stale(before.Digest("x", "y")) {
		t.Fatal("the new version does not write when its time has come")
	}
	r.request(site, 32, during)
	if n := r.found(site, during); n != 32 {
		t.Errorf("%d found before anything was recreated", n)
	}
	// Run again, it continues with the version that it added.
	if err := r.token(ctx, false); err != nil || r.secret != added {
		t.Fatalf("%v; another version was added: %s", err, r.said)
	}
	if n := r.found(site, during); n != 32 {
		t.Errorf("%d found after it", n)
	}
	said := r.said.String()
	for _, want := range []string{
		"version 2 was added", "1 authenticators cannot be read", "visitors' requests: none of an older version is left",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q: %s", want, said)
		}
	}
	if err := r.token(ctx, true); err != nil {
		t.Fatal(err)
	}
	after := r.links()
	if _, ok := after.Open("x", before.Sign("x", "id")); ok || !after.Ended(before.Sign("x", "id")) {
		t.Error("the old version is still there")
	}
	if n := r.found(site, after); n != 32 {
		t.Errorf("%d found after the old version was dropped", n)
	}
	f, err := r.World.Store.Factors(ctx, p.Token.User)
	if text, failed := after.Unseal(store.SealTOTP, f.TOTP); err != nil || failed != nil || text != "SECRET" {
		t.Errorf("the authenticator is lost: %v %v", err, failed)
	}
	if err := r.token(ctx, true); err != nil || !strings.Contains(r.said.String(), "nothing to drop") {
		t.Errorf("dropping again: %v %s", err, r.said)
	}
	if strings.Contains(r.said.String(), apitest.Key) || strings.Contains(r.said.String(), "SECRET") {
		t.Error("it prints a secret")
	}
}

func TestConsentKeepsEveryVersion(t *testing.T) {
	r := rehearse(t, apitest.Key)
	for range 2 {
		if err := r.consent(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.Clock.Forward(2 * noticePeriod)
	}
	ring, err := keyring.Parse(r.secret)
	if err != nil || fmt.Sprint(ring.Versions(r.Clock.Now())) != "[3 2 1]" {
		t.Errorf("%v %s", err, r.secret)
	}
}
