// Package access asks every route of template.yaml as everybody who could ask, of the real functions.
package access

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/gateway"
	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/stack"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// Who asks, from least to most. The first three have no place in the account that is asked about.
type who int

const (
	nobody  who = iota
	other       // owner of another account
	foreign     // agency of another client
	viewer
	agent
	admin
	owner
	count
)

var names = [...]string{"nobody", "other account", "agency of another client", "viewer", "agent", "admin", "owner"}

// Least roles that are no role.
const (
	public who = -1 // anybody; who calls it is not asked, or is asked by a token in the body
	person who = -2 // whoever is logged in, about themselves: in an account that is theirs
)

const (
	password   = "correct horse battery"
	ownerEmail = "owner@example.com"
)

type world struct {
	t       *testing.T
	s       *stack.Stack
	bearers [count]string
	account string         // the account that is asked about
	own     map[who]string // the accounts of those without a place in it
	site    string
	key     string // the site's, as its widget names it
	data    string // the stack's folder
	made    int
	rows    []row
}

func TestEveryRouteForEverybody(t *testing.T) {
	matrix := matrix(t)
	rows := map[string]row{}
	for _, r := range matrix {
		rows[r.route] = r
	}
	routes := declared(t)
	for _, route := range routes {
		if _, ok := rows[route]; !ok {
			t.Errorf("%s is not in docs/api.yaml: say there who may call it", route)
		}
		delete(rows, route)
	}
	for route := range rows {
		t.Errorf("docs/api.yaml has %s, which is no route of template.yaml", route)
	}
	if t.Failed() {
		return
	}
	w := start(t)
	w.rows = matrix
	w.nothingElse()
	w.hostileText()
	cells, allowed := 0, 0
	for _, r := range matrix {
		if r.min == public {
			cells += int(count)
			allowed += int(count)
			if r.skip != "" {
				continue
			}
			for p := nobody; p < count; p++ {
				// Without a place or a token nobody is told to log in: the route does not ask who calls.
				if status, body := w.ask(r, p, ""); status == http.StatusForbidden && strings.Contains(body, ":forbidden") ||
					strings.Contains(body, ":not-signed-in") {
					t.Errorf("%s as %s: %d %s", r.route, names[p], status, body)
				}
			}
			continue
		}
		for p := nobody; p < count; p++ {
			cells++
			may := p >= r.min && p >= viewer
			if r.min == person {
				may = p >= viewer
			}
			status, body := w.ask(r, p, w.account)
			switch {
			case may && (status < 200 || status > 299) && !(r.also != 0 && status == r.also):
				t.Errorf("%s as %s: %d %s", r.route, names[p], status, body)
			case !may && p == nobody && status != http.StatusUnauthorized:
				t.Errorf("%s as %s: %d %s", r.route, names[p], status, body)
			case !may && p != nobody && status != http.StatusForbidden:
				t.Errorf("%s as %s: %d %s", r.route, names[p], status, body)
			}
			if may {
				allowed++
			}
			// From one's own account, what is in another's cannot be reached by its name either.
			if (p == other || p == foreign) && r.path != nil && r.min != person {
				if status, body := w.ask(r, p, w.own[p]); status != http.StatusNotFound && status != http.StatusForbidden {
					t.Errorf("%s as %s, from their own account: %d %s", r.route, names[p], status, body)
				}
				cells++
			}
		}
	}
	around := w.aroundTheCDN()
	dead := w.afterLogout()
	fmt.Printf("access: %d sessions that ended were refused on %d routes\n", int(count)-1, dead)
	fmt.Printf("access: at the API's own address %d routes refused what did not come through the CDN\n", around)
	fmt.Printf("access: %d routes, %d cells, %d of them allowed\n", len(routes), cells, allowed)
}

