package hours

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

//go:embed testdata/referee.py
var referee string

const root = "../.."

func python() string { return filepath.Join(root, ".tools/holidays/bin/python") }

// TestMain installs what the referee needs, and has Go read the same zones as Python does, so that what is compared
// is the reckoning.
func TestMain(m *testing.M) {
	install := exec.Command("make", "--no-print-directory", "-C", root, ".tools/holidays/bin/python")
	if out, err := install.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "the referee needs Python 3 with venv and pip: %v\n%s", err, out)
		os.Exit(1)
	}
	zones, err := filepath.Glob(filepath.Join(root, ".tools/holidays/lib/python3*/site-packages/tzdata/zoneinfo"))
	if err != nil || len(zones) != 1 {
		fmt.Fprintln(os.Stderr, "no tzdata in .tools/holidays:", zones, err)
		os.Exit(1)
	}
	_ = os.Setenv("ZONEINFO", zones[0])
	os.Exit(m.Run())
}

// Forty zones, all kinds of change among them: by half an hour and by two hours, at midnight, with the winter as the
// exception, around Ramadan, on both sides of the date line, and none at all.
var zones = []string{
	"Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Berlin", "Europe/Athens", "Europe/Chisinau",
	"Atlantic/Azores", "America/St_Johns", "America/Halifax", "America/New_York", "America/Chicago",
	"America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "America/Havana",
	"America/Port-au-Prince", "America/Santiago", "America/Asuncion", "America/Sao_Paulo", "America/Nuuk",
	"America/Scoresbysund", "Pacific/Easter", "Africa/Cairo", "Africa/Casablanca", "Africa/Johannesburg",
	"Asia/Beirut", "Asia/Jerusalem", "Asia/Gaza", "Asia/Tehran", "Asia/Kolkata", "Asia/Kathmandu",
	"Australia/Sydney", "Australia/Lord_Howe", "Australia/Eucla", "Pacific/Auckland", "Pacific/Chatham",
	"Pacific/Norfolk", "Antarctica/Troll", "UTC",
}

var long = os.Getenv("LONG_TEST") != ""

type refereeCase struct {
	Zone  string       `json:"zone"`
	Rules *Rules       `json:"rules"`
	First connect.Date `json:"first,omitempty"`
	Last  connect.Date `json:"last,omitempty"`
	Due   []refereeDue `json:"due,omitempty"`
}

type refereeDue struct {
	From   int64 `json:"from"`
	Within int   `json:"within"`
}

type refereeAnswer struct {
	Slots   []int64        `json:"slots"`
	Changes []connect.Date `json:"changes"` // days on which the clock is changed, or beside
	Due     []int64        `json:"due"`
}

func askReferee(t *testing.T, cases []refereeCase) []refereeAnswer {
	t.Helper()
	var in bytes.Buffer
	e := json.NewEncoder(&in)
	_ = e.Encode(holidays().Nations) // into memory
	for _, c := range cases {
		if err := e.Encode(c); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(python(), "-c", referee)
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal("the referee: ", err)
	}
	answers := make([]refereeAnswer, len(cases))
	d := json.NewDecoder(bytes.NewReader(out))
	for n := range answers {
		if err := d.Decode(&answers[n]); err != nil {
			t.Fatal("the referee's answer: ", err)
		}
	}
	return answers
}

// everyDay are rules with the same spans on each day.
func everyDay(slot int, spans ...Span) *Rules {
	r := &Rules{Enabled: true, Exceptions: []Exception{}, Horizon: MaxHorizon, Slot: slot, Capacity: 1}
	for day := range Weekday(7) {
		for _, s := range spans {
			r.Week = append(r.Week, WeeklySpan{day, s.From, s.To})
		}
	}
	return r
}

// someRules are rules that are open when clocks are changed, with dates of their own drawn by random.
func someRules(t *testing.T, random *rand.Rand, kind int) *Rules {
	var r *Rules
	switch kind % 4 {
	case 0: // past midnight, as two
		r = everyDay(20, Span{0, 4*60 + 15}, Span{22*60 + 30, EndOfDay})
	case 1: // slots whose ends do not fall on the change
		r = everyDay(45, Span{0, 90}, Span{90, 7 * 60}, Span{23 * 60, EndOfDay})
	case 2: // opening and closing on the change
		r = everyDay(30, Span{30, 60}, Span{90, 150}, Span{150, 3 * 60}, Span{9 * 60, 12 * 60})
	default:
		r = Default()
		r.Nation = []Nation{England, Wales, Scotland, NorthernIreland}[random.IntN(4)]
	}
	r.Buffer = []int{0, 0, 5, 15}[random.IntN(4)]
	for range 20 {
		e := Exception{Date: connect.Date("2026-01-01").Add(random.IntN(3 * 365)), Spans: []Span{}}
		if random.IntN(2) == 0 {
			e.Spans = append(e.Spans, Span{Clock(random.IntN(180)), Clock(240 + random.IntN(1200))})
		}
		if !slices.ContainsFunc(r.Exceptions, func(o Exception) bool { return o.Date == e.Date }) {
			r.Exceptions = append(r.Exceptions, e)
		}
	}
	if err := r.Check(); err != nil {
		t.Fatal(err, r)
	}
	return r
}

