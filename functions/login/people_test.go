package main

import (
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/functions/login/factors"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"

// bulk calls the handler itself: thousands of requests without their events and checks.
type bulk struct{ h http.Handler }

type caller struct {
	addr, agent, bearer string
	header              map[string]string
}

type reply struct {
	status int
	header http.Header
	body   map[string]any
}

func (r reply) code() string {
	s, _ := r.body["type"].(string)
	return strings.TrimPrefix(s, "urn:mi-connect:problem:")
}

func (r reply) text(name string) string { s, _ := r.body[name].(string); return s }

func (f *fixture) bulk() bulk {
	return bulk{app(web.Logger(io.Discard), f.DB, f.Links, web.NewCDN(cdnKey), apitest.Origin, f.Clock.Now)}
}

func (b bulk) do(c caller, method, path string, body any) reply {
	text, _ := json.Marshal(body)
	r := httptest.NewRequest(method, path, strings.NewReader(string(text)))
	r.RemoteAddr = c.addr
	if c.addr == "" {
		r.RemoteAddr = "203.0.113.9"
	}
	r.Header.Set("User-Agent", c.agent)
	if c.agent == "" {
		r.Header.Set("User-Agent", firefox)
	}
	if c.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	for k, v := range c.header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	out := reply{status: w.Code, header: w.Header()}
	_ = json.Unmarshal(w.Body.Bytes(), &out.body)
	return out
}

func (b bulk) post(c caller, path string, body any) reply { return b.do(c, "POST", path, body) }

func credentials(p apitest.Person, pass string) map[string]any {
	return map[string]any{"email": p.Email, "password": pass}
}

// token is the link in the newest mail of a purpose, as the mail would carry it.
func (f *fixture) ticket(purpose string) string {
	f.T.Helper()
	newest, id := int64(0), ""
	for _, i := range f.Items("SESSIONS_TABLE") {
		if i["purpose"] != purpose || i["usedAt"] != nil {
			continue
		}
		if at, _ := i["expiresAt"].(json.Number).Int64(); at >= newest {
			newest, id = at, strings.TrimPrefix(i["pk"].(string), "T#")
		}
	}
	if id == "" {
		f.T.Fatalf("no link to %s", purpose)
	}
	return f.Private("link", f.Links.Sign(purpose, id))
}

// parallel runs do n times at once and counts what it returns.
func parallel(n int, do func(n int) string) map[string]int {
	var mu sync.Mutex
	out := map[string]int{}
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			a := do(i)
			mu.Lock()
			defer mu.Unlock()
			out[a]++
		})
	}
	close(start)
	wg.Wait()
	return out
}

func said(r reply) string { return strings.TrimSpace(fmt.Sprint(r.status, " ", r.code())) }

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
	if tried["401 login-refused"] != connect.StrangerGuesses.Limit || tried["429 too-many"] != addresses-connect.StrangerGuesses.Limit {
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
	if r := b.post(away, "/v1/login/link", map[string]any{"email": p.Email}); r.status != 202 {
		t.Fatal(r)
	}
	link := f.ticket(connect.PurposeLogin)
	if r := b.post(away, "/v1/login/link/open", map[string]any{"token": link}); r.status != 200 {
		t.Errorf("the mailed link: %v", r)
	}
	if r := b.post(away, "/v1/login/link/open", map[string]any{"token": link}); r.status != 400 || r.code() != "link-invalid" {
		t.Errorf("the link twice: %v", r)
	}
	if r := b.post(away, "/v1/login", credentials(p, p.Password)); r.status != 200 {
		t.Errorf("the source is known now: %v", r)
	}
	f.Clock.Forward(time.Hour + time.Second)
	if r := b.post(caller{addr: "10.9.9.9"}, "/v1/login", credentials(p, "x")); r.status != 401 {
		t.Errorf("when the hour is over: %v", r)
	}
	fmt.Printf("security: botnet of %d addresses on one account: %d guesses compared, %d throttled, owner got in (%.1fs)\n",
		addresses, tried["401 login-refused"], tried["429 too-many"], time.Since(began).Seconds())
}

