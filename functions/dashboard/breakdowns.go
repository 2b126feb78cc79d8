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

// breakdowns divides what was counted on days, and what is told of opens and requests in whole months.
func (h *handlers) breakdowns(
	r *http.Request, site connect.SiteID, p period, days []*connect.Day,
) (*api.Breakdowns, error) {
	first, last := connect.ClosedWithin(p.from, p.to, web.Now(r))
	from, to := first.First(), last.Last()
	within := days
	if from < p.from {
		var err error
		if within, err = h.store.Days(r.Context(), site, from, to); err != nil {
			return nil, err
		}
	}
	months := monthsOf(within, from, to)
	rows := func(pick func(*connect.Day) connect.Breakdown) []api.BreakdownRow {
		var parts, whole []connect.Summary
		for _, month := range months {
			whole = append(whole, connect.MonthDivision(month, pick))
		}
		for _, d := range days {
			if from < p.from || d.Date < from || d.Date > to {
				parts = append(parts, d.Division(pick))
			}
		}
		if from >= p.from {
			parts = append(parts, whole...)
		}
		return breakdownRows(connect.Merge(parts).Top(), whole)
	}
	return &api.Breakdowns{
		Divided: api.WholeMonths{From: from, To: to},
		Page:    rows(pages), Source: rows(sources), Device: rows(devices),
	}, nil
}

// monthsOf divides those days that are from from to to.
func monthsOf(days []*connect.Day, from, to connect.Date) (months [][]*connect.Day) {
	var last connect.YearMonth
	for _, d := range days {
		if d.Date < from || d.Date > to {
			continue
		}
		if m := d.Date.Month(); m != last {
			months, last = append(months, nil), m
		}
		months[len(months)-1] = append(months[len(months)-1], d)
	}
	return months
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
