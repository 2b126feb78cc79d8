package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/phone"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

var (
	firstNames = strings.Fields("Amelia Arjun Beth Callum Chloe Dafydd Elif Ewan Fatima Grace Hamza " +
		"Isla Jakub Kofi Leila Liam Megan Mohammed Niamh Oscar Priya Rhys Sofia Zara")
	lastNames = strings.Fields("Ahmed Begum Campbell Clarke Davies Evans Fraser Hughes Kaur Kowalski MacLeod " +
		"Mensah Murphy Patel Roberts Shah Singh Taylor Thomas Walker Wilson Wood Wright Young")
	// Numbers that Ofcom keeps for drama, without their last three digits.
	numbers = []string{"+447700900", "+441632960", "+442079460", "+441614960", "+442920180"}
)

var notes = []string{
	"Wants a quote by Friday.", "Booked for next week.", "Call again after six.", "Sent the price list.",
}

// ask stores a visitor's request as it was made then, and what became of it.
func (w *world) ask(ctx context.Context, r *rand.Rand, s *shop, a asked) error {
	name := firstNames[r.IntN(len(firstNames))] + " " + lastNames[r.IntN(len(lastNames))]
	c := &connect.Callback{
		ID: connect.NewCallbackID(a.at), Site: s.site.ID, SiteName: s.name, Account: s.site.Account, Name: name,
		Phone: fmt.Sprintf("%s%03d", numbers[r.IntN(len(numbers))], r.IntN(1000)), Message: s.needs[r.IntN(len(s.needs))],
		Page: a.page, Status: connect.StatusNew, CreatedAt: a.at.Truncate(time.Millisecond),
		UpdatedAt: a.at.Truncate(time.Millisecond), ExpiresAt: a.at.AddDate(0, 0, s.site.RetentionDays),
	}
	c.PhoneShown = phone.Shown(c.Phone)
	c.PhoneDigest = w.links.Digest(store.DigestPhone, c.Phone)
	if r.IntN(3) == 0 {
		c.Email = connect.Email(strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@mail.example")
		c.EmailDigest = w.links.Digest(store.DigestEmail, string(c.Email))
	}
	if r.IntN(5) == 0 {
		c.At = a.at.Add(time.Duration(2+r.IntN(24)) * time.Hour).Truncate(15 * time.Minute)
	}
	key := token.NewID()
	if _, err := w.store.AddCallback(ctx, c, key, key, a.at); err != nil {
		return err
	}
	w.requests++
	// Seen to within the day, but for a few.
	seen := a.at.Add(time.Duration(4+r.ExpFloat64()*90) * time.Minute)
	age := w.now.Sub(a.at)
	if seen.After(w.now) || age < 36*time.Hour && r.IntN(2) == 0 || age > 72*time.Hour && r.IntN(40) == 0 {
		return nil
	}
	by := staff[r.IntN(3)].name // the viewer calls nobody
	switch end := pick(r, []int{60, 17, 4, 9, 3, 7}); end {
	case len(connect.Outcomes):
		c.Mark(connect.StatusCancelled, "", seen)
	default:
		if _, err := c.TakeOn(connect.UserID("u_demo"), by, seen.Add(-2*time.Minute)); err != nil {
			return err
		}
		c.Resolve(connect.Outcomes[end], by, seen)
	}
	if c.Outcome == connect.Talked && r.IntN(3) == 0 {
		c.SetNote(notes[r.IntN(len(notes))], by, seen.Add(time.Minute))
	}
	return w.store.ChangeCallback(ctx, c, seen)
}
