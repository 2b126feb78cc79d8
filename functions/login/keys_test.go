package main

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// under is the function with another ring of token keys.
func (f *fixture) under(links token.Links) bulk {
	return bulk{app(web.Logger(io.Discard), f.DB, links, testPushes, web.NewCDN(cdnKey), apitest.Origin, f.Clock.Now)}
}

// After a rotation everybody logs in as before. After the old version was dropped, what it had made is refused
// in words: a recovery code still logs in, and the authenticator can be set up again.
func TestFactorsAndLinksThroughARotation(t *testing.T) {
	f := start(t)
	second := strings.Repeat("2", 32)
	both := token.NewLinks(fmt.Appendf(nil, `{"current":2,"keys":{"1":%q,"2":%q}}`, apitest.Key, second))
	dropped := token.NewLinks(fmt.Appendf(nil, `{"current":2,"keys":{"2":%q}}`, second))
	before, rotated, after := f.bulk(), f.under(both), f.under(dropped)
	p, resealed := f.Person("pat@example.com"), f.Person("sam@example.com")
	secret, codes := f.authenticator(before, p)
	other, _ := f.authenticator(before, resealed)
	login := func(b bulk, p apitest.Person, code string) reply {
		f.Clock.Forward(time.Minute)
		body := credentials(p, p.Password)
		body["code"] = code
		return b.post(caller{}, "/v1/login", body)
	}
	now := func(secret string) string { return code(secret, f.Clock.Now().Add(time.Minute)) }

	if r := login(rotated, resealed, now(other)); r.status != 200 {
		t.Fatalf("a code after the rotation: %v", r)
	}
	// That login has sealed the secret under the new version: it outlives the old one.
	if r := login(after, resealed, now(other)); r.status != 200 {
		t.Errorf("a code after the secret was sealed again: %v", r)
	}
	if r := login(after, p, now(secret)); r.status != 401 || r.code() != "factor-lost" {
		t.Errorf("a code whose secret nobody can read: %v", r)
	}
	in := login(after, p, codes[0])
	if in.status != 200 {
		t.Fatalf("a recovery code after the drop: %v", in)
	}
	me := caller{bearer: f.Private("session token", in.text("token"))}
	if r := after.do(me, "GET", "/v1/factors", nil); r.status != 200 || r.body["totpLost"] != true {
		t.Errorf("the factors do not tell: %v", r)
	}
	r := after.post(me, "/v1/factors/totp", fields{"password": p.Password})
	fresh := f.Private("secret", r.text("secret"))
	if r := after.post(me, "/v1/factors/totp/confirm", fields{"code": code(fresh, f.Clock.Now())}); r.status != 200 {
		t.Fatalf("setting it up again: %v", r)
	}
	if r := after.do(me, "GET", "/v1/factors", nil); r.body["totpLost"] != false {
		t.Errorf("still lost: %v", r)
	}
	if r := login(after, p, now(fresh)); r.status != 200 {
		t.Errorf("with the new secret: %v", r)
	}
}

// A mailed link works through a rotation; of a dropped version it is as good as none.
func TestAMailedLinkThroughARotation(t *testing.T) {
	f := start(t)
	second := strings.Repeat("2", 32)
	both := token.NewLinks(fmt.Appendf(nil, `{"current":2,"keys":{"1":%q,"2":%q}}`, apitest.Key, second))
	dropped := token.NewLinks(fmt.Appendf(nil, `{"current":2,"keys":{"2":%q}}`, second))
	f.post("/v1/register", f.signUp("pat@example.com"))
	link := f.link()
	if r := f.under(dropped).post(caller{}, "/v1/verify", fields{
		"token": link, "password": "correct horse battery",
	}); r.status != 400 || r.code() != "link-invalid" {
		t.Errorf("after the drop: %v", r)
	}
	if r := f.under(both).post(caller{}, "/v1/verify", fields{
		"token": link, "password": "correct horse battery",
	}); r.status != 200 {
		t.Errorf("after the rotation: %v", r)
	} else {
		f.Private("session token", r.text("token"))
	}
}
