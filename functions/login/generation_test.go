package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// mailed are the links that a person can have in their mail, each with how it is asked for and used.
var mailed = []struct {
	name, purpose string
	ask           func(f *fixture, b bulk, p apitest.Person)
	use           func(b bulk, link string) reply
}{
	{"login link", connect.PurposeLogin, func(_ *fixture, b bulk, p apitest.Person) {
		b.post(caller{}, "/v1/login/link", map[string]any{"email": p.Email})
	}, func(b bulk, link string) reply {
		return b.post(caller{}, "/v1/login/link/open", map[string]any{"token": link})
	}},
	{"reset", connect.PurposeReset, func(_ *fixture, b bulk, p apitest.Person) {
		b.post(caller{}, "/v1/password/forgot", map[string]any{"email": p.Email})
	}, func(b bulk, link string) reply {
		return b.post(caller{}, "/v1/password/reset", map[string]any{"token": link, "password": "the thief's own horse"})
	}},
	{"recovery", connect.PurposeRecover, func(f *fixture, b bulk, p apitest.Person) {
		b.post(caller{}, "/v1/recovery", map[string]any{"email": p.Email})
		b.post(caller{}, "/v1/recovery/open", map[string]any{"token": f.ticket(connect.PurposeRecover)})
	}, func(b bulk, link string) reply {
		return b.post(caller{}, "/v1/recovery/open", map[string]any{"token": link})
	}},
	{"approval of an address", connect.PurposeApprove, func(_ *fixture, b bulk, p apitest.Person) {
		b.post(caller{bearer: p.Token.Text}, "/v1/email", map[string]any{"email": "thief@example.com", "password": p.Password})
	}, func(b bulk, link string) reply {
		return b.post(caller{}, "/v1/email/approve", map[string]any{"token": link})
	}},
	{"new address", connect.PurposeEmail, func(f *fixture, b bulk, p apitest.Person) {
		b.post(caller{bearer: p.Token.Text}, "/v1/email", map[string]any{"email": "thief@example.com", "password": p.Password})
		b.post(caller{}, "/v1/email/approve", map[string]any{"token": f.ticket(connect.PurposeApprove)})
	}, func(b bulk, link string) reply {
		return b.post(caller{}, "/v1/email/confirm", map[string]any{"token": link})
	}},
}

// changes are what a person can do to what they log in with.
var changes = []struct {
	name string
	do   func(f *fixture, b bulk, p apitest.Person, secret string)
}{
	{"password changed", func(f *fixture, b bulk, p apitest.Person, _ string) {
		f.must(b.do(caller{bearer: p.Token.Text}, "PUT", "/v1/password", map[string]any{"current": p.Password, "password": "a second horse battery"}), 204)
	}},
	{"password reset", func(f *fixture, b bulk, p apitest.Person, _ string) {
		b.post(caller{}, "/v1/password/forgot", map[string]any{"email": p.Email})
		f.must(b.post(caller{}, "/v1/password/reset", map[string]any{"token": f.ticket(connect.PurposeReset), "password": "a second horse battery"}), 204)
	}},
	{"recovery codes made", func(f *fixture, b bulk, p apitest.Person, _ string) {
		f.must(b.post(caller{bearer: p.Token.Text}, "/v1/factors/recovery", map[string]any{"password": p.Password}), 200)
	}},
	{"authenticator removed", func(f *fixture, b bulk, p apitest.Person, _ string) {
		f.must(b.do(caller{bearer: p.Token.Text}, "DELETE", "/v1/factors/totp", map[string]any{"password": p.Password}), 204)
	}},
	{"passkey added", func(f *fixture, b bulk, p apitest.Person, _ string) { f.passkey(b, p) }},
}

func (f *fixture) must(r reply, status int) reply {
	f.T.Helper()
	if r.status != status {
		f.T.Fatalf("%v, not %d", r, status)
	}
	return r
}

