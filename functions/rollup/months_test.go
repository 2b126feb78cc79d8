package main

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
)

const monthSite = connect.SiteID("s_months0000000001")

// monthVisits are a shard's records of a site's visits on some days.
func monthVisits(r *rand.Rand, from, to connect.Date, sequence *int) (list []lambdahttp.Record) {
	for d := from; d <= to; d = d.Add(1) {
		for range r.IntN(12) {
			*sequence++
			image := visit(map[string]string{
				"n": string(monthSite), "h": fmt.Sprintf("%sT%02d", d, r.IntN(24)), "p": fmt.Sprintf("/p%d", r.IntN(70)),
				"r": fmt.Sprintf("s%d.example", r.IntN(3)), "f": []string{"", "", "", "bot"}[r.IntN(4)],
			})
			for _, step := range []string{"o", "s"}[:r.IntN(3)] {
				image[step] = image["i"]
			}
			list = append(list, lambdahttp.Record{Sequence: fmt.Sprint(*sequence), New: image})
		}
	}
	return list
}

// sumsUp fails where a month is not what its days add up to, or where something of the span is missing or twice.
func sumsUp(t *testing.T, w *apitest.World, from, to connect.Date) int {
	t.Helper()
	months, rest, err := w.Store.Counted(t.Context(), monthSite, from, to)
	if err != nil {
		t.Fatal(err)
	}
	days, err := w.Store.Days(t.Context(), monthSite, from, to)
	if err != nil {
		t.Fatal(err)
	}
	of := map[connect.YearMonth][]*connect.Day{}
	left := map[connect.Date]bool{}
	for _, d := range days {
		of[d.Date.Month()] = append(of[d.Date.Month()], d)
		left[d.Date] = true
	}
	for _, d := range rest {
		if !left[d.Date] {
			t.Errorf("%s comes twice", d.Date)
		}
		delete(left, d.Date)
	}
	for _, got := range months {
		m := got.Month
		if want := connect.AddUp(m, of[m]); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is kept as\n  %+v, its days are\n  %+v", m, got, want)
		}
		for _, d := range of[m] {
			if !left[d.Date] {
				t.Errorf("%s comes twice", d.Date)
			}
			delete(left, d.Date)
		}
	}
	if len(left) > 0 {
		t.Errorf("%v are missing", left)
	}
	return len(months)
}

// A rollup is killed before and after each of its calls, records come again, in parts, and long after their month was
// added up: what is kept of a month is what its days add up to, after every step.
func TestMonthsAreTheSumOfTheirDays(t *testing.T) {
	w := apitest.New(t)
	r := rand.New(rand.NewPCG(14, 2))
	now := time.Date(2026, 8, 20, 12, 0, 0, 0, time.UTC)
	const from, to = connect.Date("2026-08-20"), connect.Date("2026-12-20")
	var all []lambdahttp.Record
	sequence, kills, closed := 0, 0, 0
	deliver := func(records []lambdahttp.Record) {
		for len(records) > 0 {
			n := min(1+r.IntN(40), len(records))
			for at := 1; ; at++ {
				// A process ends at its first call, the next at its second, until one lives.
				dying := &apitest.Dying{At: at, Answered: r.IntN(2) == 0}
				one := &rollup{
					store: store.Counts(store.OpenThrough(func(k string) string { return w.Env[k] }, dying)),
					log:   slog.New(slog.DiscardHandler), now: func() time.Time { return now },
				}
				failed, err := one.apply(t.Context(), lambdahttp.Batch{Shard: "shardId-1", Records: records[:n]})
				closed = max(closed, sumsUp(t, w, from, to))
				if t.Failed() {
					t.Fatalf("after a rollup that ended at its call %d, on %s", at, now)
				}
				if !dying.Died() {
					if failed != "" || err != nil {
						t.Fatal(failed, err)
					}
					break
				}
				if kills++; r.IntN(4) > 0 {
					at += r.IntN(6)
				}
			}
			records = records[n:]
		}
	}
	for day := from; day <= to; day = day.Add(1 + r.IntN(3)) {
		now, _ = time.Parse(time.DateOnly, string(day))
		now = now.Add(time.Duration(r.IntN(24)) * time.Hour)
		fresh := monthVisits(r, day, day, &sequence)
		if r.IntN(8) == 0 && day > "2026-10-01" { // a shard that was held up
			fresh = append(fresh, monthVisits(r, day.Add(-40), day.Add(-39), &sequence)...)
		}
		all = append(all, fresh...)
		deliver(fresh)
		if r.IntN(10) == 0 {
			deliver(all[r.IntN(len(all)):])
		}
	}
	if closed != 3 || kills < 100 { // September to November: the span has no whole August
		t.Errorf("%d months were kept, %d rollups killed", closed, kills)
	}
	t.Logf("%d records, %d rollups killed", len(all), kills)
}

