package connect

import (
	"cmp"
	"time"
)

// Count is how many visits reached each step.
type Count struct {
	Impressions int64 `json:"impressions"`
	Opens       int64 `json:"opens"`
	Submits     int64 `json:"submits"`
}

// Plus returns the sum of two counts.
func (c Count) Plus(d Count) Count {
	return Count{c.Impressions + d.Impressions, c.Opens + d.Opens, c.Submits + d.Submits}
}

// Date is a calendar day "2006-01-02" in a site's time zone.
type Date string

// ParseDate returns ok false for text that is not a day.
func ParseDate(s string) (d Date, ok bool) {
	t, err := time.Parse(time.DateOnly, s)
	return Date(s), err == nil && t.Year() >= 2020 && t.Year() < 2200
}

// DateOf returns the day t falls on in t's own location.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// Add returns the day n days later.
func (d Date) Add(n int) Date {
	t, _ := time.Parse(time.DateOnly, string(d))
	return DateOf(t.AddDate(0, 0, n))
}

// Monday returns the first day of the day's week.
func (d Date) Monday() Date { return d.Add(-d.weekday()) }

// weekday is 0 for a Monday.
func (d Date) weekday() int {
	t, _ := time.Parse(time.DateOnly, string(d))
	return (int(t.Weekday()) + 6) % 7
}

// Days is how many days lie from d to e, both counted.
func (d Date) Days(e Date) int {
	a, _ := time.Parse(time.DateOnly, string(d))
	b, _ := time.Parse(time.DateOnly, string(e))
	return int(b.Sub(a).Hours()/24) + 1
}

// Day is what is counted of one site on one day: totals and, for the same visits, how they divide. Every
// breakdown adds up to the totals.
type Day struct {
	Date      Date
	Total     Count
	Hours     map[int]Count // 0 to 23, in the site's time zone
	Pages     Breakdown
	Referrers Breakdown
	Devices   Breakdown
	Filtered  map[FilterReason]int64 // visits counted apart
}

// NewDay returns a day on which nothing was counted.
func NewDay(d Date) *Day {
	return &Day{
		Date: d, Hours: map[int]Count{}, Pages: Breakdown{}, Referrers: Breakdown{}, Devices: Breakdown{},
		Filtered: map[FilterReason]int64{},
	}
}

// Apply counts that v, which had reached the step before, has now reached v.Reached.
func (d *Day) Apply(v *Visit, before Step) {
	if v.Reason != "" {
		if before == NoStep && v.Reached > NoStep {
			d.Filtered[v.Reason]++
		}
		return
	}
	var c Count
	for step := before + 1; step <= v.Reached; step++ {
		switch step {
		case Impression:
			c.Impressions++
		case Open:
			c.Opens++
		case Submit:
			c.Submits++
		}
	}
	if c == (Count{}) {
		return
	}
	d.Total = d.Total.Plus(c)
	d.Hours[v.Hour.OfDay()] = d.Hours[v.Hour.OfDay()].Plus(c)
	d.Pages.count(v.Page, c)
	d.Referrers.count(cmp.Or(v.Referrer, Direct), c)
	d.Devices.count(string(v.Device), c)
}

// EnoughVisits is how many visits a rate needs before it says anything: under 30, one more or less moves
// it by more than three points.
const EnoughVisits = 30
