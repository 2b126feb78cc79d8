package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

func TestPasswordsAndAddresses(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	f.Clock.Forward(time.Minute)
	second := b.post(caller{}, "/v1/login", credentials(p, p.Password)).text("token")
	in := caller{bearer: p.Token.Text}
	if r := b.do(in, "PUT", "/v1/password", fields{
		"current": "wrong", "password": "another horse battery",
	}); r.status != 400 {
		t.Error(r)
	}
	for _, weak := range []string{"password", "pat@exam", "MiConnect1"} {
		if r := b.do(in, "PUT", "/v1/password", fields{"current": p.Password, "password": weak}); r.status != 400 {
			t.Errorf("%s: %v", weak, r)
		}
	}
	if r := b.do(in, "PUT", "/v1/password", fields{
		"current": p.Password, "password": "another horse battery",
	}); r.status != 204 {
		t.Fatal(r)
	}
	if r := b.do(caller{bearer: second}, "GET", "/v1/sessions", nil); r.status != 401 {
		t.Errorf("another session after the password was changed: %v", r)
	}
	if r := b.do(in, "GET", "/v1/sessions", nil); r.status != 200 {
		t.Errorf("the session that changed it: %v", r)
	}
	// A forgotten one: the second factor stays, and without it so do the sessions.
	secret, _ := f.authenticator(b, apitest.Person{Email: p.Email, Password: "another horse battery", Token: p.Token})
	f.Clock.Forward(time.Minute)
	known := b.post(caller{}, "/v1/password/forgot", fields{"email": p.Email})
	unknown := b.post(caller{}, "/v1/password/forgot", fields{"email": "nobody@example.com"})
	if known.status != 202 || fmt.Sprint(known.body) != fmt.Sprint(unknown.body) || unknown.status != 202 {
		t.Errorf("%v %v", known, unknown)
	}
	link := ""
	for _, i := range f.Items("SESSIONS_TABLE") {
		if i["purpose"] == connect.PurposeReset && i["user"] == string(p.Token.User) {
			link = f.Links.Sign(connect.PurposeReset, strings.TrimPrefix(i["pk"].(string), "T#"))
		}
		if i["purpose"] == connect.PurposeReset && i["user"] == "" {
			if r := b.post(caller{}, "/v1/password/reset", fields{
				"token":    f.Links.Sign(connect.PurposeReset, strings.TrimPrefix(i["pk"].(string), "T#")),
				"password": "correct horse battery",
			}); r.code() != "link-invalid" {
				t.Errorf("nobody's link: %v", r)
			}
		}
	}
	f.Clock.Forward(connect.ResetLife - time.Minute - time.Second)
	if r := b.post(caller{}, "/v1/password/reset", fields{
		"token": link, "password": "password",
	}); r.status != 400 || r.code() != "invalid" {
		t.Errorf("a weak one: %v", r)
	}
	if r := b.post(caller{}, "/v1/password/reset", fields{
		"token": link, "password": "a third horse battery",
	}); r.status != 204 {
		t.Fatal(r)
	}
	if r := b.do(in, "GET", "/v1/sessions", nil); r.status != 200 {
		t.Errorf("a session after a reset without the second factor: %v", r)
	}
	if r := b.post(caller{}, "/v1/login", credentials(p, "a third horse battery")); r.code() != "code-needed" {
		t.Errorf("the second factor after a reset: %v", r)
	}
	body := credentials(p, "a third horse battery")
	body["code"] = code(secret, f.Clock.Now())
	r := b.post(caller{}, "/v1/login", body)
	if r.status != 200 {
		t.Fatal(r)
	}
	in.bearer = r.text("token")
	// A new address: nothing changes before its link is followed, and both addresses are told.
	if r := b.post(in, "/v1/email", fields{
		"email": "new@example.com", "password": "a third horse battery",
	}); r.status != 202 {
		t.Fatal(r)
	}
	approve := f.ticket(connect.PurposeApprove)
	if tries := parallel(4, func(int) string {
		return fmt.Sprint(b.post(caller{}, "/v1/email/approve", fields{"token": approve}).status)
	}); tries["202"] != 1 {
		t.Errorf("%v", tries)
	}
	link = f.ticket(connect.PurposeEmail)
	if tries := parallel(50, func(int) string {
		return fmt.Sprint(b.post(caller{}, "/v1/email/confirm", fields{"token": link}).status)
	}); tries["204"] != 1 {
		t.Errorf("%v", tries)
	}
	if u, _ := f.Store.UserByEmail(t.Context(), "pat@example.com"); u != "" {
		t.Error("the old address still logs in")
	}
	if u, _ := f.Store.UserByEmail(t.Context(), "new@example.com"); u != p.Token.User {
		t.Error("the new address does not")
	}
	kinds := map[string]int{}
	for _, i := range f.Items("OUTBOX_TABLE") {
		kinds[i["kind"].(string)]++
	}
	if kinds["confirm-email"] != 1 || kinds["email-asked"] != 1 || kinds["email-changed"] != 1 {
		t.Errorf("%v", kinds)
	}
}

// Somebody signs the victim up five times with a password of their own. Whichever link the victim follows, the
// password is the victim's.
func TestNobodySetsSomebodyElsesPassword(t *testing.T) {
	f := start(t)
	b := f.bulk()
	for range 6 {
		f.must(b.post(caller{}, "/v1/register", fields{
			"email": "victim@example.com", "password": "the attacker's own horse", "name": "Mallory", "company": "Evil",
		}), 202)
	}
	link := f.link()
	if r := b.post(caller{}, "/v1/verify", fields{
		"token": link,
	}); r.status != 400 || !strings.Contains(fmt.Sprint(r.body), "password") {
		t.Errorf("without a password: %v", r)
	}
	f.must(b.post(caller{}, "/v1/verify/open", fields{"token": link}), 200)
	f.must(b.post(caller{}, "/v1/verify", fields{
		"token": link, "password": "the victim's own horse", "name": "Vic", "company": "Vic's",
	}), 200)
	for password, want := range map[string]int{"the attacker's own horse": 401, "the victim's own horse": 200} {
		if r := b.post(caller{}, "/v1/login", fields{"email": "victim@example.com", "password": password}); r.status != want {
			t.Errorf("%s: %v", password, r)
		}
	}
	if strings.Contains(f.Dump(), "Mallory") && strings.Contains(f.Dump(), `"name":"Mallory","pk":"U#`) {
		t.Error("the attacker's name is the victim's")
	}
}
