package connect

import (
	"cmp"
	"maps"
	"slices"
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

// Days is how many days lie from d to e, both counted.
func (d Date) Days(e Date) int {
	a, _ := time.Parse(time.DateOnly, string(d))
	b, _ := time.Parse(time.DateOnly, string(e))
	return int(b.Sub(a).Hours()/24) + 1
}

const (
	// MaxBreakdown is how many pages, and how many sources, a day names; the rest is Other.
	MaxBreakdown = 50
	Other        = "other"
	Direct       = "direct" // a visit that came from nowhere we are told of
)

// Day is what is counted of one site on one day: totals and, for the same visits, how they divide. Every
// breakdown adds up to the totals.
type Day struct {
	Date     Date
	Total    Count
	Hours    map[int]Count // 0 to 23, in the site's time zone
	Pages    map[string]Count
	Sources  map[string]Count
	Devices  map[string]Count
	Filtered map[FilterReason]int64 // visits counted apart
}

// NewDay returns a day on which nothing was counted.
func NewDay(d Date) *Day {
	return &Day{
		Date: d, Hours: map[int]Count{}, Pages: map[string]Count{}, Sources: map[string]Count{},
		Devices: map[string]Count{}, Filtered: map[FilterReason]int64{},
	}
}

// Apply counts that v, which had reached the step before, has now reached v.Reached. local is v.Hour in the
// site's time zone.
func (d *Day) Apply(v *Visit, before Step, local time.Time) {
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
	d.Hours[local.Hour()] = d.Hours[local.Hour()].Plus(c)
	tally(d.Pages, v.Page, c)
	tally(d.Sources, cmp.Or(v.Source, Direct), c)
	tally(d.Devices, string(v.Device), c)
}

// tally keeps a breakdown bounded: what finds no room is Other, and stays so, since no name ever leaves.
func tally(m map[string]Count, name string, c Count) {
	if _, ok := m[name]; !ok && len(m) >= MaxBreakdown {
		name = Other
	}
	m[name] = m[name].Plus(c)
}

// Named is one line of a breakdown.
type Named struct {
	Key string `json:"key"`
	Count
}

// Top adds up a breakdown over days: most impressions first, at most MaxBreakdown names, then Other.
func Top(days []*Day, pick func(*Day) map[string]Count) []Named {
	sum := map[string]Count{}
	for _, d := range days {
		for name, c := range pick(d) {
			sum[name] = sum[name].Plus(c)
		}
	}
	other, hasOther := sum[Other]
	delete(sum, Other)
	list := make([]Named, 0, len(sum)+1)
	for _, name := range slices.Sorted(maps.Keys(sum)) {
		list = append(list, Named{name, sum[name]})
	}
	slices.SortStableFunc(list, func(a, b Named) int { return cmp.Compare(b.Impressions, a.Impressions) })
	if len(list) > MaxBreakdown {
		for _, n := range list[MaxBreakdown:] {
			other = other.Plus(n.Count)
		}
		list, hasOther = list[:MaxBreakdown], true
	}
	if hasOther {
		list = append(list, Named{Other, other})
	}
	return list
}

// EnoughVisits is how many visits a rate needs before it says anything: under 30, one more or less moves
// it by more than three points.
const EnoughVisits = 30
