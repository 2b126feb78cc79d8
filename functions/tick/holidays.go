package main

import (
	"math"
	"time"

	"github.com/mi-telecom/mi-connect/shared/hours"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// countHolidays writes, once an hour, for how many days ahead bank holidays are known: they are proclaimed, not
// computed, and a release brings the next ones.
func (t *tick) countHolidays(now time.Time) {
	if now.Minute() != 0 {
		return
	}
	known, err := time.Parse(time.DateOnly, string(hours.HolidaysKnownUntil()))
	if err != nil {
		t.log.Error("the table of bank holidays has no end", "error", err.Error())
		return
	}
	t.log.Info("bank holidays known", "HolidayDaysKnown", int(math.Floor(known.Sub(now).Hours()/24)),
		web.Metric(now, "HolidayDaysKnown"))
}
