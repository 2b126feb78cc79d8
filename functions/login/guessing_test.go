package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

func TestABotnetAgainstOneAccount(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	home := caller{addr: "192.0.2.10"}
	if r := b.post(home, "/v1/login", credentials(p, p.Password)); r.status != 200 {
		t.Fatal(r)
	}
	addresses := apitest.Often(200, 10_000)
	began := time.Now()
	tried, last := map[string]int{}, reply{}
	for n := range addresses {
		c := caller{addr: fmt.Sprintf("10.%d.%d.7", n/250, n%250), agent: []string{firefox, "Chrome", "Safari"}[n%3]}
		r := b.post(c, "/v1/login", credentials(p, fmt.Sprintf("guess %d of many", n)))
		tried[said(r)]++
		if r.status == 429 {
			last = r
		}
	}
	if tried["401 login-refused"] != connect.StrangerGuesses.Limit ||
		tried["429 too-many"] != addresses-connect.StrangerGuesses.Limit {
		t.Errorf("%v", tried)
	}
	if wait := last.header.Get("Retry-After"); wait == "" || wait == "0" {
		t.Errorf("429 without saying when to come back: %q", wait)
	}
	// The owner is not kept out: not from where they have been, nor by mail from elsewhere.
	if r := b.post(home, "/v1/login", credentials(p, p.Password)); r.status != 200 {
		t.Errorf("the owner from a known source: %v", r)
	}
	away := caller{addr: "198.51.100.77"}
	if r := b.post(away, "/v1/login", credentials(p, p.Password)); r.status != 429 {
		t.Errorf("a stranger with the password, whom nobody can tell from a lucky guess: %v", r)
	}
	if r := b.post(away, "/v1/login/link", fields{"email": p.Email}); r.status != 202 {
		t.Fatal(r)
	}
	link := f.ticket(connect.PurposeLogin)
	if r := b.post(away, "/v1/login/link/open", fields{"token": link}); r.status != 200 {
		t.Errorf("the mailed link: %v", r)
	}
	if r := b.post(away, "/v1/login/link/open", fields{"token": link}); r.status != 400 || r.code() != "link-invalid" {
		t.Errorf("the link twice: %v", r)
	}
	if r := b.post(away, "/v1/login", credentials(p, p.Password)); r.status != 200 {
		t.Errorf("the source is known now: %v", r)
	}
	f.Clock.Forward(time.Hour + time.Second)
	if r := b.post(caller{addr: "10.9.9.9"}, "/v1/login", credentials(p, "x")); r.status != 401 {
		t.Errorf("when the hour is over: %v", r)
	}
	fmt.Printf("security: botnet of %d addresses on one account: "+
		"%d guesses compared, %d throttled, owner got in (%.1fs)\n",
		addresses, tried["401 login-refused"], tried["429 too-many"], time.Since(began).Seconds())
}

func TestAnUnknownAddressIsThrottledAlike(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("known@example.com")
	for _, email := range []string{p.Email, "unknown@example.com"} {
		tried := map[string]int{}
		for n := range 40 {
			tried[said(b.post(caller{addr: fmt.Sprintf("10.1.%d.7", n)}, "/v1/login", fields{
				"email": email, "password": "a wrong one",
			}))]++
		}
		if tried["401 login-refused"] != connect.StrangerGuesses.Limit ||
			tried["429 too-many"] != 40-connect.StrangerGuesses.Limit {
			t.Errorf("%s: %v", email, tried)
		}
	}
}

func TestOneGuessEachFromOneNetwork(t *testing.T) {
	f := start(t)
	b := f.bulk()
	accounts := apitest.Often(120, 10_000)
	tried := map[string]int{}
	for n := range accounts {
		tried[said(b.post(caller{addr: fmt.Sprintf("203.0.113.%d", n%256)}, "/v1/login", fields{
			"email": fmt.Sprintf("user%d@example.com", n), "password": "Summer2026!",
		}))]++
	}
	if got := tried["401 login-refused"]; got > 100 || got != connect.PrefixGuesses.Limit ||
		tried["429 too-many"] != accounts-got {
		t.Errorf("%v", tried)
	}
	// Of IPv6, the /64 counts, whichever way it is written.
	f.Clock.Forward(2 * time.Hour)
	tried = map[string]int{}
	for n := range 100 {
		tried[said(b.post(caller{addr: fmt.Sprintf("2001:db8:1:2:%x::1", n)}, "/v1/login", fields{
			"email": fmt.Sprintf("user%d@example.com", n), "password": "x",
		}))]++
	}
	if tried["401 login-refused"] != connect.PrefixGuesses.Limit {
		t.Errorf("one /64: %v", tried)
	}
	fmt.Printf("security: one guess each at %d accounts from one /24: stopped after %d\n",
		accounts, connect.PrefixGuesses.Limit)
}