// Whatever was mailed before a person changes their password, factors or address opens nothing after it: the victim
// who does what our mail says is safe.
func TestAChangeEndsWhatWasMailedBefore(t *testing.T) {
	f := start(t)
	b := f.bulk()
	tried := 0
	for _, link := range mailed {
		for _, change := range changes {
			t.Run(link.name+", "+change.name, func(t *testing.T) {
				f.T = t
				defer f.Clock.Forward(2 * time.Hour) // budgets are full again
				p := f.Person(fmt.Sprintf("pat%d@example.com", tried))
				tried++
				secret, _ := f.authenticator(b, p)
				link.ask(f, b, p)
				old := f.ticket(link.purpose)
				change.do(f, b, p, secret)
				before := f.Dump()
				if r := link.use(b, old); r.status != 400 || r.code() != "link-invalid" {
					t.Errorf("%v", r)
				}
				if link.purpose == connect.PurposeApprove {
					if r := b.post(caller{}, "/v1/email/cancel", map[string]any{"token": old}); r.code() != "link-invalid" {
						t.Errorf("cancelled: %v", r)
					}
				}
				if f.Dump() != before {
					t.Error("it has changed something")
				}
			})
		}
	}
	f.T = t
	fmt.Printf("security: %d links mailed before %d kinds of change: none opens anything\n", tried, len(changes))
}

// A change of address waits for the current address, is seen and cancelled from any session, and ended by the link
// that tells of it, also after it was approved.
func TestAChangeOfAddressIsApprovedAndCancelled(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	in := caller{bearer: p.Token.Text}
	ask := func(to string) {
		f.must(b.post(in, "/v1/email", map[string]any{"email": to, "password": p.Password}), 202)
	}
	waits := func() map[string]any {
		pending, _ := f.must(b.do(in, "GET", "/v1/email", nil), 200).body["pending"].(map[string]any)
		return pending
	}
	if waits() != nil {
		t.Error("a change waits before it was asked for")
	}
	ask("one@example.com")
	first := f.ticket(connect.PurposeApprove)
	for _, i := range f.Items("OUTBOX_TABLE") {
		if i["kind"] == string(store.MailConfirmEmail) {
			t.Error("the new address is written to before the current one approves")
		}
	}
	if w := waits(); w["email"] != "one@example.com" || w["approved"] != false {
		t.Errorf("%v", w)
	}
	f.Clock.Forward(time.Second)
	ask("two@example.com")
	if r := b.post(caller{}, "/v1/email/approve", map[string]any{"token": first}); r.code() != "link-invalid" {
		t.Errorf("one that was replaced: %v", r)
	}
	second := f.ticket(connect.PurposeApprove)
	if r := b.post(caller{}, "/v1/email/open", map[string]any{"token": second}); r.status != 200 || r.text("to") != "two@example.com" || r.text("from") != p.Email {
		t.Errorf("%v", r)
	}
	f.must(b.post(caller{}, "/v1/email/approve", map[string]any{"token": second}), 202)
	confirm := f.ticket(connect.PurposeEmail)
	if w := waits(); w["approved"] != true {
		t.Errorf("%v", w)
	}
	f.must(b.post(caller{}, "/v1/email/cancel", map[string]any{"token": second}), 204)
	if r := b.post(caller{}, "/v1/email/confirm", map[string]any{"token": confirm}); r.code() != "link-invalid" {
		t.Errorf("confirmed after it was cancelled: %v", r)
	}
	f.Clock.Forward(time.Second)
	ask("three@example.com")
	f.must(b.do(in, "DELETE", "/v1/email", nil), 204)
	if r := b.post(caller{}, "/v1/email/approve", map[string]any{"token": f.ticket(connect.PurposeApprove)}); r.code() != "link-invalid" {
		t.Errorf("approved after it was cancelled: %v", r)
	}
	if r := b.do(in, "DELETE", "/v1/email", nil); r.status != 404 || waits() != nil {
		t.Errorf("cancelled twice: %v", r)
	}
	if u, _ := f.Store.UserByEmail(t.Context(), "pat@example.com"); u != p.Token.User {
		t.Error("the address has changed")
	}
}

