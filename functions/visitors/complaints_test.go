package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// complain stores a complaint about a site, as function callbacks does.
func (w *world) complain(site *connect.Site, key string, email connect.Email) *connect.SiteComplaint {
	w.T.Helper()
	return w.complainAt(w.Clock.Now(), site, key, email)
}

func (w *world) complainAt(now time.Time, site *connect.Site, key string, email connect.Email) *connect.SiteComplaint {
	w.T.Helper()
	c := &connect.SiteComplaint{
		ID: connect.ComplaintByKey(site.ID, key), Account: site.Account, Site: site.ID, SiteName: site.Name,
		Name: "Vera Visitor", Phone: "+447700900123", Email: email, Message: "Please stop.",
	}
	c.Receive(now, time.UTC)
	if _, err := w.Store.AddSiteComplaint(w.T.Context(), c, time.UTC, now); err != nil {
		w.T.Fatal(err)
	}
	return c
}

func pathOf(c *connect.SiteComplaint) string {
	return "/v1/sites/" + string(c.Site) + "/complaints/" + string(c.ID)
}

func (w *world) mailsOf(kind connect.MessageKind) (n int) {
	w.T.Helper()
	for _, i := range w.Items("OUTBOX_TABLE") {
		if i["kind"] == string(kind) {
			n++
		}
	}
	return n
}

// A complaint from its receipt to its answer and back: each step once, on condition of what was seen, with its mail.
func TestAComplaintIsWorkedThrough(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	c := w.complain(site, "one", "vera@example.com")
	path := pathOf(c)
	for n, step := range []struct {
		body, state string
		status      int
		code        string
	}{
		{`{"version":1,"note":"Ask Bob."}`, "open", 200, ""},
		{`{"version":1,"note":"Ask Bob."}`, "", 409, "conflict"}, // sent again, or by another
		{`{"version":2,"state":"in-progress"}`, "in-progress", 200, ""},
		{`{"version":3,"update":"We are looking into it."}`, "in-progress", 200, ""},
		{`{"version":4,"answer":"We are sorry.","result":"upheld"}`, "answered", 200, ""},
		{`{"version":5,"update":"More."}`, "", 409, "already-answered"},
		{`{"version":5,"note":"They called."}`, "answered", 200, ""},
		{`{"version":6,"state":"in-progress"}`, "in-progress", 200, ""},
		{`{"version":7,"answer":"It stays as it is.","result":"not-upheld"}`, "answered", 200, ""},
		{`{"version":8}`, "", 400, "invalid"},
		{`{"version":8,"note":"a","update":"b"}`, "", 400, "invalid"},
		{`{"version":8,"answer":"a"}`, "", 400, "invalid"},
		{`{"version":8,"note":"a","result":"upheld"}`, "", 400, "invalid"},
		{`{"version":8,"note":" "}`, "", 400, "invalid"},
	} {
		a := w.Do(apitest.Request{Method: "PATCH", Path: path, Body: step.body, Bearer: bearer})
		if a.Status != step.status || step.code != "" && a.Code() != step.code ||
			step.state != "" && a.Text("state") != step.state {
			t.Fatalf("%d: %s: %d %s", n, step.body, a.Status, a.Body)
		}
		if step.code == "conflict" && !strings.Contains(a.Text("detail"), "Pat Example") {
			t.Errorf("it does not say who was first: %s", a.Body)
		}
		if ends := a.Status == 200 &&
			!strings.Contains(a.Body, `"expiresAt":null`); a.Status == 200 &&
			ends != (step.state == "answered") {
			t.Errorf("%d: an open complaint has an end, or an answered one none: %s", n, a.Body)
		}
	}
	if u, a := w.mailsOf(connect.MailSiteComplaintUpdate), w.mailsOf(connect.MailSiteComplaintAnswer); u != 1 || a != 2 {
		t.Errorf("%d updates and %d answers mailed", u, a)
	}
	if log := w.dump("AUDIT_TABLE"); strings.Count(log, `"complaint.answered"`) != 2 || strings.Contains(log, "sorry") {
		t.Error(log)
	}
	got := w.call(bearer, "GET", path, "", 200)
	if end := got["expiresAt"]; end != w.Clock.Now().Add(connect.ComplaintLife).Format(time.RFC3339) {
		t.Errorf("ends %v", end)
	}
	// Its time runs from the answer, and then nobody reads it.
	w.Clock.Forward(connect.ComplaintLife)
	if _, err := w.Store.SiteComplaint(
		t.Context(),
		site.ID,
		c.ID,
		w.Clock.Now(),
	); connect.KindOf(
		err,
	) != connect.NotFound {
		t.Errorf("after its time: %v", err)
	}
}

