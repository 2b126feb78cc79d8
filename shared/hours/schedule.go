package hours

import (
	"iter"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Schedule is rules at a place.
type Schedule struct {
	rules *Rules
	zone  *time.Location
}

// In returns the schedule of rules in a time zone.
func (r *Rules) In(zone *time.Location) Schedule { return Schedule{r, zone} }

// In returns the schedule of other rules at the same place.
func (s Schedule) In(r *Rules) Schedule { return Schedule{r, s.zone} }

// Open is a time during which calls are taken: from its start until just before its end.
type Open struct{ From, To time.Time }

// Slot is a time that a call can be booked for.
type Slot struct{ Start, End time.Time }

// Date returns the day of t in the schedule's zone.
func (s Schedule) Date(t time.Time) connect.Date { return connect.DateOf(t.In(s.zone)) }

// Hour returns the hour that the schedule's clock shows at t.
func (s Schedule) Hour(t time.Time) connect.Hour { return connect.HourOf(t.In(s.zone)) }

// Begin returns the first instant of a day.
func (s Schedule) Begin(d connect.Date) time.Time {
	t, _ := s.reach(d, 0)
	return t
}

// Horizon returns the last instant at which a slot may start that is booked now.
func (s Schedule) Horizon(now time.Time) time.Time {
	_, last := s.bookable(now)
	return last
}

// furthest is how many days ahead open time is looked for.
const furthest = 400

// reach returns the first instant at which the zone's clock has reached a time of a day, and whether it shows
// exactly that time then: one that a clock change skips is reached as the clock jumps over it.
func (s Schedule) reach(d connect.Date, at Clock) (t time.Time, exact bool) {
	day, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}, false
	}
	wall := day.Add(time.Duration(at) * time.Minute) // as if the zone were UTC
	guess := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, s.zone)
	start, end := guess.ZoneBounds()
	if guess.Sub(start) > 24*time.Hour && (end.IsZero() || end.Sub(guess) > 24*time.Hour) {
		return guess, true // no change is near
	}
	// The offsets in force before, at and after the guess; the earliest instant that shows the time wins.
	near := []time.Time{guess}
	if !start.IsZero() {
		near = append(near, start.Add(-time.Second))
	}
	if !end.IsZero() {
		near = append(near, end)
	}
	for _, n := range near {
		_, offset := n.Zone()
		c := wall.Add(-time.Duration(offset) * time.Second).In(s.zone)
		if _, shown := c.Zone(); shown == offset && (!exact || c.Before(t)) {
			t, exact = c, true
		}
	}
	switch {
	case exact:
		return t, true
	case shows(guess).After(wall):
		return start, false
	}
	return end, false
}

// shows is what the zone's clock shows at t, as if it were UTC.
func shows(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// Open lists the open times from an instant on, in order; the first is cut where the instant is within it.
func (s Schedule) Open(from time.Time) iter.Seq[Open] {
	return func(yield func(Open) bool) {
		first := s.Date(from)
		for n := range furthest {
			d := first.Add(n)
			spans, _ := s.rules.Spans(d)
			for _, span := range spans {
				var o Open
				o.From, _ = s.reach(d, span.From)
				o.To, _ = s.reach(d, span.To)
				if o.From.Before(from) {
					o.From = from
				}
				if o.From.Before(o.To) && !yield(o) {
					return
				}
			}
		}
	}
}

// IsOpen reports whether calls are taken at t.
func (s Schedule) IsOpen(t time.Time) bool {
	for o := range s.Open(t) {
		return o.From.Equal(t)
	}
	return false
}

// Change returns when what IsOpen says of t changes next; ok is false when it does not.
func (s Schedule) Change(t time.Time) (at time.Time, ok bool) {
	open := false
	for o := range s.Open(t) {
		switch {
		case !open && o.From.After(t):
			return o.From, true
		case open && !o.From.Equal(at):
			return at, true
		}
		at, open = o.To, true
	}
	// Open without end as far as is looked, or never again.
	return at, open && at.Sub(t) < (furthest-2)*24*time.Hour
}

// Due returns the instant at which so much open time has passed since from; ok is false when it never does.
func (s Schedule) Due(from time.Time, within time.Duration) (due time.Time, ok bool) {
	for o := range s.Open(from) {
		length := o.To.Sub(o.From)
		if within <= length {
			return o.From.Add(within), true
		}
		within -= length
	}
	return time.Time{}, false
}

// Slots lists the slots that can be booked now and start in [from, to), whatever is booked already.
func (s Schedule) Slots(now, from, to time.Time) iter.Seq[Slot] {
	return func(yield func(Slot) bool) {
		first, last := s.bookable(now)
		if from.Before(first) {
			from = first
		}
		if end := last.Add(time.Nanosecond); to.After(end) {
			to = end
		}
		end := s.Date(to)
		for d := s.Date(from); d <= end; d = d.Add(1) {
			for slot := range s.slotsOn(d) {
				if !slot.Start.Before(from) && slot.Start.Before(to) && !yield(slot) {
					return
				}
			}
		}
	}
}

// Accepts returns the slot that starts at an instant, if it can be booked now: if Slots lists it.
func (s Schedule) Accepts(now, at time.Time) (Slot, bool) {
	for slot := range s.Slots(now, at, at.Add(time.Nanosecond)) {
		return slot, true
	}
	return Slot{}, false
}

// bookable returns between which instants, both included, a slot may start that is booked now.
func (s Schedule) bookable(now time.Time) (first, last time.Time) {
	return now.Add(time.Duration(s.rules.Lead) * time.Minute), now.Add(time.Duration(s.rules.Horizon) * 24 * time.Hour)
}

// slotsOn lists a date's slots. One that is skipped by a clock change, would last beyond closing or would begin
// before the one before it has ended, is left out.
func (s Schedule) slotsOn(d connect.Date) iter.Seq[Slot] {
	return func(yield func(Slot) bool) {
		var busy time.Time
		length := Clock(max(s.rules.Slot, MinSlot))
		spans, _ := s.rules.Spans(d)
		for _, span := range spans {
			closes, _ := s.reach(d, span.To)
			for at := span.From; at+length <= span.To; at += length + Clock(s.rules.Buffer) {
				start, exact := s.reach(d, at)
				slot := Slot{start, start.Add(time.Duration(length) * time.Minute)}
				if !exact || start.Before(busy) || slot.End.After(closes) {
					continue
				}
				busy = slot.End
				if !yield(slot) {
					return
				}
			}
		}
	}
}
