package main

import (
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func TestRecoveryTakesThreeDaysAndCanBeStopped(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	f.authenticator(b, p)
	ask := func() string {
		if r := b.post(caller{}, "/v1/recovery", fields{"email": p.Email}); r.status != 202 {
			t.Fatal(r)
		}
		return f.ticket(connect.PurposeRecover)
	}
	link := ask()
	finish := fields{"token": link, "password": p.Password}
	if r := b.post(caller{}, "/v1/recovery/finish", finish); r.status != 409 {
		t.Errorf("before it began: %v", r)
	}
	if r := b.post(caller{}, "/v1/recovery/open", fields{"token": link}); r.status != 200 || r.body["ready"] != false {
		t.Fatal(r)
	}
	f.Clock.Forward(connect.RecoveryWait - time.Second)
	if r := b.post(caller{}, "/v1/recovery/finish", finish); r.status != 409 || r.code() != "too-early" {
		t.Errorf("a second early: %v", r)
	}
	if r := b.do(caller{bearer: p.Token.Text}, "DELETE", "/v1/recovery", nil); r.status != 204 {
		t.Fatal(r)
	}
	f.Clock.Forward(2 * time.Second)
	if r := b.post(caller{}, "/v1/recovery/finish", finish); r.code() != "link-invalid" {
		t.Errorf("after it was stopped: %v", r)
	}
	if r := b.post(caller{}, "/v1/recovery/open", fields{"token": link}); r.code() != "link-invalid" {
		t.Errorf("opened after it was stopped: %v", r)
	}
	link = ask()
	finish["token"] = link
	b.post(caller{}, "/v1/recovery/open", fields{"token": link})
	f.Clock.Forward(connect.RecoveryWait + time.Second)
	if r := b.post(caller{}, "/v1/recovery/finish", fields{"token": link, "password": "wrong"}); r.status != 400 {
		t.Errorf("without the password: %v", r)
	}
	if r := b.post(caller{}, "/v1/recovery/finish", finish); r.status != 204 {
		t.Fatal(r)
	}
	if r := b.do(caller{bearer: p.Token.Text}, "GET", "/v1/sessions", nil); r.status != 401 {
		t.Errorf("a session after a recovery: %v", r)
	}
	if r := b.post(caller{}, "/v1/login", credentials(p, p.Password)); r.status != 200 {
		t.Errorf("the password alone, after a recovery: %v", r)
	}
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
		b.post(caller{}, "/v1/password/forgot", fields{"email": p.Email})
		body["token"] = f.ticket(connect.PurposeReset)
		f.must(b.post(caller{}, "/v1/password/reset", body), 204)
	}
	reset(fields{"password": "the thief's own horse"})
	b.post(caller{}, "/v1/recovery", fields{"email": p.Email})
	f.must(b.post(caller{}, "/v1/recovery/open", fields{"token": f.ticket(connect.PurposeRecover)}), 200)
	f.must(b.do(in, "DELETE", "/v1/recovery", nil), 204)
	f.Clock.Forward(time.Minute)
	reset(fields{"password": "the owner's third horse", "code": code(secret, f.Clock.Now())})
	if r := b.do(in, "GET", "/v1/sessions", nil); r.status != 401 {
		t.Errorf("after a reset with the code: %v", r)
	}
	b.post(caller{}, "/v1/password/forgot", fields{"email": p.Email})
	if r := b.post(caller{}, "/v1/password/reset", fields{
		"token": f.ticket(connect.PurposeReset), "password": "the thief's own horse", "code": "000000",
	}); r.status != 401 {
		t.Errorf("with a wrong code: %v", r)
	}
}
