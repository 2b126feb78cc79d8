package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/hours"
	"github.com/mi-telecom/mi-connect/shared/mail"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

const visitorPhone = "+447700900123"

// ask stores a visitor's request, as function callbacks does.
func (f *fixture) ask(site *connect.Site, name string) *connect.Callback {
	f.T.Helper()
	now := f.Clock.Now()
	c := &connect.Callback{
		ID: connect.NewCallbackID(now), Site: site.ID, SiteName: site.Name, Account: site.Account, Name: name,
		Phone: visitorPhone, PhoneShown: "+44 7700 900123", Email: "vera@visitor.example", Message: "my secret matter",
		Page: "https://shop.example/boilers", Status: connect.StatusNew, CreatedAt: now, UpdatedAt: now,
		Due: now.Add(15 * time.Minute), ExpiresAt: now.AddDate(0, 0, 90),
	}
	key := token.NewID()
	if _, err := f.Store.AddCallback(f.T.Context(), c, key, key, now); err != nil {
		f.T.Fatal(err)
	}
	return c
}

// settle has the outbox emptied over the next minutes.
func (f *fixture) settle(over time.Duration) {
	f.T.Helper()
	for end := f.Clock.Now().Add(over); f.Clock.Now().Before(end); f.Clock.Forward(time.Minute) {
		f.requeue()
		if failed := f.stream(); failed != "" {
			f.T.Fatal(failed)
		}
	}
}

func (f *fixture) choose(p apitest.Person, account connect.AccountID, site *connect.Site, a connect.RequestAlert) {
	f.T.Helper()
	c := connect.AlertChoice{Requests: a}
	if err := f.Store.ChooseRequestAlert(f.T.Context(), account, p.Token.User, site.ID, c); err != nil {
		f.T.Fatal(err)
	}
}

func TestPeopleAreToldOfARequest(t *testing.T) {
	f := start(t)
	olive, gina, vic := f.Person("olive@example.com"), f.Person("gina@example.com"), f.Person("vic@example.com")
	f.Member(gina, olive.Account, connect.Agent)
	f.Member(vic, olive.Account, connect.Viewer)
	site := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	f.Clock.Set(time.Date(2026, 7, 6, 14, 4, 0, 0, time.UTC)) // summer: an hour ahead of UTC
	f.stream()
	f.post.mails = nil
	c := f.ask(site, "Ada Visitor")
	for range 3 {
		clear(f.seen) // every record comes again
		f.stream()
	}
	if to := f.mailed(); to["olive@example.com"] != 1 || to["gina@example.com"] != 1 || len(f.post.mails) != 2 {
		t.Fatalf("mailed %v", to)
	}
	m := f.post.mails[0]
	for _, want := range []string{
		"Ada Visitor", "+44 7700 900123", "Call: as soon as possible",
		"Promised by: Monday 6 July 2026, 15:19 BST", "Monday 6 July 2026, 15:04 BST", "/boilers",
		f.origin + "/app/sites/" + string(site.ID) + "/inbox?request=" + string(c.ID), f.origin + "/app/notifications",
	} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("no %q in %s", want, m.Text)
		}
	}
	if !strings.Contains(m.HTML, `href="tel:`+visitorPhone+`"`) || m.Sender != "Shop on Mi Connect" {
		t.Errorf("from %q: %s", m.Sender, m.HTML)
	}
	// What lies in a mailbox is kept for longer than the request is.
	if strings.Contains(m.Text+m.HTML, "secret") || strings.Contains(m.Text+m.HTML, "visitor.example") {
		t.Errorf("it holds more than a call needs: %s", m.Text)
	}
	// The outbox holds none of it at all.
	for _, i := range f.Items("OUTBOX_TABLE") {
		if text := fmt.Sprint(i); strings.Contains(text, "Ada") || strings.Contains(text, "7700") {
			t.Errorf("the outbox holds %s", text)
		}
	}
}