// Somebody signs the victim up five times with a password of their own. Whichever link the victim follows, the
// password is the victim's.
func TestNobodySetsSomebodyElsesPassword(t *testing.T) {
	f := start(t)
	b := f.bulk()
	for range 6 {
		f.must(b.post(caller{}, "/v1/register", map[string]any{"email": "victim@example.com", "password": "the attacker's own horse", "name": "Mallory", "company": "Evil"}), 202)
	}
	link := f.link()
	if r := b.post(caller{}, "/v1/verify", map[string]any{"token": link}); r.status != 400 || !strings.Contains(fmt.Sprint(r.body), "password") {
		t.Errorf("without a password: %v", r)
	}
	f.must(b.post(caller{}, "/v1/verify/open", map[string]any{"token": link}), 200)
	f.must(b.post(caller{}, "/v1/verify", map[string]any{"token": link, "password": "the victim's own horse", "name": "Vic", "company": "Vic's"}), 200)
	for password, want := range map[string]int{"the attacker's own horse": 401, "the victim's own horse": 200} {
		if r := b.post(caller{}, "/v1/login", map[string]any{"email": "victim@example.com", "password": password}); r.status != want {
			t.Errorf("%s: %v", password, r)
		}
	}
	if strings.Contains(f.Dump(), "Mallory") && strings.Contains(f.Dump(), `"name":"Mallory","pk":"U#`) {
		t.Error("the attacker's name is the victim's")
	}
}

// What strangers ask for leaves the owner's own mail be, kind by kind and from where they have been before.
func TestStrangersDoNotUseUpTheOwnersMail(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	known := caller{} // the address that logs in below
	f.must(b.post(known, "/v1/login", credentials(p, p.Password)), 200)
	kinds := map[string]string{"/v1/login/link": string(store.MailLoginLink), "/v1/password/forgot": string(store.MailResetPassword), "/v1/recovery": string(store.MailRecovery)}
	count := func(kind string) (n int) {
		for _, i := range f.Items("OUTBOX_TABLE") {
			if i["kind"] == kind {
				n++
			}
		}
		return n
	}
	for n := range 20 {
		stranger := caller{addr: fmt.Sprintf("203.0.%d.7", n)}
		b.post(stranger, "/v1/login", credentials(p, "a guess"))
		b.post(stranger, "/v1/register", f.signUp(p.Email))
		b.post(stranger, "/v1/recovery", map[string]any{"email": p.Email})
	}
	if n := count(string(store.MailRecovery)); n != connect.MailsToAddress.Limit {
		t.Errorf("%d recovery mails by strangers", n)
	}
	// An owner on a new device still has the kinds that strangers did not use up.
	f.must(b.post(caller{addr: "198.51.7.9"}, "/v1/login/link", map[string]any{"email": p.Email}), 202)
	if count(string(store.MailLoginLink)) != 1 {
		t.Error("sign-ups, guesses and recoveries have used up the login links")
	}
	for path, kind := range kinds {
		for n := range 20 {
			b.post(caller{addr: fmt.Sprintf("203.0.%d.7", n)}, path, map[string]any{"email": p.Email})
		}
		had := count(kind)
		f.must(b.post(known, path, map[string]any{"email": p.Email}), 202)
		if count(kind) != had+1 {
			t.Errorf("%s: nothing is mailed to the owner", path)
		}
	}
	f.must(b.post(known, "/v1/login", credentials(p, p.Password)), 200)
}

