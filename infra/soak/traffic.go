package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"sync"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/drive"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// mix is what of a hundred requests each kind is.
var mix = []struct {
	share int
	do    func(*world, context.Context, *rand.Rand)
}{
	{70, (*world).beacon},
	{10, (*world).configuration},
	{5, (*world).ask},
	{5, (*world).dashboard},
	{5, (*world).follow},
	{5, (*world).webhook},
}

// grace is how long what had begun when traffic ended may take to be acknowledged.
const grace = time.Minute

// traffic sends requests at a rate until ctx ends, and returns when what was sent is acknowledged.
func (w *world) traffic(ctx context.Context, rate int) {
	patient, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var wait sync.WaitGroup
	room := make(chan struct{}, 64) // at once
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	extra := time.Now()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			continue
		case <-tick.C:
		}
		select {
		case room <- struct{}{}:
		default:
			continue // as many as it can take are under way: the load that is printed says what was sent
		}
		do := w.pick()
		if time.Since(extra) > 3*time.Second { // and a mail now and then
			extra, do = time.Now(), (*world).register
		}
		r := rand.New(rand.NewPCG(w.random.Uint64(), w.random.Uint64()))
		wait.Go(func() {
			defer func() { <-room }()
			do(w, patient, r)
		})
	}
	late := time.AfterFunc(grace, cancel)
	wait.Wait()
	late.Stop()
}

func (w *world) pick() func(*world, context.Context, *rand.Rand) {
	n := w.random.IntN(100)
	for _, m := range mix {
		if n -= m.share; n < 0 {
			return m.do
		}
	}
	return mix[0].do
}

// note counts a refusal, or that something was never acknowledged: what it did is then not known.
func (w *world) note(kind string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if errors.Is(err, drive.ErrRefused) {
		if w.refused[kind]++; w.refused[kind] == 1 {
			fmt.Printf("soak: %s: %v\n", kind, err)
		}
		return
	}
	w.refused[kind+", never acknowledged"]++
	fmt.Printf("soak: %s was never acknowledged: %v\n", kind, err)
}

func (w *world) visitor(r *rand.Rand) (*site, *drive.Client) {
	return w.sites[r.IntN(len(w.sites))], w.clients[r.IntN(len(w.clients))]
}

