// Package hours says when a site takes calls. Its rules are written in the site's local time; what it returns are
// instants. A local time that a clock change skips does not exist, and one that it repeats is the first of the two.
package hours

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Clock is a time of day in minutes since midnight; 24:00 is the end of a day.
type Clock int

// EndOfDay is 24:00.
const EndOfDay Clock = 24 * 60

func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// MarshalText writes "09:30".
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads "09:30". Other text becomes a Clock that Check refuses beside its field.
func (c *Clock) UnmarshalText(text []byte) error {
	*c = -1
	if string(text) == "24:00" {
		*c = EndOfDay
	} else if t, err := time.Parse("15:04", string(text)); err == nil && len(text) == 5 {
		*c = Clock(t.Hour()*60 + t.Minute())
	}
	return nil
}

// Weekday is a day of the week, in JSON by its name: "monday".
type Weekday time.Weekday

func (d Weekday) String() string { return strings.ToLower(time.Weekday(d).String()) }

// MarshalText writes the day's name.
func (d Weekday) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the day's name. Other text becomes a Weekday that Check refuses.
func (d *Weekday) UnmarshalText(text []byte) error {
	*d = -1
	for day := time.Sunday; day <= time.Saturday; day++ {
		if Weekday(day).String() == string(text) {
			*d = Weekday(day)
		}
	}
	return nil
}

// Span is an opening within one day. One that lasts past midnight is two.
type Span struct {
	From Clock `json:"from"`
	To   Clock `json:"to"`
}

// WeeklySpan is a span of every such weekday.
type WeeklySpan struct {
	Day  Weekday `json:"day"`
	From Clock   `json:"from"`
	To   Clock   `json:"to"`
}

// Exception is a date whose hours are its own; without spans it is closed. It comes before a bank holiday.
type Exception struct {
	Date  connect.Date `json:"date"`
	Spans []Span       `json:"spans"`
	Note  string       `json:"note"`
}

// Promise is what a visitor is told: a call within so many minutes of open time, or no later than the tolerance
// after the slot they chose.
type Promise struct {
	Within    int `json:"withinMinutes"` // 0 promises nothing to those who ask for a call as soon as possible
	Tolerance int `json:"toleranceMinutes"`
}

// Rules are a site's opening hours and how calls are booked within them.
type Rules struct {
	Enabled    bool         `json:"enabled"` // false keeps the rules and ignores them
	Week       []WeeklySpan `json:"week"`
	Exceptions []Exception  `json:"exceptions"`
	Nation     Nation       `json:"bankHolidays"` // whose bank holidays are closed; "" for none
	Lead       int          `json:"leadMinutes"`  // from now to the first slot
	Horizon    int          `json:"horizonDays"`  // how far ahead the last is
	Slot       int          `json:"slotMinutes"`
	Buffer     int          `json:"bufferMinutes"` // free time after each slot
	Capacity   int          `json:"capacity"`      // calls that one slot takes
	// Departments have slots of their own. They apply with Enabled, as all else.
	Departments []Department `json:"departments"`
	Promise     Promise      `json:"promise"`
	Version     int          `json:"version"` // of the stored rules; a change names the one it was made from
}

// Default returns what a site starts from: office hours, not yet enabled.
func Default() *Rules {
	r := &Rules{
		Exceptions: []Exception{}, Nation: England, Lead: 60, Horizon: 14, Slot: 30, Capacity: 2,
		Promise: Promise{Within: 30, Tolerance: 10}, Departments: []Department{},
	}
	for day := time.Monday; day <= time.Friday; day++ {
		r.Week = append(r.Week, WeeklySpan{Weekday(day), 9 * 60, 17*60 + 30})
	}
	return r
}

// Parse reads stored rules.
func Parse(text string) (*Rules, error) {
	r := &Rules{Departments: []Department{}} // rules of before there were any have none
	return r, json.Unmarshal([]byte(text), r)
}

// String is what Parse reads.
func (r *Rules) String() string {
	text, _ := json.Marshal(r) // of plain values: cannot fail
	return string(text)
}

// Spans returns a date's openings in order, and why they differ from the week's, "" where they do not.
func (r *Rules) Spans(d connect.Date) (spans []Span, why string) {
	for _, e := range r.Exceptions {
		if e.Date == d {
			return e.Spans, e.Note
		}
	}
	if name := r.Nation.Holiday(d); name != "" {
		return nil, name
	}
	day, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return nil, ""
	}
	for _, w := range r.Week {
		if w.Day == Weekday(day.Weekday()) {
			spans = append(spans, Span{w.From, w.To})
		}
	}
	return spans, ""
}

// sorted puts spans and exceptions in order, as Spans returns them.
func (r *Rules) sorted() {
	inOrder(r.Week, r.Exceptions)
	for _, d := range r.Departments {
		inOrder(d.Week, d.Exceptions)
	}
}

func inOrder(week []WeeklySpan, exceptions []Exception) {
	slices.SortFunc(week, func(a, b WeeklySpan) int {
		// Monday first, as the week is read.
		if c := int((a.Day+6)%7) - int((b.Day+6)%7); c != 0 {
			return c
		}
		return int(a.From - b.From)
	})
	slices.SortFunc(exceptions, func(a, b Exception) int { return strings.Compare(string(a.Date), string(b.Date)) })
	for _, e := range exceptions {
		slices.SortFunc(e.Spans, func(a, b Span) int { return int(a.From - b.From) })
	}
}
