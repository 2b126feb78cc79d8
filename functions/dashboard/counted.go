package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// counted is what was counted in a span: its whole months that are over, and the days of the rest.
type counted struct {
	months []*connect.MonthCounts
	days   []*connect.Day
}

// countedIn reads a span. A month that is over and not kept as one yet is added up of its days.
func (h *handlers) countedIn(r *http.Request, site connect.SiteID, from, to connect.Date) (*counted, error) {
	months, days, err := h.store.Counted(r.Context(), site, from, to)
	if err != nil {
		return nil, err
	}
	c := &counted{}
	for len(months)+len(days) > 0 {
		if len(days) == 0 || len(months) > 0 && months[0].Month < days[0].Date.Month() {
			c.months, months = append(c.months, months[0]), months[1:]
			continue
		}
		m, n := days[0].Date.Month(), 1
		for n < len(days) && days[n].Date.Month() == m {
			n++
		}
		if m.First() >= from && m.Last() <= to && m.Closed(web.Now(r)) {
			c.months = append(c.months, connect.AddUp(m, days[:n]))
		} else {
			c.days = append(c.days, days[:n]...)
		}
		days = days[n:]
	}
	return c, nil
}

func (c *counted) total() (sum connect.Count) {
	for _, m := range c.months {
		sum = sum.Plus(m.Total)
	}
	for _, d := range c.days {
		sum = sum.Plus(d.Total)
	}
	return sum
}

func (c *counted) filtered() api.Filtered {
	out := api.Filtered{Reasons: map[string]int64{}}
	add := func(reasons map[connect.FilterReason]int64) {
		for reason, n := range reasons {
			out.Reasons[string(reason)] += n
			out.Total += n
		}
	}
	for _, m := range c.months {
		add(m.Filtered)
	}
	for _, d := range c.days {
		add(d.Filtered)
	}
	return out
}

func (c *counted) byDay() map[connect.Date]connect.Count {
	out := map[connect.Date]connect.Count{}
	for _, m := range c.months {
		for n, count := range m.Days {
			out[m.Month.First().Add(n-1)] = count
		}
	}
	for _, d := range c.days {
		out[d.Date] = d.Total
	}
	return out
}
