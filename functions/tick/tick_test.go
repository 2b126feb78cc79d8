package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

type fixture struct {
	*apitest.World
	owner apitest.Person
	site  *connect.Site
}

func start(t *testing.T) *fixture {
	w := apitest.New(t)
	w.Clock.Set(time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC))
	f := &fixture{World: w, owner: w.Person("owner@tick.example")}
	f.site = w.Site(f.owner.Account, "Shop", "Europe/London", "https://shop.example")
	return f
}

// tick is a run of its own process.
func (f *fixture) tick(through http.RoundTripper) *tick {
	db := f.DB
	if through != nil {
		db = store.OpenThrough(func(k string) string { return f.Env[k] }, through)
	}
	t := newTick(store.Tasks(db))
	t.log, t.clock = f.Logger(), f.Clock.Now
	return t
}

func (f *fixture) run() Summary {
	f.T.Helper()
	sum, err := f.tick(nil).run(f.T.Context())
	if err != nil {
		f.T.Fatal(err)
	}
	return sum
}

// ask stores a request that is promised within so many minutes, as function callbacks does.
func (f *fixture) ask(within int) *connect.Callback {
	f.T.Helper()
	now := f.Clock.Now()
	c := &connect.Callback{
		ID: connect.NewCallbackID(now), Site: f.site.ID, SiteName: f.site.Name, Account: f.site.Account,
		Name: "Ada Visitor", Phone: f.Private("number", "+447700900123"), Email: "ada@visitor.example", Page: "/",
		Status:    connect.StatusNew,
		CreatedAt: now, UpdatedAt: now, ExpiresAt: now.AddDate(0, 0, 90),
	}
	f.promise(c, now, within)
	key := token.NewID()
	if _, err := f.Store.AddCallback(f.T.Context(), c, key, key, now); err != nil {
		f.T.Fatal(err)
	}
	return c
}

func (f *fixture) promise(c *connect.Callback, from time.Time, within int) {
	c.Due = from.Add(time.Duration(within) * time.Minute)
	c.DueHour, c.Tasks = connect.HourOf(c.Due), nil
	for kind, at := range map[connect.TaskKind]time.Time{
		connect.TaskPromiseHalf: from.Add(time.Duration(within) * time.Minute / 2),
		connect.TaskPromiseMost: from.Add(time.Duration(within) * time.Minute * 4 / 5),
		connect.TaskPromiseDue:  c.Due.Add(time.Millisecond),
	} {
		c.Tasks = append(c.Tasks, connect.Task{
			Kind: kind, At: at, Account: f.site.Account, Site: f.site.ID, Callback: c.ID, For: c.Due,
		})
	}
}

// reminders are the messages that tell of promises at risk, by request.
func (f *fixture) reminders() map[string]int {
	out := map[string]int{}
	for _, i := range f.Items("OUTBOX_TABLE") {
		if i["kind"] == string(connect.MailPromiseAtRisk) {
			out[i["callback"].(string)]++
		}
	}
	return out
}

// left is how many tasks are due and not done.
func (f *fixture) left() (n int) {
	for _, i := range f.Items("DUE_TABLE") {
		if i["sk"] != "owners" && !stamp(i["at"]).After(f.Clock.Now()) {
			n++
		}
	}
	return n
}

