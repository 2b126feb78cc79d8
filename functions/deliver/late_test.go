package main

import (
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// The visitor who left an address is told that their call is late, with a link by which they can choose another time;
// not once they are called, called to, or have chosen one.
func TestAVisitorIsToldThatTheirCallIsLate(t *testing.T) {
	now := func(f *fixture) time.Time { return f.Clock.Now() }
	for name, c := range map[string]struct {
		change func(*fixture, *connect.Callback)
		want   bool
	}{
		"waiting":   {func(*fixture, *connect.Callback) {}, true},
		"called":    {func(f *fixture, c *connect.Callback) { c.Resolve(connect.Talked, "Olive", now(f)) }, false},
		"cancelled": {func(f *fixture, c *connect.Callback) { c.Mark(connect.StatusCancelled, "", now(f)) }, false},
		"being called": {func(f *fixture, c *connect.Callback) {
			_, _ = c.TakeOn("u_olive", "Olive", now(f))
		}, false},
		"moved": {func(f *fixture, c *connect.Callback) {
			c.Moved(now(f))
			c.Due = now(f).Add(time.Hour)
		}, false},
		"without an address": {func(_ *fixture, c *connect.Callback) { c.Email = "" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			olive := f.Person("olive@example.com")
			site := f.Site(olive.Account, "Shop", "Europe/London", "https://shop.example")
			f.Clock.Set(time.Date(2026, 7, 6, 14, 4, 0, 0, time.UTC))
			asked := f.ask(site, "Ada Visitor")
			f.Clock.Forward(16 * time.Minute)
			read, err := f.Store.Callback(t.Context(), site.ID, asked.ID, now(f))
			if err != nil {
				t.Fatal(err)
			}
			task := connect.Task{Account: olive.Account, Site: site.ID, Callback: asked.ID}
			if !read.Break(now(f)) {
				t.Fatal("it is not late")
			}
			if err := f.Store.BreakPromise(t.Context(), read, task, true, true, now(f)); err != nil {
				t.Fatal(err)
			}
			c.change(f, read)
			if err := f.Store.ChangeCallback(t.Context(), read, now(f)); err != nil {
				t.Fatal(err)
			}
			if read.Email == "" {
				f.SetText("CALLBACKS_TABLE", "S#"+string(site.ID), string(asked.ID), "email", "")
			}
			f.stream()
			var got int
			for _, m := range f.post.mails {
				if m.To != "vera@visitor.example" {
					continue
				}
				got++
				if m.Subject != "We’re late calling you back" || m.Sender != "Shop" ||
					!strings.Contains(m.Text, "call you by Monday 6 July 2026, 15:19 BST") ||
					!strings.Contains(m.Text, f.origin+"/request?token=") || strings.Contains(m.Text+m.HTML, "Ada") {
					t.Errorf("%q from %q: %s", m.Subject, m.Sender, m.Text)
				}
			}
			if (got == 1) != c.want || got > 1 {
				t.Errorf("%d mails to the visitor", got)
			}
			late := f.subjects("olive@example.com", "A promised call is late")
			waits := name == "waiting" || name == "being called" || name == "without an address"
			if (late == 1) != waits {
				t.Errorf("%d mails to the owner", late)
			}
		})
	}
}

// subjects counts the mails to somebody with a subject.
func (f *fixture) subjects(to, subject string) (n int) {
	for _, m := range f.post.mails {
		if m.To == to && m.Subject == subject {
			n++
		}
	}
	return n
}
