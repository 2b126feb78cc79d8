package main

import (
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Weeks and months hold the days of the period and no others, across the change of clocks, a year's end, and months
// that are kept as one.
func TestSeriesByWeekAndMonth(t *testing.T) {
	f := start(t)
	f.Clock.Set(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	f.pat = f.Person("weeks@example.com")
	site := f.Site(f.pat.Account, "Shop", "Europe/London", "https://shop.example")
	counted := map[connect.Date]int64{}
	for n, day := range []connect.Date{
		"2025-12-28", "2025-12-29", "2026-01-01", "2026-01-04", "2026-01-05", // ISO week 2026-01 begins in 2025
		"2026-03-28", "2026-03-29", "2026-03-30", "2026-10-25", "2026-10-26", "2026-11-23",
	} {
		at, err := time.Parse(time.DateOnly, string(day))
		if err != nil {
			t.Fatal(err)
		}
		counted[day] = int64(1) << n // each sum says which days are in it
		f.count(site, at, connect.Submit, "/", "", 1<<n)
	}
	for round := range 2 {
		for _, c := range []struct {
			query, first, last string
			slots              int
			want               map[string][]connect.Date
		}{
			{"?by=week&from=2026-01-01&to=2026-01-04", "2025-12-29", "2025-12-29", 1, map[string][]connect.Date{
				"2025-12-29": {"2026-01-01", "2026-01-04"},
			}},
			{"?by=week&from=2025-12-22&to=2026-11-23", "2025-12-22", "2026-11-23", 49, map[string][]connect.Date{
				"2025-12-22": {"2025-12-28"}, "2025-12-29": {"2025-12-29", "2026-01-01", "2026-01-04"},
				"2026-01-05": {"2026-01-05"}, "2026-03-23": {"2026-03-28", "2026-03-29"}, "2026-03-30": {"2026-03-30"},
				"2026-10-19": {"2026-10-25"}, "2026-10-26": {"2026-10-26"}, "2026-11-23": {"2026-11-23"},
			}},
			{"?by=month&from=2026-01-02&to=2026-03-29", "2026-01", "2026-03", 3, map[string][]connect.Date{
				"2026-01": {"2026-01-04", "2026-01-05"}, "2026-03": {"2026-03-28", "2026-03-29"},
			}},
			{"?by=month&from=2020-01-01&to=2026-11-23", "2020-01", "2026-11", 83, map[string][]connect.Date{
				"2025-12": {"2025-12-28", "2025-12-29"}, "2026-01": {"2026-01-01", "2026-01-04", "2026-01-05"},
				"2026-03": {"2026-03-28", "2026-03-29", "2026-03-30"}, "2026-10": {"2026-10-25", "2026-10-26"},
				"2026-11": {"2026-11-23"},
			}},
		} {
			s := f.stats(site, c.query)
			list := s.Series
			if len(list) != c.slots || list[0].Key != c.first || list[len(list)-1].Key != c.last {
				t.Fatalf("%s: %d from %v to %v", c.query, len(list), list[0], list[len(list)-1])
			}
			var all connect.Count
			for _, slot := range list {
				var want int64
				for _, day := range c.want[slot.Key] {
					want += counted[day]
				}
				if slot.Count != (connect.Count{Impressions: want, Opens: want, Submits: want}) {
					t.Errorf("round %d %s: %+v, not %d", round, c.query, slot, want)
				}
				all = all.Plus(slot.Count)
			}
			if all != s.Totals {
				t.Errorf("round %d %s: %v of %v", round, c.query, all, s.Totals)
			}
		}
		for range 3 { // and again when the months that are over are one item each
			if err := f.Store.CloseMonths(t.Context(), site.ID, f.Clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
}
