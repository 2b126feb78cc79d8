package main

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
)

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
	a = f.post("/v1/verify", fields{"token": link, "password": "correct horse battery"})
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
		if a := f.post("/v1/verify", fields{
			"token": again, "password": "correct horse battery",
		}); a.Status != 400 || a.Code() != "link-invalid" {
			t.Errorf("the link again: %d %s", a.Status, a.Body)
		}
	}
	if f.Dump() != before {
		t.Error("a link that was used has changed something")
	}
	if a := f.post("/v1/login", fields{
		"email": "  PAT@Example.com ", "password": "correct horse battery",
	}); a.Status != 200 {
		t.Errorf("login: %d %s", a.Status, a.Body)
	} else {
		f.Private("session token", a.Text("token"))
	}
	dump := f.Dump()
	for _, secret := range []string{
		"correct horse battery", bearer, strings.Split(bearer, ".")[1], link, strings.Split(link, ".")[1], "R#",
	} {
		if strings.Contains(dump, secret) {
			t.Errorf("a table holds %q", secret)
		}
	}
}

func TestRegisterDoesNotTellWhoIsKnown(t *testing.T) {
	f := start(t)
	f.Person("known@example.com")
	known := f.post("/v1/register", f.signUp("known@example.com"))
	unknown := f.post("/v1/register", f.signUp("unknown@example.com"))
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
			if a := f.post("/v1/verify", fields{
				"token": link, "password": "correct horse battery",
			}); a.Status != 400 || a.Code() != "link-invalid" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		}
	}
	if f.Count("ACCOUNTS_TABLE") != accounts {
		t.Error("a second account for one address")
	}
}

// The plan chosen on the price list is there when the account is, on whatever device the link is opened.
func TestThePlanIsCarriedThroughSignUp(t *testing.T) {
	f := start(t)
	up := f.signUp("new@example.com")
	up["plan"], up["interval"] = "business", "year"
	if a := f.post("/v1/register", up); a.Status != 202 {
		t.Fatal(a.Status, a.Body)
	}
	for _, i := range f.Items("SESSIONS_TABLE") {
		if i["email"] != "new@example.com" {
			continue
		}
		link := f.Links.Sign(connect.PurposeVerify, strings.TrimPrefix(i["pk"].(string), "R#"))
		a := f.post("/v1/verify/open", fields{"token": link})
		if a.Text("plan") != "business" || a.Text("interval") != "year" {
			t.Error(a.Status, a.Body)
		}
		return
	}
	t.Error("not stored")
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
		{"nothing", fields{}, 400, "invalid", "email name company"},
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
		{"a free plan", good("plan", "free"), 400, "invalid", "plan"},
		{"no plan of ours", good("plan", "gold"), 400, "invalid", "plan"},
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
			a := f.post("/v1/verify", fields{"token": link, "password": "correct horse battery"})
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
		if a := f.post("/v1/verify", fields{"token": link, "password": "correct horse battery"}); a.Status == 200 {
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
		"empty": "", "no signature": id, "an empty signature": id + ".", "only a dot": ".",
		"of another id":       token.NewID() + "." + mac,
		"of another purpose":  f.Links.Sign(connect.PurposeRequest, id),
		"of another key":      token.NewLinks([]byte(strings.Repeat("k", 32))).Sign(connect.PurposeVerify, id),
		"a changed signature": id + "." + flipped, "cut short": good[:len(good)-4], "with more": good + "A",
		"very long":                  strings.Repeat("a", 60_000) + "." + mac,
		"signed but never given out": f.Links.Sign(connect.PurposeVerify, token.NewID()),
	} {
		if a := f.post("/v1/verify", fields{
			"token": link, "password": "correct horse battery",
		}); a.Status != 400 || a.Code() != "link-invalid" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if f.Dump() != before {
		t.Error("a wrong link has changed something")
	}
	f.Clock.Forward(24*time.Hour - time.Second)
	f.Clock.Forward(time.Second)
	if a := f.post("/v1/verify", fields{
		"token": good, "password": "correct horse battery",
	}); a.Status != 400 || a.Code() != "link-invalid" {
		t.Errorf("after 24 hours: %d %s", a.Status, a.Body)
	}
	f.Clock.Forward(-time.Second)
	if a := f.post("/v1/verify", fields{"token": good, "password": "correct horse battery"}); a.Status != 200 {
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
