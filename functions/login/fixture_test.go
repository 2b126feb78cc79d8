package main

import (
	"encoding/base32"
	"encoding/json"
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
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/web"
)

const cdnKey = "the secret that the CDN sends"

type fixture struct{ *apitest.Client }

// fields are a body's, as it is sent.
type fields = map[string]any

func start(t *testing.T) *fixture {
	w := apitest.New(t)
	return &fixture{
		w.Serve(lambdahttp.HTTP(app(w.Logger(), w.DB, w.Links, testPushes, web.NewCDN(cdnKey), apitest.Origin, w.Clock.Now))),
	}
}

func (f *fixture) post(path string, body any) apitest.Answer {
	f.T.Helper()
	return f.Do(apitest.Request{Method: "POST", Path: path, Body: body})
}

func (f *fixture) signUp(email string) map[string]any {
	f.Private("email address", email)
	return fields{
		"email": email, "password": f.Private("password", "correct horse battery"),
		"name": f.Private("name", "Pat Example"), "company": "Example Ltd",
	}
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
	a := f.post("/v1/login", fields{"email": p.Email, "password": p.Password})
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
	return bulk{app(web.Logger(io.Discard), f.DB, f.Links, testPushes, web.NewCDN(cdnKey), apitest.Origin, f.Clock.Now)}
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
	return fields{"email": p.Email, "password": pass}
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

// authenticator turns an authenticator on and returns its secret and the recovery codes.
func (f *fixture) authenticator(b bulk, p apitest.Person) (secret string, codes []string) {
	f.T.Helper()
	in := caller{bearer: p.Token.Text}
	r := b.post(in, "/v1/factors/totp", fields{"password": p.Password})
	if r.status != 200 {
		f.T.Fatal(r)
	}
	secret = f.Private("secret", r.text("secret"))
	r = b.post(in, "/v1/factors/totp/confirm", fields{"code": code(secret, f.Clock.Now())})
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

func (f *fixture) must(r reply, status int) reply {
	f.T.Helper()
	if r.status != status {
		f.T.Fatalf("%v, not %d", r, status)
	}
	return r
}