// between calls something once, before a transaction leaves the process.
type between struct {
	call func()
	once sync.Once
}

func (b *between) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems") {
		b.once.Do(b.call)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// A late count that comes while its month is added up, after the days were read, is in what is kept.
func TestALateCountMeetsItsMonthBeingAddedUp(t *testing.T) {
	w := apitest.New(t)
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	apply := func(s store.Counts, sequence int, day connect.Date) {
		r := &rollup{store: s, log: w.Logger(), now: func() time.Time { return now }}
		image := visit(map[string]string{"n": string(monthSite), "h": string(day) + "T10"})
		record := lambdahttp.Record{Sequence: fmt.Sprint(sequence), New: image}
		b := lambdahttp.Batch{Shard: "shardId-1", Records: []lambdahttp.Record{record}}
		if _, err := r.apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	now = time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)
	apply(store.Counts(w.DB), 1, "2026-10-05")
	now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	late := &between{call: func() { apply(store.Counts(w.DB), 2, "2026-10-05") }}
	closing := store.Counts(store.OpenThrough(func(k string) string { return w.Env[k] }, late))
	if err := closing.CloseMonths(t.Context(), monthSite, now); err != nil {
		t.Fatal(err)
	}
	if n := sumsUp(t, w, "2026-10-01", "2026-10-31"); n != 1 {
		t.Errorf("%d months are kept", n)
	}
	months, _, err := w.Store.Counted(t.Context(), monthSite, "2026-10-01", "2026-10-31")
	if err != nil || months[0].Total.Impressions != 2 {
		t.Errorf("%+v, %v", months, err)
	}
}

// Days from before months were kept: read as they are, and added up a few months a day, the oldest first.
func TestMonthsFromBeforeAreAddedUp(t *testing.T) {
	w := apitest.New(t)
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	r := &rollup{store: store.Counts(w.DB), log: w.Logger(), now: func() time.Time { return now }}
	of := func(date connect.Date, visits int) {
		tally, err := w.Store.DayCounts(t.Context(), monthSite, date)
		if err != nil {
			t.Fatal(err)
		}
		for n := range visits {
			v := &connect.Visit{Page: fmt.Sprintf("/%d", n%3), Hour: connect.Hour(date + "T10"), Reached: connect.Open}
			tally.Apply(v, connect.NoStep)
		}
		if err := w.Store.SaveDayCounts(t.Context(), monthSite, tally); err != nil {
			t.Fatal(err)
		}
	}
	for m := connect.YearMonth("2025-01"); m <= "2026-10"; m = m.Next() {
		if m > "2025-03" && m < "2025-06" {
			continue // nothing happened
		}
		of(m.First(), 6)
		of(m.First().Add(3), 2)
	}
	const from, to = connect.Date("2025-01-01"), connect.Date("2026-11-30")
	sequence := 0
	for n, want := range []int{6, 12, 18, 20, 20} {
		if got := sumsUp(t, w, from, to); n == 0 && got != 0 {
			t.Fatalf("%d months are kept", got)
		}
		day := connect.Date("2026-11-20").Add(n)
		sequence++
		image := visit(map[string]string{"n": string(monthSite), "h": string(day) + "T10"})
		b := lambdahttp.Batch{Shard: "shardId-1", Records: []lambdahttp.Record{{Sequence: fmt.Sprint(sequence), New: image}}}
		if _, err := r.apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if got := sumsUp(t, w, from, to); got != want {
			t.Errorf("after %d days %d months are kept, not %d", n+1, got, want)
		}
	}
}