func total(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// Nothing is early; each is done in its minute, once.
func TestEachIsDoneAtItsTime(t *testing.T) {
	f := start(t)
	c := f.ask(30)
	for minute := range 40 {
		f.run()
		want := 0
		for _, at := range []int{15, 24} {
			if minute >= at {
				want++
			}
		}
		if got := f.reminders()[string(c.ID)]; got != want {
			t.Errorf("after %d minutes: %d reminders, want %d", minute, got, want)
		}
		f.Clock.Forward(time.Minute)
	}
	if n := f.left(); n != 0 {
		t.Errorf("%d tasks are left", n)
	}
}

func TestTickIsKilledAfterEveryStep(t *testing.T) {
	f := start(t)
	crashes, requests := 0, 0
	for _, answered := range []bool{false, true} {
		for at := 1; ; at++ {
			a, b := f.ask(30), f.ask(30)
			requests += 2
			f.Clock.Forward(15 * time.Minute)
			wire := &apitest.Dying{At: at, Answered: answered}
			killed := f.tick(wire)
			killed.atOnce = 1
			_, _ = killed.run(t.Context())
			f.Clock.Forward(lease + time.Second) // as AWS calls it again a minute later
			f.run()
			for _, c := range []*connect.Callback{a, b} {
				if got := f.reminders()[string(c.ID)]; got != 1 {
					t.Errorf("killed at call %d: %d reminders, want 1", at, got)
				}
			}
			f.Clock.Forward(time.Hour)
			f.run() // and the rest, which is too late
			if n := f.left(); n != 0 {
				t.Errorf("killed at call %d: %d tasks are left", at, n)
			}
			if !wire.Died() {
				break
			}
			crashes++
		}
	}
	if got := total(f.reminders()); got != requests || crashes < 20 {
		t.Errorf("%d crashes, %d requests, %d reminders", crashes, requests, got)
	}
	t.Logf("%d crashes; %d requests, %d reminders: none lost, none twice", crashes, requests, total(f.reminders()))
}

func TestTwoTicksAtOnce(t *testing.T) {
	f := start(t)
	const requests, ticks = 60, 4
	for range requests {
		f.ask(30)
	}
	f.Clock.Forward(15 * time.Minute)
	var all sync.WaitGroup
	var mu sync.Mutex
	sums := map[int]int{}
	for n := range ticks {
		all.Go(func() {
			sum, err := f.tick(nil).run(context.Background())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			sums[n] = sum.Done
		})
	}
	all.Wait()
	done := 0
	for _, n := range sums {
		done += n
	}
	got, left := f.reminders(), f.tasks()
	if len(got) != requests || total(got) != requests || done != requests || left != 2*requests {
		t.Errorf("%v: %d of %d requests, %d reminders; %d left", sums, len(got), requests, total(got), left)
	}
	t.Logf("%d ticks at once did %v: %d tasks, %d reminders", ticks, sums, done, total(f.reminders()))
}

// What was missed is done once, the oldest first; what is too late is not.
func TestTickWasAway(t *testing.T) {
	for _, away := range []time.Duration{time.Hour, 24 * time.Hour} {
		t.Run(away.String(), func(t *testing.T) {
			f := start(t)
			const requests = 120 // one a minute, promised within 30 minutes
			left := f.Clock.Now().Add(away)
			end := left.Add(30 * time.Minute)
			for begin := left.Add(-away); begin.Before(end); begin = begin.Add(away / requests) {
				f.Clock.Set(begin)
				f.ask(30)
			}
			f.Clock.Set(left)
			now := f.Clock.Now()
			want, late, broken := 0, 0, 0
			for _, i := range f.Items("DUE_TABLE") {
				at, limit := stamp(i["at"]), 15*time.Minute
				if i["kind"] == string(connect.TaskPromiseDue) {
					limit = 2 * time.Hour
				}
				switch {
				case at.After(now):
				case now.Sub(at) > limit:
					late++
				case i["kind"] == string(connect.TaskPromiseDue):
					broken++
				case stamp(i["for"]).After(now) || stamp(i["for"]).Equal(now):
					want++
				}
			}
			var order []string
			one := f.tick(nil)
			one.atOnce = 1
			for name, k := range one.kinds {
				do := k.do
				k.do = func(ctx context.Context, task connect.Task, now time.Time) error {
					order = append(order, task.At.Format("2006-01-02T15:04:05.000"))
					return do(ctx, task, now)
				}
				one.kinds[name] = k
			}
			sum, err := one.run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			f.run()
			got, sorted := total(f.reminders()), slices.IsSorted(order)
			if got != want || sum.TooLate != late || want == 0 || late == 0 || !sorted {
				t.Errorf("%+v: %d reminders, want %d; %d too late; in order: %v", sum, got, want, late, sorted)
			}
			visitors, _ := f.told()
			if len(visitors) != broken || total(visitors) != broken || broken == 0 {
				t.Errorf("%d visitors told, want %d", total(visitors), broken)
			}
			t.Logf("away for %v: %d tasks done in order: %d reminders, %d visitors told; %d too late, %d not due yet",
				away, len(order), want, broken, late, f.tasks())
		})
	}
}

func stamp(v any) time.Time {
	var ms int64
	if _, err := fmt.Sscan(fmt.Sprint(v), &ms); err != nil {
		panic(err)
	}
	return time.UnixMilli(ms).UTC()
}

// What is written for a minute that a run has read, or is reading, is done by the next one.
func TestWhatIsWrittenLateIsDone(t *testing.T) {
	f := start(t)
	late := f.ask(30)
	f.Clock.Forward(15 * time.Minute)
	written := 0
	// A request is stored in the middle of the run, with a task that was due a minute ago.
	run := f.tick(roundTrip(func(r *http.Request) (*http.Response, error) {
		answer, err := http.DefaultTransport.RoundTrip(r)
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".Query") {
			c := f.ask(28)
			f.promise(c, f.Clock.Now().Add(-15*time.Minute), 28)
			key := token.NewID()
			c.ID = connect.NewCallbackID(f.Clock.Now())
			for n := range c.Tasks {
				c.Tasks[n].Callback = c.ID
			}
			if _, err := f.Store.AddCallback(t.Context(), c, key, key, f.Clock.Now()); err != nil {
				t.Error(err)
			}
			written++
		}
		return answer, err
	}))
	if _, err := run.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.run()
	got := f.reminders()
	if got[string(late.ID)] != 1 || len(got) != written+1 || total(got) != written+1 || written == 0 {
		t.Errorf("%d were written in the run: reminders of %v", written, got)
	}
	t.Logf("%d tasks were written into a minute that was being read: all done, in that run or the next", written)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A task outlives its cause; then it does nothing.
func TestNothingIsDoneThatIsNoLongerWanted(t *testing.T) {
	now := func(f *fixture) time.Time { return f.Clock.Now() }
	for name, c := range map[string]struct {
		change func(*fixture, *connect.Callback)
		want   int
	}{
		"waiting": {func(*fixture, *connect.Callback) {}, 2},
		"claimed": {func(f *fixture, c *connect.Callback) {
			_, _ = c.TakeOn(f.owner.Token.User, "Olive", now(f).Add(20*time.Minute)) // until after the last reminder
		}, 0},
		"called":    {func(f *fixture, c *connect.Callback) { c.Resolve(connect.Talked, "Olive", now(f)) }, 0},
		"no answer": {func(f *fixture, c *connect.Callback) { c.Resolve(connect.NoAnswer, "Olive", now(f)) }, 0},
		"cancelled": {func(f *fixture, c *connect.Callback) { c.Mark(connect.StatusCancelled, "", now(f)) }, 0},
		"opened again": {func(f *fixture, c *connect.Callback) {
			c.Resolve(connect.Talked, "Olive", now(f))
			c.Resolve(connect.NoOutcome, "Olive", now(f))
		}, 2},
		"moved": {func(f *fixture, c *connect.Callback) {
			c.Moved(now(f))
			f.promise(c, now(f).Add(time.Minute), 30)
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			asked := f.ask(30)
			r, err := f.Store.Callback(t.Context(), f.site.ID, asked.ID, now(f))
			if err != nil {
				t.Fatal(err)
			}
			c.change(f, r)
			if err := f.Store.MoveCallback(t.Context(), r, connect.Booking{}, now(f)); err != nil {
				t.Fatal(err)
			}
			for range 40 {
				f.run()
				f.Clock.Forward(time.Minute)
			}
			if got := f.reminders()[string(asked.ID)]; got != c.want || f.left() != 0 {
				t.Errorf("%d reminders, want %d; %d tasks left", got, c.want, f.left())
			}
		})
	}
}

// A task that cannot be done keeps no other from its turn, is tried again, and is told to the operator.
func TestAPoisonousTask(t *testing.T) {
	f := start(t)
	for range 3 {
		f.ask(30)
	}
	f.Clock.Forward(15 * time.Minute)
	bad := f.tick(nil)
	first := ""
	do := bad.kinds[connect.TaskPromiseHalf].do
	var mu sync.Mutex
	faulty := func(ctx context.Context, task connect.Task, now time.Time) error {
		mu.Lock()
		if first == "" {
			first = string(task.Callback)
		}
		mu.Unlock()
		if string(task.Callback) == first {
			panic("a fault")
		}
		return do(ctx, task, now)
	}
	bad.kinds[connect.TaskPromiseHalf] = kind{15 * time.Minute, faulty, nil}
	sum, err := bad.run(t.Context())
	if err == nil || sum != (Summary{Done: 2, Failed: 1}) || !strings.Contains(f.Logs.String(), "a fault") {
		t.Errorf("%+v %v", sum, err)
	}
	if sum := f.run(); sum.Done != 0 {
		t.Errorf("within its lease: %+v", sum)
	}
	f.Clock.Forward(lease)
	if sum := f.run(); sum.Done != 1 || total(f.reminders()) != 3 {
		t.Errorf("after it: %+v, %v", sum, f.reminders())
	}
	// A kind of a later release waits for it.
	i := f.Items("DUE_TABLE")[0]
	f.SetText("DUE_TABLE", i["pk"].(string), i["sk"].(string), "kind", "of-tomorrow")
	f.Clock.Forward(30 * time.Minute)
	if sum, err := f.tick(nil).run(t.Context()); err == nil || sum.Failed != 1 || f.left() != 1 {
		t.Errorf("of tomorrow: %+v %v, %d left", sum, err, f.left())
	}
}

// How late a kind may be is less than how long a task and its message live: a task that comes again finds the message.
func TestLatenessIsWithinLives(t *testing.T) {
	for name, k := range newTick(store.Tasks{}).kinds {
		if k.late <= 0 || k.late+lease >= connect.OutboxLife || k.late >= connect.TaskLife {
			t.Errorf("%s may be %v late", name, k.late)
		}
	}
}
