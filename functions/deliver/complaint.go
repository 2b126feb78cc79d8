package main

import (
	"context"
	"errors"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// complaintReceived acknowledges a complaint to whoever sent it. It repeats nothing of theirs: the form is
// open to everybody, and anybody's address may stand in it.
func (d *deliver) complaintReceived(ctx context.Context, m store.Message, now time.Time) (*mail.Mail, error) {
	c, err := d.store.Complaint(ctx, m.Complaint, now)
	if errors.Is(err, connect.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	letter := mail.Letter{
		Subject: "We have received your complaint", Greeting: "Hello,",
		Paragraphs: []string{
			"You, or somebody with your address, has complained to Mi Telecom about how personal data are handled. We have it, under the number " + string(c.ID) + ".",
			"We look into it without delay, tell you how it goes, and tell you the outcome. If you want to add something, answer to " + d.privacy + " and quote the number.",
		},
		After: []string{
			"You may also complain to the Information Commissioner at any time: https://ico.org.uk/make-a-complaint/.",
			"If it was not you, you need not do anything. What was sent is deleted after a year at the latest.",
		},
	}
	out := letter.Mail(m.ID, string(c.Email))
	return &out, nil
}

// complaintForUs brings a complaint to the people who answer it.
func (d *deliver) complaintForUs(ctx context.Context, m store.Message, now time.Time) (*mail.Mail, error) {
	c, err := d.store.Complaint(ctx, m.Complaint, now)
	if errors.Is(err, connect.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	from := string(c.Email)
	if c.Name != "" {
		from = c.Name + ", " + from
	}
	letter := mail.Letter{
		Subject: "Privacy complaint " + string(c.ID), Greeting: "A complaint about privacy was sent by the form.",
		Paragraphs: []string{"From: " + from, "Sent: " + c.CreatedAt.Format("2 January 2006, 15:04 MST"), c.Message},
		After:      []string{"It must be acknowledged within 30 days. An acknowledgement was sent by mail, unless the same address had one within the hour."},
	}
	out := letter.Mail(m.ID, d.privacy)
	return &out, nil
}