// A promise that runs out is told to the same people, with what is left of it; not once it is claimed, dealt with or
// over, and for a burst not one by one.
func TestAPromiseAtRisk(t *testing.T) {
	f := start(t)
	olive := f.Person("olive@example.com")
	site := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	f.Clock.Set(time.Date(2026, 7, 6, 14, 4, 0, 0, time.UTC))
	risk := func(c *connect.Callback, n int) {
		m := connect.Message{
			ID: fmt.Sprintf("o_risk-%s-%d", c.ID, n), Kind: connect.MailPromiseAtRisk, Account: olive.Account, Site: site.ID,
			Callback: c.ID,
		}
		for range 2 { // the task is done again
			if err := f.Store.QueueOnce(t.Context(), m, f.Clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	waiting, claimed, called, broken := f.ask(site, "Ada"), f.ask(site, "Bob"), f.ask(site, "Cyd"), f.ask(site, "Dan")
	f.stream()
	f.post.mails = nil
	_, _ = claimed.TakeOn(olive.Token.User, "Olive", f.Clock.Now())
	called.Resolve(connect.NoAnswer, "Olive", f.Clock.Now())
	for _, c := range []*connect.Callback{claimed, called} {
		if err := f.Store.ChangeCallback(t.Context(), c, f.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	broken.Due = f.Clock.Now().Add(time.Minute)
	if err := f.Store.ChangeCallback(t.Context(), broken, f.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	f.Clock.Forward(7*time.Minute + 30*time.Second)
	for _, c := range []*connect.Callback{waiting, claimed, called, broken} {
		risk(c, 1)
	}
	f.stream()
	if len(f.post.mails) != 1 {
		t.Fatalf("%d mails, want that of the one who waits", len(f.post.mails))
	}
	m := f.post.mails[0]
	if m.Subject != "Ada is waiting: call by 15:19" || !strings.Contains(m.Text, "7 minutes left") ||
		!strings.Contains(m.Text, "by Monday 6 July 2026, 15:19 BST") || !strings.Contains(m.HTML, `href="tel:`) {
		t.Errorf("%q: %s", m.Subject, m.Text)
	}
	// A burst of them is bounded, and no new request is kept from being told by it.
	f.post.mails = nil
	var late []*connect.Callback
	for range connect.RequestMailsPerHour + 10 {
		late = append(late, f.ask(site, "Eve"))
	}
	f.stream()
	told := len(f.post.mails)
	for _, c := range late {
		risk(c, 1)
	}
	f.stream()
	if got := len(f.post.mails) - told; got > connect.RequestMailsPerHour || got < connect.RequestMailsPerHour-4 {
		t.Errorf("%d of %d reminders in an hour", got, len(late))
	}
}

func TestEachChoosesHowTheyAreTold(t *testing.T) {
	f := start(t)
	olive, vic := f.Person("olive@example.com"), f.Person("vic@example.com")
	f.Member(vic, olive.Account, connect.Viewer)
	shop := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	other := f.Site(olive.Account, "Other", "Europe/London", "https://other.example")
	f.stream()
	for _, step := range []struct {
		olive, vic connect.RequestAlert
		want       []string
	}{
		{connect.AlertOff, connect.AlertAtOnce, []string{"vic@example.com"}},
		{connect.AlertAtOnce, connect.AlertOff, []string{"olive@example.com"}},
		{connect.AlertOff, connect.AlertOff, nil},
	} {
		f.choose(olive, olive.Account, shop, step.olive)
		f.choose(vic, olive.Account, shop, step.vic)
		f.post.mails = nil
		f.ask(shop, "Ada")
		f.stream()
		var got []string
		for to := range f.mailed() {
			got = append(got, to)
		}
		if !slices.Equal(got, step.want) {
			t.Errorf("%v: mailed %v", step, got)
		}
	}
	f.post.mails = nil
	f.ask(other, "Ada") // what is chosen for one site is not for the next
	f.stream()
	if to := f.mailed(); to["olive@example.com"] != 1 || len(to) != 1 {
		t.Errorf("mailed %v", to)
	}
	// Who turns it off, leaves or is demoted between the request and its mail gets none.
	for name, change := range map[string]func(){
		"turned off": func() { f.choose(olive, olive.Account, other, connect.AlertOff) },
		"erased": func() {
			for _, i := range f.Items("CALLBACKS_TABLE") {
				id := connect.CallbackID(i["sk"].(string))
				if err := f.Store.EraseCallback(t.Context(), other.ID, id, &connect.Receipt{
					ID: connect.NewReceiptID(), Kind: connect.Erasure, Site: other.ID, Via: connect.ViaLink, Count: 1,
					At: f.Clock.Now(),
				}); err != nil && !errors.Is(err, connect.ErrNotFound) {
					t.Fatal(err)
				}
			}
		},
	} {
		f.choose(olive, olive.Account, other, connect.AlertAtOnce)
		f.post.mails = nil
		f.ask(other, "Ada")
		change()
		f.stream()
		if len(f.post.mails) != 0 {
			t.Errorf("%s: mailed %v", name, f.post.mails)
		}
	}
}

// Of a client that has nobody of its own the agency's people are told, and of another one when they choose so.
func TestAnAgencyIsToldOfItsClients(t *testing.T) {
	f := start(t)
	agency, cleo := f.Person("agency@example.com"), f.Person("cleo@example.com")
	now := f.Clock.Now()
	c := connect.Client{
		Agency: agency.Account, AgencyName: "A", Account: connect.NewAccountID(), Name: "Client",
		Payer: connect.AgencyPays, Since: now,
	}
	if err := f.Store.AddClient(t.Context(), c, connect.Entitlement{Limits: connect.PlanOf("agency").Limits}); err != nil {
		t.Fatal(err)
	}
	site := f.Site(c.Account, "Client's", "Europe/London", "https://client.example")
	f.stream()
	told := func() map[string]int {
		f.post.mails = nil
		f.ask(site, "Ada")
		f.stream()
		return f.mailed()
	}
	if to := told(); to["agency@example.com"] != 1 || len(to) != 1 {
		t.Errorf("without people of its own: %v", to)
	}
	f.Member(cleo, c.Account, connect.Owner)
	if to := told(); to["cleo@example.com"] != 1 || len(to) != 1 {
		t.Errorf("with an owner: %v", to)
	}
	f.choose(agency, agency.Account, site, connect.AlertAtOnce)
	if to := told(); to["cleo@example.com"] != 1 || to["agency@example.com"] != 1 {
		t.Errorf("chosen by the agency: %v", to)
	}
}

// 40 requests within an hour are 10 mails and one when it is over, to each reader, whatever comes twice.
func TestABurstOfRequestsIsABoundedNumberOfMails(t *testing.T) {
	f := start(t)
	olive := f.Person("olive@example.com")
	site := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	f.Clock.Set(time.Date(2026, 11, 24, 9, 10, 0, 0, time.UTC))
	f.stream()
	f.post.mails = nil
	for range 40 {
		f.ask(site, "Ada")
	}
	for range 3 {
		clear(f.seen)
		f.stream()
	}
	if len(f.post.mails) != connect.RequestMailsPerHour {
		t.Fatalf("%d mails", len(f.post.mails))
	}
	f.settle(49 * time.Minute)
	if len(f.post.mails) != connect.RequestMailsPerHour {
		t.Fatalf("%d mails before the hour is over", len(f.post.mails))
	}
	f.settle(5 * time.Minute)
	last := f.post.mails[len(f.post.mails)-1]
	if len(f.post.mails) != connect.RequestMailsPerHour+1 || last.Subject != "40 callback requests are waiting" {
		t.Fatalf("%d mails, the last %q", len(f.post.mails), last.Subject)
	}
	f.ask(site, "Ada") // of the next hour
	f.settle(2 * time.Hour)
	if len(f.post.mails) != connect.RequestMailsPerHour+2 {
		t.Errorf("%d mails in the end", len(f.post.mails))
	}
}

// One request is one mail to each reader, wherever the function ends while it tells of it. Only where it ends between
// the mail service's answer and the note of it the same mail, with the same Message-ID, goes again.
func TestACrashAnywhereTellsOfARequestOnce(t *testing.T) {
	crashes, again := 0, 0
	f := start(t)
	olive, gina := f.Person("olive@example.com"), f.Person("gina@example.com")
	f.Member(gina, olive.Account, connect.Agent)
	whole := f.deliver.store
	for _, answered := range []bool{false, true} {
		for at := 1; ; at++ {
			site := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
			f.stream()
			f.post.mails = nil
			f.ask(site, "Ada")
			wire := &apitest.Dying{At: at, Answered: answered}
			f.deliver.store = open(store.OpenThrough(func(k string) string { return f.Env[k] }, wire))
			f.stream() // what fails comes again
			f.deliver.store = whole
			clear(f.seen)
			f.settle(3 * time.Minute)
			ids := map[string]mail.Mail{}
			for _, m := range f.post.mails {
				ids[m.ID] = m
			}
			if to := f.mailed(); len(ids) != 2 || to["olive@example.com"] == 0 || to["gina@example.com"] == 0 {
				t.Fatalf("died at call %d: mailed %v", at, to)
			}
			again += len(f.post.mails) - len(ids)
			if !wire.Died() {
				break
			}
			crashes++
		}
	}
	if crashes < 20 {
		t.Errorf("only %d crashes", crashes)
	}
	t.Logf("%d crashes: two mails each; %d times one was sent again under its Message-ID", crashes, again)
}

// A visitor chooses what they are called, and a business what its site is called: in a mail it is one line of text, cut
// to a length, that no program makes a link, a recipient or a header of.
func TestAVisitorsNameIsOnlyText(t *testing.T) {
	f := start(t)
	olive := f.Person("olive@example.com")
	f.stream()
	for _, name := range []string{
		"http://evil.example", "www.evil.example/a?b", "mailto:eve@evil.example", "Ada\r\nBcc: eve@evil.example",
		"\u202egnp.exe", strings.Repeat("ä", 100), `"Ada" <eve@evil.example>`, "[Log in] https://evil.example",
	} {
		site := f.Site(olive.Account, name, "Europe/London", "https://shop.example")
		f.post.mails = nil
		f.ask(site, name)
		f.stream()
		if len(f.post.mails) != 1 {
			t.Fatalf("%q: %d mails", name, len(f.post.mails))
		}
		m := f.post.mails[0]
		for _, fault := range faults(f, &m) {
			t.Errorf("%q: %s", name, fault)
		}
		line := m.Subject + m.Sender
		if strings.Contains(line+m.Text, "evil.") || strings.ContainsAny(line, "\r\n\u202e") ||
			len(m.Sender) > 80 || strings.Count(m.HTML, "<a ") != 3 {
			t.Errorf("%q became %q from %q: %s", name, m.Subject, m.Sender, m.Text)
		}
	}
}

// departments sets up a site's.
func (f *fixture) departments(site *connect.Site, names ...string) {
	f.T.Helper()
	r := hours.Default()
	for _, name := range names {
		r.Departments = append(r.Departments, hours.Department{Name: name, Capacity: 1})
	}
	if err := f.Store.ChangeHours(f.T.Context(), site, r); err != nil {
		f.T.Fatal(err)
	}
}
