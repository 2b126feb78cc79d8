package main

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/hours"
)

// A simulated year of a site: visitors ask, move, cancel and erase through the API, people claim, call and take back
// what they noted, and each promise breaks at its time. The oracle knows the list of what happened and nothing of how
// it is stored.

type happening struct {
	at time.Time
	do func()
}

type agenda []happening

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].at.Before(a[j].at) }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)        { *a = append(*a, x.(happening)) }
func (a *agenda) Pop() any {
	old := *a
	last := old[len(old)-1]
	*a = old[:len(old)-1]
	return last
}

// fact is one thing that happened to a request.
type fact struct {
	at   time.Time
	what string    // "promised", "claim", "call", "undo" or "cancel"
	due  time.Time // of "promised"
}

type year struct {
	*fixture
	rules  *hours.Rules
	zone   *time.Location
	random *rand.Rand
	agenda agenda
	facts  map[connect.CallbackID][]fact
	forWho map[connect.CallbackID]string
	dues   int
}

func (y *year) later(at time.Time, do func()) { heap.Push(&y.agenda, happening{at, do}) }

// openAt reads the clock on the site's wall.
func (y *year) openAt(t time.Time, department string) bool {
	local := t.In(y.zone)
	if y.rules.Nation.Holiday(connect.DateOf(local)) != "" {
		return false
	}
	minute := local.Hour()*60 + local.Minute()
	switch {
	case department == "Repairs":
		return local.Weekday() == time.Sunday && minute < 3*60
	case local.Weekday() == time.Saturday:
		return minute >= 10*60 && minute < 13*60
	case local.Weekday() == time.Sunday:
		return false
	}
	return minute >= 9*60 && minute < 17*60+30
}

// slowDue walks from minute to minute until so much open time has passed.
func (y *year) slowDue(from time.Time, within time.Duration, department string) time.Time {
	for t := from; ; {
		next := t.Truncate(time.Minute).Add(time.Minute)
		if y.openAt(t, department) {
			if within <= next.Sub(t) {
				return t.Add(within)
			}
			within -= next.Sub(t)
		}
		t = next
	}
}

// tick breaks what is due, as function tick does.
func (y *year) tick() {
	now := y.Clock.Now()
	var tasks []connect.Task
	for task, err := range y.Store.DueTasks(y.T.Context(), now) {
		y.must(err)
		tasks = append(tasks, task)
	}
	for _, task := range tasks {
		held, ok, err := y.Store.HoldTask(y.T.Context(), task, time.Minute, now)
		if y.must(err); !ok {
			y.T.Fatal("nobody else holds a task")
		}
		c, err := y.Store.TaskRequest(y.T.Context(), task, now)
		if connect.KindOf(err) != connect.NotFound {
			y.must(err)
			if task.Kind == connect.TaskPromiseDue && c.OutcomeAt.IsZero() && c.Due.Equal(task.For) {
				if calling := c.Claim.Active(now); c.Break(now) {
					y.must(y.Store.BreakPromise(y.T.Context(), c, task, false, false, now))
				} else if calling && c.BrokenAt.IsZero() {
					y.must(y.Store.Postpone(y.T.Context(), task, c.Claim.Until))
				}
			}
		}
		y.must(y.Store.RemoveTask(y.T.Context(), held))
	}
}

func (y *year) must(err error) {
	y.T.Helper()
	if err != nil {
		y.T.Fatal(err)
	}
}

// handle does something with a request, as function dashboard does.
func (y *year) handle(id connect.CallbackID, what string) func() {
	return func() {
		now := y.Clock.Now()
		c, err := y.Store.Callback(y.T.Context(), y.site.ID, id, now)
		y.must(err)
		if c.Status == connect.StatusCancelled {
			return
		}
		changed := false
		switch what {
		case "claim":
			if c.Status == connect.StatusNew {
				changed, err = c.TakeOn("u_olive", "Olive", now)
				y.must(err)
			}
		case "call":
			changed = c.Resolve(connect.Talked, "Olive", now)
		case "no answer":
			changed, what = c.Resolve(connect.NoAnswer, "Olive", now), "call"
		case "undo":
			changed = c.Resolve(connect.NoOutcome, "Olive", now)
		}
		if changed {
			y.must(y.Store.ChangeCallback(y.T.Context(), c, now))
			y.facts[id] = append(y.facts[id], fact{at: now, what: what})
		}
	}
}

