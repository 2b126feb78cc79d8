package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// count writes visits into the statistics as rollup would.
func (f *fixture) count(site *connect.Site, local time.Time, reached connect.Step, page, source string, times int) {
	f.T.Helper()
	tally, err := f.Store.DayCounts(f.T.Context(), site.ID, connect.DateOf(local))
	if err != nil {
		f.T.Fatal(err)
	}
	for range times {
		tally.Apply(
			&connect.Visit{
				Site: site.ID, Reached: reached, Page: page, Referrer: source, Device: connect.Phone, Hour: connect.HourOf(local),
			},
			connect.NoStep,
		)
	}
	tally.Apply(&connect.Visit{Site: site.ID, Reached: connect.Impression, Reason: connect.Bot}, connect.NoStep)
	if err := f.Store.SaveDayCounts(f.T.Context(), site.ID, tally); err != nil {
		f.T.Fatal(err)
	}
}

type stats struct {
	TimeZone, From, To, By string
	Totals                 connect.Count
	Rates                  struct{ Open, Submit, Overall *float64 }
	Enough                 bool
	Series                 []connect.Named
	Filtered               struct {
		Total   int
		Reasons map[string]int
	}
	Breakdowns struct{ Page, Source, Device []api.BreakdownRow }
}

func (f *fixture) stats(site *connect.Site, query string) (s stats) {
	f.T.Helper()
	a := f.as(f.pat, "GET", "/v1/sites/"+string(site.ID)+"/stats"+query, nil)
	if a.Status != 200 {
		f.T.Fatalf("%s: %d %s", query, a.Status, a.Body)
	}
	a.Into(f.T, &s)
	return s
}

