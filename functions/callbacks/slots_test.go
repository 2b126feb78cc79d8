package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/hours"
)

// open gives the site office hours, and puts the clock to a Tuesday morning in London.
func (f *fixture) open(change func(*hours.Rules)) *hours.Rules {
	f.T.Helper()
	f.Clock.Set(time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC))
	r := hours.Default()
	r.Enabled = true
	if change != nil {
		change(r)
	}
	if err := r.Check(); err != nil {
		f.T.Fatal(err)
	}
	if err := f.Store.ChangeHours(f.T.Context(), f.site, r); err != nil {
		f.T.Fatal(err)
	}
	return r
}

// slots are the starts that the widget is offered.
func (f *fixture) slots(from string) (at []string, next string) {
	f.T.Helper()
	a := f.Do(apitest.Request{Method: "GET", Path: "/v1/widget/" + string(f.site.Key) + "/slots?from=" + from})
	if a.Status != 200 || a.Header["cache-control"] != "public, max-age=10" {
		f.T.Fatal(a.Status, a.Header, a.Body)
	}
	for _, s := range a.JSON()["slots"].([]any) {
		at = append(at, s.(map[string]any)["at"].(string))
	}
	next, _ = a.JSON()["next"].(string)
	return at, next
}

// holding compares who holds a place in a slot with the requests that say so, and returns how many do.
func (f *fixture) holding() int {
	f.T.Helper()
	held, claimed := map[string]string{}, map[string]string{}
	for _, i := range f.Items("CALLBACKS_TABLE") {
		pk, sk := fmt.Sprint(i["pk"]), fmt.Sprint(i["sk"])
		if strings.HasPrefix(pk, "SLOTS#") {
			who, _ := i["holders"].([]string)
			for _, id := range who {
				held[id] += strings.TrimPrefix(pk, "SLOTS#"+string(f.site.ID)) + " " + sk
			}
		} else if i["slot"] != nil {
			ms, _ := i["slot"].(json.Number).Int64()
			calendar := ""
			if name, ok := i["calendar"]; ok {
				calendar = "#" + fmt.Sprint(name)
			}
			claimed[sk] = calendar + " " + time.UnixMilli(ms).UTC().Format(time.RFC3339)
		}
	}
	if !maps.Equal(held, claimed) {
		f.T.Errorf("slots are held by %v, requests claim %v", held, claimed)
	}
	return len(held)
}

func TestSlotsAreOfferedAndBooked(t *testing.T) {
	f := start(t)
	if at, next := f.slots(""); len(at) != 0 || next != "" {
		t.Error("a site without hours offers no slot:", at, next)
	}
	f.open(func(r *hours.Rules) { r.Capacity = 1 })
	at, next := f.slots("")
	// From 11:00, an hour ahead, to Friday and the week after; horizon 14 days.
	if len(at) < 100 || at[0] != "2026-11-24T11:00:00Z" || next != "2026-12-03" {
		t.Fatal(len(at), at[0], next)
	}
	if later, next := f.slots("2026-12-08"); len(later) != 3 || later[2] != "2026-12-08T10:00:00Z" || next != "" {
		t.Error("up to 14 days ahead:", later, next)
	}
	a := f.create(f.body(map[string]any{"at": at[0]}), f.key(), nil)
	promise, _ := a.JSON()["promise"].(map[string]any)
	if a.Status != 201 || a.Text("at") != at[0] || promise["due"] != "2026-11-24T11:10:00Z" ||
		promise["state"] != "waiting" {
		t.Error("booked, and due by its tolerance:", a.Status, a.Body)
	}
	if left, _ := f.slots(""); slices.Contains(left, at[0]) || left[0] != at[1] || f.holding() != 1 {
		t.Error("what is booked is not offered:", left[0])
	}
	for at, code := range map[string]string{
		at[0]: "slot-gone", "2026-11-24T10:30:00Z": "slot-gone", "2026-11-25T09:10:00Z": "slot-gone",
		"2026-11-24T18:00:00Z": "closed", "2026-11-28T10:00:00Z": "closed", "2026-12-25T10:00:00Z": "closed",
	} {
		a := f.create(f.body(map[string]any{"at": at}), f.key(), nil)
		instead, _ := a.JSON()["slots"].([]any)
		if a.Status != 409 || a.Code() != code || a.Fields() != "at" || len(instead) != 3 {
			t.Errorf("%s: %d %s, want %s", at, a.Status, a.Body, code)
		}
		if !strings.Contains(a.Body, "Choose another. The next: Tue 24 Nov, 11:30, 12:00 and 12:30 (GMT).") {
			t.Errorf("%s: what is offered instead is not said: %s", at, a.Body)
		}
	}
	if f.holding() != 1 {
		t.Error("a refusal has booked")
	}
	soon := apitest.Request{Method: "GET", Path: "/v1/widget/" + string(f.site.Key) + "/slots?from=soon"}
	if a := f.Do(soon); a.Status != 400 {
		t.Error(a.Status, a.Body)
	}
}