// A thief who reads the mail resets the password: with a second factor active, the sessions that can stop what comes
// next stay. With its code they end.
func TestAThiefsResetLeavesTheSessionsThatStopARecovery(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	in := caller{bearer: p.Token.Text}
	secret, _ := f.authenticator(b, p)
	reset := func(body map[string]any) {
		t.Helper()
		b.post(caller{}, "/v1/password/forgot", map[string]any{"email": p.Email})
		body["token"] = f.ticket(connect.PurposeReset)
		f.must(b.post(caller{}, "/v1/password/reset", body), 204)
	}
	reset(map[string]any{"password": "the thief's own horse"})
	b.post(caller{}, "/v1/recovery", map[string]any{"email": p.Email})
	f.must(b.post(caller{}, "/v1/recovery/open", map[string]any{"token": f.ticket(connect.PurposeRecover)}), 200)
	f.must(b.do(in, "DELETE", "/v1/recovery", nil), 204)
	f.Clock.Forward(time.Minute)
	reset(map[string]any{"password": "the owner's third horse", "code": code(secret, f.Clock.Now())})
	if r := b.do(in, "GET", "/v1/sessions", nil); r.status != 401 {
		t.Errorf("after a reset with the code: %v", r)
	}
	b.post(caller{}, "/v1/password/forgot", map[string]any{"email": p.Email})
	if r := b.post(caller{}, "/v1/password/reset", map[string]any{"token": f.ticket(connect.PurposeReset), "password": "the thief's own horse", "code": "000000"}); r.status != 401 {
		t.Errorf("with a wrong code: %v", r)
	}
}

// A challenge is good for one try, a network has a budget of tries, and text that is no id is refused.
func TestPasskeyTriesAreBounded(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	a := f.passkey(b, p)
	begun := b.post(caller{}, "/v1/login/passkey/options", map[string]any{})
	options := begun.body["options"].(map[string]any)
	wrong := *a
	wrong.origin = "https://evil.example"
	for n, make := range []func(map[string]any) map[string]any{wrong.get, a.get} {
		if r := b.post(caller{}, "/v1/login/passkey", map[string]any{"ceremony": begun.text("ceremony"), "credential": make(options)}); r.status != 401 {
			t.Errorf("try %d of one challenge: %v", n, r)
		}
	}
	for _, id := range []string{strings.Repeat("a", 5000), "", "\x00", "T#x"} {
		if r := b.post(caller{}, "/v1/login/passkey", map[string]any{"ceremony": id, "credential": map[string]any{}}); r.status >= 500 || r.status < 400 {
			t.Errorf("%.10q: %v", id, r)
		}
	}
	statuses := map[int]int{}
	for range 200 {
		statuses[b.post(caller{addr: "198.18.0.5"}, "/v1/login/passkey", map[string]any{"ceremony": "none", "credential": map[string]any{}}).status]++
	}
	if statuses[429] != 200-connect.PasskeyTries.Limit {
		t.Errorf("%v", statuses)
	}
	if r := b.post(caller{addr: "198.51.7.9"}, "/v1/login/passkey/options", map[string]any{}); r.status != 200 {
		t.Fatal(r)
	} else if in := b.post(caller{addr: "198.51.7.9"}, "/v1/login/passkey", map[string]any{"ceremony": r.text("ceremony"), "credential": a.get(r.body["options"].(map[string]any))}); in.status != 200 {
		t.Errorf("a good one from elsewhere: %v", in)
	}
}

// Two at once: the link was opened and found good, and then the password was changed. The transaction decides.
func TestAChangeBetweenReadAndUse(t *testing.T) {
	f := start(t)
	b := f.bulk()
	ctx := t.Context()
	for n, use := range []func(p apitest.Person, ticket connect.OneTimeToken, now time.Time) error{
		func(p apitest.Person, ticket connect.OneTimeToken, now time.Time) error {
			s := token.NewBearer(p.Token.User, now.Add(time.Hour))
			return f.Store.StartSession(ctx, s, connect.LoginSession{ID: s.ID(), CreatedAt: now, ExpiresAt: now.Add(time.Hour)}, store.Login{Token: &ticket}, now)
		},
		func(p apitest.Person, ticket connect.OneTimeToken, now time.Time) error {
			return f.Store.ChangePassword(ctx, store.PasswordChange{User: p.Token.User, New: "hash", Token: &ticket}, now)
		},
		func(p apitest.Person, ticket connect.OneTimeToken, now time.Time) error {
			_, err := f.Store.WaitForRecovery(ctx, ticket, nil, nil, now)
			return err
		},
		func(p apitest.Person, ticket connect.OneTimeToken, now time.Time) error {
			return f.Store.ApproveEmailChange(ctx, ticket, connect.OneTimeToken{ID: token.NewID(), User: p.Token.User, ExpiresAt: now.Add(time.Hour)}, nil, now)
		},
		func(p apitest.Person, ticket connect.OneTimeToken, now time.Time) error {
			return f.Store.ChangeEmail(ctx, ticket, nil, now)
		},
		func(p apitest.Person, ticket connect.OneTimeToken, now time.Time) error {
			return f.Store.SaveFactors(ctx, p.Token.User, &connect.Factors{TOTP: "sealed"}, &ticket, true, nil, now)
		},
	} {
		p := f.Person(fmt.Sprintf("pat%d@example.com", n))
		now := f.Clock.Now()
		ticket := connect.OneTimeToken{
			ID: token.NewID(), Purpose: "any", User: p.Token.User, Email: connect.Email(fmt.Sprintf("new%d@example.com", n)), OldEmail: connect.Email(p.Email),
			ExpiresAt: now.Add(time.Hour),
		}
		if err := f.Store.RequestEmailChange(ctx, ticket, nil, now); err != nil {
			t.Fatal(err)
		}
		f.must(b.do(caller{bearer: p.Token.Text}, "PUT", "/v1/password", map[string]any{"current": p.Password, "password": "a second horse battery"}), 204)
		before := f.Dump()
		if err := use(p, ticket, now); err == nil {
			t.Errorf("use %d of a ticket from before a change", n)
		}
		if f.Dump() != before {
			t.Errorf("use %d has changed something", n)
		}
	}
}