// beacon lets a visit begin, or a visit that has begun come further, and now and then says again what was said.
func (w *world) beacon(ctx context.Context, r *rand.Rand) {
	s, c := w.visitor(r)
	s.mu.Lock()
	var v *visit
	if len(s.visits) > 0 && r.IntN(2) == 0 {
		if v = s.visits[r.IntN(len(s.visits))]; v.busy {
			v = nil
		}
	}
	if v == nil {
		v = &visit{session: token.NewID()}
		s.visits = append(s.visits, v)
	}
	v.busy = true
	step := max(v.step, min(3, v.step+r.IntN(3)), 1)
	s.mu.Unlock()
	var events []map[string]any
	for n, name := range []string{"impression", "open", "submit"}[:step] {
		events = append(events, map[string]any{"type": name, "t": 100 * (n + 1)})
	}
	err := c.Until(ctx, drive.Call{Kind: "beacon", Method: "POST", Path: "/v1/events",
		Headers: map[string]string{"Origin": s.origin}, Done: []int{202},
		Body: map[string]any{"site": s.key, "session": v.session, "page": fmt.Sprintf("/page-%d", r.IntN(30)), "sent": 900, "proof": s.proof, "events": events}}, nil)
	if err != nil {
		w.note("beacon", err)
		return // it stays busy: nobody asks more of it
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := v.step; n < step; n++ {
		*[]*int{&s.count.Impressions, &s.count.Opens, &s.count.Submits}[n]++
	}
	v.step, v.busy = step, false
}

func (w *world) configuration(ctx context.Context, r *rand.Rand) {
	s, c := w.visitor(r)
	err := c.Until(
		ctx,
		drive.Call{
			Kind: "configuration", Method: "GET", Path: "/v1/widget/" + s.key, Headers: map[string]string{"Origin": s.origin},
			Done: []int{200},
		},
		nil,
	)
	if err != nil {
		w.note("configuration", err)
	}
}

// ask asks to be called; each visitor has a number of their own.
func (w *world) ask(ctx context.Context, r *rand.Rand) {
	s, c := w.visitor(r)
	w.mu.Lock()
	w.numbers++
	n := w.numbers
	w.mu.Unlock()
	var made struct {
		ID, ManageURL string
		Puzzle        struct {
			Token, Salt, Hash string
			Max               int
		}
	}
	body := map[string]any{
		"site": s.key, "name": fmt.Sprint("Visitor ", n), "phone": fmt.Sprintf("07%09d", 400000000+7*n), "page": "/pricing",
	}
	asked := drive.Call{
		Kind: "callback", Method: "POST", Path: "/v1/callbacks", Done: []int{200, 201, 403}, Body: body,
		Headers: map[string]string{"Origin": s.origin, "Idempotency-Key": token.NewID()},
	}
	err := c.Until(ctx, asked, &made)
	if p := made.Puzzle; err == nil && p.Token != "" { // the site is asked more than usual
		number := connect.SolvePuzzle(p.Salt, p.Hash, p.Max)
		body["puzzle"] = map[string]any{"token": p.Token, "number": number}
		asked.Done = []int{200, 201}
		err = c.Until(ctx, asked, &made)
	}
	if err != nil {
		w.note("callback", err)
		return
	}
	link, _ := url.Parse(made.ManageURL)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.requests[made.ID] != nil {
		fmt.Printf("soak: request %s was made twice\n", made.ID)
	}
	s.requests[made.ID] = &request{token: link.Query().Get("token"), status: "new"}
}

// follow has the business mark a request as called, or its visitor erase it.
func (w *world) follow(ctx context.Context, r *rand.Rand) {
	s, c := w.visitor(r)
	s.mu.Lock()
	var id string
	var q *request
	for id, q = range s.requests {
		if !q.busy && q.status == "new" {
			break
		}
		q = nil
	}
	if q == nil {
		s.mu.Unlock()
		w.dashboard(ctx, r)
		return
	}
	q.busy = true
	s.mu.Unlock()
	status := "called"
	what := drive.Call{Kind: "follow-up", Method: "PATCH", Path: "/v1/sites/" + s.id + "/callbacks/" + id,
		Headers: map[string]string{"Authorization": "Bearer " + s.account.client.Bearer}, Body: map[string]string{"status": status}, Done: []int{200}}
	if r.IntN(4) == 0 {
		// A repetition finds that it is gone.
		status, what = "", drive.Call{
			Kind: "follow-up", Method: "DELETE", Path: "/v1/callbacks/" + url.PathEscape(q.token), Done: []int{204, 404},
		}
	}
	err := c.Until(ctx, what, nil)
	if err != nil {
		w.note("follow-up", err)
		return
	}
	s.mu.Lock()
	q.status, q.busy = status, false
	s.mu.Unlock()
}

func (w *world) dashboard(ctx context.Context, r *rand.Rand) {
	s, _ := w.visitor(r)
	path := []string{
		"/v1/me", "/v1/sites", "/v1/sites/" + s.id + "/stats", "/v1/sites/" + s.id + "/callbacks", "/v1/billing",
	}[r.IntN(5)]
	if err := s.account.client.Until(
		ctx, drive.Call{Kind: "dashboard", Method: "GET", Path: path, Done: []int{200}}, nil,
	); err != nil {
		w.note("dashboard", err)
	}
}

// webhook has Stripe's stand-in deliver an event again, twice; what is not acknowledged it delivers again by itself.
func (w *world) webhook(ctx context.Context, r *rand.Rand) {
	var now control
	c := w.clients[0]
	if err := c.Until(
		ctx, drive.Call{Method: "GET", Path: "/_local/stripe/control", Done: []int{200}}, &now,
	); err != nil ||
		len(now.Events) == 0 {
		return
	}
	id := now.Events[r.IntN(len(now.Events))].ID
	err := c.Until(
		ctx,
		drive.Call{
			Kind: "webhook", Method: "POST", Path: "/_local/stripe/control/replay", Body: map[string]string{"id": id},
			Done: []int{200},
		},
		nil,
	)
	if err != nil {
		w.note("webhook", err)
	}
}

// register has a mail sent to somebody.
func (w *world) register(ctx context.Context, r *rand.Rand) {
	w.mu.Lock()
	to := fmt.Sprintf("new-%d@soak.example", len(w.invited))
	w.invited = append(w.invited, to)
	w.mu.Unlock()
	err := w.clients[r.IntN(len(w.clients))].Until(ctx, drive.Call{Kind: "registration", Method: "POST",
		Path: "/v1/register", Done: []int{202},
		Body: map[string]string{"email": to, "password": password, "name": "New", "company": "New"}}, nil)
	if err != nil {
		w.note("registration", err)
	}
}

// control is what the stand-in shows.
type control struct {
	Events []struct {
		ID        string
		Delivered bool
	}
}
