package main

import (
	"maps"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func TestOpeningHours(t *testing.T) {
	f := start(t)
	site := f.Site(f.pat.Account, "Shop", "America/New_York", "https://shop.example")
	path := "/v1/sites/" + string(site.ID) + "/hours"
	read := func() map[string]any {
		a := f.as(f.pat, "GET", path, nil)
		if a.Status != 200 {
			t.Fatal(a.Status, a.Body)
		}
		return a.JSON()
	}
	suggested := read()
	if suggested["enabled"] != false || suggested["version"] != 0.0 || len(suggested["week"].([]any)) != 5 {
		t.Error("office hours are suggested and not in force:", suggested)
	}
	with := func(change map[string]any) map[string]any {
		body := maps.Clone(read())
		maps.Copy(body, change)
		return body
	}
	stale := with(nil)
	saved := f.as(f.pat, "PUT", path, with(map[string]any{
		"enabled": true, "bankHolidays": "scotland", "exceptions": []any{
			map[string]any{
				"date": "2026-12-24", "spans": []any{map[string]any{"from": "09:00", "to": "12:00"}}, "note": "Christmas Eve",
			},
		},
	}))
	if saved.Status != 200 || saved.JSON()["version"] != 1.0 || read()["bankHolidays"] != "scotland" {
		t.Fatal(saved.Status, saved.Body)
	}
	if a := f.as(f.pat, "PUT", path, stale); a.Status != 409 || a.Code() != "conflict" {
		t.Error("made from what is not the newest:", a.Status, a.Body)
	}
	for field, change := range map[string]map[string]any{
		"week.monday": {"week": []any{map[string]any{"day": "monday", "from": "17:00", "to": "09:00"}}},
		"week":        {"week": []any{map[string]any{"day": "moonday", "from": "09:00", "to": "17:00"}}},
		"exceptions.0": {"exceptions": []any{
			map[string]any{"date": "2026-02-30", "spans": []any{}, "note": ""},
		}},
		"slotMinutes": {"slotMinutes": 0},
		"capacity":    {"capacity": 51},
	} {
		a := f.as(f.pat, "PUT", path, with(change))
		if a.Status != 400 || a.Fields() != field {
			t.Errorf("%s: %d %s", field, a.Status, a.Body)
		}
		if a := f.as(f.pat, "POST", path+"/preview", with(change)); a.Status != 400 || a.Fields() != field {
			t.Errorf("%s, previewed: %d %s", field, a.Status, a.Body)
		}
	}
	if a := f.as(f.pat, "PUT", path, with(map[string]any{"closed": true})); a.Code() != "unknown-field" {
		t.Error(a.Status, a.Body)
	}
	for _, p := range []string{path, path + "/preview"} {
		if a := f.as(f.eve, map[bool]string{true: "GET", false: "POST"}[p == path], p, with(nil)); a.Status != 404 {
			t.Error("another account's:", a.Status, a.Body)
		}
	}
	logged := 0
	for _, i := range f.Items("AUDIT_TABLE") {
		if i["action"] == string(connect.HoursChanged) {
			logged++
		}
	}
	if logged != 1 {
		t.Errorf("the audit log has %d changes, not one", logged)
	}
}

func TestPreviewIsWhatWouldBeOffered(t *testing.T) {
	f := start(t)
	site := f.Site(f.pat.Account, "Shop", "America/New_York", "https://shop.example")
	path := "/v1/sites/" + string(site.ID) + "/hours"
	f.Clock.Set(f.Clock.Now().Truncate(24 * time.Hour).Add(12 * time.Hour))
	f.Pass(&f.pat, 0)
	body := f.as(f.pat, "GET", path, nil).JSON()
	body["bankHolidays"], body["capacity"] = "england", 1
	a := f.as(f.pat, "POST", path+"/preview", body)
	slots, _ := a.JSON()["slots"].([]any)
	holidays, _ := a.JSON()["bankHolidays"].([]any)
	if a.Status != 200 || len(slots) != 12 || len(holidays) != 4 || a.Text("timeZone") != site.TimeZone ||
		a.Text("knownUntil") == "" {
		t.Fatal(a.Status, a.Body)
	}
	at, err := time.Parse(time.RFC3339, slots[0].(map[string]any)["at"].(string))
	zone, _ := time.LoadLocation("America/New_York")
	if err != nil || at.Before(f.Clock.Now().Add(time.Hour)) || at.In(zone).Hour() < 9 {
		t.Error("an hour ahead, and within hours of the site's zone:", slots[0])
	}
	if a := f.as(f.pat, "GET", path, nil); a.JSON()["version"] != 0.0 {
		t.Error("a preview stored something:", a.Body)
	}
}
