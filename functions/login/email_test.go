package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// A change of address waits for the current address, is seen and cancelled from any session, and ended by the link
// that tells of it, also after it was approved.
func TestAChangeOfAddressIsApprovedAndCancelled(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	in := caller{bearer: p.Token.Text}
	ask := func(to string) {
		f.must(b.post(in, "/v1/email", fields{"email": to, "password": p.Password}), 202)
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
		if i["kind"] == string(connect.MailConfirmEmail) {
			t.Error("the new address is written to before the current one approves")
		}
	}
	if w := waits(); w["email"] != "one@example.com" || w["approved"] != false {
		t.Errorf("%v", w)
	}
	f.Clock.Forward(time.Second)
	ask("two@example.com")
	if r := b.post(caller{}, "/v1/email/approve", fields{"token": first}); r.code() != "link-invalid" {
		t.Errorf("one that was replaced: %v", r)
	}
	second := f.ticket(connect.PurposeApprove)
	if r := b.post(caller{}, "/v1/email/open", fields{
		"token": second,
	}); r.status != 200 || r.text("to") != "two@example.com" || r.text("from") != p.Email {
		t.Errorf("%v", r)
	}
	f.must(b.post(caller{}, "/v1/email/approve", fields{"token": second}), 202)
	confirm := f.ticket(connect.PurposeEmail)
	if w := waits(); w["approved"] != true {
		t.Errorf("%v", w)
	}
	f.must(b.post(caller{}, "/v1/email/cancel", fields{"token": second}), 204)
	if r := b.post(caller{}, "/v1/email/confirm", fields{"token": confirm}); r.code() != "link-invalid" {
		t.Errorf("confirmed after it was cancelled: %v", r)
	}
	f.Clock.Forward(time.Second)
	ask("three@example.com")
	f.must(b.do(in, "DELETE", "/v1/email", nil), 204)
	if r := b.post(caller{}, "/v1/email/approve", fields{
		"token": f.ticket(connect.PurposeApprove),
	}); r.code() != "link-invalid" {
		t.Errorf("approved after it was cancelled: %v", r)
	}
	if r := b.do(in, "DELETE", "/v1/email", nil); r.status != 404 || waits() != nil {
		t.Errorf("cancelled twice: %v", r)
	}
	if u, _ := f.Store.UserByEmail(t.Context(), "pat@example.com"); u != p.Token.User {
		t.Error("the address has changed")
	}
}

// A change of address has one end: as long as it can be done it is shown and can be cancelled.
func TestAChangeOfAddressHasOneEnd(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	f.must(b.post(caller{bearer: p.Token.Text}, "/v1/email", fields{
		"email": "new@example.com", "password": p.Password,
	}), 202)
	f.Clock.Forward(connect.EmailChangeLife - time.Minute)
	f.must(b.post(caller{}, "/v1/email/approve", fields{"token": f.ticket(connect.PurposeApprove)}), 202)
	confirm := f.ticket(connect.PurposeEmail)
	f.Clock.Forward(2 * time.Minute)
	if r := b.post(caller{}, "/v1/email/confirm", fields{"token": confirm}); r.code() != "link-invalid" {
		t.Errorf("confirmed after its end: %v", r)
	}
	if r := f.must(b.do(caller{bearer: p.Token.Text}, "GET", "/v1/email", nil), 200); r.body["pending"] != nil {
		t.Errorf("%v", r.body)
	}
	// Where nothing can be mailed any more, the person is told and the approval is not used up.
	for range connect.MailsToAddress.Limit + 1 {
		f.Clock.Forward(time.Second)
		r := b.post(caller{bearer: p.Token.Text}, "/v1/email", fields{"email": "other@example.com", "password": p.Password})
		if r.status == 429 {
			return
		}
	}
	t.Error("no end to mails about changes")
}

// What strangers ask for leaves the owner's own mail be, kind by kind and from where they have been before.
func TestStrangersDoNotUseUpTheOwnersMail(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	known := caller{} // the address that logs in below
	f.must(b.post(known, "/v1/login", credentials(p, p.Password)), 200)
	kinds := map[string]string{
		"/v1/login/link": string(connect.MailLoginLink), "/v1/password/forgot": string(connect.MailResetPassword),
		"/v1/recovery": string(connect.MailRecovery),
	}
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
		b.post(stranger, "/v1/recovery", fields{"email": p.Email})
	}
	if n := count(string(connect.MailRecovery)); n != connect.MailsToAddress.Limit {
		t.Errorf("%d recovery mails by strangers", n)
	}
	// An owner on a new device still has the kinds that strangers did not use up.
	f.must(b.post(caller{addr: "198.51.7.9"}, "/v1/login/link", fields{"email": p.Email}), 202)
	if count(string(connect.MailLoginLink)) != 1 {
		t.Error("sign-ups, guesses and recoveries have used up the login links")
	}
	for path, kind := range kinds {
		for n := range 20 {
			b.post(caller{addr: fmt.Sprintf("203.0.%d.7", n)}, path, fields{"email": p.Email})
		}
		had := count(kind)
		f.must(b.post(known, path, fields{"email": p.Email}), 202)
		if count(kind) != had+1 {
			t.Errorf("%s: nothing is mailed to the owner", path)
		}
	}
	f.must(b.post(known, "/v1/login", credentials(p, p.Password)), 200)
}
