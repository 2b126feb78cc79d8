package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

func TestLoginDoesNotTellWhoIsKnown(t *testing.T) {
	f := start(t)
	p := f.Person("known@example.com")
	before := f.Count("SESSIONS_TABLE")
	answers := map[string]bool{}
	for _, c := range []struct{ email, password string }{
		{p.Email, "not the password"}, {"unknown@example.com", p.Password}, {"not an address", p.Password}, {"", ""},
		{p.Email, ""},
		{p.Email, p.Password + " "}, {p.Email, strings.Repeat("x", 5000)}, {"", p.Password},
	} {
		a := f.post("/v1/login", fields{"email": c.email, "password": c.password})
		if a.Status != 401 || a.Code() != "login-refused" {
			t.Errorf("%q: %d %s", c.email, a.Status, a.Body)
		}
		answers[same(a)] = true
	}
	if len(answers) != 1 {
		t.Errorf("refusals differ: %v", answers)
	}
	if f.Count("SESSIONS_TABLE") != before {
		t.Error("a refused login has stored something")
	}
	if a := f.post("/v1/login", fields{
		"email": p.Email, "password": p.Password, "remember": true,
	}); a.Status != 400 || a.Code() != "unknown-field" {
		t.Errorf("an unknown field: %d %s", a.Status, a.Body)
	}
}

func TestABodyOfTenMegabytes(t *testing.T) {
	f := start(t)
	big := `{"email":"` + strings.Repeat("a", 10<<20) + `","password":"x"}`
	for _, path := range []string{"/v1/register", "/v1/verify", "/v1/login"} {
		if a := f.post(path, big); a.Status != 413 || a.Code() != "body-too-large" {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
}

func TestAHashOfOlderParametersIsReplaced(t *testing.T) {
	f := start(t)
	p := f.Person("pat@example.com")
	weak := argon2.IDKey([]byte(p.Password), []byte("0123456789abcdef"), 1, 8, 1, 32)
	old := "$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$" + base64.RawStdEncoding.EncodeToString(weak)
	now, err := f.Store.PasswordHash(t.Context(), p.Token.User)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Store.ReplacePasswordHash(t.Context(), p.Token.User, now, old); err != nil {
		t.Fatal(err)
	}
	f.login(p)
	after, _ := f.Store.PasswordHash(t.Context(), p.Token.User)
	if after == old || !strings.Contains(after, "m=19456,t=2,p=1") {
		t.Errorf("the hash is %q", after)
	}
	f.login(p)
}

// TestTimingTellsNobody compares how long a known and an unknown address take.
func TestTimingTellsNobody(t *testing.T) {
	f := start(t)
	b := f.bulk()
	known := f.Person("known@example.com")
	for n := range 3 { // the more accounts somebody is in, the more is to be logged
		f.Member(known, f.Person(fmt.Sprintf("owner%d@example.com", n)).Account, connect.Agent)
	}
	emails := [2]string{known.Email, "other@example.com"}
	for _, c := range []struct {
		name, path string
		body       func(email string) map[string]any
	}{
		{"login", "/v1/login", func(e string) map[string]any { return fields{"email": e, "password": "not the password"} }},
		{"register", "/v1/register", func(e string) map[string]any {
			return fields{"email": e, "password": "correct horse battery", "name": "N", "company": "C"}
		}},
		{"forgot", "/v1/password/forgot", func(e string) map[string]any { return fields{"email": e} }},
		{"login link", "/v1/login/link", func(e string) map[string]any { return fields{"email": e} }},
		{"resend", "/v1/register/resend", func(e string) map[string]any { return fields{"email": e} }},
	} {
		apitest.Timing(t, c.name, func(which int) {
			if r := b.post(caller{}, c.path, c.body(emails[which])); r.status != 401 && r.status != 202 {
				t.Fatal(c.name, r)
			}
		}, func() { f.Clock.Forward(time.Hour) }) // budgets are full again
	}
}
