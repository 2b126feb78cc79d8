package connect

import "time"

// YearMonth is a calendar month "2006-01" of a site's days.
type YearMonth string

// Month returns the month that the day is in.
func (d Date) Month() YearMonth { return YearMonth(d[:len("2006-01")]) }

// First returns the month's first day.
func (m YearMonth) First() Date { return Date(m + "-01") }

// Last returns the month's last day.
func (m YearMonth) Last() Date { return m.Next().First().Add(-1) }

// Next returns the month after.
func (m YearMonth) Next() YearMonth { return m.First().Add(31).Month() }

// Before returns the month before.
func (m YearMonth) Before() YearMonth { return m.First().Add(-1).Month() }

func (m YearMonth) end() time.Time {
	t, _ := time.Parse(time.DateOnly, string(m.Next().First()))
	return t
}

// Closed reports whether the month is over: in every time zone, with its last visits, and what a stream that was held
// up had to say of them. From then on it is added up, and shown by page, source and device.
func (m YearMonth) Closed(now time.Time) bool { return !now.Before(m.end().Add(60 * time.Hour)) }

// Late reports whether a count for the month can meet one that has added it up: well before it is closed.
func (m YearMonth) Late(now time.Time) bool { return !now.Before(m.end().Add(36 * time.Hour)) }

// ClosedWithin returns the months that lie from from to to as a whole and are closed, or else the last closed month
// that ends by to; ok is false where first would be none of the years that can be asked for.
func ClosedWithin(from, to Date, now time.Time) (first, last YearMonth) {
	last = to.Add(1).Month().Before()
	for !last.Closed(now) {
		last = last.Before()
	}
	first = from.Add(-1).Month().Next()
	if first > last {
		first = last
	}
	return first, last
}