func TestStatistics(t *testing.T) {
	f := start(t)
	f.Clock.Set(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	// The fixture's sessions were begun today.
	f.pat = f.Person("stats@example.com")
	site := f.Site(f.pat.Account, "Shop", "Europe/London", "https://shop.example")

	empty := f.stats(site, "")
	if empty.From != "2026-10-25" || empty.To != "2026-11-23" || empty.By != "day" || len(empty.Series) != 30 ||
		empty.Enough || empty.Rates.Open != nil || empty.Filtered.Total != 0 {
		t.Errorf("empty: %+v", empty)
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	f.count(site, at(23, 9), connect.Submit, "/pricing", "google.com", 2)
	f.count(site, at(23, 9), connect.Open, "/pricing", "google.com", 6)
	f.count(site, at(22, 23), connect.Impression, "/", "", 21)
	f.count(site, at(1, 0), connect.Impression, "/about", "bing.com", 5)

	s := f.stats(site, "")
	if s.Totals != (connect.Count{Impressions: 34, Opens: 8, Submits: 2}) || !s.Enough || *s.Rates.Open != 8.0/34 ||
		*s.Rates.Submit != 2.0/8 || *s.Rates.Overall != 2.0/34 {
		t.Errorf("%+v", s)
	}
	if s.Filtered.Total != 4 || s.Filtered.Reasons["bot"] != 4 {
		t.Errorf("%+v", s.Filtered)
	}
	sum := func(list []connect.Named) (c connect.Count) {
		for _, n := range list {
			c = c.Plus(n.Count)
		}
		return c
	}
	if got := f.stats(site, "?by=day"); sum(got.Series) != s.Totals {
		t.Errorf("the series adds up to %v", sum(got.Series))
	}
	for n, want := range []string{"/", "/pricing", "/about"} {
		if list := s.Breakdowns.Page; len(list) != 3 || list[n].Key != want {
			t.Errorf("%+v", list)
		}
	}
	if list := s.Breakdowns.Source; list[0].Key != "direct" || list[1].Key != "google.com" {
		t.Errorf("%+v", list)
	}
	hours := f.stats(site, "?by=hour&from=2026-11-22&to=2026-11-23").Series
	if len(hours) != 48 || hours[0].Key != "2026-11-22T00" || hours[23].Impressions != 21 ||
		hours[24+9].Impressions != 8 || hours[47].Key != "2026-11-23T23" {
		t.Errorf("%v", hours)
	}
	if s := f.stats(site, "?by=hour"); s.From != "2026-11-17" || s.To != "2026-11-23" || len(s.Series) != 7*24 {
		t.Errorf("hours without dates: %s to %s, %d hours", s.From, s.To, len(s.Series))
	}
	if s := f.stats(site, "?from=2026-11-23&to=2026-11-23"); s.Totals.Impressions != 8 || s.Enough || len(s.Series) != 1 {
		t.Errorf("one day: %+v", s)
	}
	if s := f.stats(site, "?to=2026-11-22"); s.From != "2026-10-24" || s.Totals.Impressions != 26 {
		t.Errorf("only to: %+v", s)
	}
	if s := f.stats(site, "?from=2025-10-20&to=2026-11-23"); len(s.Series) != 400 {
		t.Errorf("400 days: %d", len(s.Series))
	}
	for query, fields := range map[string]string{
		"?from=yesterday": "from", "?to=2026-13-01": "to", "?from=2026-02-30": "from",
		"?from=2026-11-24&to=2026-11-23": "from", "?by=minute": "by",
		"?from=2025-10-19&to=2026-11-23": "from", "?by=week&from=2020-01-01&to=2030-01-08": "from", "?by=year": "by",
		"?by=hour&from=2026-11-16&to=2026-11-23": "by", "?from=0001-01-01": "from",
		"?from=x&to=y&by=z": "to from by", "?from=2026-11-01T00:00:00Z": "from",
	} {
		if a := f.as(f.pat, "GET", "/v1/sites/"+string(site.ID)+"/stats"+query, nil); a.Status != 400 ||
			a.Fields() != fields {
			t.Errorf("%s: %d %.300s", query, a.Status, a.Body)
		}
	}
}

func TestDaysAreTheSitesOwn(t *testing.T) {
	f := start(t)
	// In Auckland it is tomorrow, in New York still yesterday.
	f.Clock.Set(time.Date(2026, 11, 23, 3, 30, 0, 0, time.UTC))
	f.pat = f.Person("zones@example.com")
	for zone, today := range map[string]string{
		"Pacific/Auckland": "2026-11-23", "America/New_York": "2026-11-22", "Asia/Kolkata": "2026-11-23",
		"Pacific/Kiritimati": "2026-11-23", "Etc/GMT+12": "2026-11-22",
	} {
		site := f.Site(f.pat.Account, zone, zone, "https://shop.example")
		if s := f.stats(site, ""); s.To != today || s.TimeZone != zone {
			t.Errorf("%s: today is %s, not %s", zone, s.To, today)
		}
	}
	f.Clock.Set(time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC))
	if s := f.stats(f.Site(f.pat.Account, "NZ", "Pacific/Auckland", "https://shop.example"), ""); s.To != "2026-11-24" {
		t.Errorf("Auckland at half past noon UTC: %s", s.To)
	}
}

// The clocks go back on 2026-10-25 in London: an hour comes twice, a day has 25. They go forward on
// 2026-03-29: an hour is missing. Nothing counted is lost from the sum.
func TestDaysOfTwentyThreeAndTwentyFiveHours(t *testing.T) {
	f := start(t)
	f.Clock.Set(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC))
	f.pat = f.Person("dst@example.com")
	site := f.Site(f.pat.Account, "Shop", "Europe/London", "https://shop.example")
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range []struct {
		date  string
		start time.Time
		hours int
		at    int // the hour that is twice, or missing
		want  int64
	}{
		{"2026-10-25", time.Date(2026, 10, 24, 23, 0, 0, 0, time.UTC), 25, 1, 2},
		{"2026-03-29", time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC), 23, 1, 0},
	} {
		for h := range day.hours {
			local := day.start.Add(time.Duration(h) * time.Hour).In(london)
			if string(connect.DateOf(local)) != day.date {
				t.Fatalf("%v is not on %s", local, day.date)
			}
			f.count(site, local, connect.Impression, "/", "", 1)
		}
		s := f.stats(site, "?by=hour&from="+day.date+"&to="+day.date)
		var sum int64
		for _, slot := range s.Series {
			sum += slot.Impressions
		}
		at := slices.IndexFunc(
			s.Series, func(n connect.Named) bool { return n.Key == fmt.Sprintf("%sT%02d", day.date, day.at) },
		)
		if len(s.Series) != min(24, day.hours) || (at >= 0) != (day.want > 0) ||
			at >= 0 && s.Series[at].Impressions != day.want || sum != int64(day.hours) || s.Totals.Impressions != sum {
			t.Errorf("%s: %v", day.date, s.Series)
		}
	}
	// A range across the change has each day once.
	s := f.stats(site, "?from=2026-10-20&to=2026-10-30")
	seen := map[string]bool{}
	for _, d := range s.Series {
		seen[d.Key] = true
	}
	if len(s.Series) != 11 || len(seen) != 11 {
		t.Errorf("%v", s.Series)
	}
}

