package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// solve finds a puzzle's number as a browser does, by trying.
func solve(t *testing.T, a apitest.Answer) map[string]any {
	t.Helper()
	p, _ := a.JSON()["puzzle"].(map[string]any)
	if a.Status != 403 || a.Code() != "puzzle-needed" || p == nil {
		t.Fatalf("no puzzle: %d %s", a.Status, a.Body)
	}
	n := connect.SolvePuzzle(p["salt"].(string), p["hash"].(string), int(p["max"].(float64)))
	if n < 0 {
		t.Fatal("a puzzle without a solution")
	}
	return map[string]any{"token": p["token"], "number": n}
}

// 40 identical requests are one: the same caller gets its link again, whoever else sends the number gets none.
func TestTheSameNumberIsTheSameRequest(t *testing.T) {
	f := start(t)
	me, other := from("203.0.113.7"), from("198.51.100.9")
	about := func(department string) map[string]any { return f.body(map[string]any{"department": department}) }
	first := f.create(about("Sales"), f.key(), me)
	if first.Status != 201 {
		t.Fatal(first.Status, first.Body)
	}
	link := f.tokenOf(first)
	for n := range 40 {
		a := f.create(about([]string{"Sales", "sales ", "SALES"}[n%3]), f.key(), me)
		if a.Status != 200 || f.tokenOf(a) != link || a.Text("id") != first.Text("id") {
			t.Fatal(a.Status, a.Body)
		}
	}
	if n := f.Count("CALLBACKS_TABLE"); n != 1 {
		t.Errorf("%d stored", n)
	}
	a := f.create(about("Sales"), f.key(), other)
	if a.Status != 409 || a.Code() != "duplicate" || a.Fields() != "phone" || strings.Contains(a.Body, "token") {
		t.Errorf("from another network: %d %s", a.Status, a.Body)
	}
	if a := f.create(about("Service"), f.key(), other); a.Status != 201 {
		t.Errorf("another department: %d %s", a.Status, a.Body)
	}
	// Whoever cancels and asks again means it.
	f.own("PATCH", link, map[string]any{"status": "cancelled"})
	if a := f.create(about("Sales"), f.key(), me); a.Status != 201 {
		t.Errorf("after cancelling: %d %s", a.Status, a.Body)
	}
	f.Clock.Forward(connect.DuplicateLife + time.Second)
	if a := f.create(about("Service"), f.key(), other); a.Status != 201 {
		t.Errorf("after ten minutes: %d %s", a.Status, a.Body)
	}
}

