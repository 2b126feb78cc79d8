package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// The download of an account's data has its register of complaints, of a removed site too, and nobody else's.
func TestComplaintsAreExported(t *testing.T) {
	f := start(t)
	p, eve := f.Person("pat.exports@example.com"), f.Person("eve.exports@example.com")
	now := f.Clock.Now()
	removed := f.Site(p.Account, "Removed", "Europe/London", "https://removed.example")
	theirs := f.Site(eve.Account, "Theirs", "Europe/London", "https://theirs.example")
	for n, site := range []*connect.Site{removed, removed, theirs} {
		c := &connect.SiteComplaint{
			ID: connect.NewComplaintID(), Account: site.Account, Site: site.ID, SiteName: site.Name,
			Message: fmt.Sprint("Complaint ", n),
		}
		c.Receive(now, time.UTC)
		if _, err := f.Store.AddSiteComplaint(t.Context(), c, time.UTC, now); err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			c.Close(connect.ComplaintUpheld, "Answer 1", "Olive", now)
			if err := f.Store.ChangeSiteComplaint(t.Context(), c, nil, nil, now); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.Store.RemoveSite(t.Context(), removed); err != nil {
		t.Fatal(err)
	}
	all, parts := "", []string{}
	for cursor := ""; len(parts) < 10; {
		a := f.Do(apitest.Request{Method: "GET", Path: "/v1/export?cursor=" + cursor, Bearer: p.Token.Text})
		if a.Status != 200 {
			t.Fatal(a.Status, a.Body)
		}
		all += a.Body
		parts = append(parts, a.Text("part"))
		if cursor = a.Text("next"); cursor == "" {
			break
		}
	}
	if !strings.Contains(all, "Complaint 0") || !strings.Contains(all, "Answer 1") ||
		strings.Contains(all, "Complaint 2") {
		t.Errorf("%v: %s", parts, all)
	}
	for _, cursor := range []string{"complaints/other/", "complaints/open/x"} {
		if a := f.Do(
			apitest.Request{Method: "GET", Path: "/v1/export?cursor=" + cursor, Bearer: p.Token.Text},
		); a.Status != 400 {
			t.Errorf("%s: %d %s", cursor, a.Status, a.Body)
		}
	}
}