// Two people at once: one is first, and the other is told who; nothing of either is lost or said twice.
func TestTwoAnswerAComplaintAtOnce(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	for round := range 5 {
		c := w.complain(site, fmt.Sprint("round-", round), "vera@example.com")
		before, done := w.mailsOf(connect.MailSiteComplaintAnswer), [3]int{}
		var all sync.WaitGroup
		var mu sync.Mutex
		for range 6 {
			all.Go(func() {
				a := w.Do(apitest.Request{
					Method: "PATCH", Path: pathOf(c), Body: `{"version":1,"answer":"Done.","result":"upheld"}`, Bearer: bearer,
				})
				mu.Lock()
				defer mu.Unlock()
				switch a.Status {
				case 200:
					done[0]++
				case 409:
					done[1]++
				default:
					done[2]++
				}
			})
		}
		all.Wait()
		if done != [3]int{1, 5, 0} || w.mailsOf(connect.MailSiteComplaintAnswer) != before+1 {
			t.Errorf(
				"%d answered, %d were told, %d failed; %d mails",
				done[0],
				done[1],
				done[2],
				w.mailsOf(connect.MailSiteComplaintAnswer)-before,
			)
		}
	}
}

// The register: the soonest due first, page by page, of one site or all, of a removed site too; nobody else's.
func TestTheRegisterOfComplaints(t *testing.T) {
	w := newWorld(t)
	p := w.Person("owner@example.com")
	north := w.Site(p.Account, "North", "Europe/London", "https://north.example")
	south := w.Site(p.Account, "South", "Europe/London", "https://south.example")
	stranger, _ := w.owner("stranger@example.com")
	agent := w.Person("agent@example.com")
	w.Member(agent, p.Account, connect.Agent)
	var all []*connect.SiteComplaint
	for n := range 130 {
		site := north
		if n%10 == 0 {
			site = south
		}
		all = append(all, w.complainAt(w.Clock.Now().Add(time.Duration(n)*time.Hour), site, fmt.Sprint("c", n), ""))
	}
	bearer := p.Token.Text
	list := func(query string) (ids []string, pages int) {
		for cursor := ""; ; {
			got := w.call(bearer, "GET", "/v1/site-complaints?"+query+"&cursor="+cursor, "", 200)
			for _, i := range got["items"].([]any) {
				ids = append(ids, i.(map[string]any)["id"].(string))
			}
			if pages++; got["next"] == nil {
				return ids, pages
			}
			cursor = got["next"].(string)
		}
	}
	ids, pages := list("state=open")
	if len(ids) != 130 || pages < 3 || ids[0] == ids[129] {
		t.Fatalf("%d in %d pages", len(ids), pages)
	}
	due := map[string]time.Time{}
	for _, c := range all {
		due[string(c.ID)] = c.DueAt
	}
	for n := 1; n < len(ids); n++ {
		if due[ids[n]].Before(due[ids[n-1]]) {
			t.Fatal("not in due order at", n)
		}
	}
	if ids, _ := list("site=" + string(south.ID)); len(ids) != 13 {
		t.Errorf("%d of one site", len(ids))
	}
	if ids, _ := list("state=answered"); len(ids) != 0 {
		t.Errorf("%d answered", len(ids))
	}
	w.call(bearer, "PATCH", pathOf(all[0]), `{"version":1,"answer":"Done.","result":"withdrawn"}`, 200)
	if ids, _ := list("state=answered"); len(ids) != 1 || w.mailsOf(connect.MailSiteComplaintAnswer) != 0 {
		t.Errorf("%d answered; mailed to nobody %d", len(ids), w.mailsOf(connect.MailSiteComplaintAnswer))
	}
	if err := w.Store.RemoveSite(t.Context(), south); err != nil {
		t.Fatal(err)
	}
	w.call(bearer, "PATCH", pathOf(all[10]), `{"version":1,"note":"Its site is gone."}`, 200)
	if ids, _ := list("state=open"); len(ids) != 129 {
		t.Errorf("%d after its site was removed", len(ids))
	}
	for _, call := range [][3]string{
		{"GET", pathOf(all[1]), ""}, {"PATCH", pathOf(all[1]), `{"version":1,"note":"x"}`},
		{"GET", "/v1/sites/x/complaints/" + string(all[1].ID), ""},
		{"GET", "/v1/sites/" + string(north.ID) + "/complaints/d_0000000000", ""},
	} {
		w.call(stranger, call[0], call[1], call[2], 404)
	}
	if got := w.call(stranger, "GET", "/v1/site-complaints", "", 200); len(got["items"].([]any)) != 0 {
		t.Error("a stranger sees", got)
	}
	for _, query := range []string{"state=new", "site=x", "cursor=x", "cursor=AAAA"} {
		w.call(bearer, "GET", "/v1/site-complaints?"+query, "", 400)
	}
	a := w.Do(apitest.Request{
		Method: "GET",
		Path:   "/v1/site-complaints",
		Bearer: agent.Token.Text,
		Header: map[string]string{"mi-account": string(p.Account)},
	})
	if a.Status != 403 {
		t.Errorf("an agent: %d", a.Status)
	}
}

