package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

type fixture struct {
	*apitest.Client
	pat, eve apitest.Person
}

func start(t *testing.T) *fixture {
	w := apitest.New(t)
	f := &fixture{Client: w.Serve(lambdahttp.HTTP(app(w.Logger(), w.DB, web.NewCDN(""), apitest.Origin, w.Clock.Now)))}
	f.pat, f.eve = w.Person("pat@example.com"), w.Person("eve@example.com")
	return f
}

func (f *fixture) as(p apitest.Person, method, path string, body any) apitest.Answer {
	f.T.Helper()
	return f.Do(apitest.Request{Method: method, Path: path, Body: body, Bearer: p.Token.Text})
}

func shop(change map[string]any) map[string]any {
	b := map[string]any{"name": "Shop", "origins": []string{"https://shop.example"}}
	for k, v := range change {
		b[k] = v
	}
	return b
}

// signed are all routes of this function: none is public.
func signed(site string) []apitest.Request {
	return []apitest.Request{
		{Method: "GET", Path: "/v1/me"}, {Method: "GET", Path: "/v1/sites"},
		{Method: "POST", Path: "/v1/sites", Body: shop(nil)},
		{Method: "GET", Path: "/v1/sites/" + site}, {Method: "PUT", Path: "/v1/sites/" + site, Body: shop(nil)},
		{Method: "DELETE", Path: "/v1/sites/" + site},
		{Method: "GET", Path: "/v1/sites/" + site + "/stats"}, {Method: "GET", Path: "/v1/sites/" + site + "/callbacks"},
		{
			Method: "PATCH", Path: "/v1/sites/" + site + "/callbacks/c_0123456789abcdef",
			Body: map[string]any{"status": "called"},
		},
	}
}

func TestEveryRouteNeedsASession(t *testing.T) {
	f := start(t)
	site := f.Site(f.pat.Account, "Shop", "Europe/London", "https://shop.example")
	revoked := f.Person("gone@example.com")
	if n, err := f.Store.EndSessions(t.Context(), revoked.Token.User, func(string) bool { return true }); n != 1 ||
		err != nil {
		t.Fatal(n, err)
	}
	before := f.Dump()
	parts := strings.Split(f.pat.Token.Text, ".")
	for _, r := range signed(string(site.ID)) {
		for name, bearer := range map[string]string{
			"no token": "", "an ended one": revoked.Token.Text, "one of another shape": "x",
			"a made-up one":  token.NewBearer(f.pat.Token.User, f.Clock.Now().Add(time.Hour)).Text,
			"another's user": string(f.eve.Token.User) + "." + parts[1] + "." + parts[2],
		} {
			r.Bearer = bearer
			if a := f.Do(r); a.Status != 401 || a.Code() != "not-signed-in" {
				t.Errorf("%s %s with %s: %d %s", r.Method, r.Path, name, a.Status, a.Body)
			}
		}
		r.Bearer, r.Header = f.pat.Token.Text, map[string]string{"mi-account": string(f.eve.Account)}
		if a := f.Do(r); a.Status != 403 || a.Code() != "forbidden" {
			t.Errorf("%s %s in another account: %d %s", r.Method, r.Path, a.Status, a.Body)
		}
	}
	if f.Dump() != before {
		t.Error("a refused call has changed something")
	}
	f.Clock.Forward(connect.SessionLife)
	for _, r := range signed(string(site.ID)) {
		r.Bearer = f.pat.Token.Text
		if a := f.Do(r); a.Status != 401 {
			t.Errorf("%s %s with an expired token: %d", r.Method, r.Path, a.Status)
		}
	}
}

func TestMe(t *testing.T) {
	f := start(t)
	a := f.as(f.pat, "GET", "/v1/me", nil)
	var me struct {
		User     struct{ ID, Email, Name string }
		Account  struct{ ID, Name string }
		Role     string
		Plan     struct{ ID, Name string }
		Accounts []struct{ ID, Name, Role string }
	}
	a.Into(t, &me)
	if a.Status != 200 || me.User.Email != "pat@example.com" || me.User.ID != string(f.pat.Token.User) ||
		me.Account.ID != string(f.pat.Account) ||
		me.Role != "owner" || me.Plan.ID != "free" || len(me.Accounts) != 1 || me.Accounts[0].Role != "owner" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if b := f.Do(apitest.Request{
		Method: "GET", Path: "/v1/me", Bearer: f.pat.Token.Text,
		Header: map[string]string{"Mi-Account": string(f.pat.Account)},
	}); b.Body != a.Body {
		t.Errorf("naming one's own account: %s", b.Body)
	}
	if strings.Contains(a.Body, strings.Split(f.pat.Token.Text, ".")[1]) || strings.Contains(a.Body, "argon2") {
		t.Error("a secret in the body")
	}
}

