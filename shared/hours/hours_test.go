package hours

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func london(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestDueCountsOpenTime(t *testing.T) {
	r := Default() // Monday to Friday, 09:00 to 17:30, English bank holidays
	r.Exceptions = []Exception{{Date: "2026-12-24", Spans: []Span{{9 * 60, 12 * 60}}, Note: "Christmas Eve"}}
	for _, c := range []struct {
		from   string
		within int
		due    string
	}{
		{"2026-11-27 10:00", 30, "2026-11-27 10:30"},
		{"2026-11-27 17:25", 15, "2026-11-30 09:10"}, // over a weekend
		{"2026-11-27 17:15", 15, "2026-11-27 17:30"}, // to the minute of closing
		{"2026-11-28 03:00", 30, "2026-11-30 09:30"}, // nobody is rung at night
		{"2026-12-24 11:50", 30, "2026-12-29 09:20"}, // over Christmas, the weekend and the substitute day
		{"2026-03-27 17:25", 15, "2026-03-30 09:10"}, // over the change of the clock
	} {
		from := london(t, c.from)
		due, ok := r.In(from.Location()).Due(from, time.Duration(c.within)*time.Minute)
		if !ok || !due.Equal(london(t, c.due)) {
			t.Errorf("%s, %d minutes: due %v (%t), want %s", c.from, c.within, due, ok, c.due)
		}
	}
	closed := &Rules{}
	if due, ok := closed.In(time.UTC).Due(time.Now(), time.Minute); ok {
		t.Error("never open, and due", due)
	}
}

func TestOpenAndItsNextChange(t *testing.T) {
	r := Default()
	// Past midnight, as two: one opening.
	r.Week = append(r.Week,
		WeeklySpan{Weekday(time.Friday), 22 * 60, EndOfDay}, WeeklySpan{Weekday(time.Saturday), 0, 120})
	for _, c := range []struct {
		at     string
		open   bool
		change string
	}{
		{"2026-11-27 08:59", false, "2026-11-27 09:00"},
		{"2026-11-27 09:00", true, "2026-11-27 17:30"},
		{"2026-11-27 17:30", false, "2026-11-27 22:00"},
		{"2026-11-27 23:00", true, "2026-11-28 02:00"},
		{"2026-11-28 02:00", false, "2026-11-30 09:00"},
	} {
		at := london(t, c.at)
		s := r.In(at.Location())
		change, ok := s.Change(at)
		if s.IsOpen(at) != c.open || !ok || !change.Equal(london(t, c.change)) {
			t.Errorf("%s: open %t until %v (%t), want %+v", c.at, s.IsOpen(at), change, ok, c)
		}
	}
	always := everyDay(60, Span{0, EndOfDay}).In(time.UTC)
	if at, ok := always.Change(time.Now()); ok || !always.IsOpen(time.Now()) {
		t.Error("always open, and closes", at)
	}
	if at, ok := (&Rules{}).In(time.UTC).Change(time.Now()); ok {
		t.Error("never open, and opens", at)
	}
	once := &Rules{Exceptions: []Exception{{Date: "2026-11-27", Spans: []Span{{0, 60}}}}}
	half := time.Date(2026, 11, 27, 0, 30, 0, 0, time.UTC)
	if at, ok := once.In(time.UTC).Change(half); !ok || at.Sub(half) != 30*time.Minute {
		t.Error("an only opening closes", at, ok)
	}
}

func TestSlotsKeepLeadAndHorizon(t *testing.T) {
	r := Default()
	r.Lead, r.Horizon = 60, 3
	now := london(t, "2026-11-27 16:01") // a Friday
	s := r.In(now.Location())
	var got []string
	for slot := range s.Slots(now, now, now.AddDate(1, 0, 0)) {
		got = append(got, slot.Start.Format("Mon 15:04"))
	}
	if len(got) != 15 || got[0] != "Mon 09:00" || got[14] != "Mon 16:00" {
		t.Error("no slot an hour before closing, and Monday's up to three days ahead:", got)
	}
	for slot := range s.Slots(now, now, now.AddDate(1, 0, 0)) {
		if accepted, ok := s.Accepts(now, slot.Start); !ok || accepted != slot {
			t.Error("listed and refused:", slot)
		}
	}
	for _, at := range []string{
		"2026-11-27 17:00", "2026-11-28 09:00", "2026-11-30 09:10", "2026-11-30 17:15", "2026-11-30 16:30",
		"2026-12-25 10:00",
	} {
		if slot, ok := s.Accepts(now, london(t, at)); ok {
			t.Error("not listed and accepted:", slot)
		}
	}
}

func TestBankHolidaysDifferByNation(t *testing.T) {
	for _, c := range []struct {
		day                  connect.Date
		england, scot, north bool
	}{
		{"2026-01-01", true, true, true},
		{"2026-01-02", false, true, false},
		{"2026-03-17", false, false, true},
		{"2026-04-06", true, false, true},
		{"2026-06-15", false, true, false},
		{"2026-07-13", false, false, true},
		{"2026-08-03", false, true, false},
		{"2026-08-31", true, false, true},
		{"2026-11-30", false, true, false},
		{"2026-12-28", true, true, true},
		{"2026-12-29", false, false, false},
	} {
		for nation, want := range map[Nation]bool{
			England: c.england, Wales: c.england, Scotland: c.scot, NorthernIreland: c.north, NoNation: false,
		} {
			if name := nation.Holiday(c.day); name != "" != want {
				t.Errorf("%s, %s: %q", c.day, nation, name)
			}
		}
	}
	if next := Scotland.Holidays("2026-06-01"); next[0].Date != "2026-06-15" || next[1].Date != "2026-08-03" {
		t.Error(next[:2])
	}
	r := Default()
	r.Exceptions = []Exception{{Date: "2026-12-28", Spans: []Span{{600, 900}}}}
	if spans, _ := r.Spans("2026-12-28"); len(spans) != 1 {
		t.Error("a date of one's own comes before a bank holiday:", spans)
	}
	if spans, why := r.Spans("2026-12-25"); len(spans) != 0 || why != "Christmas Day" {
		t.Error(spans, why)
	}
}

func TestCheckNamesTheField(t *testing.T) {
	const day = "2026-02-03"
	long101 := strings.Repeat("a", 101)
	for name, c := range map[string]struct {
		change func(*Rules)
		field  string
	}{
		"backwards":      {func(r *Rules) { r.Week[1].To = 60 }, "week.tuesday"},
		"overlap":        {func(r *Rules) { r.Week = append(r.Week, WeeklySpan{1, 1020, 1080}) }, "week.monday"},
		"no time":        {func(r *Rules) { r.Week[0].From = -1 }, "week.monday"},
		"no day":         {func(r *Rules) { r.Week[0].Day = -1 }, "week"},
		"no hours":       {func(r *Rules) { r.Week, r.Enabled = nil, true }, "week"},
		"no date":        {func(r *Rules) { r.Exceptions = []Exception{{Date: "2026-02-30"}} }, "exceptions.0"},
		"a date twice":   {func(r *Rules) { r.Exceptions = []Exception{{Date: day}, {Date: day}} }, "exceptions.1"},
		"a nation":       {func(r *Rules) { r.Nation = "france" }, "bankHolidays"},
		"lead":           {func(r *Rules) { r.Lead = -1 }, "leadMinutes"},
		"horizon":        {func(r *Rules) { r.Horizon = 91 }, "horizonDays"},
		"slot":           {func(r *Rules) { r.Slot = 0 }, "slotMinutes"},
		"capacity":       {func(r *Rules) { r.Capacity = 0 }, "capacity"},
		"within":         {func(r *Rules) { r.Promise.Within = -1 }, "promise.withinMinutes"},
		"tolerance":      {func(r *Rules) { r.Promise.Tolerance = 1000 }, "promise.toleranceMinutes"},
		"too many dates": {func(r *Rules) { r.Exceptions = make([]Exception, 101) }, "exceptions"},
		"a buffer":       {func(r *Rules) { r.Buffer = 121 }, "bufferMinutes"},
		"departments":    {func(r *Rules) { r.Departments = make([]Department, 13) }, "departments"},
		"a name":         {func(r *Rules) { r.Departments = []Department{{Capacity: 1}} }, "departments.0.name"},
		"a name twice": {func(r *Rules) {
			r.Departments = []Department{{Name: "Sales", Capacity: 1}, {Name: "sales", Capacity: 1}}
		}, "departments.1.name"},
		"its capacity": {func(r *Rules) { r.Departments = []Department{{Name: "Sales"}} }, "departments.0.capacity"},
		"its hours": {func(r *Rules) {
			r.Enabled, r.Departments = true, []Department{{Name: "Sales", Capacity: 1, OwnHours: true}}
		}, "departments.0.week"},
		"its week": {func(r *Rules) {
			week := []WeeklySpan{{1, 1020, 60}}
			r.Departments = []Department{{Name: "Sales", Capacity: 1, OwnHours: true, Week: week}}
		}, "departments.0.week.monday"},
		"a long note": {func(r *Rules) { r.Exceptions = []Exception{{Date: day, Note: long101}} }, "exceptions.0"},
	} {
		r := Default()
		c.change(r)
		e, ok := errors.AsType[*connect.Error](r.Check())
		if !ok || len(e.Fields) != 1 || e.Fields[0].Field != c.field {
			t.Errorf("%s: %+v, want %s", name, e, c.field)
		}
	}
	r := Default()
	slices.Reverse(r.Week)
	r.Exceptions = []Exception{{Date: "2026-12-25"}, {Date: "2026-12-24", Spans: []Span{{780, 900}, {540, 720}}}}
	err := r.Check()
	first := r.Exceptions[0]
	if err != nil || r.Week[0].Day != Weekday(time.Monday) || first.Date != "2026-12-24" || first.Spans[0].From != 540 {
		t.Error("good rules are put in order:", err, r)
	}
}

func TestRulesAreReadAsWritten(t *testing.T) {
	r := Default()
	r.Exceptions = []Exception{{Date: "2026-12-24", Spans: []Span{{0, EndOfDay}}, Note: "All day"}}
	back, err := Parse(r.String())
	if err != nil || back.String() != r.String() || !strings.Contains(r.String(), `"from":"00:00","to":"24:00"`) {
		t.Error(err, back, r)
	}
	for _, text := range []string{"9:00", "24:01", "25:00", "09:60", "", "nine", "09:00:00", "-1:00"} {
		var c Clock
		if _ = json.Unmarshal([]byte(`"`+text+`"`), &c); c != -1 {
			t.Errorf("%q is read as %s", text, c)
		}
	}
}
