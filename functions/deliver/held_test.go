package main

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// night are the quiet hours of these tests.
var night = connect.AlertTimes{Zone: "Europe/London", Daily: 8 * 60, Quiet: true, From: 22 * 60, To: 7 * 60}

func (f *fixture) times(p apitest.Person, t connect.AlertTimes) {
	f.T.Helper()
	if err := f.Store.ChooseAlertTimes(f.T.Context(), p.Token.User, t); err != nil {
		f.T.Fatal(err)
	}
}

type inbox map[string][]mail.Mail

// String is short: subjects by recipient.
func (i inbox) String() string {
	out := ""
	for to, mails := range i {
		for _, m := range mails {
			out += to + ": " + m.Subject + "; "
		}
	}
	return out
}

// emailed are the emails since they were looked at last, by recipient, in order.
func (f *fixture) emailed() inbox {
	out := inbox{}
	for _, m := range f.post.mails {
		out[m.To] = append(out[m.To], m)
	}
	f.post.mails = nil
	return out
}

func (f *fixture) at(t time.Time) {
	f.T.Helper()
	f.Clock.Set(t)
	f.settle(2 * time.Minute)
}

// What comes within somebody's quiet hours is one email when they end, with what is late marked; whoever has none is
// told at once.
func TestQuietHoursEndInOneEmail(t *testing.T) {
	f := start(t)
	olive, gina := f.Person("olive@example.com"), f.Person("gina@example.com")
	f.Member(gina, olive.Account, connect.Agent)
	shop := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	garage := f.Site(olive.Account, "Garage", "America/New_York", "https://garage.example")
	f.times(olive, night)
	day := time.Date(2026, 7, 6, 0, 0, 0, 0, time.UTC) // summer: London is an hour ahead
	f.at(day.Add(20*time.Hour + 50*time.Minute))
	f.emailed()
	f.ask(shop, "Before")
	f.settle(time.Minute)
	if to := f.emailed(); len(to["olive@example.com"]) != 1 || len(to["gina@example.com"]) != 1 {
		t.Fatalf("a minute before: %v", to)
	}
	f.at(day.Add(21 * time.Hour))
	first := f.ask(shop, "Ada")
	f.settle(2 * time.Minute)
	f.at(day.Add(24 * time.Hour))
	f.ask(garage, "Bob")
	called := f.ask(shop, "Called")
	for n := range 2 { // reminders of both
		if err := f.Store.QueueOnce(t.Context(), connect.Message{
			ID: fmt.Sprintf("o_risk-%d", n), Kind: connect.MailPromiseAtRisk, Account: shop.Account, Site: shop.ID,
			Callback: first.ID,
		}, f.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	read, err := f.Store.Callback(t.Context(), shop.ID, first.ID, f.Clock.Now())
	if err != nil || !read.Break(f.Clock.Now()) {
		t.Fatal("it is not late", err)
	}
	late := connect.Task{Account: shop.Account, Site: shop.ID, Callback: first.ID}
	if err := f.Store.BreakPromise(t.Context(), read, late, true, false, f.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	f.settle(2 * time.Minute)
	called.Resolve(connect.NoAnswer, "Gina", f.Clock.Now())
	if err := f.Store.ChangeCallback(t.Context(), called, f.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	f.at(day.Add(29*time.Hour + 58*time.Minute)) // 06:58
	to := f.emailed()
	if len(to["olive@example.com"]) != 0 || len(to["gina@example.com"]) != 3 {
		t.Fatalf("in the quiet hours: %v", to)
	}
	f.settle(5 * time.Minute)
	f.ask(shop, "After")
	f.settle(2 * time.Minute)
	got := f.emailed()["olive@example.com"]
	if len(got) != 2 || got[0].Subject != "2 callback requests are waiting" || got[1].Subject != "After asked for a call" {
		t.Fatalf("when they end: %v", got)
	}
	for _, want := range []string{
		"Ada, +44 7700 900123\nShop: the promised call is late\n", "Bob, +44 7700 900123\nGarage: the promised call is late",
		"Monday 6 July 2026, 22:02 BST", "Monday 6 July 2026, 20:02 EDT", f.origin + "/app:", f.origin + "/app/notifications",
	} {
		if !strings.Contains(strings.ReplaceAll(got[0].Text, ":\n"+f.origin+"/app\n", " "+f.origin+"/app:\n"), want) {
			t.Errorf("no %q in %s", want, got[0].Text)
		}
	}
	if strings.Contains(got[0].Text, "Called") || strings.Contains(got[0].Text, "Before") ||
		strings.Contains(got[0].Text, "secret") {
		t.Errorf("it tells too much: %s", got[0].Text)
	}
	f.at(day.Add(54 * time.Hour))
	if to := f.emailed(); len(to) != 0 {
		t.Errorf("the night after, without any: %v", to)
	}
}

// The email of a day is one for all sites, at the hour of the person's own clock, and not within their quiet hours.
// With nothing in it there is none.
func TestOneEmailADay(t *testing.T) {
	f := start(t)
	olive, gina := f.Person("olive@example.com"), f.Person("gina@example.com")
	f.Member(gina, olive.Account, connect.Agent)
	shop := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	other := f.Site(olive.Account, "Other", "Europe/London", "https://other.example")
	for _, p := range []apitest.Person{olive, gina} {
		f.choose(p, olive.Account, shop, connect.AlertDaily)
		f.choose(p, olive.Account, other, connect.AlertDaily)
	}
	f.times(olive, connect.AlertTimes{Zone: "Asia/Tokyo", Daily: 8 * 60}) // 23:00 UTC
	early := night
	early.Daily = 6 * 60 // within the quiet hours: 07:00 GMT
	f.times(gina, early)
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	f.at(day.Add(10 * time.Hour))
	f.emailed()
	f.ask(shop, "Ada")
	f.at(day.Add(11 * time.Hour))
	f.ask(other, "Bob")
	for range connect.RequestMailsPerHour + 5 {
		f.ask(other, "Burst")
	}
	f.settle(time.Minute)
	f.at(day.Add(12*time.Hour + time.Minute))
	if to := f.emailed(); len(to) != 0 {
		t.Fatalf("before: %v", to)
	}
	f.at(day.Add(23 * time.Hour))
	to := f.emailed()
	if got := to["olive@example.com"]; len(to) != 1 || len(got) != 1 ||
		got[0].Subject != "17 callback requests are waiting" {
		t.Fatalf("at 08:00 in Tokyo: %v", to)
	} else if strings.Count(got[0].Text, "+44 7700") != 11 ||
		!strings.Contains(got[0].Text, "There are more in the inbox.") {
		t.Errorf("it lists %s", got[0].Text)
	}
	f.at(day.Add(30*time.Hour + 58*time.Minute))
	if to := f.emailed(); len(to) != 0 {
		t.Fatalf("at 06:58 in London: %v", to)
	}
	f.at(day.Add(31 * time.Hour))
	if to := f.emailed(); len(to["gina@example.com"]) != 1 || len(to) != 1 {
		t.Fatalf("at 07:00 in London: %v", to)
	}
	for range 3 {
		f.at(f.Clock.Now().Add(8 * time.Hour))
	}
	if to := f.emailed(); len(to) != 0 {
		t.Errorf("the day after, without any: %v", to)
	}
}

// What was called, erased or turned off, and whoever left, between a request and its email is in none.
func TestWhatIsHeldIsAsItIsWhenItIsTold(t *testing.T) {
	for name, change := range map[string]func(f *fixture, olive, gina apitest.Person, c *connect.Callback){
		"called": func(f *fixture, _, _ apitest.Person, c *connect.Callback) {
			c.Resolve(connect.Talked, "Olive", f.Clock.Now())
			if err := f.Store.ChangeCallback(f.T.Context(), c, f.Clock.Now()); err != nil {
				f.T.Fatal(err)
			}
		},
		"erased": func(f *fixture, _, _ apitest.Person, c *connect.Callback) {
			if err := f.Store.EraseCallback(f.T.Context(), c.Site, c.ID, &connect.Receipt{
				ID: connect.NewReceiptID(), Kind: connect.Erasure, Site: c.Site, Via: connect.ViaLink, Count: 1, At: f.Clock.Now(),
			}); err != nil {
				f.T.Fatal(err)
			}
		},
		"turned off": func(f *fixture, olive, gina apitest.Person, c *connect.Callback) {
			f.choose(gina, olive.Account, &connect.Site{ID: c.Site}, connect.AlertOff)
		},
		"left": func(f *fixture, olive, gina apitest.Person, _ *connect.Callback) {
			m, err := f.Store.Member(f.T.Context(), olive.Account, gina.Token.User)
			if err == nil {
				err = f.Store.RemoveMember(f.T.Context(), m, connect.AuditEntry{Account: olive.Account, At: f.Clock.Now()})
			}
			if err != nil {
				f.T.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			olive, gina := f.Person("olive@example.com"), f.Person("gina@example.com")
			f.Member(gina, olive.Account, connect.Agent)
			site := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
			f.times(gina, night)
			f.at(time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC))
			c := f.ask(site, "Ada")
			f.settle(time.Minute)
			change(f, olive, gina, c)
			f.emailed()
			f.at(time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC))
			for _, m := range f.emailed()["gina@example.com"] {
				if strings.Contains(m.Subject, "waiting") {
					t.Errorf("%s: %s", m.Subject, m.Text)
				}
			}
		})
	}
}

// Whoever chose departments hears of theirs alone, at once as in the email of what was held.
func TestOnlyOnesDepartments(t *testing.T) {
	f := start(t)
	olive := f.Person("olive@example.com")
	site := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	f.departments(site, "Sales", "Repairs")
	f.at(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	ask := func(departments ...string) string {
		f.emailed()
		for _, d := range departments {
			c := f.ask(site, "for "+d)
			f.SetText("CALLBACKS_TABLE", "S#"+string(site.ID), string(c.ID), "department", d)
		}
		f.settle(time.Minute)
		var got []string
		for _, m := range f.emailed()["olive@example.com"] {
			name, _, _ := strings.Cut(m.Subject, " asked")
			got = append(got, strings.TrimPrefix(name, "for "))
		}
		return strings.Join(got, ",")
	}
	choose := func(departments ...string) {
		c := connect.AlertChoice{Requests: connect.AlertAtOnce, Departments: departments}
		if err := f.Store.ChooseRequestAlert(t.Context(), olive.Account, olive.Token.User, site.ID, c); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		chosen      []string
		asked, want string
	}{
		{nil, "Sales", "Sales"},
		{[]string{"Sales"}, "Repairs", ""},
		{[]string{"Sales"}, "sales", "sales"},
		{[]string{"Sales"}, "Nobody set this up", ""},
		{[]string{"Repairs", ""}, "Nobody set this up", "Nobody set this up"},
		{[]string{"Repairs", ""}, "Sales", ""},
		{[]string{"Renamed since"}, "Sales", "Sales"},
	} {
		choose(c.chosen...)
		f.Clock.Forward(time.Hour)
		if got := ask(c.asked); got != c.want {
			t.Errorf("chosen %q, asked %s: %q", c.chosen, c.asked, got)
		}
	}
	choose("Sales")
	f.times(olive, night)
	f.at(time.Date(2026, 11, 25, 23, 0, 0, 0, time.UTC))
	ask("Sales", "Repairs")
	f.at(time.Date(2026, 11, 26, 7, 0, 0, 0, time.UTC))
	got := f.emailed()["olive@example.com"]
	if len(got) != 1 || !strings.Contains(got[0].Text, "for Sales") || strings.Contains(got[0].Text, "for Repairs") {
		t.Errorf("held: %v", got)
	}
}

// What is held is told once, wherever the function ends while it keeps it or tells of it. Only where it ends between
// the mail service's answer and the note of it the same mail, with the same Message-ID, goes again.
func TestACrashAnywhereTellsOnceOfWhatIsHeld(t *testing.T) {
	f := start(t)
	olive, gina := f.Person("olive@example.com"), f.Person("gina@example.com")
	f.Member(gina, olive.Account, connect.Agent)
	site := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	f.times(olive, night)
	f.times(gina, night)
	f.choose(gina, olive.Account, site, connect.AlertDaily)
	f.stream()
	f.emailed()
	whole, crashes, again := f.deliver.store, 0, 0
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	die := func(wire *apitest.Dying) {
		before := maps.Clone(f.seen)
		f.deliver.store = open(store.OpenThrough(func(k string) string { return f.Env[k] }, wire))
		f.stream()
		f.deliver.store = whole
		f.seen = before // what it was at comes again
		f.settle(2 * time.Minute)
	}
	for _, telling := range []bool{false, true} {
		for _, answered := range []bool{false, true} {
			for at := 1; ; at++ {
				f.Clock.Set(day.Add(23 * time.Hour))
				name := fmt.Sprintf("Ada %d", at)
				wire := &apitest.Dying{At: at, Answered: answered}
				f.ask(site, name)
				if !telling {
					die(wire) // as it is kept
				}
				f.settle(time.Minute)
				if to := f.emailed(); len(to) != 0 {
					t.Fatalf("died at call %d: %v in the quiet hours", at, to)
				}
				for _, hour := range []int{31, 32} { // 07:00 for one, 08:00 for the other
					f.Clock.Set(day.Add(time.Duration(hour) * time.Hour))
					f.requeue()
					if telling {
						die(wire)
					}
					f.settle(time.Minute)
				}
				for to, mails := range f.emailed() {
					ids := map[string]bool{}
					for _, m := range mails {
						ids[m.ID] = true
						if strings.Count(m.Text, name+",") != 1 {
							t.Fatalf("died at call %d: %s to %s", at, m.Text, to)
						}
					}
					if len(ids) != 1 {
						t.Fatalf("died at call %d: %d mails to %s", at, len(ids), to)
					}
					again += len(mails) - 1
				}
				day = day.AddDate(0, 0, 1)
				if !wire.Died() {
					break
				}
				crashes++
			}
		}
	}
	if crashes < 40 {
		t.Errorf("only %d crashes", crashes)
	}
	t.Logf("%d crashes: one mail each; %d times one was sent again under its Message-ID", crashes, again)
}

// The function is away through the end of the quiet hours and back within the next: it is told when those end.
func TestWhatIsLateIsNotToldInTheNextQuietHours(t *testing.T) {
	f := start(t)
	olive := f.Person("olive@example.com")
	site := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	f.times(olive, night)
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	f.at(day.Add(23 * time.Hour))
	f.emailed()
	f.ask(site, "Ada")
	f.settle(time.Minute)
	f.at(day.Add(46*time.Hour + 30*time.Minute))
	f.ask(site, "Bob")
	f.settle(time.Minute)
	if to := f.emailed(); len(to) != 0 {
		t.Fatalf("within them: %v", to)
	}
	f.at(day.Add(55 * time.Hour))
	got := f.emailed()["olive@example.com"]
	if len(got) != 1 || !strings.Contains(got[0].Text, "Ada") || !strings.Contains(got[0].Text, "Bob") {
		t.Errorf("after them: %v", got)
	}
}

// However much is held, one message keeps a bounded part of it and says that there is more.
func TestWhatIsHeldIsBounded(t *testing.T) {
	f := start(t)
	olive := f.Person("olive@example.com")
	site := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	now := time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC)
	f.at(now)
	f.emailed()
	until := now.Add(8 * time.Hour)
	for n := range 230 {
		m := connect.Message{
			ID: fmt.Sprintf("o_one-%d", n), Kind: connect.MailCallbackRequested, Account: site.Account, Site: site.ID,
			User: olive.Token.User, Callback: connect.CallbackID(fmt.Sprintf("c_%d", n)),
		}
		if err := f.Store.QueueOnce(t.Context(), m, now); err != nil {
			t.Fatal(err)
		}
		if held, err := f.deliver.store.HoldMessage(t.Context(), m, until, now); !held || err != nil {
			t.Fatal(held, err)
		}
	}
	most := 0
	for _, i := range f.Items("OUTBOX_TABLE") {
		if list, ok := i["held"].([]string); ok {
			most = max(most, len(list))
		}
	}
	if most != 201 {
		t.Errorf("%d are kept in one", most)
	}
}

// One more late call since the last email to the owners is one call, in the subject, too.
func TestOneMoreLateCallIsOne(t *testing.T) {
	f := start(t)
	olive := f.Person("olive@example.com")
	m := connect.Message{
		Kind: connect.MailPromiseBroken, Account: olive.Account, User: olive.Token.User, Detail: "1",
	}
	if out := f.letterOf(m); out == nil || out.Subject != "1 promised call is late" ||
		!strings.Contains(out.Text, "1 more person was promised a call") {
		t.Errorf("%+v", out)
	}
}

// Of an hour's rest alone the email says how many wait.
func TestTheRestOfAnHourIsHeldToo(t *testing.T) {
	f := start(t)
	olive := f.Person("olive@example.com")
	site := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	f.times(olive, night)
	f.at(time.Date(2026, 11, 24, 21, 40, 0, 0, time.UTC))
	for range connect.RequestMailsPerHour + 3 {
		f.ask(site, "Burst")
	}
	f.settle(2 * time.Minute)
	f.emailed()
	f.at(time.Date(2026, 11, 24, 22, 1, 0, 0, time.UTC))
	if to := f.emailed(); len(to) != 0 {
		t.Fatalf("in the quiet hours: %v", to)
	}
	f.at(time.Date(2026, 11, 25, 7, 0, 0, 0, time.UTC))
	got := f.emailed()["olive@example.com"]
	if len(got) != 1 || got[0].Subject != "13 callback requests are waiting" || strings.Contains(got[0].Text, "+44") {
		t.Errorf("when they end: %v", got)
	}
}