func TestOnlyTheCDNSaysWhoCalls(t *testing.T) {
	f := start(t)
	b := f.bulk()
	forge := func(n int, key string) int {
		h := map[string]string{
			"X-Forwarded-For": fmt.Sprintf("10.0.%d.1", n), "Forwarded": fmt.Sprintf("for=10.0.%d.1", n),
			"X-Real-Ip":                 fmt.Sprintf("10.0.%d.1", n),
			"Cloudfront-Viewer-Address": fmt.Sprintf("10.0.%d.1:4711", n), "X-Mi-Cdn": key,
		}
		return b.post(caller{header: h}, "/v1/login", fields{
			"email": fmt.Sprintf("u%d@example.com", n), "password": "x",
		}).status
	}
	const networks = 62 // two more than the budget of one
	keys := []string{"", cdnKey + "x"}
	if apitest.Long {
		keys = append(keys, "wrong", cdnKey[1:])
	}
	for _, key := range keys {
		f.Clock.Forward(2 * time.Hour)
		got := 0
		for n := range networks {
			if forge(n, key) == 401 {
				got++
			}
		}
		if got != connect.PrefixGuesses.Limit {
			t.Errorf("with %q for the secret, forged addresses made %d guesses", key, got)
		}
	}
	f.Clock.Forward(2 * time.Hour)
	for n := range networks {
		if s := forge(n, cdnKey); s != 401 {
			t.Fatalf("behind the CDN each network has its own budget: %d at %d", s, n)
		}
	}
}

func TestTwoHundredWrongCodesAtOnceCountFive(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	secret, _ := f.authenticator(b, p)
	f.Clock.Forward(time.Minute)
	good := code(secret, f.Clock.Now())
	tries := parallel(200, func(n int) string {
		wrong := fmt.Sprintf("%06d", n)
		if wrong == good {
			wrong = "999999"
		}
		body := credentials(p, p.Password)
		body["code"] = wrong
		// Each from its own network, so that only the codes' own budget can stop them.
		return said(b.post(caller{addr: fmt.Sprintf("10.2.%d.1", n)}, "/v1/login", body))
	})
	// The passwords were right: they were given back, but two hundred at once may meet their own limit.
	compared := tries["401 code-refused"]
	used := f.Throttled(connect.StrangerCodes, string(p.Token.User))
	if compared != 5 || used != 5 || compared+tries["429 too-many"] != 200 {
		t.Errorf("%d counted, %v", used, tries)
	}
	body := credentials(p, p.Password)
	body["code"] = good
	if r := b.post(caller{addr: "10.3.0.1"}, "/v1/login", body); r.status != 429 {
		t.Errorf("a good code after five wrong ones: %v", r)
	}
	f.Clock.Forward(connect.StrangerCodes.Window + time.Second)
	body["code"] = code(secret, f.Clock.Now())
	if r := b.post(caller{addr: "10.3.0.1"}, "/v1/login", body); r.status != 200 {
		t.Errorf("when the window is over: %v", r)
	}
	fmt.Printf("security: 200 wrong codes at once: %d compared\n", compared)
}

func TestAGoodCodeWorksOnce(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	secret, codes := f.authenticator(b, p)
	for name, next := range map[string]func() string{
		"authenticator": func() string { f.Clock.Forward(20 * time.Minute); return code(secret, f.Clock.Now()) },
		"recovery":      func() string { f.Clock.Forward(20 * time.Minute); return codes[3] },
	} {
		body := credentials(p, p.Password)
		if r := b.post(caller{}, "/v1/login", body); r.status != 401 || r.code() != "code-needed" {
			t.Fatal(r)
		}
		body["code"] = next()
		tries := parallel(100, func(n int) string {
			// Those who come later than five find the budget used up: also a refusal.
			return fmt.Sprint(b.post(caller{addr: fmt.Sprintf("10.4.%d.1", n)}, "/v1/login", body).status)
		})
		if tries["200"] != 1 || tries["500"] != 0 {
			t.Errorf("%s: %v", name, tries)
		}
		f.Clock.Forward(20 * time.Second)
		if r := b.post(caller{addr: "10.5.0.1"}, "/v1/login", body); r.status == 200 {
			t.Errorf("%s again: %v", name, r)
		}
		fmt.Printf("security: 100 uses of one good %s code at once: %d got in\n", name, tries["200"])
	}
	f.Clock.Forward(20 * time.Minute)
	// The step before the last accepted one is as good as used.
	body := credentials(p, p.Password)
	body["code"] = code(secret, f.Clock.Now().Add(30*time.Second))
	if r := b.post(caller{}, "/v1/login", body); r.status != 200 {
		t.Fatal(r)
	}
	body["code"] = code(secret, f.Clock.Now())
	if r := b.post(caller{}, "/v1/login", body); r.code() != "code-refused" {
		t.Errorf("an earlier step after a later: %v", r)
	}
}