func TestAnUnknownAddressIsThrottledAlike(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("known@example.com")
	for _, email := range []string{p.Email, "unknown@example.com"} {
		tried := map[string]int{}
		for n := range 40 {
			tried[said(b.post(caller{addr: fmt.Sprintf("10.1.%d.7", n)}, "/v1/login", map[string]any{"email": email, "password": "a wrong one"}))]++
		}
		if tried["401 login-refused"] != connect.StrangerGuesses.Limit || tried["429 too-many"] != 40-connect.StrangerGuesses.Limit {
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
		tried[said(b.post(caller{addr: fmt.Sprintf("203.0.113.%d", n%256)}, "/v1/login", map[string]any{"email": fmt.Sprintf("user%d@example.com", n), "password": "Summer2026!"}))]++
	}
	if got := tried["401 login-refused"]; got > 100 || got != connect.PrefixGuesses.Limit || tried["429 too-many"] != accounts-got {
		t.Errorf("%v", tried)
	}
	// Of IPv6, the /64 counts, whichever way it is written.
	f.Clock.Forward(2 * time.Hour)
	tried = map[string]int{}
	for n := range 100 {
		tried[said(b.post(caller{addr: fmt.Sprintf("2001:db8:1:2:%x::1", n)}, "/v1/login", map[string]any{"email": fmt.Sprintf("user%d@example.com", n), "password": "x"}))]++
	}
	if tried["401 login-refused"] != connect.PrefixGuesses.Limit {
		t.Errorf("one /64: %v", tried)
	}
	fmt.Printf("security: one guess each at %d accounts from one /24: stopped after %d\n", accounts, connect.PrefixGuesses.Limit)
}

func TestOnlyTheCDNSaysWhoCalls(t *testing.T) {
	f := start(t)
	b := f.bulk()
	forge := func(n int, key string) int {
		h := map[string]string{
			"X-Forwarded-For": fmt.Sprintf("10.0.%d.1", n), "Forwarded": fmt.Sprintf("for=10.0.%d.1", n), "X-Real-Ip": fmt.Sprintf("10.0.%d.1", n),
			"Cloudfront-Viewer-Address": fmt.Sprintf("10.0.%d.1:4711", n), "X-Mi-Cdn": key,
		}
		return b.post(caller{header: h}, "/v1/login", map[string]any{"email": fmt.Sprintf("u%d@example.com", n), "password": "x"}).status
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

// authenticator turns an authenticator on and returns its secret and the recovery codes.
func (f *fixture) authenticator(b bulk, p apitest.Person) (secret string, codes []string) {
	f.T.Helper()
	in := caller{bearer: p.Token.Text}
	r := b.post(in, "/v1/factors/totp", map[string]any{"password": p.Password})
	if r.status != 200 {
		f.T.Fatal(r)
	}
	secret = f.Private("secret", r.text("secret"))
	r = b.post(in, "/v1/factors/totp/confirm", map[string]any{"code": code(secret, f.Clock.Now())})
	if r.status != 200 {
		f.T.Fatal(r)
	}
	for _, c := range r.body["recoveryCodes"].([]any) {
		codes = append(codes, f.Private("recovery code", c.(string)))
	}
	if len(codes) != connect.RecoveryCodes {
		f.T.Fatalf("%d recovery codes", len(codes))
	}
	return secret, codes
}

func code(secret string, at time.Time) string {
	key, _ := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	return factors.TOTPCode(key, at.Unix()/30)
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

// roomyForClients is a plan of which more clients are paid for.
var roomyForClients = connect.Entitlement{Limits: connect.Limits{Clients: connect.MaxClients}}

// Of many who accept at once no more come in than the plan has room for; who is refused may come when it has.
func TestSeats(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p, now := f.Person("pat@example.com"), f.Clock.Now()
	f.Subscribe(p.Account, connect.Billing{Status: connect.Active, Plan: "starter"})
	var invites, asks [12]map[string]any
	var people [12]caller
	for n := range people {
		guest := f.Person(fmt.Sprintf("guest%d@example.com", n))
		people[n] = caller{bearer: guest.Token.Text, header: map[string]string{"Mi-Account": string(guest.Account)}}
		v := connect.Invitation{ID: connect.NewInvitationID(), Account: p.Account, AccountName: "Example", Email: connect.Email(guest.Email), Role: connect.Agent, By: "Pat", Inviter: p.Token.User, CreatedAt: now, ExpiresAt: now.Add(time.Hour)}
		c := connect.ClientInvitation{ID: connect.NewInvitationID(), Agency: p.Account, AgencyName: "Example", Email: v.Email, Payer: connect.ClientPays, By: "Pat", Inviter: p.Token.User, CreatedAt: now, ExpiresAt: v.ExpiresAt}
		e := connect.AuditEntry{Account: p.Account, At: now}
		if err := errors.Join(f.Store.InviteMember(t.Context(), v, apitest.Roomy, e), f.Store.InviteClient(t.Context(), c, roomyForClients, e)); err != nil {
			t.Fatal(err)
		}
		invites[n] = map[string]any{"token": f.Links.Sign(connect.PurposeInvite, string(p.Account)+"-"+v.ID)}
		asks[n] = map[string]any{"token": f.Links.Sign(connect.PurposeClient, string(p.Account)+"-"+c.ID)}
	}
	everybody := func(path string, body [12]map[string]any) {
		for range 8 { // who was told that it is busy tries again
			tries := parallel(len(people), func(n int) string { return b.post(people[n], path, body[n]).code() })
			for code := range tries {
				switch code {
				case "", "no-room", "busy", "link-invalid": // the last: theirs was used
				default:
					t.Errorf("%s: %v", path, tries)
				}
			}
			if tries["busy"] == 0 {
				return
			}
		}
	}
	const accept, become = "/v1/invitations/accept", "/v1/clients/invitations/accept"
	for _, step := range []struct {
		plan             connect.Billing
		members, clients int
	}{
		{connect.Billing{Status: connect.Active, Plan: "starter"}, 3, 0},
		{connect.Billing{Status: connect.PastDue, Plan: "business", DueSince: now.Add(-8 * 24 * time.Hour)}, 3, 0},
		{connect.Billing{Status: connect.Active, Plan: "business"}, 10, 0},
		{connect.Billing{Status: connect.Active, Plan: "agency"}, 13, 10},
		{connect.Billing{Status: connect.Active, Plan: "agency", Quantity: 11}, 13, 11},
	} {
		f.Subscribe(p.Account, step.plan)
		everybody(accept, invites)
		everybody(become, asks)
		members, err := f.Store.Members(t.Context(), p.Account)
		clients, err2 := f.Store.Clients(t.Context(), p.Account)
		if err := errors.Join(err, err2); err != nil || len(members) != step.members || len(clients) != step.clients {
			t.Errorf("%s: %d members and %d clients, want %d and %d; %v", step.plan.Plan, len(members), len(clients), step.members, step.clients, err)
		}
	}
}

func TestOnceOfAHundred(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	f.Subscribe(p.Account, connect.Billing{Status: connect.Active, Plan: "agency"})
	ctx, now := t.Context(), f.Clock.Now()
	only := func(what, good string, tries map[string]int) {
		t.Helper()
		won := 0
		for answer, n := range tries {
			if strings.HasPrefix(answer, good) {
				won += n
			} else if strings.HasPrefix(answer, "5") && !strings.HasPrefix(answer, "503") {
				t.Errorf("%s: %v", what, tries)
			}
		}
		if won != 1 {
			t.Errorf("%s: %v", what, tries)
		}
		fmt.Printf("security: 100 at once, %s: %d succeeded\n", what, won)
	}

	b.post(caller{}, "/v1/register", f.signUp("new@example.com"))
	verify := f.link()
	only("one registration confirmed", "200", parallel(100, func(int) string {
		return said(b.post(caller{}, "/v1/verify", map[string]any{"token": verify, "password": "correct horse battery"}))
	}))

	// A hundred sign-ups of one address, each with a link of its own.
	var links []string
	for range 100 {
		reg := connect.Registration{ID: fmt.Sprintf("reg%d", len(links)), Email: "many@example.com", Name: "M", Company: "M", ExpiresAt: now.Add(time.Hour)}
		if err := f.Store.Register(ctx, reg, now); err != nil {
			t.Fatal(err)
		}
		links = append(links, f.Links.Sign(connect.PurposeVerify, reg.ID))
	}
	only("registrations of one address confirmed", "200", parallel(100, func(n int) string {
		return said(b.post(caller{}, "/v1/verify", map[string]any{"token": links[n], "password": "correct horse battery"}))
	}))

	v := connect.Invitation{ID: connect.NewInvitationID(), Account: p.Account, AccountName: "Example", Email: "guest@example.com", Role: connect.Agent, By: "Pat", Inviter: p.Token.User, CreatedAt: now, ExpiresAt: now.Add(time.Hour)}
	if err := f.Store.InviteMember(ctx, v, apitest.Roomy, connect.AuditEntry{Account: p.Account, At: now}); err != nil {
		t.Fatal(err)
	}
	invite := f.Links.Sign(connect.PurposeInvite, string(v.Account)+"-"+v.ID)
	only("one invitation joined", "200", parallel(100, func(int) string {
		return said(b.post(caller{}, "/v1/invitations/join", map[string]any{"token": invite, "name": "Guest", "password": "correct horse battery"}))
	}))
	known := f.Person("known@example.com")
	v.ID, v.Email = connect.NewInvitationID(), connect.Email(known.Email)
	if err := f.Store.InviteMember(ctx, v, apitest.Roomy, connect.AuditEntry{Account: p.Account, At: now}); err != nil {
		t.Fatal(err)
	}
	invite = f.Links.Sign(connect.PurposeInvite, string(v.Account)+"-"+v.ID)
	if r := b.post(caller{bearer: p.Token.Text}, "/v1/invitations/accept", map[string]any{"token": invite}); r.status != 403 || r.code() != "other-address" {
		t.Errorf("an invitation for another address: %v", r)
	}
	only("one invitation accepted", "200", parallel(100, func(int) string {
		return said(b.post(caller{bearer: known.Token.Text}, "/v1/invitations/accept", map[string]any{"token": invite}))
	}))
	ask := connect.ClientInvitation{ID: connect.NewInvitationID(), Agency: p.Account, AgencyName: "Example", Email: v.Email, Payer: connect.AgencyPays, By: "Pat", Inviter: p.Token.User, CreatedAt: now, ExpiresAt: now.Add(time.Hour)}
	if err := f.Store.InviteClient(ctx, ask, apitest.Roomy, connect.AuditEntry{Account: p.Account, At: now}); err != nil {
		t.Fatal(err)
	}
	become := f.Links.Sign(connect.PurposeClient, string(p.Account)+"-"+ask.ID)
	only("one agency let in", "204", parallel(100, func(int) string {
		return said(b.post(caller{bearer: known.Token.Text, header: map[string]string{"Mi-Account": string(known.Account)}}, "/v1/clients/invitations/accept", map[string]any{"token": become}))
	}))
	if members, err := f.Store.Members(ctx, p.Account); err != nil || len(members) != 3 {
		t.Errorf("%v, %v", members, err)
	}

	b.post(caller{}, "/v1/password/forgot", map[string]any{"email": p.Email})
	reset := f.ticket(connect.PurposeReset)
	only("one password reset", "204", parallel(100, func(n int) string {
		return said(b.post(caller{}, "/v1/password/reset", map[string]any{"token": reset, "password": fmt.Sprintf("a fresh password %d", n)}))
	}))
}
