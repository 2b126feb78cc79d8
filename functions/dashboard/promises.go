package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// promises reports what became of the calls that were promised for some days.
func (h *handlers) promises(
	r *http.Request, who connect.Identity, id string, query promisesQuery,
) (*api.PromiseReport, error) {
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(site.TimeZone)
	if err != nil {
		return nil, err
	}
	p, err := parsePeriod(statisticsQuery{From: query.From, To: query.To}, connect.DateOf(web.Now(r).In(zone)))
	if err != nil {
		return nil, err
	}
	var report connect.PromiseReport
	if err := h.store.Promises(r.Context(), site.ID, p.from, p.to, report.Add); err != nil {
		return nil, err
	}
	return &api.PromiseReport{
		Site: site.ID, TimeZone: site.TimeZone, From: p.from, To: p.to, Total: promiseFigures(&report.Total),
		Days:        promiseGroups(report.Days, func(d connect.Date) string { return string(d) }),
		Hours:       promiseGroups(report.Hours, func(hour int) string { return fmt.Sprintf("%02d", hour) }),
		Departments: promiseGroups(report.Departments, func(name string) string { return name }),
	}, nil
}

func promiseGroups[K cmp.Ordered](groups map[K]*connect.PromiseTally, name func(K) string) []api.PromiseGroup {
	out := []api.PromiseGroup{}
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		if t := groups[key]; t.Decided()+t.Cancelled > 0 { // not where all was taken back
			out = append(out, api.PromiseGroup{Key: name(key), Figures: promiseFigures(t)})
		}
	}
	return out
}

func promiseFigures(t *connect.PromiseTally) api.PromiseFigures {
	f := api.PromiseFigures{
		Kept: t.Kept, Broken: t.Broken, Cancelled: t.Cancelled, NotCalled: t.NotCalled(),
		Enough: t.Decided() >= connect.EnoughPromises, Rate: rate(t.Kept, t.Decided()),
	}
	if low, high, ok := connect.WilsonInterval(t.Kept, t.Decided()); ok {
		f.Low, f.High = &low, &high
	}
	if minutes, ok := t.Lateness(0.5); ok {
		f.MedianLate = &minutes
	}
	if minutes, ok := t.Lateness(0.9); ok {
		f.NinetiethLate = &minutes
	}
	return f
}
