package main

import (
	"fmt"
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
		b.post(caller{}, "/v1/login/link", fields{"email": p.Email})
	}, func(b bulk, link string) reply {
		return b.post(caller{}, "/v1/login/link/open", fields{"token": link})
	}},
	{"reset", connect.PurposeReset, func(_ *fixture, b bulk, p apitest.Person) {
		b.post(caller{}, "/v1/password/forgot", fields{"email": p.Email})
	}, func(b bulk, link string) reply {
		return b.post(caller{}, "/v1/password/reset", fields{"token": link, "password": "the thief's own horse"})
	}},
	{"recovery", connect.PurposeRecover, func(f *fixture, b bulk, p apitest.Person) {
		b.post(caller{}, "/v1/recovery", fields{"email": p.Email})
		b.post(caller{}, "/v1/recovery/open", fields{"token": f.ticket(connect.PurposeRecover)})
	}, func(b bulk, link string) reply {
		return b.post(caller{}, "/v1/recovery/open", fields{"token": link})
	}},
	{"approval of an address", connect.PurposeApprove, func(_ *fixture, b bulk, p apitest.Person) {
		b.post(caller{bearer: p.Token.Text}, "/v1/email", fields{"email": "thief@example.com", "password": p.Password})
	}, func(b bulk, link string) reply {
		return b.post(caller{}, "/v1/email/approve", fields{"token": link})
	}},
	{"new address", connect.PurposeEmail, func(f *fixture, b bulk, p apitest.Person) {
		b.post(caller{bearer: p.Token.Text}, "/v1/email", fields{"email": "thief@example.com", "password": p.Password})
		b.post(caller{}, "/v1/email/approve", fields{"token": f.ticket(connect.PurposeApprove)})
	}, func(b bulk, link string) reply {
		return b.post(caller{}, "/v1/email/confirm", fields{"token": link})
	}},
}

// changes are what a person can do to what they log in with.
var changes = []struct {
	name string
	do   func(f *fixture, b bulk, p apitest.Person, secret string)
}{
	{"password changed", func(f *fixture, b bulk, p apitest.Person, _ string) {
		f.must(b.do(caller{bearer: p.Token.Text}, "PUT", "/v1/password", fields{
			"current": p.Password, "password": "a second horse battery",
		}), 204)
	}},
	{"password reset", func(f *fixture, b bulk, p apitest.Person, _ string) {
		b.post(caller{}, "/v1/password/forgot", fields{"email": p.Email})
		f.must(b.post(caller{}, "/v1/password/reset", fields{
			"token": f.ticket(connect.PurposeReset), "password": "a second horse battery",
		}), 204)
	}},
	{"recovery codes made", func(f *fixture, b bulk, p apitest.Person, _ string) {
		f.must(b.post(caller{bearer: p.Token.Text}, "/v1/factors/recovery", fields{"password": p.Password}), 200)
	}},
	{"authenticator removed", func(f *fixture, b bulk, p apitest.Person, _ string) {
		f.must(b.do(caller{bearer: p.Token.Text}, "DELETE", "/v1/factors/totp", fields{"password": p.Password}), 204)
	}},
	{"passkey added", func(f *fixture, b bulk, p apitest.Person, _ string) { f.passkey(b, p) }},
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
					if r := b.post(caller{}, "/v1/email/cancel", fields{"token": old}); r.code() != "link-invalid" {
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

// Two at once: the link was opened and found good, and then the password was changed. The transaction decides.
func TestAChangeBetweenReadAndUse(t *testing.T) {
	f := start(t)
	b := f.bulk()
	ctx := t.Context()
	for n, use := range []func(p apitest.Person, ticket connect.OneTimeToken, now time.Time) error{
		func(p apitest.Person, ticket connect.OneTimeToken, now time.Time) error {
			s := token.NewBearer(p.Token.User, now.Add(time.Hour))
			return f.Store.StartSession(ctx, s, connect.LoginSession{
				ID: s.ID(), CreatedAt: now, ExpiresAt: now.Add(time.Hour),
			}, store.Login{Token: &ticket}, now)
		},
		func(p apitest.Person, ticket connect.OneTimeToken, now time.Time) error {
			return f.Store.ChangePassword(ctx, store.PasswordChange{User: p.Token.User, New: "hash", Token: &ticket}, now)
		},
		func(p apitest.Person, ticket connect.OneTimeToken, now time.Time) error {
			_, err := f.Store.WaitForRecovery(ctx, ticket, nil, nil, now)
			return err
		},
		func(p apitest.Person, ticket connect.OneTimeToken, now time.Time) error {
			return f.Store.ApproveEmailChange(ctx, ticket, connect.OneTimeToken{
				ID: token.NewID(), User: p.Token.User, ExpiresAt: now.Add(time.Hour),
			}, nil, now)
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
			ID: token.NewID(), Purpose: "any", User: p.Token.User, Email: connect.Email(fmt.Sprintf("new%d@example.com", n)),
			OldEmail:  connect.Email(p.Email),
			ExpiresAt: now.Add(time.Hour),
		}
		if err := f.Store.RequestEmailChange(ctx, ticket, nil, now); err != nil {
			t.Fatal(err)
		}
		f.must(b.do(caller{bearer: p.Token.Text}, "PUT", "/v1/password", fields{
			"current": p.Password, "password": "a second horse battery",
		}), 204)
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
	b.post(caller{}, "/v1/login/link", fields{"email": p.Email})
	first := f.ticket(connect.PurposeLogin)
	f.must(b.post(caller{}, "/v1/login", credentials(p, p.Password)), 200)
	f.must(b.post(caller{}, "/v1/login/link/open", fields{"token": first}), 200)
}

// A thief with the old password and a session begins an authenticator; a reset keeps the sessions, but not that.
func TestAnAuthenticatorBegunBeforeAChangeEnds(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	f.passkey(b, p)
	in := caller{bearer: p.Token.Text}
	secret := f.Private("secret", f.must(b.post(in, "/v1/factors/totp", fields{
		"password": p.Password,
	}), 200).text("secret"))
	b.post(caller{}, "/v1/password/forgot", fields{"email": p.Email})
	f.must(b.post(caller{}, "/v1/password/reset", fields{
		"token": f.ticket(connect.PurposeReset), "password": "the owner's own horse",
	}), 204)
	f.must(b.do(in, "GET", "/v1/sessions", nil), 200)
	if r := b.post(in, "/v1/factors/totp/confirm", fields{"code": code(secret, f.Clock.Now())}); r.status != 409 {
		t.Errorf("%v", r)
	}
}