// aroundTheCDN asks each route as the owner at the API's own address, where a rule of the CDN's would not be asked:
// without the CDN's header, and with one made up.
func (w *world) aroundTheCDN() (routes int) {
	for _, r := range w.rows {
		method, path, _ := strings.Cut(r.route, " ")
		path = strings.NewReplacer(
			"{id}", "a_0000000000", "{callbackId}", "c_0000000000", "{token}", "x", "{key}", "k_0000000000",
		).Replace(path)
		for _, key := range []string{"", "made-up"} {
			request, err := http.NewRequest(method, w.s.API+path, strings.NewReader("{}"))
			if err != nil {
				w.t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+w.bearers[owner])
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Cloudfront-Viewer-Address", "203.0.113.9:4711")
			if key != "" {
				request.Header.Set("X-Mi-Cdn", key)
			}
			resp, err := http.DefaultClient.Do(request)
			if err != nil {
				w.t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != http.StatusForbidden || !bytes.Contains(body, []byte(":around-cdn")) {
				w.t.Errorf("%s around the CDN (key %q): %d %s", r.route, key, resp.StatusCode, body)
			}
		}
		routes++
	}
	return routes
}

// nothingElse sends every body with fields that would be worth having. Each is refused, so nothing of it is
// ever stored.
func (w *world) nothingElse() {
	asked := 0
	for _, r := range w.rows {
		if r.body == nil || r.skip != "" {
			continue
		}
		for _, field := range []string{"plan", "accountId", "stripeCustomerId", "isAdmin", "roles"} {
			method, path, _ := strings.Cut(r.route, " ")
			path = strings.NewReplacer(
				"{id}", "a_0000000000", "{callbackId}", "c_0000000000", "{token}", "x", "{key}", "k_0000000000",
			).Replace(path)
			body, _ := r.body(w).(map[string]any)
			if body[field] != nil {
				continue
			}
			with := map[string]any{field: "owner"}
			for k, v := range body {
				with[k] = v
			}
			status, said := w.call(owner, method, path, w.account, with)
			if status != http.StatusBadRequest && status != http.StatusNotFound ||
				status == http.StatusBadRequest && !strings.Contains(said, field) && !strings.Contains(said, ":malformed") {
				w.t.Errorf("%s with %q in its body: %d %s", r.route, field, status, said)
			}
			asked++
		}
	}
	fmt.Printf("access: %d bodies with a field too many, all refused\n", asked)
}

// afterLogout asks with sessions that have ended; the matrix ends with all logging out.
func (w *world) afterLogout() (routes int) {
	for p, account := range w.own {
		w.must(http.StatusNoContent, p, "POST", "/v1/logout", account, nil)
	}
	for _, r := range w.rows {
		if r.min == public {
			continue
		}
		routes++
		method, path, _ := strings.Cut(r.route, " ")
		path = strings.NewReplacer("{id}", "a_0000000000", "{callbackId}", "c_0000000000").Replace(path)
		for p := other; p < count; p++ {
			if status, said := w.call(p, method, path, w.account, map[string]any{}); status != http.StatusUnauthorized {
				w.t.Errorf("%s as %s after logging out: %d %s", r.route, names[p], status, said)
			}
		}
	}
	return routes
}

// declared are the routes of template.yaml.
func declared(t *testing.T) []string {
	tpl, err := template.Load(filepath.Join(localtest.Root(t), "template.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	functions, _, err := tpl.Functions()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range gateway.Routes(functions) {
		if r.Path == "$default" { // what no route takes
			continue
		}
		out = append(out, r.Key())
	}
	return out
}

// start runs the whole of it and makes the people.
func start(t *testing.T) *world {
	root, tmp := localtest.Root(t), t.TempDir()
	folders, err := os.ReadDir(filepath.Join(root, "functions"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		localtest.Build(t, "functions/"+f.Name(), filepath.Join(tmp, ".build/functions", f.Name(), "bootstrap"))
	}
	for _, name := range []string{"template.yaml", "node_modules"} {
		if err := os.Symlink(filepath.Join(root, name), filepath.Join(tmp, name)); err != nil {
			t.Fatal(err)
		}
	}
	data := filepath.Join(tmp, "data")
	w := &world{
		t: t, s: localtest.StartWith(t, stack.Options{Root: tmp, DataDir: data}), own: map[who]string{}, data: data,
	}
	w.bearers[owner] = w.register(ownerEmail, "Owned Ltd")
	w.account = w.me(owner).Account.ID
	w.subscribe(owner, w.account)
	w.bearers[other] = w.register("other@example.com", "Other Ltd")
	w.own[other] = w.me(other).Account.ID
	w.subscribe(other, w.own[other])
	w.bearers[foreign] = w.register("agency@example.com", "Agency Ltd")
	w.own[foreign] = w.me(foreign).Account.ID
	w.subscribe(foreign, w.own[foreign])
	w.must(201, foreign, "POST", "/v1/clients", w.own[foreign], map[string]any{
		"name": "Client of theirs", "payer": "agency",
	})
	for p, name := range map[who]string{viewer: "viewer", agent: "agent", admin: "admin"} {
		w.bearers[p] = w.invited(name+"@example.com", name)
	}
	made := w.must(201, owner, "POST", "/v1/sites", w.account, map[string]any{
		"name": "Site", "origins": []string{"https://example.com"},
	})
	w.site, w.key = made["id"].(string), made["key"].(string)
	return w
}

func (w *world) register(email, company string) string {
	w.must(202, nobody, "POST", "/v1/register", "", map[string]any{
		"email": email, "password": password, "name": "Pat " + company, "company": company,
	})
	return w.must(200, nobody, "POST", "/v1/verify", "", map[string]any{
		"token": w.link(email), "password": password,
	})["token"].(string)
}

// invited is a new member of the account.
func (w *world) invited(email, role string) string {
	w.must(201, owner, "POST", "/v1/invitations", w.account, map[string]any{"email": email, "role": role})
	return w.must(200, nobody, "POST", "/v1/invitations/join", "", map[string]any{
		"token": w.link(email), "name": "Pat " + role, "password": password,
	})["token"].(string)
}

// subscribe puts an account on the largest plan, as its owner would: a trial without a card.
func (w *world) subscribe(p who, account string) {
	w.t.Helper()
	page := w.must(200, p, "POST", "/v1/billing/checkout", account, map[string]any{
		"plan": "agency", "interval": "month",
	})["url"].(string)
	answer, err := http.PostForm(page, url.Values{"do": {"none"}})
	if err != nil {
		w.t.Fatal(err)
	}
	_ = answer.Body.Close()
	if got := w.must(200, p, "POST", "/v1/billing/refresh", account, nil)["plan"].(map[string]any)["id"]; got != "agency" {
		w.t.Fatalf("the plan is %v", got)
	}
}

// leave is a visitor's request on the account's site.
func (w *world) leave() {
	w.t.Helper()
	w.visitor("/v1/callbacks", map[string]any{
		"site": w.key, "name": "Vera Visitor", "phone": "+447700900123", "page": "https://example.com/",
		"department": w.fresh("about "),
	})
}

// complains makes a visitor's complaint about the account's site, and returns its number.
func (w *world) complains() string {
	w.t.Helper()
	return w.visitor("/v1/widget/"+w.key+"/complaints", map[string]any{"message": "Stop.", "email": "vera@example.com"})
}

// visitor posts what a visitor's page does, and returns the id of what it makes.
func (w *world) visitor(path string, body map[string]any) string {
	w.t.Helper()
	text, _ := json.Marshal(body)
	r, err := http.NewRequest(http.MethodPost, w.s.Origin+path, bytes.NewReader(text))
	if err != nil {
		w.t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Origin": "https://example.com", "Idempotency-Key": w.fresh("visitor-"),
	} {
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	var made struct{ ID string }
	if err := json.NewDecoder(answer.Body).Decode(&made); err != nil || answer.StatusCode != http.StatusCreated {
		w.t.Fatalf("a visitor's request: %d %v", answer.StatusCode, err)
	}
	return made.ID
}

// links are the tokens in all mails to somebody, the newest first.
func (w *world) links(email string) (tokens []string) {
	for _, m := range w.s.Mail.List(email) {
		for _, l := range m.Links {
			if u, err := url.Parse(l); err == nil && u.Query().Get("token") != "" {
				tokens = append(tokens, u.Query().Get("token"))
			}
		}
	}
	return tokens
}

// link is the token in the newest mail to somebody, waited for.
func (w *world) link(email string) string { return w.linkAfter(email, 0) }

// linkAfter waits until there are more links than seen.
func (w *world) linkAfter(email string, seen int) string {
	w.t.Helper()
	for range 200 {
		if tokens := w.links(email); len(tokens) > seen {
			return tokens[0]
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.t.Fatalf("no mail to %s", email)
	return ""
}

func (w *world) call(p who, method, path, account string, body any) (int, string) {
	w.t.Helper()
	status, said, _ := w.send(p, method, path, account, body)
	return status, said
}

func (w *world) send(p who, method, path, account string, body any) (int, string, http.Header) {
	w.t.Helper()
	var text []byte
	if body != nil && method != http.MethodGet { // which the CDN takes no body with
		text, _ = json.Marshal(body)
	}
	r, err := http.NewRequest(method, w.s.Origin+path, bytes.NewReader(text))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if w.bearers[p] != "" {
		r.Header.Set("Authorization", "Bearer "+w.bearers[p])
	}
	if account != "" {
		r.Header.Set("Mi-Account", account)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(said), answer.Header
}

func (w *world) must(want int, p who, method, path, account string, body any) map[string]any {
	w.t.Helper()
	status, said := w.call(p, method, path, account, body)
	if status != want {
		w.t.Fatalf("%s %s as %s: %d %s", method, path, names[p], status, said)
	}
	out := map[string]any{}
	_ = json.Unmarshal([]byte(said), &out)
	return out
}

type me struct {
	User    struct{ ID string }
	Account struct{ ID string }
	Role    string
}

func (w *world) me(p who) (out me) {
	_, said := w.call(p, "GET", "/v1/me", "", nil)
	_ = json.Unmarshal([]byte(said), &out)
	return out
}

// ask makes a row's call; what it would use up is made afresh for each.
func (w *world) ask(r row, p who, account string) (int, string) {
	w.t.Helper()
	method, path, _ := strings.Cut(r.route, " ")
	if r.first != nil {
		r.first(w)
	}
	if r.path != nil {
		path = r.path(w)
	}
	var body any
	if r.body != nil {
		body = r.body(w)
	}
	return w.call(p, method, path, account, body)
}

// fresh is a text that no call before has used.
func (w *world) fresh(s string) string {
	w.made++
	return fmt.Sprintf("%s%d", s, w.made)
}
