// Package schedule calls functions at the times that the template declares.
package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// When gives the next time after another.
type When func(after time.Time) time.Time

// Parse reads rate(5 minutes) and cron(30 0 * * ? *), a time of each day in UTC. AWS knows more, and the template uses
// no more: anything else is refused.
func Parse(expression string) (When, error) {
	kind, rest, _ := strings.Cut(expression, "(")
	rest, closed := strings.CutSuffix(rest, ")")
	var when When
	switch {
	case closed && kind == "rate":
		when = rate(rest)
	case closed && kind == "cron":
		when = daily(rest)
	}
	if when == nil {
		return nil, fmt.Errorf("schedule %q does not run here; rate(5 minutes) and cron(30 0 * * ? *) do", expression)
	}
	return when, nil
}

func rate(text string) When {
	number, unit, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(number)
	length := map[string]time.Duration{
		"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour,
	}[strings.TrimSuffix(unit, "s")]
	// AWS takes "1 minute" and "5 minutes", and neither with the other's number.
	if err != nil || n < 1 || length == 0 || (n == 1) == strings.HasSuffix(unit, "s") {
		return nil
	}
	return func(after time.Time) time.Time { return after.Add(time.Duration(n) * length) }
}

func daily(text string) When {
	minuteText, rest, _ := strings.Cut(text, " ")
	hourText, days, _ := strings.Cut(rest, " ")
	minute, err := strconv.Atoi(minuteText)
	hour, err2 := strconv.Atoi(hourText)
	if err != nil || err2 != nil || minute < 0 || minute > 59 || hour < 0 || hour > 23 || days != "* * ? *" {
		return nil
	}
	return func(after time.Time) time.Time {
		after = after.UTC()
		at := time.Date(after.Year(), after.Month(), after.Day(), hour, minute, 0, 0, time.UTC)
		if !at.After(after) {
			at = at.AddDate(0, 0, 1)
		}
		return at
	}
}
