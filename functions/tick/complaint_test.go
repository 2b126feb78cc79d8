package main

import (
	"slices"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// complain stores a complaint to the business, as function callbacks does.
func (f *fixture) complain(key string) *connect.SiteComplaint {
	f.T.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		f.T.Fatal(err)
	}
	c := &connect.SiteComplaint{
		ID: connect.ComplaintByKey(f.site.ID, key), Account: f.site.Account, Site: f.site.ID, SiteName: f.site.Name,
		Message: "Please stop.", Email: "ada@visitor.example",
	}
	c.Receive(f.Clock.Now(), zone)
	if _, err := f.Store.AddSiteComplaint(f.T.Context(), c, zone, f.Clock.Now()); err != nil {
		f.T.Fatal(err)
	}
	return c
}

// complaintReminders are what the owners are reminded of, by complaint, in order.
func (f *fixture) complaintReminders(c *connect.SiteComplaint) (which []string) {
	f.T.Helper()
	for _, i := range f.Items("OUTBOX_TABLE") {
		if i["kind"] == string(connect.MailSiteComplaintDue) && i["complaint"] == string(c.ID) {
			which = append(which, i["notice"].(string))
		}
	}
	slices.Sort(which)
	return which
}

// A complaint that waits is reminded of a week and a day before its last day, and once when it is over, at nine on the
// site's clock; one that was answered is not.
func TestComplaintsAreRemindedOf(t *testing.T) {
	f := start(t)
	f.Clock.Set(time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC)) // the clocks go forward within the thirty days
	waits, done := f.complain("waits"), f.complain("done")
	if waits.LastDay != "2026-03-30" || !waits.DueAt.Equal(time.Date(2026, 3, 30, 23, 0, 0, 0, time.UTC)) {
		t.Fatalf("due %s, over at %v", waits.LastDay, waits.DueAt)
	}
	done.Close(connect.ComplaintUpheld, "Sorry.", "Olive", f.Clock.Now())
	if err := f.Store.ChangeSiteComplaint(t.Context(), done, nil, nil, f.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	var sent []string
	for range 35 * 24 {
		before := len(f.complaintReminders(waits))
		f.run()
		if n := len(f.complaintReminders(waits)); n > before {
			sent = append(sent, f.Clock.Now().Format("2006-01-02T15"))
		}
		f.Clock.Forward(time.Hour)
	}
	if want := []string{"2026-03-23T09", "2026-03-29T08", "2026-03-31T08"}; !slices.Equal(sent, want) {
		t.Errorf("reminded at %v, want %v", sent, want)
	}
	if got := f.complaintReminders(done); got != nil {
		t.Errorf("of one that was answered: %v", got)
	}
}

// The tick is away for the last ten days: what is too late is not said, that it is over is said once.
func TestComplaintsAfterAnOutage(t *testing.T) {
	f := start(t)
	c := f.complain("waits")
	f.Clock.Forward(31 * 24 * time.Hour)
	for range 3 {
		f.run()
	}
	if got := f.complaintReminders(c); !slices.Equal(got, []string{"complaint-over"}) || f.left() != 0 {
		t.Errorf("%v, %d tasks left", got, f.left())
	}
}

func TestTickIsKilledWhileItRemindsOfComplaints(t *testing.T) {
	f := start(t)
	crashes := 0
	for _, answered := range []bool{false, true} {
		for at := 1; ; at++ {
			c := f.complain("k" + time.Duration(at).String() + time.Duration(crashes).String())
			f.Clock.Forward(22 * 24 * time.Hour)
			wire := &apitest.Dying{At: at, Answered: answered}
			killed := f.tick(wire)
			killed.atOnce = 1
			_, _ = killed.run(t.Context())
			f.Clock.Forward(lease + time.Second)
			f.run()
			if got := f.complaintReminders(c); !slices.Equal(got, []string{"complaint-week"}) {
				t.Errorf("killed at call %d: %v", at, got)
			}
			f.Clock.Forward(60 * 24 * time.Hour)
			f.run()
			if !wire.Died() {
				break
			}
			crashes++
		}
	}
	if crashes < 10 {
		t.Errorf("only %d crashes", crashes)
	}
	t.Logf("%d crashes: each reminder once", crashes)
}
