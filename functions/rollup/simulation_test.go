package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// The simulation: random beacons of several sites, zones and days become the records that the table of
// visits would have streamed (TestTheModelIsTheTable holds the model against the real stream). Two shards
// feed two rollups on a real DynamoDB, side by side, in batches that are cut anywhere, split, replayed and
// rewound, while the rollups are killed before and after any of their calls. The truth is counted apart:
// from the beacons alone, visit by visit, never by differences.

// beacon is one write of the events function.
type beacon struct {
	visit connect.Visit
	at    time.Time
	event time.Time // when its earliest event happened, on the clock of the site's place
}

// simulatedSites have zones whose days end at other hours, half hours, and on days of 23 and 25 hours.
var simulatedSites = []struct{ id, zone string }{
	{"s_london0000000001", "Europe/London"}, {"s_newyork000000002", "America/New_York"},
	{"s_kolkata000000003", "Asia/Kolkata"},
	{"s_auckland00000004", "Pacific/Auckland"}, {"s_lordhowe00000005", "Australia/Lord_Howe"},
	{"s_stjohns000000006", "America/St_Johns"},
	{"s_kathmandu0000007", "Asia/Kathmandu"},
}

// beacons makes n visits' beacons in the order in which they are written: mostly by time, with duplicates,
// late ones, reordered ones, and sessions that come back after their visit has expired.
func beacons(r *rand.Rand, n int) []beacon {
	// London's clocks go back within these days.
	first := time.Date(2026, 10, 24, 6, 0, 0, 0, time.UTC)
	const span = 44 * time.Hour
	var out []beacon
	for v := range n {
		site := simulatedSites[int(r.Float64()*r.Float64()*float64(len(simulatedSites)))]
		session := connect.VisitID(fmt.Sprintf("session-%014d", v))
		if v > 0 && r.IntN(50) == 0 {
			session = connect.VisitID(fmt.Sprintf("session-%014d", r.IntN(v))) // the tab stayed open
		}
		zone, err := time.LoadLocation(site.zone)
		if err != nil {
			panic(err)
		}
		pages := 40.0
		if site.id == simulatedSites[0].id {
			pages = 400 // more than a day names
		}
		visit := connect.Visit{
			Site: connect.SiteID(site.id), ID: session,
			Page:     fmt.Sprintf("/page-%02d", int(r.Float64()*r.Float64()*r.Float64()*pages)),
			Referrer: []string{"", "google.com", "bing.com", "other", "newsletter"}[r.IntN(5)],
			Device:   []connect.Device{connect.Phone, connect.Tablet, connect.Desktop}[r.IntN(3)],
		}
		if r.IntN(20) == 0 {
			visit.Reason = []connect.FilterReason{connect.Bot, connect.ForeignOrigin}[r.IntN(2)]
		}
		start := first.Add(time.Duration(r.Int64N(int64(span))))
		steps := []connect.Step{connect.Impression}
		if r.IntN(3) == 0 {
			steps = append(steps, connect.Open)
			if r.IntN(2) == 0 {
				steps = append(steps, connect.Submit)
			}
		}
		if r.IntN(10) == 0 { // one beacon says it all
			steps = steps[len(steps)-1:]
		}
		if r.IntN(5) == 0 {
			r.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		}
		for i, step := range steps {
			at := start.Add(time.Duration(i) * time.Duration(r.IntN(90)) * time.Minute)
			for range 1 + r.IntN(5)/4 + r.IntN(30)/29*3 { // now and then twice, seldom often
				age := time.Duration(r.IntN(20)) * time.Minute
				b := beacon{visit, at, at.Add(-age).In(zone)}
				b.visit.Reached = step
				b.visit.Begin(at, age, zone)
				if r.IntN(10) == 0 {
					b.visit.Page = "/another" // the visit continued elsewhere
				}
				out = append(out, b)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b beacon) int { return a.at.Compare(b.at) })
	return out
}

// truth is what must be counted, by site and day: from each visit's first beacon and its furthest step.
func truth(list []beacon) map[string]*connect.Day {
	type visit struct {
		first beacon
		step  connect.Step
	}
	open := map[string]*visit{}
	var all []*visit
	for _, b := range list {
		name := fmt.Sprint(b.visit.Site, b.visit.ID, b.visit.Reason)
		v := open[name]
		if v == nil || v.first.visit.ExpiresAt.Unix() <= b.at.Unix() {
			v = &visit{first: b}
			open[name] = v
			all = append(all, v)
		}
		v.step = max(v.step, b.visit.Reached)
	}
	days := map[string]*connect.Day{}
	for _, v := range all {
		b := v.first.visit
		local := v.first.event
		name := string(b.Site) + " " + local.Format("2006-01-02")
		d := days[name]
		if d == nil {
			d = connect.NewDay(connect.Date(local.Format("2006-01-02")))
			days[name] = d
		}
		if b.Reason != "" {
			d.Filtered[b.Reason]++
			continue
		}
		one := connect.Count{Impressions: 1}
		if v.step >= connect.Open {
			one.Opens = 1
		}
		if v.step == connect.Submit {
			one.Submits = 1
		}
		source := b.Referrer
		if source == "" {
			source = "direct"
		}
		d.Total = d.Total.Plus(one)
		d.Hours[local.Hour()] = d.Hours[local.Hour()].Plus(one)
		for m, name := range map[*connect.Breakdown]string{
			&d.Pages: b.Page, &d.Referrers: source, &d.Devices: string(b.Device),
		} {
			(*m)[name] = connect.Entry{Count: (*m)[name].Plus(one)}
		}
	}
	return days
}

// streamed is one shard: its records in order. A shard that was split ends, and its child continues.
type streamed struct {
	id      string
	records []lambdahttp.Record
}

// lineage is what one reader reads: a shard, then its child.
type lineage []streamed

// streams runs the beacons through the model of the table into two shards' streams, of which one splits.
// Sequence numbers are not padded and gain digits on the way; those of the two shards overlap.
func streams(r *rand.Rand, list []beacon) []lineage {
	table := model{}
	lines := []lineage{{{id: "shardId-a"}}, {{id: "shardId-b"}}}
	sequence := []int64{990, 95_000_000_000}
	for n, b := range list {
		old, new := table.record(b)
		h := fnv.New32a()
		fmt.Fprint(h, b.visit.Site, b.visit.ID)
		k := int(h.Sum32() % 2)
		if n > len(list)/2 && k == 0 && len(lines[0]) == 1 {
			lines[0] = append(lines[0], streamed{id: "shardId-a-child"})
		}
		// A write that changes nothing is not streamed by AWS; other engines do it, so some are.
		if old != nil && maps.EqualFunc(old, new, func(a, b string) bool { return a == b }) && r.IntN(2) == 0 {
			continue
		}
		sequence[k] += 1 + r.Int64N(1000)
		s := &lines[k][len(lines[k])-1]
		s.records = append(s.records, lambdahttp.Record{
			Sequence: strconv.FormatInt(sequence[k], 10), At: time.Now(), Old: image(old), New: image(new),
		})
	}
	return lines
}

// rollups makes a rollup whose calls go through a transport: one for each process that Lambda would start.
type rollups func(*apitest.World, *faults) func(context.Context, lambdahttp.Batch) (string, error)

func genuine(w *apitest.World, f *faults) func(context.Context, lambdahttp.Batch) (string, error) {
	// As it happens; what comes after a month is over is TestMonthsAreTheSumOfTheirDays'.
	now := func() time.Time { return time.Date(2026, 10, 26, 2, 0, 0, 0, time.UTC) }
	return (&rollup{store: store.Counts(f.open(w)), log: slog.New(slog.DiscardHandler), now: now}).apply
}

// outcome is what a simulation did, to be printed.
type outcome struct {
	visits, records, batches, calls, kills, replays int64
	wrong                                           []string
}

// simulate runs everything and compares the counts with the truth.
func simulate(t *testing.T, seed uint64, visits int, start rollups) (o outcome) {
	t.Helper()
	w := apitest.New(t)
	r := rand.New(rand.NewPCG(seed, 1))
	list := beacons(r, visits)
	lines := streams(r, list)
	want := truth(list)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for n, line := range lines {
		wg.Go(func() {
			s := &source{t: t, w: w, r: rand.New(rand.NewPCG(seed, uint64(n+2))), start: start}
			for _, shard := range line {
				s.read(shard)
			}
			mu.Lock()
			defer mu.Unlock()
			o.batches, o.calls, o.kills, o.replays = o.batches+s.batches, o.calls+s.calls, o.kills+s.kills, o.replays+s.replays
		})
	}
	wg.Wait()
	time.Sleep(60 * time.Millisecond) // the last calls of killed processes
	for _, line := range lines {
		for _, s := range line {
			o.records += int64(len(s.records))
		}
	}
	o.visits = int64(visits)
	for name, day := range want {
		site, date, _ := strings.Cut(name, " ")
		got, err := w.Store.Days(context.Background(), connect.SiteID(site), connect.Date(date), connect.Date(date))
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 {
			o.wrong = append(o.wrong, name+": nothing is counted")
			continue
		}
		o.wrong = append(o.wrong, differences(name, day, got[0])...)
	}
	counted := 0
	for _, site := range simulatedSites {
		days, err := w.Store.Days(context.Background(), connect.SiteID(site.id), "2020-01-01", "2199-12-31")
		if err != nil {
			t.Fatal(err)
		}
		counted += len(days)
	}
	if counted != len(want) {
		o.wrong = append(o.wrong, fmt.Sprintf("%d days are counted, not %d", counted, len(want)))
	}
	return o
}

func differences(name string, want, got *connect.Day) (out []string) {
	compare := func(what string, want, got any) {
		if a, b := fmt.Sprint(want), fmt.Sprint(got); a != b {
			out = append(out, fmt.Sprintf("%s: %s are\n  %s, not\n  %s", name, what, b, a))
		}
	}
	compare("totals", want.Total, got.Total)
	compare("hours", want.Hours, got.Hours)
	if len(want.Pages) > connect.MaxBreakdown {
		out = append(out, unlike(name, want.Pages, got.Pages)...)
	} else {
		compare("pages", want.Pages, got.Pages)
	}
	compare("sources", want.Referrers, got.Referrers)
	compare("devices", want.Devices, got.Devices)
	compare("filtered", want.Filtered, got.Filtered)
	return out
}

// unlike says where a breakdown that could not name all breaks what it promises.
func unlike(name string, want, got connect.Breakdown) (out []string) {
	var all, sum connect.Count
	for _, e := range want {
		all = all.Plus(e.Count)
	}
	share := all.Impressions / connect.MaxBreakdown
	for page, e := range got {
		sum = sum.Plus(e.Count)
		w := want[page].Count
		if page == connect.Other {
			continue
		}
		for _, c := range [][2]int64{{e.Impressions, w.Impressions}, {e.Opens, w.Opens}, {e.Submits, w.Submits}} {
			if c[0] > c[1] || c[1] > c[0]+e.Missed || e.Missed > share {
				out = append(
					out,
					fmt.Sprintf(
						"%s: %s has %v and at most %d more of %d visits, in truth %v", name, page, e.Count, e.Missed, all.Impressions, w,
					),
				)
			}
		}
	}
	for page, e := range want {
		if _, named := got[page]; !named && e.Impressions > share {
			out = append(
				out, fmt.Sprintf("%s: %s with %d of %d visits is not named", name, page, e.Impressions, all.Impressions),
			)
		}
	}
	if sum != all || len(got) > connect.MaxBreakdown+1 {
		out = append(out, fmt.Sprintf("%s: %d pages add up to %v, not %v", name, len(got), sum, all))
	}
	return out
}

// source reads a shard as Lambda's event source mapping does.
type source struct {
	t     *testing.T
	w     *apitest.World
	r     *rand.Rand
	start rollups

	batches, calls, kills, replays int64
}

// read delivers a shard's records until all are done with. Now and then it forgets how far it got.
func (s *source) read(shard streamed) {
	done := 0
	for done < len(shard.records) {
		size := 1 + s.r.IntN(300)
		if s.r.IntN(3) == 0 {
			size = 1 + s.r.IntN(5)
		}
		end := min(done+size, len(shard.records))
		if !s.deliver(shard, done, end, 0) {
			return
		}
		done = end
		if s.r.IntN(6) == 0 {
			s.replays++
			done = max(0, done-s.r.IntN(700))
		}
	}
}

// deliver calls the function with records until they are done with: again, or in halves.
func (s *source) deliver(shard streamed, from, to, attempt int) bool {
	if attempt > 60 {
		s.t.Errorf("%s: records %d to %d were tried 60 times", shard.id, from, to)
		return false
	}
	s.batches++
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	f := &faults{kill: cancel, failAt: -1}
	if s.r.IntN(2) == 0 {
		f.failAt, f.mode = int64(s.r.IntN(8)), mode(s.r.IntN(int(modes)))
		f.delay = time.Duration(s.r.IntN(30)) * time.Millisecond
	}
	failed, err := s.start(s.w, f)(ctx, lambdahttp.Batch{Shard: shard.id, Records: shard.records[from:to]})
	s.calls += f.calls.Load()
	if f.fired.Load() && f.mode != answerLost {
		s.kills++
		if err == nil {
			err = errors.New("killed") // its answer would not have arrived
		}
	}
	switch {
	case err == nil && failed == "":
		return true
	case err == nil:
		for n := from; n < to; n++ {
			if shard.records[n].Sequence == failed {
				return s.deliver(shard, n, to, attempt+1)
			}
		}
		s.t.Errorf("it asks for a record %s that it was not given", failed)
		return false
	case to-from > 1 && s.r.IntN(2) == 0: // BisectBatchOnFunctionError
		half := from + 1 + s.r.IntN(to-from-1)
		return s.deliver(shard, from, half, attempt+1) && s.deliver(shard, half, to, attempt+1)
	}
	return s.deliver(shard, from, to, attempt+1)
}

func TestTheTotalsEqualTheTruth(t *testing.T) {
	start := time.Now()
	o := simulate(t, 1, apitest.Often(4_000, 12_000), genuine)
	t.Logf(
		"%d visits, %d records, %d batches, %d calls, %d kills, %d rewinds, %v", o.visits, o.records, o.batches, o.calls,
		o.kills, o.replays, time.Since(start).Round(time.Millisecond),
	)
	for _, line := range o.wrong {
		t.Error(line)
	}
	if o.kills < int64(apitest.Often(20, 50)) || o.replays < int64(apitest.Often(5, 10)) {
		t.Errorf("%d kills and %d rewinds prove little", o.kills, o.replays)
	}
}

// What the simulation is worth: rollups with a mistake, each one that somebody might make, are found out.
func TestTheSimulationFindsMistakes(t *testing.T) {
	for name, mutant := range map[string]mutation{
		"applies what was applied":                      {applyAgain: true},
		"compares sequence numbers as text":             {asText: true},
		"does not tell shards apart":                    {oneShard: true},
		"takes each record for a new visit":             {forgetOld: true},
		"takes a replaced visit for the old one":        {keepOld: true},
		"counts in UTC":                                 {utc: true},
		"gives up where another wrote at the same time": {blind: true},
		"notes what it applied in a write of its own":   {inTwo: true},
	} {
		t.Run(name, func(t *testing.T) {
			// Some take two shards to meet on a day, which is not the seed's to say.
			for seed := range uint64(8) {
				if o := simulate(t, seed, 1500, mutant.start); len(o.wrong) > 0 {
					return
				}
			}
			t.Error("eight simulations did not find it")
		})
	}
	// And the mistakes are all that is found: without one, the same machinery counts right.
	for name, right := range map[string]rollups{"no mistake": mutation{}.start, "the real one": genuine} {
		t.Run(name, func(t *testing.T) {
			for _, line := range simulate(t, 2, 1500, right).wrong {
				t.Error(line)
			}
		})
	}
}
