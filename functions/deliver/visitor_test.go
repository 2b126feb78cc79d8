package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// book stores a request for a time, with the mails to its visitor, as function callbacks does.
func (f *fixture) book(site *connect.Site, name string, at time.Time) *connect.Callback {
	f.T.Helper()
	now := f.Clock.Now()
	c := &connect.Callback{
		ID: connect.NewCallbackID(now), Site: site.ID, SiteName: site.Name, Account: site.Account, Name: name,
		Phone: visitorPhone, Email: "vera@visitor.example", Message: name, Department: name, At: at,
		Page: "https://shop.example/", Status: connect.StatusNew, CreatedAt: now, UpdatedAt: now,
		ExpiresAt: now.AddDate(0, 0, 90),
	}
	c.Messages = []connect.Message{c.Tell(connect.MailVisitorConfirmed, site.Account)}
	key := token.NewID()
	if _, err := f.Store.AddCallback(f.T.Context(), c, key, key, now); err != nil {
		f.T.Fatal(err)
	}
	c.Messages = nil
	return c
}

// change does what the visitor does with a request: moves it, or cancels it for no time.
func (f *fixture) change(c *connect.Callback, at time.Time) {
	f.T.Helper()
	now := f.Clock.Now()
	kind := connect.MailVisitorMoved
	if at.IsZero() {
		kind = connect.MailVisitorCancelled
		c.Mark(connect.StatusCancelled, "", now)
	} else {
		c.At = at
		c.Moved(now)
	}
	c.Sequence++
	c.Messages = []connect.Message{c.Tell(kind, c.Account)}
	if err := f.Store.MoveCallback(f.T.Context(), c, connect.Booking{}, now); err != nil {
		f.T.Fatal(err)
	}
	c.Messages = nil
}

// toVera are the mails to the visitor.
func (f *fixture) toVera() (out []mail.Mail) {
	f.post.mu.Lock()
	defer f.post.mu.Unlock()
	for _, m := range f.post.mails {
		if m.To == "vera@visitor.example" {
			out = append(out, m)
		}
	}
	return out
}

const readers = "../../.tools/icalendar"

var install = sync.OnceValue(func() error {
	out, err := exec.Command("make", "--no-print-directory", "-C", "../..", ".tools/icalendar/bin/python").CombinedOutput()
	if err != nil {
		return fmt.Errorf("the referees need Python 3 with venv and pip, and npm: %w\n%s", err, out)
	}
	return nil
})

// read returns what both libraries read of an invitation, which must be the same.
func read(t *testing.T, text string) (out map[string]any) {
	t.Helper()
	if err := install(); err != nil {
		t.Fatal(err)
	}
	modules, err := filepath.Abs(readers + "/package.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{readers + "/bin/python", "../../infra/tools/icalendar/read.py"},
		{"node", "../../infra/tools/icalendar/read.mjs", modules},
	} {
		c := exec.Command(command[0], command[1:]...)
		c.Stdin, c.Stderr = strings.NewReader(text), os.Stderr
		said, err := c.Output()
		if err != nil {
			t.Fatalf("%v: %v\n%s", command, err, text)
		}
		var got map[string]any
		if err := json.NewDecoder(bytes.NewReader(said)).Decode(&got); err != nil {
			t.Fatal(err)
		}
		if out != nil && !reflect.DeepEqual(got, out) {
			t.Errorf("one library reads %v, the other %v", out, got)
		}
		out = got
	}
	return out
}

// One entry of the calendar over create, move, move and cancel, as two libraries read it: its name stays, its number
// rises, and in the end it goes.
func TestAnInvitationFollowsItsRequest(t *testing.T) {
	f := start(t)
	olive := f.Person("olive@example.com")
	name := `Müller, Söhne; "Heating" \ Café ` + strings.Repeat("é", 20)
	site := f.Site(olive.Account, name, "Europe/London", "https://shop.example")
	f.Clock.Set(time.Date(2026, 10, 24, 9, 0, 0, 0, time.UTC)) // the day before clocks change
	f.stream()
	at := func(day, hour int) time.Time { return time.Date(2026, 10, day, hour, 0, 0, 0, time.UTC) }
	c := f.book(site, "Ada", at(26, 11))
	f.stream()
	for _, when := range []time.Time{at(26, 12), at(25, 0), {}} {
		f.Clock.Forward(time.Minute)
		f.change(c, when)
		f.stream()
	}
	mails := f.toVera()
	if len(mails) != 4 {
		t.Fatalf("%d mails", len(mails))
	}
	uid := ""
	for n, want := range []struct{ method, status, start, subject, says string }{
		{"REQUEST", "CONFIRMED", "2026-10-26T11:00:00Z", "Your call from ", "Monday 26 October 2026, 11:00 GMT"},
		{"REQUEST", "CONFIRMED", "2026-10-26T12:00:00Z", " has moved", "Monday 26 October 2026, 12:00 GMT"},
		{"REQUEST", "CONFIRMED", "2026-10-25T00:00:00Z", " has moved", "Sunday 25 October 2026, 01:00 BST"},
		{"CANCEL", "CANCELLED", "2026-10-25T00:00:00Z", " is cancelled", "won't call you"},
	} {
		m := mails[n]
		if m.Invite == nil || m.Invite.Method != want.method || !strings.Contains(m.Subject, want.subject) ||
			!strings.Contains(m.Text, want.says) || !strings.HasSuffix(m.Sender, " by Mi Connect") {
			t.Fatalf("%d: from %q, %q: %s", n, m.Sender, m.Subject, m.Text)
		}
		for line := range strings.SplitSeq(m.Invite.Text, "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
				t.Errorf("%d: a line of %d octets: %q", n, len(line), line)
			}
		}
		got := read(t, m.Invite.Text)
		if uid == "" {
			uid = got["uid"].(string)
		}
		link := f.origin + "/request?token=" + f.Links.Sign(connect.PurposeRequest, string(site.ID)+"~"+string(c.ID))
		if got["method"] != want.method || got["status"] != want.status || got["start"] != want.start ||
			got["uid"] != uid || got["sequence"] != float64(n) || fmt.Sprint(got["errors"]) != "[]" ||
			got["organizer"] != "mailto:no-reply@operator.example" || got["attendee"] != "mailto:vera@visitor.example" ||
			got["summary"] != "Call from "+short(name, 40) || !strings.Contains(got["description"].(string), link) ||
			got["name"] != strings.ReplaceAll(short(name, 40), `"`, "'") {
			t.Errorf("%d: %v", n, got)
		}
	}
}

