package hours

import (
	"strconv"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Limits of the rules.
const (
	MaxSpans      = 6 // of a day
	MaxExceptions = 100
	MaxNote       = 100
	MaxLead       = 7 * 24 * 60
	MaxHorizon    = 90
	MinSlot       = 5
	MaxSlot       = 240
	MaxBuffer     = 120
	MaxCapacity   = 50
	MaxWithin     = 5 * 24 * 60
	MaxTolerance  = 240
)

// Check returns what is wrong with the rules, by field, or puts them in order. Fields are named as in JSON: a
// weekday's are "week.monday", an exception's "exceptions.0", by its place in what was sent; a department's begin with
// "departments.0.".
func (r *Rules) Check() error {
	var p connect.Problems
	r.Week = checkWeek(&p, "", r.Week)
	r.Exceptions = checkExceptions(&p, "", r.Exceptions)
	if r.Enabled && len(r.Week) == 0 && len(r.Exceptions) == 0 {
		p.Add("week", "Add the hours of at least one day.")
	}
	if !r.Nation.valid() {
		p.Add("bankHolidays", "Choose England, Wales, Scotland, Northern Ireland or none.")
	}
	between(&p, "leadMinutes", r.Lead, 0, MaxLead)
	between(&p, "horizonDays", r.Horizon, 1, MaxHorizon)
	between(&p, "slotMinutes", r.Slot, MinSlot, MaxSlot)
	between(&p, "bufferMinutes", r.Buffer, 0, MaxBuffer)
	between(&p, "capacity", r.Capacity, 1, MaxCapacity)
	between(&p, "promise.withinMinutes", r.Promise.Within, 0, MaxWithin)
	between(&p, "promise.toleranceMinutes", r.Promise.Tolerance, 0, MaxTolerance)
	r.checkDepartments(&p)
	if err := p.Err(); err != nil {
		return err
	}
	r.sorted()
	return nil
}

func between(p *connect.Problems, field string, value, least, most int) {
	if value < least || value > most {
		p.Add(field, "Enter a whole number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most)+".")
	}
}

// checkWeek and checkExceptions return what they were given, never nil; fields begin with of.
func checkWeek(p *connect.Problems, of string, week []WeeklySpan) []WeeklySpan {
	var days [7][]Span
	for _, w := range week {
		if w.Day < 0 || int(w.Day) >= len(days) {
			p.Add(of+"week", "Each entry needs a day from monday to sunday.")
			return week
		}
		days[w.Day] = append(days[w.Day], Span{w.From, w.To})
	}
	for day, spans := range days {
		if text := wrongSpans(spans); text != "" {
			p.Add(of+"week."+Weekday(day).String(), text)
		}
	}
	if week == nil {
		week = []WeeklySpan{}
	}
	return week
}

func checkExceptions(p *connect.Problems, of string, exceptions []Exception) []Exception {
	if len(exceptions) > MaxExceptions {
		p.Add(of+"exceptions", "At most "+strconv.Itoa(MaxExceptions)+" dates. Remove those that have passed.")
		return exceptions
	}
	seen := map[connect.Date]bool{}
	for n := range exceptions {
		e := &exceptions[n]
		field := of + "exceptions." + strconv.Itoa(n)
		if e.Spans == nil {
			e.Spans = []Span{}
		}
		if e.Note != "" {
			e.Note = p.Line(field, e.Note, MaxNote)
		}
		if _, ok := connect.ParseDate(string(e.Date)); !ok {
			p.Add(field, "Enter a date such as "+time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)+".")
		} else if seen[e.Date] {
			p.Add(field, "This date is listed twice.")
		}
		seen[e.Date] = true
		if text := wrongSpans(e.Spans); text != "" {
			p.Add(field, text)
		}
	}
	if exceptions == nil {
		exceptions = []Exception{}
	}
	return exceptions
}

// wrongSpans says what is wrong with a day's openings, "" for nothing.
func wrongSpans(spans []Span) string {
	if len(spans) > MaxSpans {
		return "At most " + strconv.Itoa(MaxSpans) + " openings a day."
	}
	for n, s := range spans {
		if s.From < 0 || s.From >= EndOfDay || s.To < 0 || s.To > EndOfDay {
			return "Enter times from 00:00 to 24:00, such as 09:30."
		}
		if s.From >= s.To {
			return "Closing time must be later than opening time. For hours past midnight, end this day at 24:00 " +
				"and add the rest to the next day."
		}
		for _, other := range spans[:n] {
			if s.From < other.To && other.From < s.To {
				return "These hours overlap."
			}
		}
	}
	return ""
}
