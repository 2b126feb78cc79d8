package attack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/mailbox"
	"github.com/mi-telecom/mi-connect/infra/local/stack"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

const (
	shop   = "https://shop.example"
	office = "127.0.0.1" // where the owner has been before
)

// place is where the owner is in a round: one network is good for so many links an hour, and the day is shorter.
func place(round int) string { return fmt.Sprintf("127.0.%d.1", round/connect.MailsToKnown.Limit) }

type person struct{ email, password, token string }

type day struct {
	t       *testing.T
	stack   *stack.Stack
	random  *rand.Rand
	owner   person
	mallory person
	siteKey string

	password string // that the attacker gives to everything
	tokens   []string
	old      []string // links that the owner's last change has ended

	done     map[string]int
	statuses map[int]int
	requests int
	dead     int
	slowest  time.Duration
}

func begin(t *testing.T, random *rand.Rand, rounds int) *day {
	d := &day{
		t: t, stack: localtest.Start(t), random: random, password: "the attacker's password", done: map[string]int{},
		statuses: map[int]int{},
	}
	d.owner = d.signUp(office, "olive@shop.example", "a first long password")
	for round := 0; round < rounds; round += connect.MailsToKnown.Limit {
		d.ask(
			place(round), "", "POST", "/v1/login", map[string]any{"email": d.owner.email, "password": d.owner.password}, nil,
		).want(t, 200)
	}
	d.mallory = d.signUp("127.66.6.6", "mallory@evil.example", d.password)
	site := d.ask(
		office, d.owner.token, "POST", "/v1/sites", map[string]any{"name": "Shop", "origins": []string{shop}}, nil,
	)
	d.siteKey = site.want(t, 201).text("key")
	return d
}

type answer struct {
	path   string
	status int
	body   map[string]any
	raw    string
}

func (a answer) text(name string) string { s, _ := a.body[name].(string); return s }

func (a answer) want(t *testing.T, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("%s: %d, not %d: %s", a.path, a.status, status, a.raw)
	}
	return a
}

// ask sends a request from an address of the loopback network, each /24 of which is a network of its own.
func (d *day) ask(from, bearer, method, path string, body any, header map[string]string) answer {
	d.t.Helper()
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body)
	}
	r, err := http.NewRequest(method, d.stack.Origin+path, bytes.NewReader(text))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0")
	for name, value := range header {
		r.Header.Set(name, value)
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	transport := &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport, Timeout: time.Minute}).Do(r)
	if err != nil {
		d.t.Fatalf("%s %s from %s: %v", method, path, from, err)
	}
	defer resp.Body.Close()
	var raw bytes.Buffer
	_, _ = raw.ReadFrom(resp.Body)
	a := answer{path: method + " " + path, status: resp.StatusCode, raw: raw.String()}
	_ = json.Unmarshal(raw.Bytes(), &a.body)
	d.requests++
	d.statuses[a.status]++
	if a.status >= 500 {
		d.t.Errorf("%s: %d %s", a.path, a.status, a.raw)
	}
	if a.status >= 400 && !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") {
		d.t.Errorf("%s: %d is no problem document: %s", a.path, a.status, a.raw)
	}
	return a
}

// stranger is an address that nobody has been seen from: one of 250 networks.
func (d *day) stranger() string {
	return fmt.Sprintf("127.%d.0.%d", 5+d.random.IntN(250), 1+d.random.IntN(250))
}

func (d *day) send(path string, body any) answer {
	d.t.Helper()
	return d.sendWith(path, body, nil)
}

// sendWith keeps every token that the attacker is given.
func (d *day) sendWith(path string, body any, header map[string]string) answer {
	d.t.Helper()
	a := d.ask(d.stranger(), "", "POST", path, body, header)
	if token := a.text("token"); token != "" {
		d.tokens = append(d.tokens, token)
	}
	return a
}

func (d *day) sendAs(p person, path string, body any) {
	d.t.Helper()
	d.ask(d.stranger(), p.token, "POST", path, body, nil)
}

// mail waits for the next mail to an address after since.
func (d *day) mail(to, page string, since time.Time) mailbox.Mail {
	d.t.Helper()
	asked := time.Now()
	for time.Since(asked) < mailWithin {
		for _, m := range d.stack.Mail.List(to) {
			if m.At.After(since) && len(m.Links) > 0 && strings.Contains(m.Links[0], page+"?token=") {
				d.slowest = max(d.slowest, time.Since(asked))
				return m
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	d.t.Fatalf("no mail to %s with a link to %s within %s", to, page, mailWithin)
	return mailbox.Mail{}
}

func token(link string) string { _, t, _ := strings.Cut(link, "token="); return t }

func (d *day) signUp(from, email, password string) person {
	d.t.Helper()
	since := time.Now()
	d.ask(
		from, "", "POST", "/v1/register", map[string]any{"email": email, "name": "A Person", "company": "A Company"}, nil,
	).want(d.t, 202)
	m := d.mail(email, "/verify", since)
	a := d.ask(from, "", "POST", "/v1/verify", map[string]any{"token": token(m.Links[0]), "password": password}, nil)
	return person{email, password, a.want(d.t, 200).text("token")}
}
