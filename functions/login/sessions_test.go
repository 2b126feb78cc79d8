package main

import (
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// signed are all routes of this function that need a session.
var signed = []apitest.Request{
	{Method: "POST", Path: "/v1/logout"}, {Method: "GET", Path: "/v1/sessions"}, {Method: "DELETE", Path: "/v1/sessions"},
	{Method: "DELETE", Path: "/v1/sessions/abcdefghijklmnop"},
	{Method: "GET", Path: "/v1/push"}, {Method: "DELETE", Path: "/v1/push/abcdefghijklmnop"},
}

func TestTokensThatAreNotGood(t *testing.T) {
	f := start(t)
	p, other := f.Person("pat@example.com"), f.Person("eve@example.com")
	revoked := f.login(p)
	if a := f.Do(apitest.Request{Method: "POST", Path: "/v1/logout", Bearer: revoked}); a.Status != 204 || a.Body != "" {
		t.Fatal(a.Status, a.Body)
	}
	parts := strings.Split(p.Token.Text, ".")
	bearers := map[string]string{
		"none": "", "revoked": revoked, "made up": token.NewBearer(p.Token.User, f.Clock.Now().Add(time.Hour)).Text,
		"for another person": string(other.Token.User) + "." + parts[1] + "." + parts[2],
		"a later expiry":     parts[0] + "." + parts[1] + ".zzzzzzz",
		"a link":             f.Links.Sign(connect.PurposeVerify, token.NewID()),
		"its id":             p.Token.ID(), "its hash": p.Token.Hash(),
		"too long": p.Token.Text + strings.Repeat("a", 200), "a key expression": "u_#." + parts[1] + ".1",
		"two parts": parts[0] + "." + parts[1], "a space": p.Token.Text + " x",
	}
	before := f.Dump()
	for _, r := range signed {
		for name, bearer := range bearers {
			r.Bearer = bearer
			if a := f.Do(r); a.Status != 401 || a.Code() != "not-signed-in" || a.Header["www-authenticate"] != "Bearer" {
				t.Errorf("%s %s with a token that is %s: %d %s", r.Method, r.Path, name, a.Status, a.Body)
			}
		}
		r.Bearer, r.Header = "", map[string]string{"authorization": "Basic " + p.Token.Text}
		if a := f.Do(r); a.Status != 401 {
			t.Errorf("%s %s with Basic: %d", r.Method, r.Path, a.Status)
		}
		r.Header = map[string]string{"cookie": "mc_token=" + p.Token.Text}
		if a := f.Do(r); a.Status != 401 {
			t.Errorf("%s %s with a cookie: %d", r.Method, r.Path, a.Status)
		}
	}
	if f.Dump() != before {
		t.Error("a refused call has changed something")
	}
	f.Clock.Forward(connect.SessionLife - time.Second)
	if a := f.Do(apitest.Request{Method: "GET", Path: "/v1/sessions", Bearer: p.Token.Text}); a.Status != 200 {
		t.Errorf("a second before it expires: %d", a.Status)
	}
	f.Clock.Forward(time.Second)
	for _, r := range signed {
		r.Bearer = p.Token.Text
		if a := f.Do(r); a.Status != 401 {
			t.Errorf("%s %s after it expired: %d", r.Method, r.Path, a.Status)
		}
	}
}

func TestAnotherAccountIsForbidden(t *testing.T) {
	f := start(t)
	p, other := f.Person("pat@example.com"), f.Person("eve@example.com")
	for _, r := range signed {
		r.Bearer, r.Header = p.Token.Text, map[string]string{"mi-account": string(other.Account)}
		if a := f.Do(r); a.Status != 403 || a.Code() != "forbidden" {
			t.Errorf("%s %s: %d %s", r.Method, r.Path, a.Status, a.Body)
		}
	}
}

type session struct {
	ID, Device, CreatedAt, LastSeenAt string
	Current                           bool
}

func (f *fixture) sessions(bearer string) []session {
	f.T.Helper()
	var out struct{ Sessions []session }
	a := f.Do(apitest.Request{Method: "GET", Path: "/v1/sessions", Bearer: bearer})
	if a.Status != 200 {
		f.T.Fatalf("sessions: %d %s", a.Status, a.Body)
	}
	if strings.Contains(a.Body, strings.Split(bearer, ".")[1]) {
		f.T.Error("the list of sessions holds a token")
	}
	a.Into(f.T, &out)
	return out.Sessions
}

func TestSessions(t *testing.T) {
	f := start(t)
	p, eve := f.Person("pat@example.com"), f.Person("eve@example.com")
	f.Clock.Forward(time.Minute)
	second := f.login(p)
	f.Clock.Forward(time.Minute)
	third := f.login(p)
	list := f.sessions(third)
	if len(list) != 3 || !list[0].Current || list[1].Current || list[2].Current || list[0].Device != "Firefox on Linux" {
		t.Fatalf("%+v", list)
	}
	end := func(bearer, id string) apitest.Answer {
		t.Helper()
		return f.Do(apitest.Request{Method: "DELETE", Path: "/v1/sessions/" + id, Bearer: bearer})
	}
	// Nobody ends another's.
	if a := end(eve.Token.Text, list[1].ID); a.Status != 404 || a.Code() != "not-found" {
		t.Errorf("another's session: %d %s", a.Status, a.Body)
	}
	if a := end(third, list[1].ID); a.Status != 204 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := end(third, list[1].ID); a.Status != 404 {
		t.Errorf("ended twice: %d", a.Status)
	}
	if a := f.Do(apitest.Request{Method: "GET", Path: "/v1/sessions", Bearer: second}); a.Status != 401 {
		t.Errorf("an ended session: %d", a.Status)
	}
	f.login(p)
	if a := f.Do(apitest.Request{Method: "DELETE", Path: "/v1/sessions", Bearer: third}); a.Status != 204 {
		t.Errorf("end the others: %d", a.Status)
	}
	if list = f.sessions(third); len(list) != 1 || !list[0].Current {
		t.Errorf("%+v", list)
	}
	if len(f.sessions(eve.Token.Text)) != 1 {
		t.Error("ending one's own sessions ended another's")
	}
	if a := f.Do(apitest.Request{Method: "POST", Path: "/v1/logout", Bearer: third}); a.Status != 204 {
		t.Error(a.Status)
	}
	if a := f.Do(apitest.Request{Method: "POST", Path: "/v1/logout", Bearer: third}); a.Status != 401 {
		t.Errorf("logged out twice: %d", a.Status)
	}
}

func TestLastSeenIsWrittenNowAndThen(t *testing.T) {
	f := start(t)
	p := f.Person("pat@example.com")
	seen := func() string { return f.sessions(p.Token.Text)[0].LastSeenAt }
	first := seen()
	f.Clock.Forward(9 * time.Minute)
	if seen() != first {
		t.Error("written within ten minutes")
	}
	f.Clock.Forward(2 * time.Minute)
	if seen() == first {
		t.Error("not written after ten")
	}
}
