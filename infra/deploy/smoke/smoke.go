// Package smoke asks a deployment, through its CDN, what a visitor's and a customer's browser ask first. It leaves one
// registration that nobody confirms, which expires by itself.
package smoke

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Target is the deployment that is asked.
type Target struct {
	Base   string // https://connect.example.com
	Origin string // what its pages say they come from, Base where "" is given
	Client *http.Client
	// Sent counts mails of sign-ups that the mail service took since a time.
	Sent func(ctx context.Context, since time.Time) (int, error)
	// Patience is how long a mail may take, and a CDN that is new.
	Patience, Poll time.Duration
}

// Through returns a client that reaches every host at one address, such as the CDN's own name while the domain does
// not lead there yet. The certificate is still checked for the domain.
func Through(address string) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, net.JoinHostPort(address, "443"))
	}
	return &http.Client{
		Timeout: 20 * time.Second, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Mailbox takes every mail and keeps none: Amazon's own address for trying, which works in the sandbox as well.
const Mailbox = "success@simulator.amazonses.com"

// page is the website that the widget's calls claim to come from.
const page = "https://smoke-test.example"

// unknown is a site's key that no site has.
const unknown = "k_smoketest000000000000000"

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) String() string {
	body := strings.TrimSpace(string(a.body))
	if len(body) > 200 {
		body = body[:200] + "..."
	}
	return fmt.Sprintf("%d %s", a.status, body)
}

func (t *Target) ask(ctx context.Context, method, path string, body any, headers ...string) (answer, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return answer{}, err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, t.Base+path, bytes.NewReader(text))
	if err != nil {
		return answer{}, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	got, err := t.Client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer got.Body.Close()
	all, err := io.ReadAll(io.LimitReader(got.Body, 1<<20))
	return answer{got.StatusCode, got.Header, all}, err
}

type check struct {
	name string
	run  func(context.Context, *Target) error
}

var checks = []check{
	{"health: the API answers with the policy", health},
	{"pages: the dashboard's document and its script", pages},
	{"widget: the loader can be imported by any website", widget},
	{"widget: a preflight is answered", preflight},
	{"widget: a configuration is looked up", configuration},
	{"beacon: one is taken", beacon},
	{"sign-up: one is taken, and its mail accepted by the mail service", signUp},
}

// Run makes all checks and says each. It ends at the first that fails.
func (t *Target) Run(ctx context.Context, say func(format string, args ...any)) error {
	for _, c := range checks {
		if err := c.run(ctx, t); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		say("ok  %s", c.name)
	}
	return nil
}

// health is asked for until the CDN, which may be new, is everywhere.
func health(ctx context.Context, t *Target) error {
	deadline := time.Now().Add(t.Patience)
	for {
		got, err := t.ask(ctx, http.MethodGet, "/v1/policy", nil)
		if err == nil && got.status == http.StatusOK && json.Valid(got.body) {
			return nil
		}
		if err == nil {
			err = fmt.Errorf("GET /v1/policy: %s", got)
		}
		if time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(t.Poll):
		}
	}
}

func pages(ctx context.Context, t *Target) error {
	got, err := t.ask(ctx, http.MethodGet, "/login", nil)
	if err != nil {
		return err
	}
	if got.status != http.StatusOK || !bytes.Contains(got.body, []byte("<script")) {
		return fmt.Errorf("GET /login: %s", got)
	}
	if got.header.Get("Content-Security-Policy") == "" {
		return errors.New("GET /login: no Content-Security-Policy")
	}
	_, after, ok := bytes.Cut(got.body, []byte(`src="/assets/`))
	name, _, _ := bytes.Cut(after, []byte(`"`))
	if !ok {
		return errors.New("GET /login: no script under /assets/")
	}
	script, err := t.ask(ctx, http.MethodGet, "/assets/"+string(name), nil)
	if err != nil {
		return err
	}
	if script.status != http.StatusOK || !strings.Contains(script.header.Get("Cache-Control"), "immutable") {
		return fmt.Errorf("GET /assets/%s: %d, Cache-Control %q", name, script.status, script.header.Get("Cache-Control"))
	}
	return nil
}

func widget(ctx context.Context, t *Target) error {
	got, err := t.ask(ctx, http.MethodGet, "/widget.js", nil, "Origin", page)
	if err != nil {
		return err
	}
	if got.status != http.StatusOK || got.header.Get("Access-Control-Allow-Origin") != "*" {
		return fmt.Errorf(
			"GET /widget.js: %d, Access-Control-Allow-Origin %q", got.status, got.header.Get("Access-Control-Allow-Origin"),
		)
	}
	return nil
}

func preflight(ctx context.Context, t *Target) error {
	got, err := t.ask(ctx, http.MethodOptions, "/v1/callbacks", nil, "Origin", page,
		"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,idempotency-key")
	if err != nil {
		return err
	}
	allowed := strings.ToLower(got.header.Get("Access-Control-Allow-Headers"))
	if got.status/100 != 2 || got.header.Get("Access-Control-Allow-Origin") == "" ||
		!strings.Contains(allowed, "idempotency-key") {
		return fmt.Errorf("OPTIONS /v1/callbacks: %s, Access-Control-Allow-Headers %q", got, allowed)
	}
	return nil
}

// configuration is that of a site that is not there: the function has looked it up in the database to say so.
func configuration(ctx context.Context, t *Target) error {
	got, err := t.ask(ctx, http.MethodGet, "/v1/widget/"+unknown, nil, "Origin", page)
	if err != nil {
		return err
	}
	if got.status != http.StatusNotFound || got.header.Get("Content-Type") != "application/problem+json" ||
		got.header.Get("Access-Control-Allow-Origin") == "" {
		return fmt.Errorf("GET /v1/widget/%s: %s (%s)", unknown, got, got.header.Get("Content-Type"))
	}
	return nil
}

// beacon is one of a site that is not there, so that nobody's statistics count it.
func beacon(ctx context.Context, t *Target) error {
	got, err := t.ask(ctx, http.MethodPost, "/v1/events", map[string]any{
		"site": unknown, "session": strings.Repeat("a", 22), "page": page + "/", "sent": 1,
		"events": []any{map[string]any{"type": "impression", "t": 0}},
	}, "Origin", page)
	if err != nil {
		return err
	}
	if got.status != http.StatusAccepted {
		return fmt.Errorf("POST /v1/events: %s", got)
	}
	return nil
}

func signUp(ctx context.Context, t *Target) error {
	begun := time.Now()
	address := strings.Replace(Mailbox, "@", fmt.Sprintf("+%d@", begun.UnixMilli()), 1)
	got, err := t.ask(
		ctx, http.MethodPost, "/v1/register", map[string]any{"email": address, "name": "Smoke test", "company": "Smoke test"},
		"Origin", t.Origin,
	)
	if err != nil {
		return err
	}
	if got.status != http.StatusAccepted {
		return fmt.Errorf("POST /v1/register: %s", got)
	}
	for deadline := begun.Add(t.Patience); ; {
		sent, err := t.Sent(ctx, begun)
		if err != nil || sent > 0 {
			return err
		}
		// A mailbox gets so many in an hour, and this one was deployed often: that many were taken just now.
		share := connect.MailsToAddress
		if sent, err = t.Sent(ctx, begun.Add(-share.Window)); err != nil || sent >= share.Limit {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf(
				"the sign-up was taken, but no mail was accepted within %s: the log of function deliver says why", t.Patience,
			)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(t.Poll):
		}
	}
}
