package main

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/hours"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// The operator is warned by a metric, once an hour, that falls by one a day.
func TestBankHolidaysAreCountedDown(t *testing.T) {
	until, err := time.Parse(time.DateOnly, string(hours.HolidaysKnownUntil()))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	clock := &tick{log: web.Logger(&out)}
	for before, want := range map[time.Duration]any{
		364*24*time.Hour + time.Hour: 364.0, 24 * time.Hour: 1.0, -24 * time.Hour: -1.0, 30 * time.Minute: nil,
	} {
		out.Reset()
		clock.countHolidays(until.Add(-before))
		var record struct {
			HolidayDaysKnown any
			AWS              struct {
				CloudWatchMetrics []struct{ Metrics []struct{ Name string } }
			} `json:"_aws"`
		}
		if out.Len() > 0 {
			if err := json.Unmarshal(out.Bytes(), &record); err != nil {
				t.Fatal(err)
			}
			if got := record.AWS.CloudWatchMetrics[0].Metrics[0].Name; got != "HolidayDaysKnown" {
				t.Errorf("the metric is %s", got)
			}
		}
		if record.HolidayDaysKnown != want {
			t.Errorf("%v before the end %v days are known, not %v", before, record.HolidayDaysKnown, want)
		}
	}
}