func TestConfigurationSaysWhenItIsOpen(t *testing.T) {
	f := start(t)
	f.open(nil)
	get := func() map[string]any {
		a := f.Do(apitest.Request{Method: "GET", Path: "/v1/widget/" + string(f.site.Key)})
		out, _ := a.JSON()["hours"].(map[string]any)
		return out
	}
	if h := get(); h["open"] != true || h["changesAt"] != "2026-11-24T17:30:00Z" || h["timeZone"] != "Europe/London" {
		t.Error(h)
	}
	f.Clock.Set(time.Date(2026, 11, 27, 18, 0, 0, 0, time.UTC))
	if h := get(); h["open"] != false || h["changesAt"] != "2026-11-30T09:00:00Z" {
		t.Error(h)
	}
}

// Each department has slots of its own, and hours where it wants to: one that is busy or closed does not close another.
func TestDepartmentsHaveSlotsOfTheirOwn(t *testing.T) {
	f := start(t)
	f.open(func(r *hours.Rules) {
		r.Capacity, r.Departments = 1, []hours.Department{
			{Name: "Sales", Capacity: 1},
			{Name: "Repairs", Capacity: 2, OwnHours: true, Week: []hours.WeeklySpan{
				{Day: hours.Weekday(time.Saturday), From: 9 * 60, To: 13 * 60},
			}},
		}
	})
	of := func(department string) (at []string) {
		at, _ = f.slots("&department=" + department)
		return at
	}
	const tuesday, saturday = "2026-11-24T11:00:00Z", "2026-11-28T09:00:00Z"
	if of("Sales")[0] != tuesday || of("repairs")[0] != saturday || of("Somebody")[0] != tuesday {
		t.Fatal(of("Sales")[0], of("repairs")[0], of("Somebody")[0])
	}
	asked := 0
	ask := func(department, at string) apitest.Answer {
		asked++
		number := f.Private("number", fmt.Sprintf("07700 9003%02d", asked))
		return f.create(f.body(map[string]any{"department": department, "at": at, "phone": number}), f.key(), nil)
	}
	for n, c := range []struct {
		department, at, code string
	}{
		{"Sales", tuesday, ""}, {"sales", tuesday, "slot-gone"},
		{"", tuesday, ""}, {"Somebody", tuesday, "slot-gone"},
		{"Repairs", tuesday, "closed"}, {"Repairs", saturday, ""}, {"repairs", saturday, ""},
		{"Repairs", saturday, "slot-gone"},
		{"Sales", saturday, "closed"},
	} {
		if a := ask(c.department, c.at); a.Code() != c.code || (c.code == "") != (a.Status == 201) {
			t.Errorf("%d: %+v: %d %s", n, c, a.Status, a.Body)
		}
	}
	if of("Sales")[0] == tuesday || of("Repairs")[0] != "2026-11-28T09:30:00Z" || f.holding() != 4 {
		t.Error("what is booked is not offered in its own calendar only:", of("Sales")[0], of("Repairs")[0])
	}
	stored := map[any]int{}
	for _, i := range f.Items("CALLBACKS_TABLE") {
		stored[i["department"]]++
	}
	if stored["Repairs"] != 2 || stored["repairs"] != 0 {
		t.Error("a listed department is stored as the site writes it: ", stored)
	}
	conf := f.Do(apitest.Request{Method: "GET", Path: "/v1/widget/" + string(f.site.Key)})
	its, _ := conf.JSON()["hours"].(map[string]any)
	if got := fmt.Sprint(its["departments"]); got != "[map[changesAt:2026-11-24T17:30:00Z name:Sales open:true] "+
		"map[changesAt:2026-11-28T09:00:00Z name:Repairs open:false]]" {
		t.Error(got)
	}
	// Moved, and erased: what was held is given back where it was held, also after the department is gone.
	a := ask("Repairs", "2026-11-28T10:00:00Z")
	link := f.tokenOf(a)
	f.open(func(r *hours.Rules) { r.Version, r.Capacity = 1, 3 })
	move := f.own("PATCH", link, map[string]any{"at": "2026-11-24T12:00:00Z"})
	if move.Status != 200 || f.holding() != 5 {
		t.Error(move.Status, move.Body)
	}
	if gone := f.own("DELETE", link, nil); gone.Status != 204 || f.holding() != 4 {
		t.Error(gone.Status, gone.Body)
	}
}

