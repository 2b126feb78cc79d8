package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// shop is what one website is like.
type shop struct {
	name, host string
	pages      []string
	visits     float64 // a weekday's, at the end of the year
	winter     float64 // how much more comes in January than in July
	weekend    float64 // what a Saturday has of a weekday
	needs      []string
	site       *connect.Site
}

var shops = []*shop{
	{name: "Lighthouse Digital", host: "www.lighthouse.example", visits: 55, winter: 0, weekend: 0.3,
		pages: []string{"/", "/services", "/services/seo", "/work", "/pricing", "/contact"},
		needs: []string{"Could you quote for a new website?", "We'd like an audit of our search ranking.", ""}},
	{name: "Harbour Heating", host: "www.harbourheating.example", visits: 205, winter: 0.8, weekend: 0.9,
		pages: []string{"/", "/boilers", "/boilers/repair", "/heat-pumps", "/cover-plans", "/emergency", "/contact"},
		needs: []string{"The boiler shows E119 and there is no hot water.", "A quote for a heat pump, three-bed semi.",
			"Annual service, any morning.", ""}},
	{name: "Fern Street Dental", host: "fernstreetdental.example", visits: 130, winter: 0.1, weekend: 0.5,
		pages: []string{"/", "/new-patients", "/treatments", "/treatments/implants", "/fees", "/emergency-dentist"},
		needs: []string{"New patient, family of four.", "A crown came off this morning.", "How much is whitening?", ""}},
	{name: "Oakley Motors", host: "www.oakleymotors.example", visits: 240, winter: 0, weekend: 1.3,
		pages: []string{"/", "/used-cars", "/used-cars/electric", "/servicing", "/mot", "/finance", "/contact"},
		needs: []string{"Is the grey Kona still for sale?", "MOT and service on the same day?",
			"Part exchange for a 2019 Fiesta.", ""}},
}

// hours is how visits of a day spread over it, in hundredths.
var hours = [24]int{1, 0, 0, 0, 0, 1, 2, 4, 6, 7, 8, 7, 7, 6, 6, 6, 6, 6, 6, 7, 6, 4, 3, 1}

var sources = []struct {
	name  string
	share int // of 100
}{
	{"google.com", 44}, {"", 27}, {"bing.com", 7}, {"facebook.com", 6}, {"instagram.com", 4}, {"checkatrade.com", 4},
	{"autumn-newsletter", 4}, {"duckduckgo.com", 2}, {"nextdoor.co.uk", 2},
}

// asked is a visit that ended in a request.
type asked struct {
	at   time.Time
	page string
}

// day is one site's, counted visit by visit by the rule that rollup counts with. What happens after until has not
// happened yet.
func (s *shop) day(r *rand.Rand, date time.Time, age int, until time.Time) (*connect.Day, []asked) {
	d := connect.NewDay(connect.DateOf(date))
	var requests []asked
	for range s.number(r, date, age) {
		at := date.Add(time.Duration(pick(r, hours[:]))*time.Hour + time.Duration(r.IntN(3600))*time.Second)
		// Half the visits begin at the front page.
		page := s.pages[0]
		if r.IntN(2) == 0 {
			page = s.pages[r.IntN(len(s.pages))]
		}
		v := &connect.Visit{
			Site: s.site.ID, Hour: connect.HourOf(at), Page: page, Referrer: source(r), Reached: connect.Impression,
			Device: []connect.Device{connect.Phone, connect.Desktop, connect.Tablet}[pick(r, []int{61, 34, 5})],
		}
		switch n := r.IntN(1000); {
		case n < 20:
			v.Reason = []connect.FilterReason{connect.Bot, connect.ForeignOrigin}[pick(r, []int{4, 1})]
		case n < 25:
			v.Reached = connect.Submit
		case n < 85:
			v.Reached = connect.Open
		}
		if at.After(until) {
			continue
		}
		d.Apply(v, connect.NoStep)
		if v.Reached == connect.Submit {
			requests = append(requests, asked{at, "https://" + s.host + page})
		}
	}
	return d, requests
}

// number is how many visits a day has: it grew by half over the year, and no day is like another.
func (s *shop) number(r *rand.Rand, date time.Time, age int) int {
	n := s.visits * (1 - float64(age)/365/3)
	month := (int(date.Month()) + 5) % 12 // 0 in July, 6 in January
	n *= 1 + s.winter*float64(min(month, 12-month))/6
	switch date.Weekday() {
	case time.Saturday:
		n *= s.weekend
	case time.Sunday:
		n *= s.weekend * 0.8
	}
	return int(n * (0.8 + 0.4*r.Float64()))
}

func source(r *rand.Rand) string {
	shares := make([]int, len(sources))
	for i, s := range sources {
		shares[i] = s.share
	}
	return sources[pick(r, shares)].name
}

// pick returns an index, each as often as its weight says.
func pick(r *rand.Rand, weights []int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := r.IntN(sum)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// year counts a site's visits of the last 365 days, and returns those of its requests that are still kept.
func (w *world) year(ctx context.Context, s *shop) ([]asked, error) {
	r := rand.New(rand.NewPCG(uint64(len(s.name)), uint64(s.visits))) // the same year each time
	zone, err := time.LoadLocation(s.site.TimeZone)
	if err != nil {
		return nil, err
	}
	y, m, d := w.now.In(zone).Date()
	var kept []asked
	for age := 364; age >= 0; age-- {
		day, requests := s.day(r, time.Date(y, m, d-age, 0, 0, 0, 0, zone), age, w.now)
		t, err := w.store.DayCounts(ctx, s.site.ID, day.Date)
		if err != nil {
			return nil, err
		}
		*t.Day = *day
		if err := w.store.SaveDayCounts(ctx, s.site.ID, t); err != nil {
			return nil, fmt.Errorf("%s of %s: %w", day.Date, s.name, err)
		}
		w.visits += day.Total.Impressions
		if age < s.site.RetentionDays-1 {
			kept = append(kept, requests...)
		}
	}
	for range 3 { // six months each
		if err := w.store.CloseMonths(ctx, s.site.ID, w.now); err != nil {
			return nil, err
		}
	}
	return kept, nil
}
