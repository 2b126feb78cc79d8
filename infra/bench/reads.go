package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
)

const year = 365

// reads counts the read units of the dashboard's page of one site over 12 months.
func (b *bench) reads(ctx context.Context) error {
	w, err := b.newWorld(ctx, "reads")
	if err != nil {
		return err
	}
	defer w.stop()
	account, t, err := w.signUp(ctx)
	if err != nil {
		return err
	}
	sizes := []struct {
		name   string
		fill   func(*world, context.Context, *connect.Site) error
		budget bool // what the budget is for: 20 pages and 20 sources a day
	}{
		{"10³ visits in the year", spread(1_000, plain), false},
		{"10⁵ visits in the year, 20 pages and 20 sources a day", spread(100_000, plain), true},
		{"10⁵ visits a day, 20 pages and 20 sources", every(fullDay("2026-01-01", 20, 20, 100_000, plain)), true},
		{
			"10⁵ visits a day, 50 names at full length each",
			every(fullDay("2026-01-01", connect.MaxBreakdown, connect.MaxBreakdown, 100_000, longest)), false,
		},
	}
	for i, size := range sizes {
		site, err := w.addSite(ctx, account)
		if err != nil {
			return err
		}
		if err := size.fill(w, ctx, site); err != nil {
			return err
		}
		if i == 1 {
			before, _, err := w.view(ctx, site, t)
			if err != nil {
				return err
			}
			what := "… 10⁵ visits in the year, before its months are added up: statistics alone"
			b.table.add(row{what, fmt.Sprintf("%.1f", before), "", note})
		}
		if err := w.addUp(ctx, site); err != nil {
			return err
		}
		stats, rest, err := w.view(ctx, site, t)
		if err != nil {
			return err
		}
		page := stats + rest
		figure := fmt.Sprintf("%.1f (statistics %.1f; session, person and site %.1f)", page, stats, rest)
		r := row{"… " + size.name, figure, "", note}
		if i == 0 {
			r.what = "Read units of a site's page over 12 months, " + size.name
		}
		if size.budget || i == 0 {
			r.budget, r.verdict = "statistics 25", within(stats <= 25)
		}
		b.table.add(r)
	}
	return nil
}

// addUp keeps the months that are over, as rollup does with the first visits of as many days.
func (w *world) addUp(ctx context.Context, site *connect.Site) error {
	for range 3 { // six months each
		if err := w.store.CloseMonths(ctx, site.ID, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// spread lays n visits over a year.
func spread(n int, called names) func(*world, context.Context, *connect.Site) error {
	return func(w *world, ctx context.Context, site *connect.Site) error {
		for d := range year {
			day := connect.NewDay(today(site).Add(-d))
			count := 0
			for i := d; i < n; i += year {
				visit(day, i/year, 20, 20, called)
				count++
			}
			if err := w.saveDay(ctx, site.ID, day, min(count, shardsADay)); err != nil {
				return err
			}
		}
		return nil
	}
}

// every stores the same day for each of a year's.
func every(day *connect.Day) func(*world, context.Context, *connect.Site) error {
	return func(w *world, ctx context.Context, site *connect.Site) error {
		for d := range year {
			day.Date = today(site).Add(-d)
			if err := w.saveDay(ctx, site.ID, day, shardsADay); err != nil {
				return err
			}
		}
		return nil
	}
}

// view makes the calls of the dashboard's page of a site (dashboard/src: lib/me, site-frame, overview) and gives
// what the statistics and all other calls together read.
func (w *world) view(ctx context.Context, site *connect.Site, t token.Bearer) (stats, rest float64, err error) {
	headers := map[string]string{"authorization": "Bearer " + t.Text}
	get := func(path string) (float64, answer, error) {
		a, err := w.call(ctx, "DashboardFunction", "GET", path, headers, "", 200)
		if err != nil {
			return 0, a, err
		}
		units, err := w.meter.take()
		return total(units, false), a, err
	}
	for _, path := range []string{"/v1/me", "/v1/sites/" + string(site.ID)} {
		n, _, err := get(path)
		if err != nil {
			return 0, 0, err
		}
		rest += n
	}
	path := fmt.Sprintf("/v1/sites/%s/stats?from=%s&to=%s&by=day", site.ID, today(site).Add(1-year), today(site))
	stats, a, err := get(path)
	if err != nil {
		return 0, 0, err
	}
	if stats == 0 || !strings.Contains(a.Body, `"breakdowns"`) {
		return 0, 0, fmt.Errorf("%s read %.1f units: %.200s", path, stats, a.Body)
	}
	return stats, rest, nil
}
