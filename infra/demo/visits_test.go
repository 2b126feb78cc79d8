package main

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// A request that the inbox shows is one that the statistics count, and nothing is of the future.
func TestRequestsAreTheVisitsThatAsked(t *testing.T) {
	zone, err := time.LoadLocation(connect.DefaultTimeZone)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 25, 13, 30, 0, 0, zone) // clocks went back that morning
	for _, s := range shops {
		s.site = &connect.Site{ID: connect.NewSiteID()}
		r := rand.New(rand.NewPCG(1, 2))
		var year connect.Count
		for age := 364; age >= 0; age-- {
			day, asked := s.day(r, time.Date(2026, 10, 25-age, 0, 0, 0, 0, zone), age, now)
			if int64(len(asked)) != day.Total.Submits {
				t.Errorf("%s on %s: %d requests, %d counted", s.name, day.Date, len(asked), day.Total.Submits)
			}
			var byHour connect.Count
			for hour, c := range day.Hours {
				byHour = byHour.Plus(c)
				if age == 0 && hour > 13 {
					t.Errorf("%s: visits at %d h of today, which is %s", s.name, hour, now)
				}
			}
			if byHour != day.Total {
				t.Errorf("%s on %s: %v by hour, %v in all", s.name, day.Date, byHour, day.Total)
			}
			for _, a := range asked {
				if a.at.After(now) {
					t.Errorf("%s: a request of %s", s.name, a.at)
				}
			}
			year = year.Plus(day.Total)
		}
		if year.Impressions < 10_000 || year.Submits*100 > year.Impressions {
			t.Errorf("%s: %+v in a year", s.name, year)
		}
	}
}