func (f *fixture) callback(site *connect.Site, n int) *connect.Callback {
	f.T.Helper()
	at := f.Clock.Now().Add(time.Duration(n) * time.Second)
	c := &connect.Callback{
		ID: connect.NewCallbackID(at), Site: site.ID, SiteName: site.Name, Name: fmt.Sprintf("Visitor %03d", n),
		Phone: "+447700900123", Email: "vera@example.com",
		Page: "https://shop.example/", Status: connect.StatusNew, CreatedAt: at, UpdatedAt: at,
		ExpiresAt: at.Add(90 * 24 * time.Hour),
	}
	if _, err := f.Store.AddCallback(f.T.Context(), c, fmt.Sprintf("%s-%d", site.ID, n), "digest", at); err != nil {
		f.T.Fatal(err)
	}
	return c
}

type inbox struct {
	Items []struct{ ID, Status, Name, Phone, CreatedAt string }
	Next  *string
}

// pages reads the inbox to its end.
func (f *fixture) pages(site *connect.Site, status string) (names []string, sizes []int) {
	f.T.Helper()
	cursor := ""
	for range 10 {
		a := f.as(f.pat, "GET", "/v1/sites/"+string(site.ID)+"/callbacks?status="+status+"&cursor="+cursor, nil)
		if a.Status != 200 {
			f.T.Fatalf("%d %s", a.Status, a.Body)
		}
		var page inbox
		a.Into(f.T, &page)
		for _, i := range page.Items {
			names = append(names, i.Name)
			if status != "" && i.Status != status {
				f.T.Errorf("%s among %s", i.Status, status)
			}
		}
		sizes = append(sizes, len(page.Items))
		if page.Next == nil {
			return names, sizes
		}
		cursor = *page.Next
	}
	f.T.Fatal("the inbox has no end")
	return nil, nil
}

