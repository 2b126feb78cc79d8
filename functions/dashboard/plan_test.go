package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// What a plan allows holds from the next request on, also for twenty requests at once; a debt makes
// settings read-only and takes nothing away.
func TestThePlanDecides(t *testing.T) {
	f := start(t)
	add := func() int { return f.as(f.pat, "POST", "/v1/sites", shop(nil)).Status }
	twenty := func() map[int]int {
		var mu sync.Mutex
		got := map[int]int{}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				status := add()
				mu.Lock()
				got[status]++
				mu.Unlock()
			})
		}
		all.Wait()
		return got
	}
	if got := twenty(); got[201] != 1 || got[201]+got[402]+got[503] != 20 {
		t.Fatalf("free: %v", got)
	}
	a := f.as(f.pat, "POST", "/v1/sites", shop(nil))
	if a.Status != 402 || a.JSON()["type"] != "urn:mi-connect:problem:plan-limit" ||
		!strings.Contains(a.Text("detail"), "1 site.") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	f.Subscribe(f.pat.Account, connect.Billing{Status: connect.Active, Plan: "starter"})
	if got := twenty(); got[201] != 2 {
		t.Errorf("starter: %v", got)
	}
	var list struct{ Sites []struct{ ID string } }
	f.as(f.pat, "GET", "/v1/sites", nil).Into(t, &list)
	path := "/v1/sites/" + list.Sites[0].ID
	now := f.Clock.Now()
	for _, c := range []struct {
		name   string
		b      connect.Billing
		put    int
		access string
	}{
		{
			"a failed payment",
			connect.Billing{Status: connect.PastDue, Plan: "starter", DueSince: now.Add(-6 * 24 * time.Hour)}, 200, "full",
		},
		{
			"after 7 days", connect.Billing{Status: connect.PastDue, Plan: "starter", DueSince: now.Add(-7 * 24 * time.Hour)},
			402, "read-only",
		},
		{
			"after 21 days", connect.Billing{Status: connect.PastDue, Plan: "starter", DueSince: now.Add(-21 * 24 * time.Hour)},
			402, "paused",
		},
		{"ended", connect.Billing{Status: connect.Canceled, Plan: "starter", EndedAt: now}, 200, "full"},
	} {
		f.Subscribe(f.pat.Account, c.b)
		if a := f.as(f.pat, "PUT", path, shop(nil)); a.Status != c.put {
			t.Errorf("%s: PUT %d %s", c.name, a.Status, a.Body)
		}
		if add() != 402 {
			t.Errorf("%s: a site more", c.name)
		}
		me := f.as(f.pat, "GET", "/v1/me", nil).JSON()
		if got := me["billing"].(map[string]any)["access"]; got != c.access {
			t.Errorf("%s: %v", c.name, got)
		}
		var now struct{ Sites []struct{ ID string } }
		if f.as(f.pat, "GET", "/v1/sites", nil).Into(t, &now); fmt.Sprint(now) != fmt.Sprint(list) {
			t.Errorf("%s: sites %v", c.name, now)
		}
		if f.as(f.pat, "GET", path+"/callbacks", nil).Status != 200 || f.as(f.pat, "GET", path+"/stats", nil).Status != 200 {
			t.Errorf("%s: cannot be read", c.name)
		}
	}
}
