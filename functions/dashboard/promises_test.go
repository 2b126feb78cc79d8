package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// The report says what was kept, how sure that is, and how late the rest was; none of it goes with the requests.
func TestThePromiseReport(t *testing.T) {
	f := start(t)
	now := f.Clock.Now()
	site := f.Site(f.pat.Account, "Shop", "UTC", "https://shop.example")
	path := "/v1/sites/" + string(site.ID) + "/promises"
	show := func() map[string]any {
		a := f.as(f.pat, "GET", path, nil)
		if a.Status != 200 {
			t.Fatal(a.Status, a.Body)
		}
		return a.JSON()
	}
	none := show()["total"].(map[string]any)
	if none["rate"] != nil || none["low"] != nil || none["medianLate"] != nil {
		t.Error("of nothing:", none)
	}
	for n := range 24 {
		c := &connect.Callback{
			ID: connect.NewCallbackID(now), Site: site.ID, SiteName: site.Name, Name: "V", Phone: "+447700900123",
			Status: connect.StatusNew, Page: "/", CreatedAt: now, UpdatedAt: now, ExpiresAt: now.AddDate(0, 0, 90),
			Due: now.Add(time.Hour), DueHour: connect.HourOf(now.Add(time.Hour)),
		}
		if n%2 == 0 {
			c.DueFor = "Sales"
		}
		key := fmt.Sprint("promise ", n)
		if _, err := f.Store.AddCallback(t.Context(), c, key, key, now); err != nil {
			t.Fatal(err)
		}
		at := now.Add(30 * time.Minute)
		if n < 2 {
			at = c.Due.Add(time.Duration(4+n*7) * time.Minute)
		}
		c.Resolve(connect.Talked, "Olive", at)
		if err := f.Store.ChangeCallback(t.Context(), c, at); err != nil {
			t.Fatal(err)
		}
	}
	f.Clock.Forward(2 * time.Hour)
	report := show()
	total := report["total"].(map[string]any)
	got := fmt.Sprintf("%v %v %v %.4f %.4f %.4f %v %v %v",
		total["kept"], total["broken"], total["notCalled"], total["rate"], total["low"],
		total["high"], total["enough"], total["medianLate"], total["ninetiethLate"])
	if got != "22 2 0 0.9167 0.7415 0.9768 true 4 11" {
		t.Error(got)
	}
	for _, by := range []struct {
		name string
		want int
	}{{"days", 1}, {"hours", 1}, {"departments", 2}} {
		if groups := report[by.name].([]any); len(groups) != by.want {
			t.Errorf("%s: %v", by.name, groups)
		}
	}
	for query, field := range map[string]string{
		"?from=tomorrow": "from", "?to=2026-13-01": "to", "?from=2025-01-01&to=2026-11-01": "from",
	} {
		if a := f.as(f.pat, "GET", path+query, nil); a.Status != 400 || a.Fields() != field {
			t.Errorf("%s: %d %s", query, a.Status, a.Body)
		}
	}
}
