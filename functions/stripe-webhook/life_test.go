package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/internal/stripetest"
	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// size is how often a test does something: few times in `make test`, BILLING_<name> in `make billing-test`.
func size(t *testing.T, name string, few int) int {
	if s := os.Getenv("BILLING_" + name); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("BILLING_%s=%s is no number", name, s)
		}
		return n
	}
	return few
}

var quiet = web.Logger(io.Discard)

// deliver brings one event until it is taken, as Stripe does.
func deliver(t *testing.T, w *stripetest.World, h http.Handler, body []byte) string {
	t.Helper()
	for range 20 {
		switch status, answer := w.Post(h, body); {
		case status == 200:
			return answer
		case status < 500:
			t.Errorf("%d %s", status, answer)
			return answer
		}
	}
	t.Error("an event was refused 20 times")
	return ""
}

// player replays one life in many ways.
type player struct {
	t     *testing.T
	w     *stripetest.World
	stage *stripetest.Stage
	keys  *billing.Keys
	n     atomic.Int64 // deliveries
}

func newPlayer(t *testing.T) *player {
	t.Helper()
	w := stripetest.New(t)
	p := &player{t: t, w: w, stage: stripetest.NewStage(t, stripetest.Record(t, w))}
	p.keys = w.Keys(t, p.stage.URL)
	return p
}

// play delivers events in that order, by so many at once, and reports what is wrong afterwards.
func (p *player) play(name string, order []stripetest.LifeEvent, workers int) (*stripetest.Run, error) {
	run := p.stage.Run(p.t, p.w, name)
	syncer := stripetest.NewSyncer(p.w.DB, p.keys, "")
	h := app(quiet, syncer.EventSyncer, run.Now)
	queue := make(chan stripetest.LifeEvent, len(order))
	for _, e := range order {
		queue <- e
	}
	close(queue)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for e := range queue {
				body := run.Reach(e)
				p.n.Add(1)
				for try := 0; ; try++ {
					status, answer := stripetest.Post(h, body, billing.Sign(body, "whsec_local", run.Now()))
					if status == 200 {
						break
					}
					// The run's clock may have leapt past the signature's time in between: Stripe signs each try again.
					leapt := strings.Contains(answer, "bad-signature")
					if status < 500 && !leapt || try > 20 {
						p.t.Errorf("%s: %d %s", name, status, answer)
						return
					}
				}
			}
		})
	}
	all.Wait()
	return run, p.equal(run)
}

// equal compares what is stored with what Stripe says in the end.
func (p *player) equal(run *stripetest.Run) error {
	ctx := context.Background()
	got, err := p.w.Store.Subscription(ctx, run.Account)
	if err != nil {
		return err
	}
	want, err := p.keys.Client(ctx, run.Now()).Fetch(ctx, run.Account, run.Customer)
	if err != nil {
		return err
	}
	if a, b := fmt.Sprintf("%+v", got.Billing), fmt.Sprintf("%+v", want.Billing); a != b {
		return fmt.Errorf("stored is\n%s\nand Stripe says\n%s", a, b)
	}
	if step := p.stage.Life.Steps[run.At()]; got.Status != step.Status {
		return fmt.Errorf("stored is %s, and after %q it is %s", got.Status, step.Name, step.Status)
	}
	return nil
}

// mails checks every run's mails: each alert at most once, and only one that was true at some moment the
// run has seen.
func (p *player) mails(runs []*stripetest.Run) (total int) {
	mails := p.w.Mails(p.t)
	for _, run := range runs {
		seen := map[string]bool{}
		for _, notice := range mails[run.Account] {
			total++
			if seen[notice] {
				p.t.Errorf("%s: mailed twice: %s", run.Account, notice)
			}
			seen[notice] = true
			kind, _, _ := strings.Cut(notice, ":")
			stood := false
			for step := range run.Visited {
				stood = stood || string(p.stage.Life.Steps[step].Alert) == kind
			}
			if !stood {
				p.t.Errorf("%s: mailed for a state that was left: %s", run.Account, notice)
			}
		}
		if last := p.stage.Life.Steps[run.At()].Alert; last != connect.NoAlert &&
			!slices.ContainsFunc(mails[run.Account], func(n string) bool { return strings.HasPrefix(n, string(last)+":") }) {
			p.t.Errorf("%s: not mailed: %s", run.Account, last)
		}
	}
	return total
}