// A history has an end; an answer is taken beyond it.
func TestAHistoryHasAnEnd(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	c := w.complain(site, "one", "vera@example.com")
	long := strings.Repeat("😀", connect.ComplaintNoteText/2)
	version := 1
	for ; ; version++ {
		body, _ := json.Marshal(map[string]any{"version": version, "note": long})
		a := w.Do(apitest.Request{Method: "PATCH", Path: pathOf(c), Body: string(body), Bearer: bearer})
		if a.Status == 409 && a.Code() == "history-full" {
			break
		}
		if a.Status != 200 {
			t.Fatal(version, a.Status, a.Body)
		}
	}
	if version != connect.ComplaintSteps {
		t.Errorf("full after %d notes", version-1)
	}
	w.call(bearer, "PATCH", pathOf(c), fmt.Sprintf(`{"version":%d,"answer":"Done.","result":"upheld"}`, version), 200)
}

// A business's own words to addresses that nobody has confirmed are bounded.
func TestUpdatesAreBounded(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	sent := 0
	for n := range 3 {
		c := w.complain(site, fmt.Sprint("c", n), "vera@example.com")
		for v := 1; v < connect.ComplaintSteps-1; v++ {
			a := w.Do(apitest.Request{
				Method: "PATCH", Path: pathOf(c), Body: fmt.Sprintf(`{"version":%d,"update":"News %d."}`, v, v), Bearer: bearer,
			})
			if a.Status == 429 {
				break
			}
			if a.Status != 200 {
				t.Fatal(a.Status, a.Body)
			}
			sent++
		}
	}
	if sent != connect.ComplaintUpdates.Limit || w.mailsOf(connect.MailSiteComplaintUpdate) != sent {
		t.Errorf("%d sent", sent)
	}
}

// Export has a person's complaints, erasure keeps them and says so; both name the right to complain.
func TestErasureKeepsComplaints(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	w.request(site, w.Clock.Now(), "+447700900123", "vera@example.com")
	c := w.complain(site, "one", "vera@example.com")
	path := "/v1/sites/" + string(site.ID)
	for _, who := range []string{`{"phone":"07700900123"}`, `{"email":"vera@example.com"}`} {
		got := w.call(bearer, "POST", path+"/export", who, 200)
		rights := fmt.Sprint(got["rights"])
		if list := got["complaints"].([]any); len(list) != 1 ||
			!strings.Contains(rights, "/complain?site="+string(site.Key)) ||
			!strings.Contains(rights, connect.RegulatorURL) {
			t.Errorf("%s: %v", who, got)
		}
	}
	got := w.call(bearer, "POST", path+"/erase", `{"phone":"07700900123"}`, 200)
	if got["erased"] != 1.0 || got["complaintsKept"] != 1.0 ||
		!strings.Contains(fmt.Sprint(got["rights"]), connect.RegulatorURL) {
		t.Error(got)
	}
	w.call(bearer, "GET", pathOf(c), "", 200)
	if got := w.call(bearer, "POST", path+"/erase", `{"phone":"07700900999"}`, 200); got["complaintsKept"] != 0.0 {
		t.Error("a bystander's:", got)
	}
}