func (y *year) cancel(id connect.CallbackID, link string) func() {
	return func() {
		if a := y.own("PATCH", link, map[string]any{"status": "cancelled"}); a.Status == 200 {
			y.facts[id] = append(y.facts[id], fact{at: y.Clock.Now(), what: "cancel"})
		} else if a.Code() != "already-done" {
			y.T.Fatal(a.Status, a.Body)
		}
	}
}

// move books one of the slots that are offered.
func (y *year) move(id connect.CallbackID, link string) func() {
	return func() {
		at, _ := y.slots("&department=" + y.forWho[id])
		if len(at) == 0 {
			return
		}
		choice := at[y.random.IntN(len(at))]
		a := y.own("PATCH", link, map[string]any{"at": choice})
		if a.Code() == "already-done" {
			return
		}
		if a.Status != 200 {
			y.T.Fatal(a.Status, a.Body)
		}
		y.promised(id, a, choice)
		due := y.facts[id][len(y.facts[id])-1].due
		if y.random.IntN(2) == 0 {
			y.later(due.Add(time.Duration(y.random.IntN(40)-20)*time.Minute), y.handle(id, "call"))
		}
	}
}

// promised compares the instant that a visitor is told with the oracle's.
func (y *year) promised(id connect.CallbackID, a apitest.Answer, at string) {
	y.T.Helper()
	now, who := y.Clock.Now(), y.forWho[id]
	promise, _ := a.JSON()["promise"].(map[string]any)
	due, err := time.Parse(time.RFC3339, fmt.Sprint(promise["due"]))
	y.must(err)
	want := y.slowDue(now, 45*time.Minute, who)
	if at != "" {
		start, err := time.Parse(time.RFC3339, at)
		y.must(err)
		if !y.openAt(start, who) {
			y.T.Errorf("%s: a slot while %q is closed", at, who)
		}
		want = start.Add(10 * time.Minute)
	}
	if y.dues++; !due.Equal(want) {
		y.T.Errorf("asked at %s for %q at %q: due %s, the oracle says %s",
			now.In(y.zone), who, at, due.In(y.zone), want.In(y.zone))
	}
	reminders := map[any]time.Time{}
	for _, i := range y.Items("DUE_TABLE") {
		if i["callback"] == string(id) && fmt.Sprint(i["for"]) == fmt.Sprint(due.UnixMilli()) {
			var ms int64
			_, err := fmt.Sscan(fmt.Sprint(i["at"]), &ms)
			y.must(err)
			reminders[i["kind"]] = time.UnixMilli(ms)
		}
	}
	half, most := want.Add(-5*time.Minute), want.Add(-2*time.Minute)
	if at == "" {
		half, most = y.slowDue(now, 45*time.Minute/2, who), y.slowDue(now, 36*time.Minute, who)
	}
	if !reminders["promise-half"].Equal(half) || !reminders["promise-most"].Equal(most) {
		y.T.Errorf("asked at %s: reminders %v, the oracle says %s and %s", now.In(y.zone), reminders, half, most)
	}
	y.facts[id] = append(y.facts[id], fact{now, "promised", due})
}

