package hours

import (
	"testing"
	"time"
	_ "time/tzdata"
)

// Within and Next are what a clock on the wall says, read five minutes by five through both clock changes of zones that
// have them by night, by an hour or by half of one, and of one that has none.
func TestTimesOfEachDayAreTheClocks(t *testing.T) {
	changes := 0
	for _, name := range []string{
		"Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Tokyo", "Africa/Cairo",
	} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, span := range []Span{
			{22 * 60, 7 * 60}, {0, 6 * 60}, {90, 150}, {23*60 + 30, 30}, {1 * 60, 1 * 60}, {2*60 + 15, 2*60 + 45},
		} {
			quiet := Daily{span, zone}
			for _, begin := range []time.Time{
				time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC),
				time.Date(2026, 10, 23, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 30, 0, 0, 0, 0, time.UTC),
			} {
				changes += throughADay(t, quiet, begin)
			}
		}
	}
	t.Logf("%d clock changes", changes)
	if changes < 24 {
		t.Error("there were too few")
	}
}

// throughADay compares three days with an oracle that walks them: it is quiet from when the clock reaches From until
// it reaches To, each for the first time of its date.
func throughADay(t *testing.T, quiet Daily, begin time.Time) (changes int) {
	t.Helper()
	reached := map[string]bool{} // dates whose time was reached
	on := false
	var until, next time.Time
	_, offset := begin.In(quiet.Zone).Zone()
	// From two days before, so that the oracle knows the day.
	for m := begin.Add(-48 * time.Hour); m.Before(begin.Add(72 * time.Hour)); m = m.Add(5 * time.Minute) {
		local := m.In(quiet.Zone)
		if _, o := local.Zone(); o != offset && !m.Before(begin) {
			offset = o
			changes++
		}
		clock, date := Clock(local.Hour()*60+local.Minute()), local.Format(time.DateOnly)
		if clock >= quiet.To && !reached["to"+date] {
			reached["to"+date] = true
			on = false
		}
		if clock >= quiet.From && !reached["from"+date] {
			reached["from"+date] = true
			// Both reached at once, by a jump: a time that is skipped as a whole is none.
			if quiet.To <= quiet.From || !reached["to"+date] {
				on = true
			}
			if !next.IsZero() && !next.Equal(m) {
				t.Fatalf("%v %v: %s reached at %v, said for %v", quiet.Zone, quiet.Span, quiet.From, m, next)
			}
			next = time.Time{}
		}
		if m.Before(begin) {
			continue
		}
		end, within := quiet.Within(m)
		if within != on {
			t.Fatalf("%v %v at %v: within %v, want %v", quiet.Zone, quiet.Span, local, within, on)
		}
		if within && !until.IsZero() && !until.Equal(end) && m.Before(until) {
			t.Fatalf("%v %v at %v: until %v, before %v", quiet.Zone, quiet.Span, local, end, until)
		}
		if until = end; !within {
			until = time.Time{}
		}
		if next.IsZero() {
			next = Next(quiet.Zone, quiet.From, m)
		}
	}
	return changes
}