func TestSitesFromFirstToLast(t *testing.T) {
	f := start(t)
	f.Subscribe(f.pat.Account, connect.Billing{Status: connect.Active, Plan: "starter"})
	if a := f.as(f.pat, "GET", "/v1/sites", nil); a.Body != `{"sites":[]}` {
		t.Errorf("%s", a.Body)
	}
	a := f.as(f.pat, "POST", "/v1/sites", shop(map[string]any{"origins": []string{
		"Shop.Example", "https://shop.example/", "http://localhost:8080", "https://SHOP.example:443",
		"https://shop.example/contact?x=1#top",
	}}))
	if a.Status != 201 || a.Text("timeZone") != "Europe/London" ||
		fmt.Sprint(a.JSON()["origins"]) != "[https://shop.example http://localhost:8080]" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if want := `<script async src="` + apitest.Origin + `/widget.js" data-site="` + a.Text("key") +
		`"></script>`; a.Text("snippet") != want {
		t.Errorf("the snippet is %s", a.Text("snippet"))
	}
	path := "/v1/sites/" + a.Text("id")
	if b := f.as(f.pat, "GET", path, nil); b.Status != 200 || b.Body != a.Body {
		t.Errorf("%d %s", b.Status, b.Body)
	}
	b := f.as(f.pat, "PUT", path, map[string]any{
		"name": "A Shop", "origins": []string{"https://a.example"}, "timeZone": "America/New_York",
	})
	if b.Status != 200 || b.Text("name") != "A Shop" || b.Text("key") != a.Text("key") ||
		b.Text("timeZone") != "America/New_York" {
		t.Errorf("%d %s", b.Status, b.Body)
	}
	if c := f.as(f.pat, "PUT", path, shop(nil)); c.Text("timeZone") != "America/New_York" {
		t.Errorf("a zone that was not named has changed: %s", c.Body)
	}
	// The widget's calls find the change under the public key.
	if s, err := f.Store.SiteByKey(t.Context(), connect.SiteKey(a.Text("key"))); err != nil || s.Name != "Shop" ||
		s.TimeZone != "America/New_York" {
		t.Error(s, err)
	}
	f.as(f.pat, "POST", "/v1/sites", shop(map[string]any{"name": "alpha"}))
	var list struct{ Sites []struct{ Name string } }
	f.as(f.pat, "GET", "/v1/sites", nil).Into(t, &list)
	if fmt.Sprint(list) != "{[{alpha} {Shop}]}" {
		t.Errorf("%v", list)
	}
	if d := f.as(f.pat, "DELETE", path, nil); d.Status != 204 {
		t.Errorf("%d %s", d.Status, d.Body)
	}
	for _, r := range []apitest.Request{
		{Method: "GET", Path: path}, {Method: "DELETE", Path: path}, {Method: "PUT", Path: path, Body: shop(nil)},
	} {
		r.Bearer = f.pat.Token.Text
		if a := f.Do(r); a.Status != 404 {
			t.Errorf("%s after it was removed: %d", r.Method, a.Status)
		}
	}
	if _, err := f.Store.SiteByKey(t.Context(), connect.SiteKey(a.Text("key"))); connect.KindOf(err) != connect.NotFound {
		t.Errorf("its key still works: %v", err)
	}
}

func TestAnothersSiteIsNotThere(t *testing.T) {
	f := start(t)
	site := f.Site(f.pat.Account, "Shop", "Europe/London", "https://shop.example")
	c := f.callback(site, 0)
	before := f.Dump()
	for _, id := range []string{
		string(site.ID), string(connect.NewSiteID()), "x", "site%23", "s_" + strings.Repeat("a", 100),
	} {
		for _, r := range signed(id)[3:] {
			r.Bearer = f.eve.Token.Text
			r.Path = strings.Replace(r.Path, "c_0123456789abcdef", string(c.ID), 1)
			if a := f.Do(r); a.Status != 404 || a.Code() != "not-found" || strings.Contains(a.Body, "Shop") {
				t.Errorf("%s %s: %d %s", r.Method, r.Path, a.Status, a.Body)
			}
		}
	}
	if f.Dump() != before {
		t.Error("another has changed something")
	}
}

