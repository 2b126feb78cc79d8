package main

import (
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// booked stores a request for a time with the reminders of its visitor.
func (f *fixture) booked(in time.Duration, change func(*connect.Callback)) *connect.Callback {
	f.T.Helper()
	now := f.Clock.Now()
	c := &connect.Callback{
		ID: connect.NewCallbackID(now), Site: f.site.ID, Account: f.site.Account, Name: "Ada Visitor",
		Phone: "+447700900123", Email: "ada@visitor.example", Page: "/", Status: connect.StatusNew,
		At: now.Add(in), CreatedAt: now, UpdatedAt: now, ExpiresAt: now.AddDate(0, 0, 90),
	}
	change(c)
	c.RemindVisitor(f.site.Account, now)
	if _, err := f.Store.AddCallback(f.T.Context(), c, string(c.ID), "d", now); err != nil {
		f.T.Fatal(err)
	}
	c.Tasks = nil
	return c
}

// A visitor is reminded a day and an hour before the time that they booked, once each, and not of what they cancelled,
// moved or were already called for, nor long after the tick was away.
func TestAVisitorIsRemindedTwice(t *testing.T) {
	f := start(t)
	as := func(*connect.Callback) {}
	told := func(c *connect.Callback) (n int) {
		for _, i := range f.Items("OUTBOX_TABLE") {
			if i["kind"] == string(connect.MailVisitorReminder) && i["callback"] == string(c.ID) {
				n++
			}
		}
		return n
	}
	kept := f.booked(50*time.Hour, as)
	soon := f.booked(3*time.Hour, as) // no day is left
	now := f.booked(90*time.Minute, as)
	anonymous := f.booked(50*time.Hour, func(c *connect.Callback) { c.Email = "" })
	quiet := f.booked(50*time.Hour, func(c *connect.Callback) { c.Quiet = true })
	cancelled, moved := f.booked(50*time.Hour, as), f.booked(50*time.Hour, as)
	cancelled.Mark(connect.StatusCancelled, "", f.Clock.Now())
	moved.At = moved.At.Add(100 * time.Hour)
	for _, c := range []*connect.Callback{cancelled, moved} {
		if err := f.Store.ChangeCallback(t.Context(), c, f.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	for minute := range 60 * 51 {
		if minute%10 == 0 || minute > 60*25 && minute < 60*27 {
			f.run()
			f.run()
		}
		if minute == 60*26-1 && told(kept) != 0 || minute == 60*26+1 && told(kept) != 1 {
			t.Errorf("after %d minutes %d reminders", minute, told(kept))
		}
		f.Clock.Forward(time.Minute)
	}
	if told(kept) != 2 || told(soon) != 1 || told(now)+told(anonymous)+told(quiet)+told(cancelled)+told(moved) != 0 {
		t.Error("reminders:", told(kept), told(soon), told(now), told(anonymous), told(quiet), told(cancelled), told(moved))
	}
	// Away for hours: it is not said that a call is in an hour when it is over.
	late := f.booked(3*time.Hour, as)
	f.Clock.Forward(5 * time.Hour)
	if sum := f.run(); sum.TooLate == 0 || told(late) != 0 {
		t.Errorf("%+v, %d reminders", sum, told(late))
	}
}
