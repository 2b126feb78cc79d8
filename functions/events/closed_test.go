package main

import (
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// A closed account's pages are counted no more, within the minute that a site is kept.
func TestAClosedAccountCountsNoVisit(t *testing.T) {
	f := start(t)
	p := f.Person("pat@example.com")
	f.site = f.Site(p.Account, "Shop", "Europe/London", site1)
	if a := f.send(f.body(nil), nil); a.Status != 202 || f.Count("VISITS_TABLE") != 1 {
		t.Fatalf("%d, %d visits", a.Status, f.Count("VISITS_TABLE"))
	}
	now := f.Clock.Now()
	e := connect.AuditEntry{Account: p.Account, At: now, Action: connect.AccountClosing}
	if err := f.Store.CloseAccount(t.Context(), p.Account, now.Add(connect.ClosingGrace), nil, e); err != nil {
		t.Fatal(err)
	}
	f.Clock.Forward(cacheFor + time.Second)
	if a := f.send(f.body(nil), nil); a.Status != 202 || f.Count("VISITS_TABLE") != 1 {
		t.Errorf("closed: %d, %d visits", a.Status, f.Count("VISITS_TABLE"))
	}
}
