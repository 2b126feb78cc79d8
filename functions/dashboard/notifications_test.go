package main

import (
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
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