// Twenty presses at one moment, each with a key of its own, are one request.
func TestTwentyOfOneNumberAtOnce(t *testing.T) {
	f := start(t)
	got, links := map[int]int{}, map[string]bool{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 20 {
		key := f.key()
		all.Go(func() {
			a := f.create(f.body(map[string]any{"department": "Sales"}), key, from("203.0.113.7"))
			mu.Lock()
			defer mu.Unlock()
			got[a.Status]++
			links[a.Text("id")] = true
		})
	}
	all.Wait()
	// Those that have read before the first was stored are counted in their caller's budget.
	if got[201] != 1 || f.Count("CALLBACKS_TABLE") != 1 || got[200]+got[429] != 19 {
		t.Errorf("%v, %d stored", got, f.Count("CALLBACKS_TABLE"))
	}
}

// What looks automatic, and what comes while a site gets more than usual, is stored once the browser has worked for it.
func TestAPuzzleIsSolvedOnce(t *testing.T) {
	f := start(t)
	for what, field := range map[string]map[string]any{
		"a field that people do not see": {"website": "https://spam.example"},
		"sent at once":                   {"elapsed": 300},
	} {
		key := f.key()
		a := f.create(f.body(field), key, nil)
		before := f.Count("CALLBACKS_TABLE")
		solution := solve(t, a)
		for wrong, change := range map[string]map[string]any{
			"number": {"token": solution["token"], "number": 1_000_000},
			"token":  {"token": strings.Replace(fmt.Sprint(solution["token"]), "~", "~1", 1), "number": solution["number"]},
		} {
			field["puzzle"] = change
			if a := f.create(f.body(field), key, nil); a.Status != 403 || a.Code() != "puzzle-needed" {
				t.Errorf("%s: a wrong %s: %d %s", what, wrong, a.Status, a.Body)
			}
		}
		field["puzzle"] = solution
		for range 2 { // the answer was lost
			if a := f.create(f.body(field), key, nil); a.Status != 201 {
				t.Errorf("%s: solved: %d %s", what, a.Status, a.Body)
			}
		}
		if n := f.Count("CALLBACKS_TABLE"); n != before+1 {
			t.Errorf("%s: %d stored", what, n-before)
		}
		if a := f.create(f.body(field), f.key(), nil); a.Status != 403 {
			t.Errorf("%s: a solution that was used: %d %s", what, a.Status, a.Body)
		}
	}
	if a := f.create(f.body(map[string]any{"website": "", "elapsed": 2000}), f.key(), nil); a.Status != 201 {
		t.Errorf("a person: %d %s", a.Status, a.Body)
	}
	key := f.key()
	solution := solve(t, f.create(f.body(map[string]any{"elapsed": 0}), key, nil))
	f.Clock.Forward(connect.PuzzleLife)
	if a := f.create(f.body(map[string]any{"elapsed": 0, "puzzle": solution}), key, nil); a.Status != 403 {
		t.Errorf("after five minutes: %d %s", a.Status, a.Body)
	}
}

// A site that is asked twice a day lets 20 in within an hour; from then on each costs work, and nobody is shut out.
func TestASurgeCostsWork(t *testing.T) {
	f := start(t)
	f.usual(0)
	free := 0
	for ; free < 50; free++ {
		if a := f.create(f.body(nil), f.key(), nil); a.Status != 201 {
			break
		}
	}
	if free != 20 {
		t.Errorf("%d without a puzzle", free)
	}
	key := f.key()
	a := f.create(f.body(nil), key, nil)
	if a := f.create(f.body(map[string]any{"puzzle": solve(t, a)}), key, nil); a.Status != 201 {
		t.Errorf("solved: %d %s", a.Status, a.Body)
	}
	f.Clock.Forward(time.Hour)
	if a := f.create(f.body(nil), f.key(), nil); a.Status != 201 {
		t.Errorf("an hour later: %d %s", a.Status, a.Body)
	}
}

// told counts what is to be sent to visitors, by kind.
func (f *fixture) told() map[string]int {
	out := map[string]int{}
	for _, i := range f.Items("OUTBOX_TABLE") {
		if kind := i["kind"].(string); strings.HasPrefix(kind, "visitor-") {
			out[kind]++
		}
	}
	return out
}

// A visitor with an address gets a confirmation, and a mail of each change, in the transaction of its cause. Whoever
// types a stranger's address 40 times, from everywhere, has them sent 8 mails.
func TestAVisitorIsToldWithinABudget(t *testing.T) {
	f := start(t)
	at := f.Clock.Now().Add(72 * time.Hour).Truncate(time.Second)
	when := func(n int) string { return at.Add(time.Duration(n) * time.Hour).Format(time.RFC3339) }
	key := f.key()
	link := f.tokenOf(f.create(f.body(map[string]any{"at": when(0)}), key, nil))
	f.create(f.body(map[string]any{"at": when(0)}), key, nil) // sent again
	f.own("PATCH", link, map[string]any{"at": when(1)})
	f.own("PATCH", link, map[string]any{"status": "cancelled"})
	f.own("PATCH", link, map[string]any{"status": "cancelled"})
	want := "map[visitor-cancelled:1 visitor-confirmed:1 visitor-moved:1]"
	if got := fmt.Sprint(f.told()); got != want {
		t.Fatalf("told %s", got)
	}
	// Two reminders of each time that was booked; who does them looks whether it is still that.
	if n := f.Count("DUE_TABLE"); n != 4 {
		t.Errorf("%d tasks", n)
	}
	if a := f.create(f.body(map[string]any{"email": nil, "at": when(2)}), f.key(), nil); a.Status != 201 {
		t.Fatal(a.Status, a.Body)
	}
	if got := fmt.Sprint(f.told()); got != want {
		t.Errorf("without an address: told %s", got)
	}
	f.usual(1000)
	stored := f.Count("CALLBACKS_TABLE")
	for n := range 40 {
		spelling := "Stranger+" + fmt.Sprint(n) + "@example.com"
		a := f.create(f.body(map[string]any{"email": f.Private("email", spelling), "at": when(3)}), f.key(), nil)
		if a.Status != 201 {
			t.Fatal(a.Status, a.Body)
		}
		f.own("PATCH", f.tokenOf(a), map[string]any{"at": when(4)})
	}
	total := 0
	for _, n := range f.told() {
		total += n
	}
	if total != 3+connect.VisitorMails.Limit || f.Count("CALLBACKS_TABLE") != stored+40 {
		t.Errorf("told %v, %d stored", f.told(), f.Count("CALLBACKS_TABLE")-stored)
	}
	for _, i := range f.Items("OUTBOX_TABLE") {
		if text := fmt.Sprint(i); strings.Contains(text, "xample.com") || strings.Contains(text, "7700") {
			t.Errorf("the outbox holds %s", text)
		}
	}
}

// Who asks not to be called is not called: the call is cancelled, and nobody can ask for another, at this site, until
// the business lifts it. Nothing but a digest of the number is kept for it.
func TestNeverCallAgain(t *testing.T) {
	f := start(t)
	other := f.Site(connect.NewAccountID(), "Other", "Europe/London", "https://other.example")
	link := f.link(nil)
	for range 2 {
		a := f.own("PATCH", link, map[string]any{"neverCall": true})
		if a.Status != 200 || a.Text("status") != "cancelled" || a.JSON()["blocked"] != true {
			t.Fatal(a.Status, a.Body)
		}
	}
	for _, spelling := range []string{"07700 900123", "+44 7700 900123"} {
		a := f.create(f.body(map[string]any{"phone": spelling}), f.key(), nil)
		if a.Status != 403 || a.Code() != "number-refused" || a.Fields() != "phone" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
	elsewhere := f.body(map[string]any{"site": string(other.Key), "page": "https://other.example/"})
	if a := f.create(elsewhere, f.key(), map[string]string{"origin": "https://other.example"}); a.Status != 201 {
		t.Errorf("another site: %d %s", a.Status, a.Body)
	}
	f.own("DELETE", link, nil)
	for _, i := range f.Items("CALLBACKS_TABLE") {
		if strings.HasPrefix(i["pk"].(string), "BLOCKED#") && (len(i) != 4 || strings.Contains(fmt.Sprint(i), "7700")) {
			t.Errorf("kept of the number: %v", i)
		}
	}
	// It outlives the request, and is tried out within the budgets alone.
	got := map[string]int{}
	for range 12 {
		got[f.create(f.body(nil), f.key(), from("203.0.113.7")).Code()]++
	}
	if got["number-refused"] != 7 || got["limit"] != 5 {
		t.Errorf("%v", got)
	}
}
