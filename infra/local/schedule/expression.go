// Package schedule calls functions at the times that the template declares.
package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// When gives the next time after another; the zero time for never.
type When func(after time.Time) time.Time

// Parse reads rate(5 minutes), cron(0 3 * * ? *) or at(2027-01-31T09:00:00), in UTC or the given zone.
func Parse(expression string, zone *time.Location) (When, error) {
	kind, rest, _ := strings.Cut(strings.TrimSpace(expression), "(")
	rest, closed := strings.CutSuffix(rest, ")")
	if !closed {
		return nil, fmt.Errorf("schedule %q is not understood", expression)
	}
	switch kind {
	case "rate":
		return parseRate(rest)
	case "cron":
		c, err := parseCron(rest)
		if err != nil {
			return nil, fmt.Errorf("schedule %q: %w", expression, err)
		}
		return func(after time.Time) time.Time { return c.next(after.In(zone)) }, nil
	case "at":
		at, err := time.ParseInLocation("2006-01-02T15:04:05", rest, zone)
		return func(after time.Time) time.Time {
			if at.After(after) {
				return at
			}
			return time.Time{}
		}, err
	}
	return nil, fmt.Errorf("schedule %q is not understood", expression)
}

func parseRate(text string) (When, error) {
	number, unit, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(number)
	length := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[strings.TrimSuffix(strings.TrimSpace(unit), "s")]
	if err != nil || n < 1 || length == 0 {
		return nil, fmt.Errorf("rate(%s) is not understood", text)
	}
	return func(after time.Time) time.Time { return after.Add(time.Duration(n) * length) }, nil
}

// cron is AWS's: minute, hour, day of month, month, day of week (1 is Sunday), year.
type cron struct {
	minute, hour, month, year map[int]bool
	day, weekday              func(time.Time) bool
}

var months = names("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")
var weekdays = names("SUN MON TUE WED THU FRI SAT")

func names(list string) map[string]int {
	out := map[string]int{}
	for i, name := range strings.Fields(list) {
		out[name] = i + 1
	}
	return out
}

func parseCron(text string) (*cron, error) {
	f := strings.Fields(strings.ToUpper(text))
	if len(f) != 6 {
		return nil, fmt.Errorf("has %d fields, not 6", len(f))
	}
	c := &cron{}
	var err error
	for _, part := range []struct {
		into     *map[int]bool
		text     string
		from, to int
		names    map[string]int
	}{{&c.minute, f[0], 0, 59, nil}, {&c.hour, f[1], 0, 23, nil}, {&c.month, f[3], 1, 12, months}, {&c.year, f[5], 1970, 2199, nil}} {
		if *part.into, err = set(part.text, part.from, part.to, part.names); err != nil {
			return nil, err
		}
	}
	if c.day, err = dayOfMonth(f[2]); err != nil {
		return nil, err
	}
	c.weekday, err = dayOfWeek(f[4])
	return c, err
}

// set reads "*", "?", "5", "1-5", "MON,WED", "*/15", "0/15".
func set(text string, from, to int, names map[string]int) (map[int]bool, error) {
	out := map[int]bool{}
	number := func(s string) (int, error) {
		if n, ok := names[s]; ok {
			return n, nil
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < from || n > to {
			return 0, fmt.Errorf("%q is not from %d to %d", s, from, to)
		}
		return n, nil
	}
	for _, part := range strings.Split(text, ",") {
		span, stepText, stepped := strings.Cut(part, "/")
		first, last, step := from, to, 1
		var err error
		if stepped {
			if step, err = strconv.Atoi(stepText); err != nil || step < 1 {
				return nil, fmt.Errorf("%q is no step", stepText)
			}
		}
		if span != "*" && span != "?" {
			a, b, ranged := strings.Cut(span, "-")
			if first, err = number(a); err != nil {
				return nil, err
			}
			if ranged {
				if last, err = number(b); err != nil {
					return nil, err
				}
			} else if !stepped {
				last = first
			}
		}
		for n := first; ; n += step {
			if last < first && n > to { // FRI-MON
				n, first = from+(n-to-1), from
			}
			if n > last && first <= last {
				break
			}
			out[n] = true
		}
	}
	return out, nil
}

func dayOfMonth(text string) (func(time.Time) bool, error) {
	last := func(t time.Time) int { return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day() }
	if text == "L" {
		return func(t time.Time) bool { return t.Day() == last(t) }, nil
	}
	if number, is := strings.CutSuffix(text, "W"); is { // the working day nearest to it
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > 31 {
			return nil, fmt.Errorf("%q is no day", text)
		}
		return func(t time.Time) bool {
			if n > last(t) {
				return false
			}
			day := n
			switch time.Date(t.Year(), t.Month(), n, 0, 0, 0, 0, time.UTC).Weekday() {
			case time.Saturday:
				if day--; n == 1 {
					day = 3
				}
			case time.Sunday:
				if day++; n == last(t) {
					day = n - 2
				}
			}
			return t.Day() == day
		}, nil
	}
	days, err := set(text, 1, 31, nil)
	return func(t time.Time) bool { return days[t.Day()] }, err
}

func dayOfWeek(text string) (func(time.Time) bool, error) {
	if name, nth, is := strings.Cut(text, "#"); is { // the nth of the month
		days, err := set(name, 1, 7, weekdays)
		n, bad := strconv.Atoi(nth)
		if err != nil || bad != nil || n < 1 || n > 5 {
			return nil, fmt.Errorf("%q is no weekday", text)
		}
		return func(t time.Time) bool { return days[int(t.Weekday())+1] && (t.Day()-1)/7+1 == n }, nil
	}
	if name, is := strings.CutSuffix(text, "L"); is { // the last of the month
		if name == "" {
			name = "SAT"
		}
		days, err := set(name, 1, 7, weekdays)
		monthly := text != "L"
		return func(t time.Time) bool {
			return days[int(t.Weekday())+1] && (!monthly || t.AddDate(0, 0, 7).Month() != t.Month())
		}, err
	}
	days, err := set(text, 1, 7, weekdays)
	return func(t time.Time) bool { return days[int(t.Weekday())+1] }, err
}

func (c *cron) next(after time.Time) time.Time {
	t := after.Truncate(time.Minute).Add(time.Minute)
	for t.Year() <= 2199 {
		switch {
		case !c.year[t.Year()]:
			t = time.Date(t.Year()+1, 1, 1, 0, 0, 0, 0, t.Location())
		case !c.month[int(t.Month())]:
			t = time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, t.Location())
		case !c.day(t) || !c.weekday(t):
			t = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, t.Location())
		case !c.hour[t.Hour()] || !c.minute[t.Minute()]:
			t = t.Add(time.Minute)
		default:
			return t
		}
	}
	return time.Time{}
}
