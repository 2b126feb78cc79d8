package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

const (
	maxDays      = 400
	maxHourDays  = 7
	maxYears     = 10 // by week and month, which months kept as one are enough for
	defaultRange = 30
)

// period is which days of a site are asked for, and how they are divided.
type period struct {
	from, to connect.Date
	by       string
	zone     *time.Location
}

func parsePeriod(q statisticsQuery, today connect.Date) (period, error) {
	p := period{from: today.Add(1 - defaultRange), to: today, by: "day"}
	var bad connect.Problems
	read := func(name, s string, into *connect.Date) {
		if s != "" {
			d, ok := connect.ParseDate(s)
			if !ok {
				bad.Add(name, "Enter a date such as 2026-11-23.")
				return
			}
			*into = d
		}
	}
	if q.By != "" {
		p.by = q.By
	}
	days := defaultRange
	if p.by == "hour" {
		days = maxHourDays
	}
	read("to", q.To, &p.to)
	p.from = p.to.Add(1 - days)
	read("from", q.From, &p.from)
	switch n := p.from.Days(p.to); {
	case bad.Err() != nil:
	case n < 1:
		bad.Add("from", "Must not be later than the last day.")
	case p.coarse() && n > maxYears*366:
		bad.Add("from", fmt.Sprintf("Choose %d years or less.", maxYears))
	case !p.coarse() && n > maxDays:
		bad.Add("from", fmt.Sprintf("Choose %d days or fewer.", maxDays))
	case p.by == "hour" && n > maxHourDays:
		bad.Add("by", fmt.Sprintf("By hour, choose %d days or fewer.", maxHourDays))
	}
	switch p.by {
	case "hour", "day", "week", "month":
	default:
		bad.Add("by", "Must be hour, day, week or month.")
	}
	return p, bad.Err()
}

// coarse reports whether the days are shown as weeks or months.
func (p period) coarse() bool { return p.by == "week" || p.by == "month" }

// slot is the key of what a day is shown in.
func (p period) slot(d connect.Date) string {
	switch p.by {
	case "week":
		return string(d.Monday())
	case "month":
		return string(d.Month())
	}
	return string(d)
}

func (h *handlers) statistics(
	r *http.Request, who connect.Identity, id string, query statisticsQuery,
) (*api.Statistics, error) {
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(site.TimeZone)
	if err != nil {
		return nil, err
	}
	p, err := parsePeriod(query, connect.DateOf(web.Now(r).In(zone)))
	if err != nil {
		return nil, err
	}
	p.zone = zone
	c, err := h.countedIn(r, site.ID, p.from, p.to)
	if err != nil {
		return nil, err
	}
	breakdowns, err := h.breakdowns(r, site.ID, p, c)
	if err != nil {
		return nil, err
	}
	total := c.total()
	return &api.Statistics{
		Site: site.ID, TimeZone: site.TimeZone, From: p.from, To: p.to, By: api.GroupBy(p.by), Totals: total,
		Rates: api.Rates{
			Open: rate(total.Opens, total.Impressions), Submit: rate(total.Submits, total.Opens),
			Overall: rate(total.Submits, total.Impressions),
		},
		Enough:     total.Impressions >= connect.EnoughVisits,
		Series:     p.series(c),
		Filtered:   c.filtered(),
		Breakdowns: *breakdowns,
	}, nil
}

// rate is nil where there is nothing to divide by: no visits is not nought per cent.
func rate(part, whole int64) *float64 {
	if whole == 0 {
		return nil
	}
	r := float64(part) / float64(whole)
	return &r
}

// series divides the days as asked; of a week or month, those that the period has. Times have an entry for every slot,
// whether anything happened or not, but for an hour that no clock showed. An hour that the clocks showed twice is one,
// with both hours' visits.
func (p period) series(c *counted) []connect.Named {
	out := []connect.Named{}
	if p.by != "hour" {
		totals := c.byDay()
		for date := p.from; date <= p.to; date = date.Add(1) {
			key := p.slot(date)
			if len(out) == 0 || out[len(out)-1].Key != key {
				out = append(out, connect.Named{Key: key})
			}
			last := &out[len(out)-1]
			last.Count = last.Plus(totals[date])
		}
		return out
	}
	hours := map[connect.Date]map[int]connect.Count{}
	for _, d := range c.days {
		hours[d.Date] = d.Hours
	}
	for date := p.from; date <= p.to; date = date.Add(1) {
		for hour := range 24 {
			key, n := connect.Hour(fmt.Sprintf("%sT%02d", date, hour)), hours[date][hour]
			if n == (connect.Count{}) && !key.In(p.zone) {
				continue // clocks went forward over it
			}
			out = append(out, connect.Named{Key: string(key), Entry: connect.Entry{Count: n}})
		}
	}
	return out
}