// What is promised is due in open time, and what became of it is told.
func TestAPromiseIsDueInOpenTime(t *testing.T) {
	f := start(t)
	f.open(func(r *hours.Rules) { r.Promise.Within = 15 })
	f.Clock.Set(time.Date(2026, 11, 27, 17, 25, 0, 0, time.UTC)) // a Friday, five minutes before closing
	a := f.create(f.body(nil), f.key(), nil)
	promise, _ := a.JSON()["promise"].(map[string]any)
	if promise["due"] != "2026-11-30T09:10:00Z" || a.JSON()["at"] != nil {
		t.Fatal(a.Body)
	}
	link := f.tokenOf(a)
	state := func() any {
		own := f.own("GET", link, nil).JSON()
		promise, _ := own["promise"].(map[string]any)
		if own["timeZone"] != "Europe/London" || own["siteKey"] != string(f.site.Key) {
			t.Error(own)
		}
		return promise["state"]
	}
	if s := state(); s != "waiting" {
		t.Error(s)
	}
	f.Clock.Set(time.Date(2026, 11, 30, 9, 11, 0, 0, time.UTC))
	if s := state(); s != "broken" {
		t.Error(s)
	}
	// Moved to a slot, it has a promise of its own.
	if a := f.own("PATCH", link, map[string]any{"at": "2026-11-30T14:00:00Z"}); a.Status != 200 {
		t.Fatal(a.Body)
	}
	if s := state(); s != "waiting" || f.holding() != 1 {
		t.Error(s)
	}
	if a := f.own("PATCH", link, map[string]any{"status": "cancelled"}); a.Status != 200 {
		t.Fatal(a.Body)
	}
	if s := state(); s != "cancelled" || f.holding() != 0 {
		t.Error(s)
	}
}

func TestASlotIsMovedAndGivenBack(t *testing.T) {
	f := start(t)
	f.open(func(r *hours.Rules) { r.Capacity = 1 })
	at, _ := f.slots("")
	link := f.link(map[string]any{"at": at[0]})
	other := f.link(map[string]any{"at": at[1], "phone": "07700 900124"})
	if a := f.own("PATCH", link, map[string]any{"at": at[1]}); a.Status != 409 || a.Code() != "slot-gone" {
		t.Error("to a slot that is full:", a.Status, a.Body)
	}
	if a := f.own("PATCH", link, map[string]any{"at": "2026-11-24T20:00:00Z"}); a.Code() != "closed" {
		t.Error("to a time that is closed:", a.Status, a.Body)
	}
	for range 2 { // repeated, it stays
		if a := f.own("PATCH", link, map[string]any{"at": at[2]}); a.Status != 200 || a.Text("at") != at[2] {
			t.Error(a.Status, a.Body)
		}
	}
	if left, _ := f.slots(""); left[0] != at[0] || slices.Contains(left, at[2]) || f.holding() != 2 {
		t.Error("the first is free again, the third is not:", left[:3])
	}
	a := f.own("PATCH", link, map[string]any{"at": ""})
	if a.Status != 200 || a.JSON()["at"] != nil || f.holding() != 1 {
		t.Error("to as soon as possible:", a.Status, a.Body)
	}
	if a := f.own("DELETE", other, nil); a.Status != 204 || f.holding() != 0 {
		t.Error("erased, it gives its slot back:", a.Status)
	}
	// One that is cancelled was not moved: what the site does now decides nothing any more.
	if a := f.own("PATCH", link, map[string]any{"status": "cancelled"}); a.Status != 200 {
		t.Error(a.Status, a.Body)
	}
}

// Of 200 who ask for a slot of three at once, three get it, on a database that refuses transactions which meet.
func TestASlotIsNotOverbooked(t *testing.T) {
	f := start(t)
	f.open(func(r *hours.Rules) { r.Capacity = 3 })
	f = f.through(&strict{held: map[string]bool{}})
	const many = 200
	var wait sync.WaitGroup
	codes := make([]string, many)
	keys := make([]string, many)
	for n := range keys {
		keys[n] = f.key()
	}
	for n := range many {
		wait.Go(func() {
			body := f.body(map[string]any{"at": "2026-11-25T09:00:00Z", "phone": fmt.Sprintf("07700 9%05d", n)})
			for range 20 { // told that others are busy with it, one tries again
				a := f.create(body, keys[n], nil)
				if codes[n] = fmt.Sprint(a.Status, " ", a.Code()); a.Status != 503 {
					return
				}
			}
		})
	}
	wait.Wait()
	count := map[string]int{}
	for _, c := range codes {
		count[c]++
	}
	t.Logf("slots: %d at once for a slot of 3: %v", many, count)
	if count["201 "] != 3 || count["409 slot-gone"] != many-3 || f.holding() != 3 {
		t.Error(count)
	}
}

