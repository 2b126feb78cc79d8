package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func pages(d *connect.Day) connect.Breakdown   { return d.Pages }
func sources(d *connect.Day) connect.Breakdown { return d.Referrers }
func devices(d *connect.Day) connect.Breakdown { return d.Devices }

// breakdowns divides what was counted, and what is told of opens and requests in whole months.
func (h *handlers) breakdowns(
	r *http.Request, site connect.SiteID, p period, c *counted,
) (*api.Breakdowns, error) {
	first, last := connect.ClosedWithin(p.from, p.to, web.Now(r))
	within := c
	if first.First() < p.from {
		var err error
		if within, err = h.countedIn(r, site, first.First(), last.Last()); err != nil {
			return nil, err
		}
	}
	rows := func(
		of func(*connect.MonthCounts) connect.Summary, pick func(*connect.Day) connect.Breakdown,
	) []api.BreakdownRow {
		var parts, whole []connect.Summary
		for _, m := range c.months {
			parts = append(parts, of(m))
		}
		for _, d := range c.days {
			parts = append(parts, d.Division(pick))
		}
		for _, m := range within.months {
			whole = append(whole, of(m))
		}
		return breakdownRows(connect.Merge(parts).Top(), whole)
	}
	return &api.Breakdowns{
		Divided: api.WholeMonths{From: first.First(), To: last.Last()},
		Page:    rows(func(m *connect.MonthCounts) connect.Summary { return m.Pages }, pages),
		Source:  rows(func(m *connect.MonthCounts) connect.Summary { return m.Referrers }, sources),
		Device:  rows(func(m *connect.MonthCounts) connect.Summary { return m.Devices }, devices),
	}, nil
}

// breakdownRows are the names of a span with their visits, and what months tell of the same names, those first that
// the span has.
func breakdownRows(span []connect.Named, months []connect.Summary) []api.BreakdownRow {
	rows := make([]api.BreakdownRow, 0, len(span))
	at := map[string]int{}
	row := func(key string) *api.BreakdownRow {
		n, ok := at[key]
		if !ok {
			n = len(rows)
			at[key], rows = n, append(rows, api.BreakdownRow{Key: key, WholeOpens: true, WholeSubmits: true})
		}
		return &rows[n]
	}
	for _, n := range span {
		one := row(n.Key)
		one.Impressions = n.Impressions
		if n.Missed > 0 {
			one.Uncertainty = &n.Missed
		}
	}
	for _, month := range months {
		for _, t := range month.Tell() {
			one := row(t.Key)
			one.Of += t.Impressions
			one.Opens, one.WholeOpens = plus(one.Opens, t.Opens), one.WholeOpens && t.OpensTold
			one.Submits, one.WholeSubmits = plus(one.Submits, t.Submits), one.WholeSubmits && t.SubmitsTold
		}
	}
	return rows
}

// plus adds what is told to a sum that is nil while nothing was.
func plus(sum *int64, n int64) *int64 {
	if n == 0 {
		return sum
	}
	if sum != nil {
		n += *sum
	}
	return &n
}