// What is overtaken before it is sent is not sent: of three changes within a second the last is told.
func TestOnlyWhatIsStillSoIsTold(t *testing.T) {
	f := start(t)
	olive := f.Person("olive@example.com")
	site := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	f.stream()
	now := f.Clock.Now()
	c := f.book(site, "Ada", now.Add(24*time.Hour))
	f.change(c, now.Add(25*time.Hour))
	f.change(c, now.Add(26*time.Hour))
	f.stream()
	if got := f.toVera(); len(got) != 1 || !strings.HasSuffix(got[0].Subject, "has moved") {
		t.Errorf("mailed %v", got)
	}
	// Called and not reached: told, and not again for each press of the next hours.
	for range 3 {
		c.Resolve(connect.NoAnswer, "Gina", f.Clock.Now())
		c.TellMissed(c.Account, f.Clock.Now())
		if err := f.Store.ChangeCallback(t.Context(), c, f.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		c.Messages = nil
		f.stream()
		c.Resolve(connect.NoOutcome, "Gina", f.Clock.Now())
		if err := f.Store.ChangeCallback(t.Context(), c, f.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		f.Clock.Forward(time.Minute)
	}
	if got := f.toVera(); len(got) != 2 || got[1].Subject != "Shop tried to call you" || got[1].Invite != nil {
		t.Errorf("mailed %v", got)
	}
	// A reminder of a call that was cancelled is none.
	reminder := c.Tell(connect.MailVisitorReminder, c.Account)
	if out := f.letterOf(reminder); out == nil {
		t.Error("no reminder")
	}
	f.change(c, time.Time{})
	if out := f.letterOf(reminder); out != nil {
		t.Errorf("reminded of what is cancelled: %s", out.Text)
	}
	// And of what is erased nothing is said, also not to whoever else has the address.
	quiet := f.book(site, "Ada", now.Add(24*time.Hour))
	f.SetText("CALLBACKS_TABLE", "S#"+string(site.ID), string(quiet.ID), "email", "")
	if out := f.letterOf(quiet.Tell(connect.MailVisitorConfirmed, site.Account)); out != nil {
		t.Errorf("mailed %s", out.Text)
	}
}

// Whoever reads these mails did perhaps not ask: nothing that was typed with the address stands in them.
func TestAVisitorsMailRepeatsNothingTyped(t *testing.T) {
	f := start(t)
	olive := f.Person("olive@example.com")
	site := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	f.stream()
	c := f.book(site, "Win £500 at evil.example", f.Clock.Now().Add(24*time.Hour))
	f.stream()
	f.change(c, f.Clock.Now().Add(48*time.Hour))
	f.stream()
	f.change(c, time.Time{})
	f.stream()
	mails := f.toVera()
	if len(mails) != 3 {
		t.Fatalf("%d mails", len(mails))
	}
	for _, m := range mails {
		all := m.Subject + m.Sender + m.Text + m.HTML + m.Invite.Text
		if strings.Contains(all, "Win") || strings.Contains(all, "evil") || strings.Contains(all, visitorPhone) {
			t.Errorf("%q repeats what was typed: %s", m.Subject, m.Text)
		}
	}
}

// One confirmation, and one mail of the move, wherever the function ends while it sends them.
func TestACrashAnywhereTellsTheVisitorOnce(t *testing.T) {
	f := start(t)
	olive := f.Person("olive@example.com")
	site := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
	f.choose(olive, olive.Account, site, connect.AlertOff)
	f.stream()
	whole, crashes, again := f.deliver.store, 0, 0
	for _, answered := range []bool{false, true} {
		for at := 1; ; at++ {
			f.post.mails = nil
			c := f.book(site, "Ada", f.Clock.Now().Add(24*time.Hour))
			wire := &apitest.Dying{At: at, Answered: answered}
			f.deliver.store = open(store.OpenThrough(func(k string) string { return f.Env[k] }, wire))
			f.stream()
			f.deliver.store = whole
			clear(f.seen)
			f.settle(3 * time.Minute)
			f.change(c, f.Clock.Now().Add(48*time.Hour))
			f.stream()
			ids := map[string]bool{}
			for _, m := range f.toVera() {
				ids[m.ID] = true
			}
			if len(ids) != 2 {
				t.Fatalf("died at call %d: %d mails", at, len(ids))
			}
			again += len(f.toVera()) - len(ids)
			if !wire.Died() {
				break
			}
			crashes++
		}
	}
	if crashes < 6 {
		t.Errorf("only %d crashes", crashes)
	}
	t.Logf("%d crashes: each mail once; %d times one was sent again under its Message-ID", crashes, again)
}
