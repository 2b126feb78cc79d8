package hours

import "time"

// Next returns the first instant after t at which a zone's clock reaches a time of day. A time that a clock change
// skips is reached as the clock jumps over it, and of one that it repeats the first counts.
func Next(zone *time.Location, at Clock, t time.Time) time.Time {
	s := Schedule{nil, zone}
	for d := s.Date(t); ; d = d.Add(1) {
		if next, _ := s.reach(d, at); next.After(t) {
			return next
		}
	}
}

// Daily is a time of each day, past midnight when To is not later than From.
type Daily struct {
	Span
	Zone *time.Location
}

// Within reports whether t is in it, and then until when.
func (d Daily) Within(t time.Time) (until time.Time, within bool) {
	s := Schedule{nil, d.Zone}
	today := s.Date(t)
	for _, day := range []int{-1, 0} {
		from, _ := s.reach(today.Add(day), d.From)
		last := day
		if d.To <= d.From {
			last++
		}
		until, _ = s.reach(today.Add(last), d.To)
		if !t.Before(from) && t.Before(until) {
			return until, true
		}
	}
	return time.Time{}, false
}
