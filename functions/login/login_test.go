package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

const cdnKey = "the secret that the CDN sends"

type fixture struct{ *apitest.Client }

func start(t *testing.T) *fixture {
	w := apitest.New(t)
	return &fixture{w.Serve(lambdahttp.HTTP(app(w.Logger(), w.DB, w.Links, web.NewCDN(cdnKey), apitest.Origin, w.Clock.Now)))}
}

func (f *fixture) post(path string, body any) apitest.Answer {
	f.T.Helper()
	return f.Do(apitest.Request{Method: "POST", Path: path, Body: body})
}

func (f *fixture) signUp(email string) map[string]any {
	f.Private("email address", email)
	return map[string]any{"email": email, "password": f.Private("password", "correct horse battery"), "name": f.Private("name", "Pat Example"), "company": "Example Ltd"}
}

// link is the newest registration's token, as its mail would carry it.
func (f *fixture) link() string {
	f.T.Helper()
	for _, i := range f.Items("SESSIONS_TABLE") {
		if id, ok := strings.CutPrefix(i["pk"].(string), "R#"); ok {
			return f.Private("link", f.Links.Sign(connect.PurposeVerify, id))
		}
	}
	f.T.Fatal("nobody has registered")
	return ""
}

func (f *fixture) login(p apitest.Person) string {
	f.T.Helper()
	a := f.post("/v1/login", map[string]any{"email": p.Email, "password": p.Password})
	if a.Status != 200 {
		f.T.Fatalf("login: %d %s", a.Status, a.Body)
	}
	return f.Private("session token", a.Text("token"))
}

// same is an answer without what differs between any two requests.
func same(a apitest.Answer) string {
	id, _ := a.JSON()["requestId"].(string)
	h := fmt.Sprint(a.Header["content-type"], a.Header["cache-control"], a.Header["www-authenticate"], len(a.Header))
	body := a.Body
	if id != "" {
		body = strings.ReplaceAll(body, id, "")
	}
	return fmt.Sprint(a.Status, h, body)
}

func TestRegisterAndVerify(t *testing.T) {
	f := start(t)
	a := f.post("/v1/register", f.signUp("pat@example.com"))
	if a.Status != 202 || a.Body != "{}" {
		t.Fatal(a.Status, a.Body)
	}
	if f.Count("ACCOUNTS_TABLE") != 0 || f.Count("OUTBOX_TABLE") != 1 {
		t.Fatal("an account before its address is confirmed, or no mail", f.Sizes())
	}
	link := f.link()
	a = f.post("/v1/verify", map[string]any{"token": link, "password": "correct horse battery"})
	if a.Status != 200 {
		t.Fatal(a.Status, a.Body)
	}
	bearer := f.Private("session token", a.Text("token"))
	ends, err := time.Parse(time.RFC3339, a.Text("expiresAt"))
	if left := ends.Sub(f.Clock.Now()); err != nil || left > 7*24*time.Hour || left < 7*24*time.Hour-time.Second {
		t.Errorf("the session ends after %v", left)
	}
	if a := f.Do(apitest.Request{Method: "GET", Path: "/v1/sessions", Bearer: bearer}); a.Status != 200 {
		t.Errorf("verify does not log in: %d", a.Status)
	}
	before := f.Dump()
	for _, again := range []string{link, link} {
		if a := f.post("/v1/verify", map[string]any{"token": again, "password": "correct horse battery"}); a.Status != 400 || a.Code() != "link-invalid" {
			t.Errorf("the link again: %d %s", a.Status, a.Body)
		}
	}
	if f.Dump() != before {
		t.Error("a link that was used has changed something")
	}
	if a := f.post("/v1/login", map[string]any{"email": "  PAT@Example.com ", "password": "correct horse battery"}); a.Status != 200 {
		t.Errorf("login: %d %s", a.Status, a.Body)
	} else {
		f.Private("session token", a.Text("token"))
	}
	dump := f.Dump()
	for _, secret := range []string{"correct horse battery", bearer, strings.Split(bearer, ".")[1], link, strings.Split(link, ".")[1], "R#"} {
		if strings.Contains(dump, secret) {
			t.Errorf("a table holds %q", secret)
		}
	}
}