func TestSitesRefuse(t *testing.T) {
	f := start(t)
	site := f.Site(f.pat.Account, "Shop", "Europe/London", "https://shop.example")
	many := make([]string, 21)
	for i := range many {
		many[i] = fmt.Sprintf("https://s%d.example", i)
	}
	before := f.Dump()
	for _, c := range []struct {
		name         string
		body         any
		code, fields string
	}{
		{"nothing", map[string]any{}, "invalid", "name origins"},
		{"no body", nil, "malformed", ""},
		{"no name", shop(map[string]any{"name": " "}), "invalid", "name"},
		{"a long name", shop(map[string]any{"name": strings.Repeat("x", 101)}), "invalid", "name"},
		{"no websites", shop(map[string]any{"origins": []string{}}), "invalid", "origins"},
		{"21 websites", shop(map[string]any{"origins": many}), "invalid", "origins"},
		{"a page without a website", shop(map[string]any{"origins": []string{"/page"}}), "invalid", "origins"},
		{"a star", shop(map[string]any{"origins": []string{"https://*.example"}}), "invalid", "origins"},
		{"null for an origin", shop(map[string]any{"origins": []string{"null://"}}), "invalid", "origins"},
		{"a program for an origin", shop(map[string]any{"origins": []string{"javascript:alert(1)"}}), "invalid", "origins"},
		{"one text for a list", shop(map[string]any{"origins": "https://shop.example"}), "malformed", "origins"},
		{"no zone of this world", shop(map[string]any{"timeZone": "Mars/Base"}), "invalid", "timeZone"},
		{"Local", shop(map[string]any{"timeZone": "Local"}), "invalid", "timeZone"},
		{"a file for a zone", shop(map[string]any{"timeZone": "../../etc/passwd"}), "invalid", "timeZone"},
		{"an unknown field", shop(map[string]any{"account": string(f.eve.Account)}), "unknown-field", "account"},
	} {
		for _, r := range []apitest.Request{
			{Method: "POST", Path: "/v1/sites"}, {Method: "PUT", Path: "/v1/sites/" + string(site.ID)},
		} {
			r.Body, r.Bearer = c.body, f.pat.Token.Text
			if a := f.Do(r); a.Status != 400 || a.Code() != c.code || a.Fields() != c.fields {
				t.Errorf("%s, %s: %d %s", c.name, r.Method, a.Status, a.Body)
			}
		}
	}
	if f.Dump() != before {
		t.Error("a refused call has changed something")
	}
}

func TestTwoChangesOfASiteAtOnce(t *testing.T) {
	f := start(t)
	site := f.Site(f.pat.Account, "Shop", "Europe/London", "https://shop.example")
	var mu sync.Mutex
	codes := map[int]int{}
	names := map[string]bool{}
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			a := f.as(f.pat, "PUT", "/v1/sites/"+string(site.ID), shop(map[string]any{"name": fmt.Sprintf("Shop %d", i)}))
			mu.Lock()
			defer mu.Unlock()
			codes[a.Status]++
			if a.Status == 200 {
				names[a.Text("name")] = true
			} else if a.Code() != "conflict" {
				t.Error(a.Body)
			}
		})
	}
	wg.Wait()
	s, err := f.Store.Site(t.Context(), f.pat.Account, site.ID)
	if err != nil || codes[200] < 1 || codes[200]+codes[409] != 10 || s.Version != 1+codes[200] || !names[s.Name] {
		t.Errorf("%v, version %d, %q", codes, s.Version, s.Name)
	}
	public, err := f.Store.SiteByKey(t.Context(), site.Key)
	if err != nil || public.Name != s.Name || public.Version != s.Version {
		t.Errorf("its two items differ: %+v, %+v", public, s)
	}
}

func TestRoles(t *testing.T) {
	f := start(t)
	site := f.Site(f.pat.Account, "Shop", "Europe/London", "https://shop.example")
	need := map[string]connect.Role{
		"POST /v1/sites": connect.Admin, "PUT": connect.Admin, "DELETE": connect.Admin, "PATCH": connect.Agent,
	}
	for _, role := range []connect.Role{connect.Viewer, connect.Agent, connect.Admin} {
		for _, r := range signed(string(site.ID)) {
			min := max(need[r.Method], need[r.Method+" "+r.Path], connect.Viewer)
			if min <= role {
				continue
			}
			f.setRole(f.pat, role)
			r.Bearer = f.pat.Token.Text
			if a := f.Do(r); a.Status != 403 || a.Code() != "forbidden" {
				t.Errorf("%s %s as %s: %d", r.Method, r.Path, role, a.Status)
			}
		}
	}
}
