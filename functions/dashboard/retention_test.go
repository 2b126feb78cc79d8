package main

import (
	"testing"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// What a plan sells can be chosen, and no more; what was chosen on a larger plan does not stand in anybody's way.
func TestASiteKeepsRequestsAsLongAsItsPlanSells(t *testing.T) {
	f := start(t)
	site := f.Site(f.pat.Account, "Shop", "Europe/London", "https://shop.example")
	keep := func(days any) (status, kept int) {
		t.Helper()
		a := f.as(f.pat, "PUT", "/v1/sites/"+string(site.ID), shop(map[string]any{"retentionDays": days}))
		var out struct{ RetentionDays int }
		if a.Status == 200 {
			a.Into(t, &out)
		} else if a.Fields() != "retentionDays" {
			t.Error(a)
		}
		return a.Status, out.RetentionDays
	}
	for _, c := range []struct {
		plan   string
		days   any
		status int
		kept   int
	}{
		{"", nil, 200, 90}, // as it was, though the Free plan keeps 30
		{"", 90, 200, 90}, {"", 31, 400, 0}, {"", 30, 200, 30}, {"", 90, 400, 0}, {"", 0, 400, 0}, {"", -1, 400, 0},
		{"business", 365, 200, 365}, {"business", 366, 400, 0}, {"business", nil, 200, 365},
	} {
		if c.plan != "" {
			f.Subscribe(f.pat.Account, connect.Billing{Status: connect.Active, Plan: connect.PlanID(c.plan)})
		}
		if status, kept := keep(c.days); status != c.status || kept != c.kept {
			t.Errorf("%s %v: %d, %d days", c.plan, c.days, status, kept)
		}
	}
}