func TestRegisterDoesNotTellWhoIsKnown(t *testing.T) {
	f := start(t)
	f.Person("known@example.com")
	known, unknown := f.post("/v1/register", f.signUp("known@example.com")), f.post("/v1/register", f.signUp("unknown@example.com"))
	if known.Status != 202 || same(known) != same(unknown) {
		t.Errorf("known: %s\nunknown: %s", same(known), same(unknown))
	}
	if n := f.Count("OUTBOX_TABLE"); n != 3 { // the fixture's own, and one each
		t.Errorf("%d mails", n)
	}
	// The known address's link, were it ever mailed, opens nothing and takes nothing away.
	accounts := f.Count("ACCOUNTS_TABLE")
	for _, i := range f.Items("SESSIONS_TABLE") {
		if i["email"] == "known@example.com" {
			link := f.Links.Sign(connect.PurposeVerify, strings.TrimPrefix(i["pk"].(string), "R#"))
			if a := f.post("/v1/verify", map[string]any{"token": link, "password": "correct horse battery"}); a.Status != 400 || a.Code() != "link-invalid" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		}
	}
	if f.Count("ACCOUNTS_TABLE") != accounts {
		t.Error("a second account for one address")
	}
}

func TestRegisterRefuses(t *testing.T) {
	f := start(t)
	good := func(change string, to any) map[string]any {
		b := f.signUp("pat@example.com")
		b[change] = to
		return b
	}
	long := strings.Repeat("x", 101)
	for _, c := range []struct {
		name         string
		body         any
		status       int
		code, fields string
	}{
		{"no body", nil, 400, "malformed", ""},
		{"nothing", map[string]any{}, 400, "invalid", "email name company"},
		{"no address", good("email", ""), 400, "invalid", "email"},
		{"no domain", good("email", "pat"), 400, "invalid", "email"},
		{"a name with the address", good("email", "Pat <pat@example.com>"), 400, "invalid", "email"},
		{"two addresses", good("email", "pat@example.com,eve@example.com"), 400, "invalid", "email"},
		{"a header in the address", good("email", "pat@example.com\r\nBcc: eve@example.com"), 400, "invalid", "email"},
		{"an address of 300 bytes", good("email", strings.Repeat("a", 290)+"@example.com"), 400, "invalid", "email"},
		{"a short password", good("password", "1234567"), 400, "invalid", "password"},
		{"a password of 257 characters", good("password", strings.Repeat("x", 257)), 400, "invalid", "password"},
		{"a password with a zero", good("password", "12345678\x00"), 400, "invalid", "password"},
		{"a long name", good("name", long), 400, "invalid", "name"},
		{"a name that turns the text", good("name", "\u202emoc.elpmaxe"), 400, "invalid", "name"},
		{"a company of two lines", good("company", "a\nb"), 400, "invalid", "company"},
		{"an unknown field", good("role", "owner"), 400, "unknown-field", "role"},
		{"a list for text", good("email", []string{"pat@example.com"}), 400, "malformed", "email"},
		{"64 KB and more", good("name", strings.Repeat("x", 64<<10)), 413, "body-too-large", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.T = t
			a := f.post("/v1/register", c.body)
			if a.Status != c.status || a.Code() != c.code || a.Fields() != c.fields {
				t.Errorf("%d %s %q: %s", a.Status, a.Code(), a.Fields(), a.Body)
			}
			if strings.Contains(a.Body, "pat@example") || strings.Contains(a.Body, "correct horse") {
				t.Errorf("the body repeats what was sent: %s", a.Body)
			}
		})
	}
	f.T = t
	for table, n := range f.Sizes() {
		if n != 0 {
			t.Errorf("%d items in %s", n, table)
		}
	}
}

func TestTwentyVerifiesAtOnce(t *testing.T) {
	f := start(t)
	f.post("/v1/register", f.signUp("pat@example.com"))
	link := f.link()
	var mu sync.Mutex
	codes := map[int]int{}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			a := f.post("/v1/verify", map[string]any{"token": link, "password": "correct horse battery"})
			mu.Lock()
			defer mu.Unlock()
			codes[a.Status]++
			if a.Status == 200 {
				f.Private("session token", a.Text("token"))
			}
		})
	}
	wg.Wait()
	if codes[200] != 1 || codes[400] != 19 {
		t.Errorf("%v", codes)
	}
	// user, account, two halves of the membership, address
	if n := f.Count("ACCOUNTS_TABLE"); n != 5 {
		t.Errorf("%d items in Accounts: %v", n, f.Items("ACCOUNTS_TABLE"))
	}
	// the session, and where it came from
	if f.Count("SESSIONS_TABLE") != 2 || f.Count("CREDENTIALS_TABLE") != 1 {
		t.Error(f.Sizes())
	}
}