// ask is one visitor, and what is going to happen to their request.
func (y *year) ask(n int) func() {
	return func() {
		who, department, at := "", any(nil), ""
		switch y.random.IntN(5) {
		case 0:
			who, department = "Repairs", "repairs"
		case 1:
			department = "Nobody’s"
		}
		if y.random.IntN(3) == 0 {
			if free, _ := y.slots("&department=" + who); len(free) > 0 {
				at = free[y.random.IntN(len(free))]
			}
		}
		body := map[string]any{"department": department, "phone": fmt.Sprintf("07700 9%05d", n), "at": at}
		a := y.create(y.body(body), y.key(), nil)
		if a.Status != 201 {
			y.T.Fatal(a.Status, a.Body)
		}
		id, link := connect.CallbackID(a.Text("id")), y.tokenOf(a)
		y.forWho[id] = who
		y.promised(id, a, at)
		now, due := y.Clock.Now(), y.facts[id][0].due
		before := func() time.Time { return now.Add(time.Duration(y.random.Int64N(int64(due.Sub(now))))) }
		after := func() time.Time {
			return due.Add(time.Duration(y.random.ExpFloat64() * float64(time.Hour)))
		}
		switch y.random.IntN(10) {
		case 0:
			y.later(before(), y.handle(id, "call"))
		case 1:
			y.later(after(), y.handle(id, "call"))
		case 2: // nobody ever calls
		case 3:
			y.later(before(), y.cancel(id, link))
		case 4:
			y.later(after(), y.cancel(id, link))
		case 5: // claimed in time, called perhaps later
			y.later(due.Add(-time.Minute), y.handle(id, "claim"))
			y.later(due.Add(time.Duration(y.random.IntN(8))*time.Minute), y.handle(id, "call"))
		case 6: // claimed in time, and not called
			y.later(due.Add(-time.Minute), y.handle(id, "claim"))
			y.later(due.Add(time.Duration(20+y.random.IntN(100))*time.Minute), y.handle(id, "call"))
		case 7: // noted, taken back, and noted again
			first := before()
			y.later(first, y.handle(id, "call"))
			y.later(first.Add(time.Minute), y.handle(id, "undo"))
			y.later(after(), y.handle(id, "no answer"))
		case 8: // nobody answered, so the visitor chooses another time
			first := before()
			y.later(first, y.handle(id, "no answer"))
			y.later(first.Add(time.Minute), y.move(id, link))
		case 9: // late; the visitor chooses another time
			y.later(due.Add(30*time.Minute), y.move(id, link))
		}
		if y.random.IntN(4) == 0 { // everything is erased in the end, and its count stays
			y.later(now.AddDate(0, 0, 60), func() {
				if a := y.own("DELETE", link, nil); a.Status != 204 {
					y.T.Fatal(a.Status, a.Body)
				}
			})
		}
	}
}

func TestAYearOfPromises(t *testing.T) {
	requests := apitest.Often(100, 2500)
	f := start(t)
	rules := f.open(func(r *hours.Rules) {
		r.Promise = hours.Promise{Within: 45, Tolerance: 10}
		r.Week = append(r.Week, hours.WeeklySpan{Day: hours.Weekday(time.Saturday), From: 10 * 60, To: 13 * 60})
		r.Departments = []hours.Department{{Name: "Repairs", Capacity: 3, OwnHours: true, Week: []hours.WeeklySpan{
			{Day: hours.Weekday(time.Sunday), From: 0, To: 3 * 60}, // over both changes of the clocks
		}}}
	})
	zone, err := time.LoadLocation(f.site.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	y := &year{
		fixture: f, rules: rules, zone: zone, random: rand.New(rand.NewPCG(2026, 11)),
		facts: map[connect.CallbackID][]fact{}, forWho: map[connect.CallbackID]string{},
	}
	begin := f.Clock.Now()
	for n := range requests {
		y.later(begin.Add(time.Duration(y.random.Int64N(int64(365*24*time.Hour)))).Truncate(time.Second), y.ask(n))
	}
	for y.agenda.Len() > 0 {
		next := heap.Pop(&y.agenda).(happening)
		f.Clock.Set(next.at.Truncate(time.Millisecond))
		y.tick()
		next.do()
	}
	f.Clock.Set(begin.AddDate(2, 0, 0))
	y.tick()
	y.compare(requests)
}
