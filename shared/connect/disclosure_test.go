package connect

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func TestMonthsClose(t *testing.T) {
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct {
		from, to    Date
		now         string
		first, last YearMonth
	}{
		{"2026-10-01", "2026-10-31", "2026-11-20T00:00:00Z", "2026-10", "2026-10"},
		{"2026-10-02", "2026-10-31", "2026-11-20T00:00:00Z", "2026-10", "2026-10"}, // none as a whole
		{"2026-10-01", "2026-10-30", "2026-11-20T00:00:00Z", "2026-09", "2026-09"},
		{"2026-10-01", "2026-11-20", "2026-11-20T00:00:00Z", "2026-10", "2026-10"},
		{"2025-11-21", "2026-11-20", "2026-11-20T00:00:00Z", "2025-12", "2026-10"},
		{"2026-11-20", "2026-11-20", "2026-11-20T00:00:00Z", "2026-10", "2026-10"},
		{"2026-02-01", "2026-02-28", "2026-03-03T11:59:59Z", "2026-01", "2026-01"},
		{"2026-02-01", "2026-02-28", "2026-03-03T12:00:00Z", "2026-02", "2026-02"},
		{"2025-12-01", "2026-01-31", "2026-02-03T12:00:00Z", "2025-12", "2026-01"},
	} {
		if first, last := ClosedWithin(c.from, c.to, at(c.now)); first != c.first || last != c.last {
			t.Errorf("%s to %s at %s: %s to %s", c.from, c.to, c.now, first, last)
		}
	}
	m := YearMonth("2024-02")
	if m.Last() != "2024-02-29" || m.Before() != "2024-01" || m.Next().Next().Last() != "2024-04-30" {
		t.Error(m.Last(), m.Before())
	}
}

// Whatever a month holds: no line that is told is small, what is left is nothing or five, and no line that is not told
// is sure to have any of it, which is found here by trying all that it can be.
func TestWhatIsNotToldCannotBeWorkedOut(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 1))
	told, withheld := 0, 0
	for range 20_000 {
		b := Breakdown{}
		for n := range 1 + r.IntN(5) {
			seen := r.Int64N(14)
			opens := r.Int64N(seen + 1)
			b[fmt.Sprintf("/%d", n)] = Entry{Count: Count{seen, opens, r.Int64N(opens + 1)}}
		}
		lines := Summary{Breakdown: b}.Tell()
		for _, c := range []struct {
			what  string
			count func(Count) int64
			told  func(Told) bool
			most  func(Told) int64
		}{
			{
				"opens", func(c Count) int64 { return c.Opens }, func(l Told) bool { return l.OpensTold },
				func(l Told) int64 { return l.Impressions },
			},
			{
				"requests", func(c Count) int64 { return c.Submits }, func(l Told) bool { return l.SubmitsTold },
				func(l Told) int64 {
					if l.OpensTold {
						return l.Opens
					}
					return l.Impressions
				},
			},
		} {
			var rest int64
			var hidden []int64
			any := false
			for _, l := range lines {
				is := c.count(b[l.Key].Count)
				if c.told(l) {
					any = true
					told++
					if is < FewestTold || c.count(l.Count) != is {
						t.Fatalf("%v: %s of %s are told as %+v", b, c.what, l.Key, l)
					}
					continue
				}
				if c.count(l.Count) != 0 {
					t.Fatalf("%v: %s of %s are in %+v", b, c.what, l.Key, l)
				}
				rest, hidden = rest+is, append(hidden, c.most(l))
			}
			if !any || rest == 0 {
				continue
			}
			withheld++
			for n := range hidden {
				others := append(append([]int64{}, hidden[:n]...), hidden[n+1:]...)
				if rest < FewestTold || !fits(rest, others) {
					t.Fatalf("%v: %d %s are left for %v, and one must have some", b, rest, c.what, hidden)
				}
			}
		}
	}
	if told < 1000 || withheld < 1000 {
		t.Errorf("%d told and %d withheld prove little", told, withheld)
	}
}

// fits tries whether n can be divided among lines that hold at most so many each.
func fits(n int64, most []int64) bool {
	if n == 0 {
		return true
	}
	if len(most) == 0 {
		return false
	}
	for take := range min(n, most[0]) + 1 {
		if fits(n-take, most[1:]) {
			return true
		}
	}
	return false
}

// The days of a month that have few visits are divided together, or not at all.
func TestFewVisitsAreNotDivided(t *testing.T) {
	day := func(date Date, visits int) *Day {
		d := NewDay(date)
		for n := range visits {
			d.Apply(&Visit{Page: fmt.Sprintf("/%d", n%2), Hour: Hour(date + "T10"), Reached: Impression}, NoStep)
		}
		return d
	}
	pages := func(d *Day) Breakdown { return d.Pages }
	for _, c := range []struct {
		visits []int
		other  int64
	}{
		{[]int{5, 9}, 0}, {[]int{4, 9}, 4}, {[]int{4, 9, 1}, 0}, {[]int{1, 1, 1, 1}, 4}, {[]int{2, 2, 1}, 0},
		{[]int{0, 3}, 3}, {nil, 0},
	} {
		var days []*Day
		for n, visits := range c.visits {
			days = append(days, day(Date(fmt.Sprintf("2026-10-%02d", n+1)), visits))
		}
		got := MonthDivision(days, pages)
		if got.Breakdown[Other].Impressions != c.other {
			t.Errorf("days of %v visits: %v", c.visits, got.Breakdown)
		}
	}
	if got := day("2026-10-01", 4).Division(pages).Breakdown; got[Other].Impressions != 4 || len(got) != 1 {
		t.Error(got)
	}
}
