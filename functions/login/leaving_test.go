package main

import (
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

func (f *fixture) deleteLogin(p apitest.Person, body map[string]any) apitest.Answer {
	f.T.Helper()
	return f.Do(apitest.Request{Method: "DELETE", Path: "/v1/me", Body: body, Bearer: p.Token.Text})
}

// A person can delete their login: it takes the password and the second factor, no account is left without an
// owner, and nothing is left that names them but what they did in the logs of accounts.
func TestDeletingALoginLeavesNothingThatNamesThePerson(t *testing.T) {
	f := start(t)
	boss, pat := f.Person("boss@example.com"), f.Person("pat@example.com")
	f.Member(pat, boss.Account, connect.Admin)
	secret, codes := f.authenticator(f.bulk(), pat)
	f.Clock.Forward(time.Minute)
	before := f.Sizes()
	for _, c := range []struct {
		what   string
		body   map[string]any
		status int
		code   string
		fields string
	}{
		{"a wrong password", fields{"password": "not mine"}, 400, "invalid", "password"},
		{"no code", fields{"password": pat.Password}, 400, "invalid", "code"},
		{"a wrong code", fields{"password": pat.Password, "code": "000000"}, 400, "invalid", "code"},
		{"the only owner", fields{"password": pat.Password, "code": code(secret, f.Clock.Now())}, 409, "last-owner", ""},
	} {
		if a := f.deleteLogin(pat, c.body); a.Status != c.status || a.Code() != c.code || a.Fields() != c.fields {
			t.Errorf("%s: %d %s", c.what, a.Status, a.Body)
		} else if c.status == 409 && !strings.Contains(a.Text("detail"), "Example pat@example.com") {
			t.Errorf("it does not say which account: %s", a.Body)
		}
	}
	for table, n := range f.Sizes() {
		if n != before[table] && table != "MARKS_TABLE" {
			t.Errorf("a refused call has changed %s", table)
		}
	}
	f.Member(boss, pat.Account, connect.Owner)
	if a := f.deleteLogin(pat, fields{"password": pat.Password, "code": codes[0]}); a.Status != 204 {
		t.Fatal(a.Status, a.Body)
	}
	for _, table := range []string{"ACCOUNTS_TABLE", "CREDENTIALS_TABLE", "SESSIONS_TABLE"} {
		for _, i := range f.Items(table) {
			for k, v := range i {
				text, _ := v.(string)
				ticket := i["purpose"] == connect.PurposeDeleted // to whom the last mail goes, for a day
				address := strings.Contains(text, pat.Email) && k != "name" && k != "accountName"
				if !ticket && (address || strings.Contains(text, string(pat.Token.User))) {
					t.Errorf("%s still holds %s of %v %v: %s", table, k, i["pk"], i["sk"], text)
				}
			}
		}
	}
	if a := f.post("/v1/login", fields{"email": pat.Email, "password": pat.Password}); a.Status != 401 {
		t.Errorf("login: %d", a.Status)
	}
	if a := f.Do(apitest.Request{Method: "GET", Path: "/v1/sessions", Bearer: pat.Token.Text}); a.Status != 401 {
		t.Errorf("the session: %d", a.Status)
	}
	// The address is free again.
	if a := f.post("/v1/register", f.signUp(pat.Email)); a.Status != 202 {
		t.Error(a)
	}
	mails := 0
	for _, i := range f.Items("OUTBOX_TABLE") {
		if i["kind"] == string(connect.MailLoginDeleted) {
			mails++
		}
	}
	if mails != 1 {
		t.Errorf("%d mails say so", mails)
	}
}

// A closed account takes its clients along that nobody else could enter, at once, and asking again is no fault.
func TestClosingAnAgency(t *testing.T) {
	f := start(t)
	p := f.Person("agency@example.com")
	c := connect.Client{
		Agency: p.Account, AgencyName: "Agency", Account: connect.NewAccountID(), Name: "C", Payer: connect.AgencyPays,
		Since: f.Clock.Now(),
	}
	if err := f.Store.AddClient(t.Context(), c, apitest.Roomy); err != nil {
		t.Fatal(err)
	}
	site := f.Site(c.Account, "C", "Europe/London", "https://c.example")
	in := apitest.Request{
		Method: "DELETE", Path: "/v1/account", Bearer: p.Token.Text, Body: fields{"password": p.Password},
	}
	first, again := f.Do(in), f.Do(in)
	if first.Status != 200 || again.Status != 200 || first.Body != again.Body {
		t.Errorf("%d %s, then %d %s", first.Status, first.Body, again.Status, again.Body)
	}
	if _, runs, err := f.Store.WidgetStatus(t.Context(), site, f.Clock.Now()); err != nil || runs {
		t.Errorf("its client's widget runs: %v, %v", runs, err)
	}
	account, err := f.Store.Account(t.Context(), c.Account)
	if err != nil || account.ClosedWith != p.Account || account.ClosingAt.IsZero() {
		t.Errorf("%+v, %v", account, err)
	}
}