func TestInbox(t *testing.T) {
	f := start(t)
	f.Private("number", "7700900123")
	f.Private("email", "vera@example.com")
	f.Private("name", "Visitor 0")
	site, other := f.Site(f.pat.Account, "Shop", "Europe/London", "https://shop.example"),
		f.Site(f.pat.Account, "Other", "Europe/London", "https://other.example")
	if names, _ := f.pages(site, ""); len(names) != 0 {
		t.Error(names)
	}
	var all []*connect.Callback
	for n := range 120 {
		all = append(all, f.callback(site, n))
	}
	strange := f.callback(other, 500)
	names, sizes := f.pages(site, "")
	if fmt.Sprint(sizes) != "[50 50 20]" || len(names) != 120 || names[0] != "Visitor 119" || names[119] != "Visitor 000" {
		t.Errorf("%v %v", sizes, names)
	}
	path := func(c *connect.Callback) string {
		return "/v1/sites/" + string(site.ID) + "/callbacks/" + string(c.ID)
	}
	f.Clock.Forward(10 * time.Minute)
	for n, c := range all {
		if n%2 == 0 {
			if a := f.as(f.pat, "PATCH", path(c), map[string]any{"status": "called"}); a.Status != 200 ||
				a.Text("status") != "called" {
				t.Fatalf("%d %s", a.Status, a.Body)
			}
		}
	}
	// An index may lag behind the table; not by much.
	for range 50 {
		if names, sizes = f.pages(site, "called"); len(names) == 60 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if fmt.Sprint(sizes) != "[50 10]" || names[0] != "Visitor 118" {
		t.Errorf("called: %v %v", sizes, names)
	}
	if names, sizes = f.pages(site, "new"); fmt.Sprint(sizes) != "[50 10]" || names[0] != "Visitor 119" {
		t.Errorf("new: %v %v", sizes, names)
	}
	if names, _ = f.pages(site, "missed"); len(names) != 0 {
		t.Errorf("missed: %v", names)
	}
	// Marked again: the same answer. Back to new: a mistake can be fixed.
	if a := f.as(f.pat, "PATCH", path(all[0]), map[string]any{"status": "called"}); a.Status != 200 {
		t.Error(a.Status, a.Body)
	}
	if a := f.as(f.pat, "PATCH", path(all[0]), map[string]any{"status": "new"}); a.Status != 200 ||
		a.Text("status") != "new" {
		t.Error(a.Status, a.Body)
	}
	all[1].Status = connect.StatusCancelled
	if err := f.Store.ChangeCallback(t.Context(), all[1], f.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path string
		body       any
		status     int
		code       string
	}{
		{"what the visitor cancelled", path(all[1]), map[string]any{"status": "called"}, 409, "cancelled"},
		{"cancel for the visitor", path(all[2]), map[string]any{"status": "cancelled"}, 400, "invalid"},
		{"no status", path(all[2]), map[string]any{}, 400, "invalid"},
		{"an unknown status", path(all[2]), map[string]any{"status": "done"}, 400, "invalid"},
		{"another field", path(all[2]), map[string]any{"status": "called", "phone": "1"}, 400, "unknown-field"},
		{"another site's request", path(strange), map[string]any{"status": "called"}, 404, "not-found"},
		{"no request", path(all[2]) + "x", map[string]any{"status": "called"}, 404, "not-found"},
		{"no id", "/v1/sites/" + string(site.ID) + "/callbacks/x", map[string]any{"status": "called"}, 404, "not-found"},
	} {
		if a := f.as(f.pat, "PATCH", c.path, c.body); a.Status != c.status || a.Code() != c.code {
			t.Errorf("%s: %d %s", c.name, a.Status, a.Body)
		}
	}
	for query, fields := range map[string]string{
		"status=done": "status", "cursor=x": "cursor", "cursor=!!": "cursor", "cursor=" + strings.Repeat("QQ", 400): "cursor",
		"cursor=Y19BQkM": "cursor",
	} {
		if a := f.as(f.pat, "GET", "/v1/sites/"+string(site.ID)+"/callbacks?"+query, nil); a.Status != 400 ||
			a.Fields() != fields {
			t.Errorf("%s: %d %s", query, a.Status, a.Body)
		}
	}
	// Erased by its visitor in the meantime, even the one a cursor stands on.
	var first inbox
	f.as(f.pat, "GET", "/v1/sites/"+string(site.ID)+"/callbacks", nil).Into(t, &first)
	erased := f.Book.Sign(
		&connect.Receipt{ID: connect.NewReceiptID(), Kind: connect.Erasure, Site: site.ID, Via: connect.ViaLink, Count: 1},
		f.Clock.Now(),
	)
	if err := f.Store.EraseCallback(t.Context(), site.ID, connect.CallbackID(first.Items[49].ID), erased); err != nil {
		t.Fatal(err)
	}
	var second inbox
	f.as(f.pat, "GET", "/v1/sites/"+string(site.ID)+"/callbacks?cursor="+*first.Next, nil).Into(t, &second)
	if len(second.Items) != 50 || second.Items[0].Name != "Visitor 069" {
		t.Errorf("%d after an erased cursor: %v", len(second.Items), second.Items[0])
	}
	// What expired is gone, whether the table has removed it or not.
	f.Clock.Forward(90 * 24 * time.Hour)
	f.pat = f.Person("later@example.com")
	page, next, err := f.Store.Callbacks(t.Context(), site.ID, "", "", f.Clock.Now())
	if err != nil || len(page) != 0 || next != "" {
		t.Errorf("%d after the retention, %v", len(page), err)
	}
}

// setRole writes a person's role where a request looks it up.
func (f *fixture) setRole(p apitest.Person, role connect.Role) {
	f.T.Helper()
	f.SetText("ACCOUNTS_TABLE", "U#"+string(p.Token.User), "member#"+string(p.Account), "role", role.String())
}
