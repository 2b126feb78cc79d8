package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// seen is what a business can read of its visits for some days: totals, and how they divide.
type seen struct {
	Totals     connect.Count
	Breakdowns struct {
		Divided              struct{ From, To connect.Date }
		Page, Source, Device []seenRow
	}
}

type seenRow struct {
	Key             string
	Impressions, Of int64
	Opens, Submits  *int64
}

func (s *seen) kinds() map[string][]seenRow {
	return map[string][]seenRow{"page": s.Breakdowns.Page, "source": s.Breakdowns.Source, "device": s.Breakdowns.Device}
}

// asking reads what the site tells of the days from from to to.
type asking func(from, to connect.Date) *seen

// attack asks for spans that differ by a day at either end and for whole months, takes each answer from each other and
// from the totals, and returns every number of one to four opens or requests of a page, source or device that it finds.
func attack(ask asking, from, to connect.Date) (found []string) {
	var answers []*seen
	span := map[*seen]string{}
	hear := func(a, b connect.Date) *seen {
		s := ask(a, b)
		answers = append(answers, s)
		span[s] = string(a) + " to " + string(b)
		return s
	}
	var before *seen
	for d := from; d <= to; d = d.Add(1) {
		grown := hear(from, d)
		if before != nil {
			found = append(found, visitsOfADay(before, grown, span[grown])...)
		}
		hear(d, to)
		hear(d, d)
		before = grown
	}
	for m := from.Month(); m <= to.Month(); m = m.Next() {
		for n := m; n <= to.Month(); n = n.Next() {
			hear(m.First(), n.Last())
		}
	}
	totals := map[[2]connect.Date]connect.Count{}
	for i, a := range answers {
		in := [2]connect.Date{a.Breakdowns.Divided.From, a.Breakdowns.Divided.To}
		if _, ok := totals[in]; !ok {
			totals[in] = ask(in[0], in[1]).Totals
		}
		for kind, rows := range a.kinds() {
			found = append(found, leftOver(rows, totals[in], span[a]+" by "+kind)...)
			for _, b := range answers[:i] {
				found = append(found, apart(rows, b.kinds()[kind], span[a]+" without "+span[b]+" by "+kind)...)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func few(n int64) bool { return n > 0 && n < 5 || n < 0 && n > -5 }

func told(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// leftOver takes all rows from the totals.
func leftOver(rows []seenRow, total connect.Count, of string) (found []string) {
	opens, submits := total.Opens, total.Submits
	for _, r := range rows {
		if few(told(r.Opens)) || few(told(r.Submits)) {
			found = append(found, fmt.Sprintf("%s: %s has %d, %d", of, r.Key, told(r.Opens), told(r.Submits)))
		}
		opens, submits = opens-told(r.Opens), submits-told(r.Submits)
	}
	if told := slices.ContainsFunc(rows, func(r seenRow) bool { return r.Opens != nil }); told && few(opens) {
		found = append(found, fmt.Sprintf("%s: %d opens are left", of, opens))
	}
	if told := slices.ContainsFunc(rows, func(r seenRow) bool { return r.Submits != nil }); told && few(submits) {
		found = append(found, fmt.Sprintf("%s: %d requests are left", of, submits))
	}
	return found
}

// apart takes the rows of one span from those of another.
func apart(a, b []seenRow, of string) (found []string) {
	was := map[string]seenRow{}
	for _, r := range b {
		was[r.Key] = r
	}
	for _, r := range a {
		w := was[r.Key]
		if opens, submits := told(r.Opens)-told(w.Opens), told(r.Submits)-told(w.Submits); few(opens) || few(submits) {
			found = append(found, fmt.Sprintf("%s: %s has %d opens, %d requests", of, r.Key, opens, submits))
		}
	}
	return found
}

// visitsOfADay takes a span from the one that is a day longer: a day of few visits is not divided. With the last day
// of a month come those of the month's other days that have few: five together, or none.
func visitsOfADay(a, b *seen, of string) (found []string) {
	if !few(b.Totals.Impressions - a.Totals.Impressions) {
		return nil
	}
	for kind, rows := range b.kinds() {
		was := map[string]int64{}
		for _, r := range a.kinds()[kind] {
			was[r.Key] = r.Impressions
		}
		var sum int64
		for _, r := range rows {
			if r.Key != connect.Other {
				sum += r.Impressions - was[r.Key]
			}
		}
		if sum < 0 || few(sum) {
			found = append(found, fmt.Sprintf("the last day of %s, by %s: %d visits are divided", of, kind, sum))
		}
	}
	return found
}

// naive tells of any span what was counted in it, as each of those does that divide what is asked for.
func naive(days []*connect.Day, least int64) asking {
	return func(from, to connect.Date) *seen {
		out := &seen{}
		out.Breakdowns.Divided.From, out.Breakdowns.Divided.To = from, to
		var within []*connect.Day
		for _, d := range days {
			if d.Date >= from && d.Date <= to {
				within, out.Totals = append(within, d), out.Totals.Plus(d.Total)
			}
		}
		rows := func(pick func(*connect.Day) connect.Breakdown) (list []seenRow) {
			var parts []connect.Summary
			for _, d := range within {
				parts = append(parts, pick(d).Summary())
			}
			for _, n := range connect.Merge(parts).Top() {
				r := seenRow{Key: n.Key, Impressions: n.Impressions, Of: n.Impressions}
				if n.Opens >= least {
					r.Opens = &n.Opens
				}
				if n.Submits >= least {
					r.Submits = &n.Submits
				}
				list = append(list, r)
			}
			return list
		}
		out.Breakdowns.Page, out.Breakdowns.Source, out.Breakdowns.Device = rows(pages), rows(sources), rows(devices)
		return out
	}
}

// What no difference of two answers tells: what fewer than five opens or requests have in common.
func TestACellNamesNobody(t *testing.T) {
	f := start(t)
	f.Clock.Set(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	f.pat = f.Person("cells@example.com")
	const from, to = connect.Date("2026-09-26"), connect.Date("2026-11-05")
	for name, daily := range map[string]int{"a visit a day": 1, "a few": 4, "some": 30} {
		t.Run(name, func(t *testing.T) {
			site := f.Site(f.pat.Account, name, "Europe/London", "https://shop.example")
			f.live(site, from, to, daily)
			ask := func(a, b connect.Date) (s *seen) {
				got := f.as(f.pat, "GET", fmt.Sprintf("/v1/sites/%s/stats?from=%s&to=%s", site.ID, a, b), nil)
				if got.Status != 200 {
					t.Fatalf("%d %s", got.Status, got.Body)
				}
				got.Into(t, &s)
				return s
			}
			for _, line := range attack(ask, from, to) {
				t.Error(line)
			}
			adds(t, ask(from, to))
			adds(t, ask("2026-10-01", "2026-11-10"))
			if month := ask("2026-10-01", "2026-10-31"); daily > 20 && told(month.Breakdowns.Page[0].Submits) < 5 {
				t.Errorf("nothing is told: %+v", month.Breakdowns.Page)
			}
			f.exportTellsNoMore(t, site, ask)
			// The attack is worth something: it finds what an answer tells that only leaves small cells out.
			days, err := f.Store.Days(t.Context(), site.ID, from, to)
			if err != nil {
				t.Fatal(err)
			}
			for _, least := range []int64{1, 5} {
				found := attack(naive(days, least), from, to)
				if t.Logf("cells of %d: %d findings", least, len(found)); len(found) == 0 && daily > 1 {
					t.Errorf("the attack finds nothing where every cell of %d is told", least)
				}
			}
		})
	}
}

// adds fails where a breakdown's visits are not the span's.
func adds(t *testing.T, s *seen) {
	t.Helper()
	for kind, rows := range s.kinds() {
		var sum int64
		for _, r := range rows {
			sum += r.Impressions
		}
		if sum != s.Totals.Impressions {
			t.Errorf("by %s, %d of %d visits are divided", kind, sum, s.Totals.Impressions)
		}
	}
}

// live lets a site have visits, about so many a day and one in four of them with a request: more than any site has,
// and few to hide among.
func (f *fixture) live(site *connect.Site, from, to connect.Date, daily int) {
	f.T.Helper()
	r := rand.New(rand.NewPCG(uint64(daily), 14))
	low := func(n float64) int { return int(r.Float64() * r.Float64() * n) } // the first more often than the last
	for d := from; d <= to; d = d.Add(1) {
		tally, err := f.Store.DayCounts(f.T.Context(), site.ID, d)
		if err != nil {
			f.T.Fatal(err)
		}
		for range r.IntN(2*daily + 1) {
			v := &connect.Visit{
				Site: site.ID, Hour: connect.Hour(d + "T10"), Page: fmt.Sprintf("/p%d", low(9)),
				Referrer: []string{"", "google.com", "bing.com", "rare.example"}[low(4)],
				Device:   []connect.Device{connect.Phone, connect.Desktop, connect.Tablet}[low(3)],
				Reached:  max(connect.Impression, connect.Step(r.IntN(4))),
			}
			tally.Apply(v, connect.NoStep)
		}
		if err := f.Store.SaveDayCounts(f.T.Context(), site.ID, tally); err != nil {
			f.T.Fatal(err)
		}
	}
}

// exportTellsNoMore compares the export with the page: months tell the same, days divide visits alone.
func (f *fixture) exportTellsNoMore(t *testing.T, site *connect.Site, ask asking) {
	t.Helper()
	var part struct {
		Items []struct {
			Date    connect.Date
			Month   connect.YearMonth
			Pages   json.RawMessage
			Sources json.RawMessage
		}
	}
	f.as(f.pat, "GET", "/v1/export?cursor=statistics/"+string(site.ID)+"/2026", nil).Into(t, &part)
	months := 0
	for _, i := range part.Items {
		if i.Month == "" {
			var lines map[string]map[string]int64
			if err := json.Unmarshal(i.Pages, &lines); err != nil {
				t.Fatal(err)
			}
			for page, line := range lines {
				if _, ok := line["opens"]; ok || len(line) > 2 {
					t.Errorf("%s: %s tells %v", i.Date, page, line)
				}
			}
			continue
		}
		months++
		var rows []seenRow
		if err := json.Unmarshal(i.Pages, &rows); err != nil {
			t.Fatal(err)
		}
		page := map[string]seenRow{}
		for _, r := range ask(i.Month.First(), i.Month.Last()).Breakdowns.Page {
			page[r.Key] = r
		}
		for _, r := range rows {
			if w := page[r.Key]; told(w.Opens) != told(r.Opens) || told(w.Submits) != told(r.Submits) || w.Of != r.Of {
				t.Errorf("%s: %s is exported as %+v, shown as %+v", i.Month, r.Key, r, w)
			}
		}
	}
	if months != 2 { // September and October; November is not over
		t.Errorf("%d months are exported", months)
	}
}
