package main

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// verdict is what the oracle says of one promise.
type verdict struct {
	due   time.Time
	who   string
	state connect.PromiseState
	late  time.Duration // of a broken one that was called since
	rang  bool
}

// judge reads a request's facts in order. What comes after a promise that was broken is not counted.
func judge(facts []fact, who string, end time.Time) (out []verdict) {
	for n := 0; n < len(facts); {
		v := verdict{due: facts[n].due, who: who}
		var claimed, called time.Time
		over, cancelled, broken := end, false, false
		for n++; n < len(facts); n++ {
			f := facts[n]
			began := f.at
			if !claimed.IsZero() && f.at.Before(claimed.Add(connect.ClaimLife)) {
				began = claimed
			}
			if called.IsZero() && began.After(v.due) {
				broken = true // whatever happens now comes too late
			}
			if f.what == "promised" {
				over = f.at
				break
			}
			switch f.what {
			case "claim":
				claimed = f.at
				continue
			case "call":
				called = began
			case "undo":
				called = time.Time{}
			case "cancel":
				if cancelled = called.IsZero(); cancelled {
					broken = broken || f.at.After(v.due)
				}
			}
			claimed = time.Time{}
			if cancelled {
				n = len(facts)
				break
			}
		}
		switch {
		case broken || !called.IsZero() && called.After(v.due) || called.IsZero() && !cancelled && over.After(v.due):
			v.state = connect.PromiseBroken
			if v.rang = !called.IsZero(); v.rang {
				v.late = called.Sub(v.due)
			}
			return append(out, v)
		case cancelled:
			v.state = connect.PromiseCancelled
			return append(out, v)
		case !called.IsZero():
			v.state = connect.PromiseKept
			out = append(out, v)
		}
	}
	return out
}

// marks are the minutes that a lateness is rounded up to.
func marks() (out []int) {
	for m := 1; m <= 60; m++ {
		out = append(out, m)
	}
	for m := 65; m <= 240; m += 5 {
		out = append(out, m)
	}
	for m := 300; m <= 1440; m += 60 {
		out = append(out, m)
	}
	for m := 2880; m <= 30*1440; m += 1440 {
		out = append(out, m)
	}
	return out
}

// figures are what a report says of some promises, by the simplest counting there is.
func figures(list []verdict) string {
	counts := map[connect.PromiseState]int{}
	var late []int
	silent := 0
	for _, v := range list {
		counts[v.state]++
		switch {
		case v.state == connect.PromiseBroken && v.rang:
			at := sort.Search(len(marks()), func(i int) bool { return time.Duration(marks()[i])*time.Minute >= v.late })
			late = append(late, marks()[min(at, len(marks())-1)])
		case v.state == connect.PromiseBroken:
			silent++
		}
	}
	slices.Sort(late)
	median, ninth := -1, -1
	if n := len(late); n > 0 {
		median, ninth = late[(n+1)/2-1], late[(9*n+9)/10-1]
	}
	return fmt.Sprintf("kept %d, broken %d (%d not called), cancelled %d, median %d, 90th %d",
		counts[connect.PromiseKept], counts[connect.PromiseBroken], silent, counts[connect.PromiseCancelled], median, ninth)
}

func told(t *connect.PromiseTally) string {
	if t == nil {
		t = &connect.PromiseTally{}
	}
	median, ninth := -1, -1
	if m, ok := t.Lateness(0.5); ok {
		median = m
	}
	if m, ok := t.Lateness(0.9); ok {
		ninth = m
	}
	return fmt.Sprintf("kept %d, broken %d (%d not called), cancelled %d, median %d, 90th %d",
		t.Kept, t.Broken, t.NotCalled(), t.Cancelled, median, ninth)
}

// compare holds every figure of the year's report against the oracle's.
func (y *year) compare(requests int) {
	y.T.Helper()
	now := y.Clock.Now()
	var all []verdict
	for id, facts := range y.facts {
		all = append(all, judge(facts, y.forWho[id], now)...)
	}
	var report connect.PromiseReport
	y.must(y.Store.Promises(y.T.Context(), y.site.ID, "2026-01-01", "2029-12-31", report.Add))
	compared := 0
	same := func(what string, got *connect.PromiseTally, of func(verdict) bool) {
		y.T.Helper()
		var list []verdict
		for _, v := range all {
			if of(v) {
				list = append(list, v)
			}
		}
		if compared++; told(got) != figures(list) {
			y.T.Errorf("%s: %s; the oracle counts %s", what, told(got), figures(list))
		}
	}
	same("in all", &report.Total, func(verdict) bool { return true })
	days := map[connect.Date]bool{}
	for _, v := range all {
		days[connect.DateOf(v.due.In(y.zone))] = true
	}
	for d := range report.Days {
		days[d] = true
	}
	for _, d := range slices.Sorted(maps.Keys(days)) {
		same(string(d), report.Days[d], func(v verdict) bool { return connect.DateOf(v.due.In(y.zone)) == d })
	}
	for hour := range 24 {
		same(fmt.Sprint(hour, "h"), report.Hours[hour], func(v verdict) bool { return v.due.In(y.zone).Hour() == hour })
	}
	for _, who := range []string{"", "Repairs"} {
		same("for "+who, report.Departments[who], func(v verdict) bool { return v.who == who })
	}
	t := &report.Total
	if len(report.Departments) != 2 || t.Kept == 0 || t.NotCalled() == 0 || t.Cancelled == 0 {
		y.T.Errorf("%d departments, %s: too little happened", len(report.Departments), told(t))
	}
	y.T.Logf("%d requests, %d promises: every due instant and reminder is the oracle's; %d lines of the report are: %s",
		requests, y.dues, compared, told(&report.Total))
}
