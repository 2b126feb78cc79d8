package main

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Over the plan's limit every request is kept, and the owner is told once a month; a larger plan's limit
// can be passed, and told, again.
func TestOverTheLimitNothingIsLost(t *testing.T) {
	f := start(t)
	told := func() (n int) {
		for _, m := range f.Items("OUTBOX_TABLE") {
			if m["kind"] == "over-limit" && m["account"] == string(f.site.Account) {
				n++
			}
		}
		return n
	}
	limit := int(connect.Free.Limits.Callbacks)
	for n := range limit {
		if a := f.create(f.body(nil), f.key(), nil); a.Status != 201 {
			t.Fatal(n, a.Status)
		}
	}
	if told() != 0 {
		t.Error("told before the limit")
	}
	again := f.key()
	f.create(f.body(nil), again, nil)
	f.create(f.body(nil), again, nil) // the same request, sent again, counts once
	keys := make([]string, 20)
	for n := range keys {
		keys[n] = f.key()
	}
	var all sync.WaitGroup
	for _, key := range keys {
		all.Go(func() {
			if a := f.create(f.body(nil), key, nil); a.Status != 201 {
				t.Error(a.Status, a.Body)
			}
		})
	}
	all.Wait()
	usage, err := f.Store.Usage(t.Context(), f.site.Account, f.Clock.Now())
	if err != nil || usage.Callbacks != int64(limit+21) || f.Count("CALLBACKS_TABLE") != limit+21 {
		t.Errorf("%+v, %d stored, %v", usage, f.Count("CALLBACKS_TABLE"), err)
	}
	if told() != 1 {
		t.Errorf("told %d times", told())
	}
	f.Clock.Forward(32 * 24 * time.Hour)
	f.usual(1000)
	for range limit + 2 {
		f.create(f.body(nil), f.key(), nil)
	}
	if told() != 2 {
		t.Errorf("told %d times in two months", told())
	}
}

// A debt pauses the widget only at the very end, politely, and a paid bill wakes it again; after the end of
// a plan the sites over the free limit rest, the oldest keeps running.
func TestPausedWidgets(t *testing.T) {
	f := start(t)
	f.Clock.Forward(time.Hour)
	second := f.Site(f.site.Account, "Second", "Europe/London", shop)
	now := f.Clock.Now()
	for _, c := range []struct {
		name          string
		b             connect.Billing
		first, second bool
	}{
		{"active", connect.Billing{Status: connect.Active, Plan: "starter"}, true, true},
		{
			"20 days due", connect.Billing{Status: connect.PastDue, Plan: "starter", DueSince: now.Add(-20 * 24 * time.Hour)},
			true, true,
		},
		{
			"21 days due", connect.Billing{Status: connect.PastDue, Plan: "starter", DueSince: now.Add(-21 * 24 * time.Hour)},
			false, false,
		},
		{"given up", connect.Billing{Status: connect.Unpaid, Plan: "starter", DueSince: now}, false, false},
		{"paid", connect.Billing{Status: connect.Active, Plan: "starter"}, true, true},
		{"ended", connect.Billing{Status: connect.Canceled, Plan: "starter", EndedAt: now}, true, false},
	} {
		f.Subscribe(f.site.Account, c.b)
		for site, runs := range map[*connect.Site]bool{f.site: c.first, second: c.second} {
			a := f.Do(apitest.Request{Method: "GET", Path: "/v1/widget/" + string(site.Key)})
			if a.Status != 200 || a.JSON()["active"] != runs {
				t.Errorf("%s: %s %d %s", c.name, site.Name, a.Status, a.Body)
			}
			before := f.Count("CALLBACKS_TABLE")
			b := f.create(f.body(map[string]any{"site": string(site.Key)}), f.key(), nil)
			switch {
			case runs && b.Status != 201:
				t.Errorf("%s: %s %d %s", c.name, site.Name, b.Status, b.Body)
			case !runs &&
				(b.Status != 403 || b.Code() != "paused" || !strings.Contains(b.Text("detail"), "other contact details") || f.Count("CALLBACKS_TABLE") != before):
				t.Errorf("%s: %s %d %s", c.name, site.Name, b.Status, b.Body)
			}
		}
	}
	if got, err := f.Store.SitesOf(t.Context(), f.site.Account); err != nil || len(got) != 2 {
		t.Error("a site is gone", got, err)
	}
}
