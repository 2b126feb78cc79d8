package main

import (
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// told is what the outbox asks for: the visitors' mails by request, the owners' by how many late calls each tells of.
func (f *fixture) told() (visitors map[string]int, owners []int) {
	f.T.Helper()
	visitors = map[string]int{}
	for _, i := range f.Items("OUTBOX_TABLE") {
		switch i["kind"] {
		case string(connect.MailCallLate):
			visitors[i["callback"].(string)]++
		case string(connect.MailPromiseBroken):
			n, err := strconv.Atoi(i["notice"].(string))
			if err != nil || (n == 1) != (i["callback"] != nil) {
				f.T.Errorf("%v", i)
			}
			owners = append(owners, n)
		}
	}
	return visitors, owners
}

func sum(list []int) (n int) {
	for _, one := range list {
		n += one
	}
	return n
}

// counted is what the statistics hold, by state.
func (f *fixture) counted() map[connect.PromiseState]int64 {
	f.T.Helper()
	out := map[connect.PromiseState]int64{}
	err := f.Store.Promises(f.T.Context(), f.site.ID, "2026-01-01", "2027-12-31", func(p connect.PromiseCount, n int64) {
		if n < 0 {
			f.T.Errorf("%v is counted %d times", p, n)
		}
		out[p.State] += n
	})
	if err != nil {
		f.T.Fatal(err)
	}
	return out
}

func (f *fixture) stored(id connect.CallbackID) *connect.Callback {
	f.T.Helper()
	c, err := f.Store.Callback(f.T.Context(), f.site.ID, id, f.Clock.Now())
	if err != nil {
		f.T.Fatal(err)
	}
	return c
}

func (f *fixture) change(c *connect.Callback) {
	f.T.Helper()
	if err := f.Store.ChangeCallback(f.T.Context(), c, f.Clock.Now()); err != nil {
		f.T.Fatal(err)
	}
}

// minutes lets time pass, with a run in each.
func (f *fixture) minutes(n int) {
	f.T.Helper()
	for range n {
		f.Clock.Forward(time.Minute)
		f.run()
	}
}

// The visitor and the owners are told when a promise breaks, once; what became of it is counted once.
func TestABrokenPromise(t *testing.T) {
	f := start(t)
	asked := f.ask(30)
	f.minutes(30)
	if v, o := f.told(); len(v) != 0 || len(o) != 0 {
		t.Fatal("at the instant itself it can still be kept:", v, o)
	}
	f.minutes(20)
	visitors, owners := f.told()
	c := f.stored(asked.ID)
	if visitors[string(c.ID)] != 1 || len(owners) != 1 || !c.BrokenAt.Equal(asked.Due) ||
		c.Promise(f.Clock.Now()) != connect.PromiseBroken || f.counted()[connect.PromiseBroken] != 1 {
		t.Errorf("%v %v %v %v", visitors, owners, c.BrokenAt, f.counted())
	}
	// Called at last, 20 minutes late; then by mistake not, and again.
	late := func() (out []int) {
		_ = f.Store.Promises(t.Context(), f.site.ID, "2026-11-24", "2026-11-24", func(p connect.PromiseCount, n int64) {
			out = append(out, p.Late)
		})
		return out
	}
	for _, step := range []struct {
		outcome connect.Outcome
		want    int
	}{{connect.Talked, 20}, {connect.NoOutcome, connect.NotCalled}, {connect.NoAnswer, 20}} {
		c = f.stored(c.ID)
		c.Resolve(step.outcome, "Olive", f.Clock.Now())
		f.change(c)
		if got := late(); len(got) != 1 || got[0] != step.want {
			t.Errorf("%q: late by %v, want %d", step.outcome, got, step.want)
		}
	}
	// The visitor chooses another time, and that passes too: a request is late only once.
	c = f.stored(c.ID)
	c.Moved(f.Clock.Now())
	f.promise(c, f.Clock.Now(), 30)
	if c.DueHour = ""; len(c.Tasks) != 3 {
		t.Fatal(c.Tasks)
	}
	if err := f.Store.MoveCallback(t.Context(), c, connect.Booking{}, f.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	f.minutes(120)
	visitors, owners = f.told()
	if total(visitors) != 1 || sum(owners) != 1 || !maps.Equal(f.counted(), map[connect.PromiseState]int64{"broken": 1}) {
		t.Errorf("late again: %v %v %v", visitors, owners, f.counted())
	}
}

// Owners get at most one mail an hour, in which every late call is counted once.
func TestOwnersAreToldOnceAnHour(t *testing.T) {
	f := start(t)
	sent := map[int]time.Time{}
	const calls = 40
	for n := range 4 * 60 {
		if n < 3*calls && n%3 == 0 { // one every three minutes for two hours
			f.ask(10)
		}
		f.minutes(1)
		if _, owners := f.told(); len(owners) > len(sent) {
			sent[len(owners)] = f.Clock.Now()
		}
	}
	_, owners := f.told()
	if sum(owners) != calls || len(owners) != len(sent) || len(owners) < 3 {
		t.Errorf("%v tell of %d calls, want %d", owners, sum(owners), calls)
	}
	for n := 2; n <= len(sent); n++ {
		if gap := sent[n].Sub(sent[n-1]); gap < time.Hour {
			t.Errorf("mail %d is sent %v after the one before", n, gap)
		}
	}
	t.Logf("%d late calls in two hours: mails that tell of %v", calls, owners)
}

// Whoever calls in time is not late while they do.
func TestWhoCallsInTimeIsNotLate(t *testing.T) {
	f := start(t)
	kept, left := f.ask(30), f.ask(30)
	f.minutes(29)
	for _, id := range []connect.CallbackID{kept.ID, left.ID} {
		c := f.stored(id)
		if _, err := c.TakeOn(f.owner.Token.User, "Olive", f.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		f.change(c)
	}
	f.minutes(9)
	if v, o := f.told(); len(v)+len(o) != 0 {
		t.Error("told while they are called:", v, o)
	}
	c := f.stored(kept.ID)
	c.Resolve(connect.Talked, "Olive", f.Clock.Now())
	f.change(c)
	f.minutes(5) // the other claim has ended without a call
	visitors, owners := f.told()
	if !maps.Equal(f.counted(), map[connect.PromiseState]int64{"kept": 1, "broken": 1}) || len(visitors) != 1 ||
		visitors[string(left.ID)] != 1 || sum(owners) != 1 {
		t.Errorf("%v %v %v", f.counted(), visitors, owners)
	}
}

// Nobody is told at 03:00 of yesterday; that the promise was broken is noted all the same.
func TestNobodyIsToldAtNight(t *testing.T) {
	f := start(t)
	f.ask(30)
	f.Clock.Set(time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC))
	got := f.run()
	visitors, owners := f.told()
	if got.TooLate != 3 || len(visitors)+len(owners)+total(f.reminders()) != 0 || f.counted()[connect.PromiseBroken] != 1 {
		t.Errorf("%+v: %v %v %v, counted %v", got, visitors, owners, f.reminders(), f.counted())
	}
	if f.left() != 0 {
		t.Errorf("%d tasks are left", f.left())
	}
}

func TestBreakingIsKilledAfterEveryStep(t *testing.T) {
	f := start(t)
	crashes, requests := 0, 0
	for _, answered := range []bool{false, true} {
		for at := 1; ; at++ {
			for range 2 {
				f.ask(5)
				requests++
			}
			f.Clock.Forward(6 * time.Minute)
			wire := &apitest.Dying{At: at, Answered: answered}
			killed := f.tick(wire)
			killed.atOnce = 1
			_, _ = killed.run(t.Context())
			f.Clock.Forward(lease + time.Second)
			f.run()
			if !wire.Died() {
				break
			}
			crashes++
		}
	}
	f.Clock.Forward(time.Hour)
	f.run() // the last mail to the owners
	visitors, owners := f.told()
	broken := f.counted()[connect.PromiseBroken]
	if len(visitors) != requests || total(visitors) != requests || sum(owners) != requests || int(broken) != requests {
		t.Errorf("%d requests: %d visitors told %d times, owners of %d, counted %d", requests, len(visitors), total(visitors),
			sum(owners), broken)
	}
	if n := f.tasks(); n != 0 || crashes < 30 {
		t.Errorf("%d tasks are left, %d crashes", n, crashes)
	}
	t.Logf("%d crashes; %d promises broken: %d visitors' mails, %d owners' mails of %d calls, %d counted",
		crashes, requests, total(visitors), len(owners), sum(owners), broken)
}

// tasks are those that are left, without when accounts were told.
func (f *fixture) tasks() (n int) {
	for _, i := range f.Items("DUE_TABLE") {
		if fmt.Sprint(i["sk"]) != "owners" {
			n++
		}
	}
	return n
}

// Two runs and people who handle the same requests at the same time: each promise is counted once, as what it became.
func TestPeopleAndTicksAtOnce(t *testing.T) {
	f := start(t)
	const requests = 40
	var ids []connect.CallbackID
	for range requests {
		ids = append(ids, f.ask(30).ID)
	}
	f.Clock.Forward(31 * time.Minute)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { _, _ = f.tick(nil).run(t.Context()) })
	}
	all.Go(func() {
		for _, id := range ids {
			for {
				c := f.stored(id)
				c.Resolve(connect.Talked, "Olive", f.Clock.Now())
				err := f.Store.ChangeCallback(t.Context(), c, f.Clock.Now())
				if err == nil {
					break
				}
				if kind := connect.KindOf(err); !errors.Is(err, connect.ErrConflict) && kind != connect.Unavailable {
					t.Error(err)
					return
				}
			}
		}
	})
	all.Wait()
	for range 3 {
		f.Clock.Forward(lease + time.Second)
		f.run()
	}
	counted := map[int]int64{}
	_ = f.Store.Promises(t.Context(), f.site.ID, "2026-11-24", "2026-11-24", func(p connect.PromiseCount, n int64) {
		counted[p.Late] += n
	})
	if counted[1] != requests || len(counted) != 1 {
		t.Errorf("by lateness: %v, want %d of a minute", counted, requests)
	}
	visitors, owners := f.told()
	t.Logf("%d promises, all called a minute late: counted %v; %d visitors told first, owners of %d",
		requests, counted, total(visitors), sum(owners))
}
