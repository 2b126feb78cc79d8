package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/drive"
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
	email  string
	client *drive.Client
}

type world struct {
	stack    *stack
	random   *rand.Rand
	clients  []*drive.Client
	accounts []*account
	sites    []*site
	times    *times

	mu      sync.Mutex
	refused map[string]int // what was answered with a refusal, by kind
	invited []string       // addresses that were promised a mail
	numbers int
}

func newWorld(s *stack, seed uint64) *world {
	w := &world{
		stack: s, random: rand.New(rand.NewPCG(seed, 1)), refused: map[string]int{},
		times: &times{took: map[string][]time.Duration{}, statuses: map[string]int{}},
	}
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
			err := a.client.Until(ctx, drive.Call{Method: "POST", Path: "/v1/sites", Done: []int{201},
				Body: map[string]any{"name": fmt.Sprintf("Shop %d-%d", n, m), "origins": []string{s.origin}}}, &made)
			if err != nil {
				return err
			}
			var configuration struct{ Proof string }
			err = a.client.Until(
				ctx,
				drive.Call{
					Method: "GET", Path: "/v1/widget/" + made.Key, Headers: map[string]string{"Origin": s.origin}, Done: []int{200},
				},
				&configuration,
			)
			if err != nil {
				return err
			}
			s.id, s.key, s.proof = made.ID, made.Key, configuration.Proof
			w.sites = append(w.sites, s)
		}
	}
	return nil
}

// signUp opens an account on the plan for API calls and many sites.
func (w *world) signUp(ctx context.Context, a *account, n int) error {
	person := drive.Person{Email: a.email, Password: password, Name: "Owner", Company: fmt.Sprint("Soak ", n)}
	if err := a.client.SignUp(ctx, person); err != nil {
		return err
	}
	return a.client.Subscribe(ctx, drive.Order{Plan: "business", Interval: "month", Card: drive.NoCard})
}
