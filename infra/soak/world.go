package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	sitesOfOne = 4
	networks   = 240 // of visitors
	password   = "a long enough password of the soak"
)

// count is how many visits came how far.
type count struct{ Impressions, Opens, Submits int }

// site is what we know of one: what was acknowledged, counted here.
type site struct {
	account        *account
	id, key, proof string
	origin         string

	mu       sync.Mutex
	count    count
	visits   []*visit
	requests map[string]*request // acknowledged, by id
}

// visit is a visitor's on a page.
type visit struct {
	session string
	step    int // 1 impression, 2 open, 3 submit: how far it was acknowledged
	busy    bool
}

// request is a request to be called.
type request struct {
	token  string // of the visitor's link
	status string // "" when it is erased
	busy   bool
}

type account struct {
	email, token string
	client       *client
}

type world struct {
	stack    *stack
	random   *rand.Rand
	clients  []*client
	accounts []*account
	sites    []*site
	times    *times

	mu      sync.Mutex
	refused map[string]int // what was answered with a refusal, by kind
	invited []string       // addresses that were promised a mail
	numbers int
}

func newWorld(s *stack, seed uint64) *world {
	w := &world{stack: s, random: rand.New(rand.NewPCG(seed, 1)), refused: map[string]int{}, times: &times{took: map[string][]time.Duration{}, statuses: map[string]int{}}}
	for n := range networks {
		w.clients = append(w.clients, newClient(s.origin, n, w.times))
	}
	return w
}

// open signs up, subscribes and adds sites, before anything goes wrong.
func (w *world) open(ctx context.Context, accounts int) error {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
	defer cancel()
	for n := range accounts {
		a := &account{email: fmt.Sprintf("owner-%d@soak.example", n), client: newClient(w.stack.origin, networks+n, w.times)}
		if err := w.signUp(ctx, a, n); err != nil {
			return fmt.Errorf("account %d: %w", n, err)
		}
		w.accounts = append(w.accounts, a)
		for m := range sitesOfOne {
			s := &site{account: a, origin: fmt.Sprintf("https://shop-%d-%d.example", n, m), requests: map[string]*request{}}
			var made struct{ ID, Key string }
			err := a.client.until(ctx, call{method: "POST", path: "/v1/sites", headers: a.bearer(), done: []int{201},
				body: map[string]any{"name": fmt.Sprintf("Shop %d-%d", n, m), "origins": []string{s.origin}}}, &made)
			if err != nil {
				return err
			}
			var configuration struct{ Proof string }
			err = a.client.until(ctx, call{method: "GET", path: "/v1/widget/" + made.Key, headers: map[string]string{"Origin": s.origin}, done: []int{200}}, &configuration)
			if err != nil {
				return err
			}
			s.id, s.key, s.proof = made.ID, made.Key, configuration.Proof
			w.sites = append(w.sites, s)
		}
	}
	return nil
}

func (a *account) bearer() map[string]string {
	return map[string]string{"Authorization": "Bearer " + a.token}
}

func (w *world) signUp(ctx context.Context, a *account, n int) error {
	post := func(path string, body any, done int, into any) error {
		var headers map[string]string
		if a.token != "" {
			headers = a.bearer()
		}
		return a.client.until(ctx, call{method: "POST", path: path, body: body, headers: headers, done: []int{done}}, into)
	}
	err := post("/v1/register", map[string]string{"email": a.email, "password": password, "name": "Owner", "company": fmt.Sprint("Soak ", n)}, 202, nil)
	if err != nil {
		return err
	}
	token, err := w.mailed(ctx, a.email)
	if err != nil {
		return err
	}
	var in struct{ Token string }
	if err := post("/v1/verify", map[string]string{"token": token, "password": password}, 200, &in); err != nil {
		return err
	}
	a.token = in.Token
	var checkout struct{ URL string }
	if err := post("/v1/billing/checkout", map[string]string{"plan": "business", "interval": "month"}, 200, &checkout); err != nil {
		return err
	}
	answer, err := a.client.http.PostForm(checkout.URL, url.Values{"do": {"none"}})
	if err != nil {
		return err
	}
	answer.Body.Close()
	var now struct{ Plan struct{ ID string } }
	if err := post("/v1/billing/refresh", nil, 200, &now); err != nil {
		return err
	}
	if now.Plan.ID != "business" {
		return fmt.Errorf("the plan is %q", now.Plan.ID)
	}
	return nil
}

type mail struct {
	To    string   `json:"to"`
	Links []string `json:"links"`
}

// mails are those to an address.
func (w *world) mails(ctx context.Context, to string) (list []mail) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.stack.origin+"/_local/mail?to="+url.QueryEscape(to), nil)
	if err != nil {
		return nil
	}
	r.Header.Set("Accept", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	_ = json.NewDecoder(answer.Body).Decode(&list)
	return list
}

// mailed waits for a link's token.
func (w *world) mailed(ctx context.Context, to string) (string, error) {
	for ; ctx.Err() == nil; time.Sleep(200 * time.Millisecond) {
		for _, m := range w.mails(ctx, to) {
			for _, link := range m.Links {
				if u, err := url.Parse(link); err == nil && u.Query().Get("token") != "" {
					return u.Query().Get("token"), nil
				}
			}
		}
	}
	return "", fmt.Errorf("no mail came to %s", to)
}
