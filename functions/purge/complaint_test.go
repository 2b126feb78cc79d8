package main

import (
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// A complaint stays when its site is removed, open for as long as it is, and goes with its account.
func TestComplaintsGoWithTheirAccount(t *testing.T) {
	w := apitest.New(t)
	pat := w.Person("pat@example.com")
	kept := w.Site(pat.Account, "Kept", "Europe/London", "https://kept.example")
	removed := w.Site(pat.Account, "Removed", "Europe/London", "https://removed.example")
	now := w.Clock.Now()
	for _, site := range []*connect.Site{kept, removed} {
		c := &connect.SiteComplaint{
			ID: connect.NewComplaintID(), Account: pat.Account, Site: site.ID, SiteName: site.Name, Message: "Please stop.",
		}
		c.Receive(now, time.UTC)
		if _, err := w.Store.AddSiteComplaint(t.Context(), c, time.UTC, now); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Store.RemoveSite(t.Context(), removed); err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(2 * connect.ComplaintLife)
	open, _, err := w.Store.SiteComplaints(t.Context(), pat.Account, "", false, "", w.Clock.Now())
	if err != nil || len(open) != 2 {
		t.Fatalf("%d are left of the two that are open, %v", len(open), err)
	}
	e := connect.AuditEntry{Account: pat.Account, At: w.Clock.Now(), Action: connect.AccountClosing}
	err = w.Store.CloseAccount(t.Context(), pat.Account, w.Clock.Now().Add(connect.ClosingGrace), nil, e)
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(connect.ClosingGrace + time.Second)
	if gone, err := purger(w, nil).run(t.Context()); gone.Accounts != 1 || err != nil {
		t.Fatalf("%+v %v", gone, err)
	}
	if left := w.Items("CALLBACKS_TABLE"); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
