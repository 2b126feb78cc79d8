package main

import (
	"strings"
	"sync"
	"testing"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/hours"
)

// Each chooses for themselves, and for a site at a time; an agency's choice for a client is the agency's member's.
func TestNotificationsAreEachPersonsOwn(t *testing.T) {
	f := start(t)
	f.Member(f.eve, f.pat.Account, connect.Viewer)
	shop := f.Site(f.pat.Account, "Shop", "Europe/London", "https://shop.example")
	other := f.Site(f.pat.Account, "Other", "Europe/London", "https://other.example")
	foreign := f.Site(f.eve.Account, "Eve's", "Europe/London", "https://eve.example")
	asEve := func(method, path string, body any) apitest.Answer {
		return f.Do(apitest.Request{
			Method: method, Path: path, Body: body, Bearer: f.eve.Token.Text,
			Header: map[string]string{"Mi-Account": string(f.pat.Account)},
		})
	}
	choices := func() string {
		var out []string
		pats, eves := f.as(f.pat, "GET", "/v1/notifications", nil), asEve("GET", "/v1/notifications", nil)
		for _, p := range []string{pats.Body, eves.Body} {
			for _, id := range []connect.SiteID{shop.ID, other.ID} {
				_, after, _ := strings.Cut(p, string(id))
				_, after, _ = strings.Cut(after, `"requests":"`)
				choice, _, _ := strings.Cut(after, `"`)
				out = append(out, choice)
			}
		}
		return strings.Join(out, " ")
	}
	if got := choices(); got != "at-once at-once off off" {
		t.Errorf("by role: %s", got)
	}
	off, on := map[string]any{"requests": "off"}, map[string]any{"requests": "at-once"}
	for range 2 {
		if a := f.as(f.pat, "PUT", "/v1/notifications/"+string(shop.ID), off); a.Status != 204 {
			t.Fatal(a)
		}
		if a := asEve("PUT", "/v1/notifications/"+string(other.ID), on); a.Status != 204 {
			t.Fatal(a)
		}
	}
	if got := choices(); got != "off at-once off at-once" {
		t.Errorf("chosen: %s", got)
	}
	if a := f.as(f.pat, "PUT", "/v1/notifications/"+string(shop.ID), on); a.Status != 204 {
		t.Fatal(a)
	}
	if got := choices(); got != "at-once at-once off at-once" {
		t.Errorf("taken back: %s", got)
	}
	for path, body := range map[string]any{
		string(shop.ID): map[string]any{"requests": "sometimes"}, string(other.ID): map[string]any{},
	} {
		if a := f.as(f.pat, "PUT", "/v1/notifications/"+path, body); a.Status != 400 {
			t.Errorf("%v: %d", body, a.Status)
		}
	}
	if a := f.as(f.pat, "PUT", "/v1/notifications/"+string(foreign.ID), off); a.Status != 404 {
		t.Errorf("another account's site: %d", a.Status)
	}
}