// Logins change nothing that links depend on.
func TestALoginEndsNoLink(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	b.post(caller{}, "/v1/login/link", map[string]any{"email": p.Email})
	first := f.ticket(connect.PurposeLogin)
	f.must(b.post(caller{}, "/v1/login", credentials(p, p.Password)), 200)
	f.must(b.post(caller{}, "/v1/login/link/open", map[string]any{"token": first}), 200)
}

// A thief with the old password and a session begins an authenticator; a reset keeps the sessions, but not that.
func TestAnAuthenticatorBegunBeforeAChangeEnds(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	f.passkey(b, p)
	in := caller{bearer: p.Token.Text}
	secret := f.Private("secret", f.must(b.post(in, "/v1/factors/totp", map[string]any{"password": p.Password}), 200).text("secret"))
	b.post(caller{}, "/v1/password/forgot", map[string]any{"email": p.Email})
	f.must(b.post(caller{}, "/v1/password/reset", map[string]any{"token": f.ticket(connect.PurposeReset), "password": "the owner's own horse"}), 204)
	f.must(b.do(in, "GET", "/v1/sessions", nil), 200)
	if r := b.post(in, "/v1/factors/totp/confirm", map[string]any{"code": code(secret, f.Clock.Now())}); r.status != 409 {
		t.Errorf("%v", r)
	}
}

// A change of address has one end: as long as it can be done it is shown and can be cancelled.
func TestAChangeOfAddressHasOneEnd(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	f.must(b.post(caller{bearer: p.Token.Text}, "/v1/email", map[string]any{"email": "new@example.com", "password": p.Password}), 202)
	f.Clock.Forward(connect.EmailChangeLife - time.Minute)
	f.must(b.post(caller{}, "/v1/email/approve", map[string]any{"token": f.ticket(connect.PurposeApprove)}), 202)
	confirm := f.ticket(connect.PurposeEmail)
	f.Clock.Forward(2 * time.Minute)
	if r := b.post(caller{}, "/v1/email/confirm", map[string]any{"token": confirm}); r.code() != "link-invalid" {
		t.Errorf("confirmed after its end: %v", r)
	}
	if r := f.must(b.do(caller{bearer: p.Token.Text}, "GET", "/v1/email", nil), 200); r.body["pending"] != nil {
		t.Errorf("%v", r.body)
	}
	// Where nothing can be mailed any more, the person is told and the approval is not used up.
	for range connect.MailsToAddress.Limit + 1 {
		f.Clock.Forward(time.Second)
		r := b.post(caller{bearer: p.Token.Text}, "/v1/email", map[string]any{"email": "other@example.com", "password": p.Password})
		if r.status == 429 {
			return
		}
	}
	t.Error("no end to mails about changes")
}
