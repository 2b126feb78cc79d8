package main

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// complainTo stores a complaint to a business, as function callbacks does.
func (f *fixture) complainTo(site *connect.Site, key, text string) *connect.SiteComplaint {
	f.T.Helper()
	now := f.Clock.Now()
	c := &connect.SiteComplaint{
		ID: connect.ComplaintByKey(site.ID, key), Account: site.Account, Site: site.ID, SiteName: site.Name,
		Name: text, Email: "vera@visitor.example", Message: text,
	}
	c.Receive(now, time.UTC)
	c.Acknowledge(now)
	if _, err := f.Store.AddSiteComplaint(f.T.Context(), c, time.UTC, now); err != nil {
		f.T.Fatal(err)
	}
	return c
}

// handle stores a change of a complaint, with its mail.
func (f *fixture) handle(c *connect.SiteComplaint, messages []connect.Message) {
	f.T.Helper()
	if err := f.Store.ChangeSiteComplaint(f.T.Context(), c, messages, nil, f.Clock.Now()); err != nil {
		f.T.Fatal(err)
	}
}

// complaintStory are all mails about complaints to one business.
func (f *fixture) complaintStory(owner apitest.Person, text string) (out []connect.Message) {
	now := f.Clock.Now()
	site := f.Site(owner.Account, text, "Europe/London", "https://shop.example")
	waits, closed := f.complainTo(site, "waits", text), f.complainTo(site, "closed", text)
	silent := f.complainTo(site, "silent", text)
	silent.AcknowledgedAt = time.Time{}
	f.handle(silent, nil)
	waits.Step(connect.ComplaintUpdated, text, "First line.\n"+text, now)
	f.handle(waits, nil)
	closed.Close(connect.ComplaintPartlyUpheld, "First line.\n\n"+text, text, now)
	f.handle(closed, nil)
	update, answer := waits.Tell(connect.MailSiteComplaintUpdate), closed.Tell(connect.MailSiteComplaintAnswer)
	update.Detail = strconv.Itoa(len(waits.History) - 1)
	out = append(out, waits.Tell(connect.MailSiteComplaintAcknowledged), update, answer)
	for _, c := range []*connect.SiteComplaint{waits, silent} {
		for _, detail := range []connect.TaskKind{
			connect.TaskComplaintWeek, connect.TaskComplaintDay, connect.TaskComplaintOver,
		} {
			due := c.Tell(connect.MailSiteComplaintDue)
			due.User, due.Detail = owner.Token.User, string(detail)
			out = append(out, due)
		}
		made, more := c.Tell(connect.MailSiteComplaint), c.Tell(connect.MailSiteComplaints)
		made.User, more.User = owner.Token.User, owner.Token.User
		out = append(out, made, more)
	}
	return out
}

// What a business writes reaches the complainant in its name, with the right to go to the regulator; what it notes for
// itself does not, and an answer that was taken back is not sent.
func TestAComplainantIsToldInTheBusinesssName(t *testing.T) {
	f := start(t)
	olive := f.Person("olive@example.com")
	site := f.Site(olive.Account, "Acme Dental", "Europe/London", "https://shop.example")
	c := f.complainTo(site, "one", "I was called at night.")
	f.stream()
	now := f.Clock.Now()
	c.Step(connect.ComplaintNoted, "Olive", "It was Bob.", now)
	f.handle(c, nil)
	c.Step(connect.ComplaintUpdated, "Olive", "We are looking into it.", now)
	f.handle(c, c.Mail(connect.MailSiteComplaintUpdate, strconv.Itoa(len(c.History)-1), now))
	f.stream()
	c.Close(connect.ComplaintUpheld, "We are sorry.\nIt won't happen again.", "Olive", now)
	f.handle(c, c.Mail(connect.MailSiteComplaintAnswer, strconv.Itoa(c.Version+1), now))
	f.stream()
	mails := f.to("vera@visitor.example")
	if len(mails) != 3 {
		t.Fatalf("%d mails", len(mails))
	}
	for n, want := range []string{"Received: ", "We are looking into it.", "It won't happen again."} {
		if !strings.Contains(mails[n], want) || !strings.Contains(mails[n], connect.RegulatorURL) ||
			!strings.Contains(mails[n], string(c.ID)) {
			t.Errorf("mail %d lacks %q, the number or the regulator: %s", n, want, mails[n])
		}
		if strings.Contains(mails[n], "Bob") || strings.Contains(mails[n], "night") || strings.Contains(mails[n], "Olive") {
			t.Errorf("mail %d holds what is not for it: %s", n, mails[n])
		}
	}
	for _, m := range f.post.mails {
		if m.To == "vera@visitor.example" && m.Sender != "Acme Dental by Mi Connect" {
			t.Errorf("from %q", m.Sender)
		}
	}
	owners := f.to("olive@example.com")
	if len(owners) != 1 ||
		!strings.Contains(owners[0], "/app/complaints?site="+string(site.ID)+"&complaint="+string(c.ID)) ||
		strings.Contains(owners[0], "night") {
		t.Errorf("to the owner: %v", owners)
	}
	again := f.complainTo(site, "two", "Again.")
	again.Close(connect.ComplaintNotUpheld, "No.", "Olive", now)
	messages := again.Mail(connect.MailSiteComplaintAnswer, "2", now)
	again.Reopen("Olive", now)
	f.handle(again, messages)
	f.stream()
	for _, m := range f.to("vera@visitor.example") {
		if strings.Contains(m, "don't agree") {
			t.Error("an answer that was taken back was sent")
		}
	}
}

// The acknowledgement is one mail in effect, wherever the function ends while it sends it.
func TestACrashAnywhereAcknowledgesOnce(t *testing.T) {
	f := start(t)
	olive := f.Person("olive@example.com")
	site := f.Site(olive.Account, "Acme Dental", "Europe/London", "https://shop.example")
	whole, crashes, again := f.deliver.store, 0, 0
	for _, answered := range []bool{false, true} {
		for at := 1; ; at++ {
			f.post.mails = nil
			f.complainTo(site, strconv.FormatBool(answered)+strconv.Itoa(at), "Please stop.")
			wire := &apitest.Dying{At: at, Answered: answered}
			f.deliver.store = open(store.OpenThrough(func(k string) string { return f.Env[k] }, wire))
			f.stream()
			f.deliver.store = whole
			clear(f.seen)
			f.settle(3 * time.Minute)
			ids, mails := map[string]bool{}, 0
			for _, m := range f.post.mails {
				if m.To == "vera@visitor.example" {
					ids[m.ID] = true
					mails++
				}
			}
			if len(ids) != 1 {
				t.Fatalf("died at call %d: %d mails", at, len(ids))
			}
			again += mails - 1
			if !wire.Died() {
				break
			}
			crashes++
		}
	}
	if crashes < 6 {
		t.Errorf("only %d crashes", crashes)
	}
	t.Logf("%d crashes: one acknowledgement each; %d times it was sent again under its Message-ID", crashes, again)
}