// each plays n ways on two processors.
func (p *player) each(
	n int, way func(i int) (name string, order []stripetest.LifeEvent, workers int),
) []*stripetest.Run {
	runs := make([]*stripetest.Run, n)
	var next atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || p.t.Failed() {
					return
				}
				name, order, workers := way(i)
				run, err := p.play(name, order, workers)
				if err != nil {
					var steps []string
					for _, e := range order {
						steps = append(steps, e.Type+"@"+p.stage.Life.Steps[e.Step].Name)
					}
					p.t.Errorf("%s: %v\norder: %s", name, err, strings.Join(steps, ", "))
				}
				runs[i] = run
			}
		})
	}
	all.Wait()
	return runs
}

// Six events of a life, in each of their 720 orders, each event also twice: at once, and at the end.
func TestEveryOrderOfSixEvents(t *testing.T) {
	p := newPlayer(t)
	var six []stripetest.LifeEvent
	for _, want := range []struct{ kind, step string }{
		{"customer.subscription.trial_will_end", "trial is ending"}, {"invoice.paid", "first payment"},
		{"customer.subscription.updated", "upgrade"},
		{"invoice.payment_failed", "payment failed"}, {"invoice.paid", "recovery"}, {"customer.subscription.deleted", "end"},
	} {
		n := slices.IndexFunc(p.stage.Life.Events, func(e stripetest.LifeEvent) bool {
			return e.Type == want.kind && p.stage.Life.Steps[e.Step].Name == want.step
		})
		if n < 0 {
			t.Fatalf("the life has no %s at %q", want.kind, want.step)
		}
		six = append(six, p.stage.Life.Events[n])
	}
	orders := permutations(six)
	if len(orders) != 720 {
		t.Fatal(len(orders))
	}
	// 7 and 720 have no common divisor: every seventh leaves no event in one place.
	orders = every(orders, apitest.Often(7, 1))
	runs := p.each(len(orders), func(i int) (string, []stripetest.LifeEvent, int) {
		twice := append(slices.Clone(orders[i]), orders[(i*7)%len(orders)]...)
		if i%2 == 0 { // each at once again
			twice = twice[:0]
			for _, e := range orders[i] {
				twice = append(twice, e, e)
			}
		}
		return "p" + strconv.Itoa(i), twice, 1
	})
	if !t.Failed() {
		t.Logf(
			"billing: %d orders of 6 events, each twice: %d deliveries, one final state; %d mails, none twice, none for a "+
				"state left",
			len(runs), p.n.Load(), p.mails(runs),
		)
	}
}

// every is each n-th of list.
func every[T any](list []T, n int) (out []T) {
	for i := 0; i < len(list); i += n {
		out = append(out, list[i])
	}
	return out
}

func permutations(list []stripetest.LifeEvent) [][]stripetest.LifeEvent {
	if len(list) == 0 {
		return [][]stripetest.LifeEvent{nil}
	}
	var out [][]stripetest.LifeEvent
	for i, e := range list {
		rest := append(slices.Clone(list[:i]), list[i+1:]...)
		for _, tail := range permutations(rest) {
			out = append(out, append([]stripetest.LifeEvent{e}, tail...))
		}
	}
	return out
}

// The whole life in random orders with duplicates, half of the runs with three deliveries at once.
func TestShuffledLives(t *testing.T) {
	p := newPlayer(t)
	life := p.stage.Life
	equal := map[int64]int{}
	for _, e := range life.Events {
		equal[e.Created]++
	}
	same := 0
	for _, n := range equal {
		if n > 1 {
			same++
		}
	}
	if same < 2 {
		t.Fatal("the life needs seconds in which two events were made")
	}
	seed := uint64(size(t, "SEED", 20261123))
	n := size(t, "SHUFFLES", 60)
	runs := p.each(n, func(i int) (string, []stripetest.LifeEvent, int) {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		order := slices.Clone(life.Events)
		for range 1 + r.IntN(len(life.Events)/2) {
			order = append(order, life.Events[r.IntN(len(life.Events))])
		}
		if i%3 == 0 { // nearly in order, as it is most of the time
			slices.SortStableFunc(order, func(a, b stripetest.LifeEvent) int { return a.Step - b.Step })
			for range 6 {
				k := r.IntN(len(order) - 1)
				order[k], order[k+1] = order[k+1], order[k]
			}
		} else {
			r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		return "s" + strconv.Itoa(i), order, 1 + 2*(i%2)
	})
	if !t.Failed() {
		t.Logf("billing: %d shuffles (seed %d) of %d events of a whole life with duplicates, %d seconds shared by "+
			"several: %d deliveries, one final state; %d mails",
			len(runs), seed, len(life.Events), same, p.n.Load(), p.mails(runs))
	}
}