// However visitors book, move, cancel and erase at once: who holds a place is who has one.
func TestSlotsUnderAStorm(t *testing.T) {
	f := start(t)
	f.open(func(r *hours.Rules) { r.Capacity = 2 })
	at, _ := f.slots("")
	at = at[:6]
	f = f.through(&strict{held: map[string]bool{}})
	visitors, steps := 8, apitest.Often(12, 100)
	var wait sync.WaitGroup
	var mu sync.Mutex
	answers := map[string]int{}
	for n := range visitors {
		random := rand.New(rand.NewPCG(7, uint64(n)))
		key := func() string {
			mu.Lock()
			defer mu.Unlock()
			return f.key()
		}
		wait.Go(func() {
			var links []string
			for step := range steps {
				pick, slot := random.IntN(6), at[random.IntN(len(at))]
				var a apitest.Answer
				switch {
				case len(links) == 0 || pick == 0:
					phone := fmt.Sprintf("07700 900%03d", n*steps+step)
					if a = f.create(f.body(map[string]any{"at": slot, "phone": phone}), key(), nil); a.Status == 201 {
						links = append(links, f.tokenOf(a))
					}
				case pick == 1:
					a = f.own("PATCH", links[random.IntN(len(links))], map[string]any{"status": "cancelled"})
				case pick == 2:
					a = f.own("DELETE", links[random.IntN(len(links))], nil)
				default:
					a = f.own("PATCH", links[random.IntN(len(links))], map[string]any{"at": slot})
				}
				mu.Lock()
				answers[fmt.Sprint(a.Status, " ", a.Code())]++
				mu.Unlock()
				if a.Status >= 500 && a.Status != 503 {
					t.Error(a.Status, a.Body)
				}
			}
		})
	}
	wait.Wait()
	t.Logf("slots: a storm of %d steps: %v, %d places held", visitors*steps, answers, f.holding())
	booked, err := f.Store.BookedSlots(t.Context(), f.site.ID, "", f.Clock.Now(), f.Clock.Now().Add(14*24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for start, n := range booked {
		if n > 2 {
			t.Errorf("%v: %d calls in a slot of two", time.Unix(start, 0).UTC(), n)
		}
	}
}

// A site that was never given hours, or has them off, keeps taking any time.
func TestWithoutOpeningHoursAnyTimeWillDo(t *testing.T) {
	f := start(t)
	f.open(func(r *hours.Rules) { r.Enabled = false })
	a := f.create(f.body(map[string]any{"at": "2026-11-28T03:15:00Z"}), f.key(), nil)
	if a.Status != 201 || a.JSON()["promise"] != nil {
		t.Fatal(a.Status, a.Body)
	}
	own := f.own("PATCH", f.tokenOf(a), map[string]any{"at": "2026-11-29T03:15:00Z"})
	if own.Status != 200 || own.JSON()["siteKey"] != nil || own.JSON()["promise"] != nil || f.holding() != 0 {
		t.Error(own.Status, own.Body)
	}
	// A site that is gone offers nothing; its requests can still be moved and cancelled.
	if err := f.Store.RemoveSite(t.Context(), f.site, connect.AuditEntry{}); err != nil {
		t.Fatal(err)
	}
	if own := f.own("GET", f.tokenOf(a), nil); own.Status != 200 || own.JSON()["timeZone"] != nil {
		t.Error(own.Status, own.Body)
	}
}

func TestSlotsAreNamedByTheirDays(t *testing.T) {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour int) hours.Slot {
		return hours.Slot{Start: time.Date(2026, 7, day, hour, 30, 0, 0, zone)}
	}
	for want, slots := range map[string][]hours.Slot{
		"Fri 3 Jul, 09:30 (BST)":                             {at(3, 9)},
		"Fri 3 Jul, 09:30 and 10:30 (BST)":                   {at(3, 9), at(3, 10)},
		"Fri 3 Jul, 16:30, Mon 6 Jul, 09:30 and 10:30 (BST)": {at(3, 16), at(6, 9), at(6, 10)},
		"Fri 3 Jul, 15:30, 16:30 and Mon 6 Jul, 09:30 (BST)": {at(3, 15), at(3, 16), at(6, 9)},
	} {
		if got := named(slots); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