// When one is told, and of which departments, is stored as it was sent, in the export, and nobody else's.
func TestWhenOneIsToldAndOfWhat(t *testing.T) {
	f := start(t)
	f.Member(f.eve, f.pat.Account, connect.Viewer)
	shop := f.Site(f.pat.Account, "Shop", "Europe/London", "https://shop.example")
	rules := hours.Default()
	rules.Departments = []hours.Department{{Name: "Sales", Capacity: 1}, {Name: "Repairs", Capacity: 1}}
	if err := f.Store.ChangeHours(t.Context(), shop, rules); err != nil {
		t.Fatal(err)
	}
	all := func(p apitest.Person) string {
		return f.Do(apitest.Request{
			Method: "GET", Path: "/v1/notifications", Bearer: p.Token.Text,
			Header: map[string]string{"Mi-Account": string(f.pat.Account)},
		}).Body
	}
	if got := all(f.pat); !strings.Contains(got, `"times":{"dailyAt":"08:00","quiet":null,"timeZone":""}`) ||
		!strings.Contains(got, `"departments":[],`) || !strings.Contains(got, `"siteDepartments":["Sales","Repairs"]`) {
		t.Errorf("to begin with: %s", got)
	}
	path := "/v1/notifications/" + string(shop.ID)
	daily := map[string]any{"requests": "daily", "departments": []string{"", "Repairs"}}
	times := map[string]any{
		"timeZone": "Asia/Tokyo", "dailyAt": "06:00", "quiet": map[string]any{"from": "22:30", "to": "07:00"},
	}
	for range 2 {
		if a := f.as(f.pat, "PUT", path, daily); a.Status != 204 {
			t.Fatal(a)
		}
		if a := f.as(f.pat, "PUT", "/v1/notifications", times); a.Status != 204 {
			t.Fatal(a)
		}
	}
	stored := []string{
		`{"dailyAt":"06:00","quiet":{"from":"22:30","to":"07:00"},"timeZone":"Asia/Tokyo"}`, `"Repairs",""`,
	}
	got, export := all(f.pat), f.as(f.pat, "GET", "/v1/export", nil).Body
	for _, want := range stored {
		if !strings.Contains(got, want) || !strings.Contains(export, want) {
			t.Errorf("no %s in %s\nor %s", want, got, export)
		}
	}
	if !strings.Contains(got, `"requests":"daily"`) ||
		!strings.Contains(export, `"dailyRequestEmailsFrom":["`+string(shop.ID)) {
		t.Errorf("not daily: %s\n%s", got, export)
	}
	if got := all(f.eve); strings.Contains(got, "Tokyo") || strings.Contains(got, "daily\"") {
		t.Errorf("another's: %s", got)
	}
	for _, c := range []struct {
		path, field string
		body        map[string]any
	}{
		{path, "departments", map[string]any{"requests": "daily", "departments": []string{"Nobody's"}}},
		{path, "departments", map[string]any{"requests": "daily", "departments": []string{"Sales", "Sales"}}},
		{"/v1/notifications", "timeZone", map[string]any{"timeZone": "", "dailyAt": "06:00", "quiet": nil}},
		{"/v1/notifications", "timeZone", map[string]any{"timeZone": "Local", "dailyAt": "06:00", "quiet": nil}},
		{"/v1/notifications", "dailyAt", map[string]any{"timeZone": "UTC", "dailyAt": "24:00", "quiet": nil}},
		{"/v1/notifications", "quiet.to", map[string]any{
			"timeZone": "UTC", "dailyAt": "06:00", "quiet": map[string]any{"from": "07:00", "to": "07:00"},
		}},
		{"/v1/notifications", "quiet.from", map[string]any{
			"timeZone": "UTC", "dailyAt": "06:00", "quiet": map[string]any{"from": "7", "to": "07:00"},
		}},
	} {
		if a := f.as(f.pat, "PUT", c.path, c.body); a.Status != 400 || !strings.Contains(a.Body, `"`+c.field+`"`) {
			t.Errorf("%v: %d %s", c.body, a.Status, a.Body)
		}
	}
	if all(f.pat) != got {
		t.Error("what was refused was stored")
	}
	// Choices for other sites stay as one is changed, at once with others.
	rules.Version = 0
	second := f.Site(f.pat.Account, "Other", "Europe/London", "https://other.example")
	if err := f.Store.ChangeHours(t.Context(), second, rules); err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	for _, s := range []*connect.Site{shop, second} {
		both.Go(func() {
			c := connect.AlertChoice{Requests: connect.AlertAtOnce, Departments: []string{"Sales"}}
			if err := f.Store.ChooseRequestAlert(t.Context(), f.pat.Account, f.pat.Token.User, s.ID, c); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if got := all(f.pat); strings.Count(got, `"departments":["Sales"]`) != 2 || strings.Contains(got, `"daily"`) {
		t.Errorf("two at once: %s", got)
	}
}