func TestTwoRegistrationsOfOneAddress(t *testing.T) {
	f := start(t)
	f.post("/v1/register", f.signUp("pat@example.com"))
	f.post("/v1/register", f.signUp("pat@example.com"))
	won := 0
	for _, i := range f.Items("SESSIONS_TABLE") {
		link := f.Links.Sign(connect.PurposeVerify, strings.TrimPrefix(i["pk"].(string), "R#"))
		if a := f.post("/v1/verify", map[string]any{"token": link, "password": "correct horse battery"}); a.Status == 200 {
			won++
		} else if a.Code() != "link-invalid" {
			t.Error(a.Body)
		}
	}
	if won != 1 || f.Count("ACCOUNTS_TABLE") != 5 {
		t.Errorf("%d accounts for one address: %v", won, f.Sizes())
	}
}

func TestLinksThatAreNot(t *testing.T) {
	f := start(t)
	f.post("/v1/register", f.signUp("pat@example.com"))
	good := f.link()
	id, mac, _ := strings.Cut(good, ".")
	last := mac[len(mac)-1]
	flipped := mac[:len(mac)-1] + string("BA"[b2i(last == 'B')])
	before := f.Dump()
	for name, link := range map[string]string{
		"empty": "", "no signature": id, "an empty signature": id + ".", "only a dot": ".", "of another id": token.NewID() + "." + mac,
		"of another purpose": f.Links.Sign(connect.PurposeRequest, id), "of another key": token.NewLinks([]byte(strings.Repeat("k", 32))).Sign(connect.PurposeVerify, id),
		"a changed signature": id + "." + flipped, "cut short": good[:len(good)-4], "with more": good + "A", "very long": strings.Repeat("a", 60_000) + "." + mac,
		"signed but never given out": f.Links.Sign(connect.PurposeVerify, token.NewID()),
	} {
		if a := f.post("/v1/verify", map[string]any{"token": link, "password": "correct horse battery"}); a.Status != 400 || a.Code() != "link-invalid" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if f.Dump() != before {
		t.Error("a wrong link has changed something")
	}
	f.Clock.Forward(24*time.Hour - time.Second)
	f.Clock.Forward(time.Second)
	if a := f.post("/v1/verify", map[string]any{"token": good, "password": "correct horse battery"}); a.Status != 400 || a.Code() != "link-invalid" {
		t.Errorf("after 24 hours: %d %s", a.Status, a.Body)
	}
	f.Clock.Forward(-time.Second)
	if a := f.post("/v1/verify", map[string]any{"token": good, "password": "correct horse battery"}); a.Status != 200 {
		t.Errorf("a second before: %d %s", a.Status, a.Body)
	} else {
		f.Private("session token", a.Text("token"))
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestLoginDoesNotTellWhoIsKnown(t *testing.T) {
	f := start(t)
	p := f.Person("known@example.com")
	before := f.Count("SESSIONS_TABLE")
	answers := map[string]bool{}
	for _, c := range []struct{ email, password string }{
		{p.Email, "not the password"}, {"unknown@example.com", p.Password}, {"not an address", p.Password}, {"", ""}, {p.Email, ""},
		{p.Email, p.Password + " "}, {p.Email, strings.Repeat("x", 5000)}, {"", p.Password},
	} {
		a := f.post("/v1/login", map[string]any{"email": c.email, "password": c.password})
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
	if a := f.post("/v1/login", map[string]any{"email": p.Email, "password": p.Password, "remember": true}); a.Status != 400 || a.Code() != "unknown-field" {
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

// signed are all routes of this function that need a session.
var signed = []apitest.Request{
	{Method: "POST", Path: "/v1/logout"}, {Method: "GET", Path: "/v1/sessions"}, {Method: "DELETE", Path: "/v1/sessions"},
	{Method: "DELETE", Path: "/v1/sessions/abcdefghijklmnop"},
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
		"for another person": string(other.Token.User) + "." + parts[1] + "." + parts[2], "a later expiry": parts[0] + "." + parts[1] + ".zzzzzzz",
		"a link": f.Links.Sign(connect.PurposeVerify, token.NewID()), "its id": p.Token.ID(), "its hash": p.Token.Hash(),
		"too long": p.Token.Text + strings.Repeat("a", 200), "a key expression": "u_#." + parts[1] + ".1", "two parts": parts[0] + "." + parts[1], "a space": p.Token.Text + " x",
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
	if after, _ := f.Store.PasswordHash(t.Context(), p.Token.User); after == old || !strings.Contains(after, "m=19456,t=2,p=1") {
		t.Errorf("the hash is %q", after)
	}
	f.login(p)
}