// TestSlotsAreWhatTheRefereeSays lists three years of slots in forty zones, and accepts exactly them: each is in an
// open time by an independent reckoning, none is missing, and none is there twice.
func TestSlotsAreWhatTheRefereeSays(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 1))
	rounds := 1
	if long {
		rounds = 4
	}
	var cases []refereeCase
	for round := range rounds {
		for n, zone := range zones {
			rules := someRules(t, random, n+round)
			cases = append(cases, refereeCase{Zone: zone, Rules: rules, First: "2026-01-01", Last: "2028-12-31"})
		}
	}
	started := time.Now()
	answers := askReferee(t, cases)
	asked := time.Since(started)
	slots, changes, tried := 0, 0, 0
	for n, c := range cases {
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			t.Fatal(err)
		}
		s := c.Rules.In(zone)
		listed := map[int64]bool{}
		var got []int64
		for d := c.First; d <= c.Last; d = d.Add(1) {
			for slot := range s.slotsOn(d) {
				got = append(got, slot.Start.Unix())
				listed[slot.Start.Unix()] = true
			}
		}
		if !slices.Equal(got, answers[n].Slots) {
			t.Fatalf("%s, %s: %d slots, the referee has %d; the first that differs: %s",
				c.Zone, c.Rules, len(got), len(answers[n].Slots), firstDifference(got, answers[n].Slots, zone))
		}
		if len(listed) != len(got) {
			t.Errorf("%s: a slot is listed twice", c.Zone)
		}
		slots, changes = slots+len(got), changes+len(answers[n].Changes)
		tried += acceptsWhatItLists(t, s, listed, answers[n].Changes, random)
	}
	t.Logf("hours: %d rules in %d zones, 3 years, %d days at a clock change: %d slots as the referee has them, "+
		"%d instants accepted or not as listed (%v, referee %v)", len(cases), len(zones), changes, slots, tried,
		time.Since(started).Round(time.Millisecond), asked.Round(time.Millisecond))
}

func firstDifference(a, b []int64, zone *time.Location) string {
	for n := range min(len(a), len(b)) {
		if a[n] != b[n] {
			return fmt.Sprint(time.Unix(a[n], 0).In(zone), " and ", time.Unix(b[n], 0).In(zone))
		}
	}
	return "at the end"
}

// acceptsWhatItLists asks of every five minutes around clock changes, and of times beside some slots, whether they are
// accepted.
func acceptsWhatItLists(
	t *testing.T, s Schedule, listed map[int64]bool, changes []connect.Date, random *rand.Rand,
) (tried int) {
	sorted := slices.Sorted(maps.Keys(listed))
	first, last := sorted[0], sorted[len(sorted)-1]
	ask := func(at int64) {
		if at < first || at > last {
			return // of another year
		}
		tried++
		now := time.Unix(at, 0).Add(-time.Duration(s.rules.Lead) * time.Minute)
		if _, ok := s.Accepts(now, time.Unix(at, 0)); ok != listed[at] {
			t.Fatalf("%v is listed: %t, accepted: %t", time.Unix(at, 0).In(s.zone), listed[at], ok)
		}
	}
	for n, d := range changes {
		if long || n%4 < 2 {
			from, _ := s.reach(d, 0)
			for n := range 26 * 12 {
				ask(from.Add(time.Duration(n) * 5 * time.Minute).Unix())
			}
		}
	}
	for at := range listed {
		if random.IntN(20) == 0 {
			for _, beside := range []int64{0, 3600, -3600, 60, 1} {
				ask(at + beside)
			}
		}
	}
	return tried
}

// TestDueIsWhatTheRefereeCounts holds due instants to a referee that counts open minutes one by one.
func TestDueIsWhatTheRefereeCounts(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 2))
	each := 2
	if long {
		each = 40
	}
	var cases []refereeCase
	for n, zone := range zones {
		c := refereeCase{Zone: zone, Rules: someRules(t, random, n)}
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		for range each {
			from := time.Date(2026, 1, 1, 0, random.IntN(2*365*24*60), 0, 0, time.UTC)
			// Half of them just before the next change of the clock, where the zone has one.
			if _, end := from.In(location).ZoneBounds(); random.IntN(2) == 0 && !end.IsZero() && end.Year() < 2029 {
				from = end.Add(-time.Duration(random.IntN(300)) * time.Minute)
			}
			c.Due = append(c.Due, refereeDue{from.Unix(), 1 + random.IntN(240)})
		}
		cases = append(cases, c)
	}
	for n, a := range askReferee(t, cases) {
		zone, _ := time.LoadLocation(cases[n].Zone)
		for m, d := range cases[n].Due {
			from := time.Unix(d.From, 0)
			due, ok := cases[n].Rules.In(zone).Due(from, time.Duration(d.Within)*time.Minute)
			if !ok || due.Unix() != a.Due[m] {
				t.Errorf("%s, %d open minutes from %v: due %v (%t), the referee counts to %v",
					zone, d.Within, from.In(zone), due.In(zone), ok, time.Unix(a.Due[m], 0).In(zone))
			}
		}
	}
	t.Logf("hours: %d due instants as the referee counts them", len(cases)*each)
}

// TestHolidaysAreTheLibrarys holds the table to what the pinned library knows.
func TestHolidaysAreTheLibrarys(t *testing.T) {
	until, err := time.Parse(time.DateOnly, string(HolidaysKnownUntil()))
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(root, "infra/tools/holidays/holidays_table.py")
	out, err := exec.Command(python(), script, fmt.Sprint(until.Year()-2)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out, table) {
		t.Error("holidays.json is not what the library says: make holidays")
	}
}
