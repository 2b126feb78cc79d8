package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// complaintReceived acknowledges a complaint to whoever sent it, and has them confirm it. It repeats nothing of
// theirs: the form is open to everybody, and anybody's address may stand in it.
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
			"You, or somebody with your address, has complained to Mi Telecom about how personal data are handled. " +
				"We have it, under the number " + string(c.ID) + ".",
			"Confirm that it is from you, and we look into it right away. Unconfirmed complaints are read once a day.",
		},
		Button: "Confirm my complaint", Link: d.origin + "/complaint?token=" + d.links.Sign(store.PurposeComplaint, string(c.ID)),
		After: []string{
			"We will keep you updated and tell you the outcome. To add something, write to " + d.privacy +
				" and quote the number.",
			"You may also complain to the Information Commissioner at any time: https://ico.org.uk/make-a-complaint/.",
			"If this wasn't you, you can ignore this email. What was sent is deleted after a year at the latest.",
		},
	}
	out := letter.Mail(m.ID, string(c.Email))
	return &out, nil
}

// complaintForUs brings a confirmed complaint to the people who answer it.
func (d *deliver) complaintForUs(ctx context.Context, m store.Message, now time.Time) (*mail.Mail, error) {
	c, err := d.store.Complaint(ctx, m.Complaint, now)
	if errors.Is(err, connect.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	letter := mail.Letter{
		Subject:    "Privacy complaint " + string(c.ID),
		Greeting:   "A complaint about privacy was sent by the form, and confirmed from its address.",
		Paragraphs: []string{"From: " + sender(c), "Sent: " + when(c.CreatedAt), inert(c.Message)},
		After:      []string{"It must be acknowledged within 30 days; that was done by mail. " + inertSays},
	}
	out := letter.Mail(m.ID, d.privacy)
	return &out, nil
}

const (
	digestMost = 50 // complaints in one mail
	digestText = 600
	inertSays  = "So that nothing of a stranger's becomes a link, dots within words are written [.]."
)

// digest lists, once a day that has any, the complaints that nobody confirmed: they count all the same. What has
// no room is listed the next day, so that no number of them floods the people who read it.
func (d *deliver) digest(ctx context.Context, m store.Message, now time.Time) error {
	ids, more, err := d.store.Unconfirmed(ctx, digestMost)
	if err != nil {
		return d.notSent(ctx, m, err, now)
	}
	letter := mail.Letter{
		Subject:  "Unconfirmed privacy complaints",
		Greeting: "These complaints about privacy were sent by the form and not confirmed. They may be genuine.",
		After: []string{"Each must be acknowledged within 30 days of being sent: by mail if one could be sent to its address. " +
			"docs/operations.md, “Complaints”, says how to read one in full. " + inertSays},
	}
	if more {
		letter.After = append(letter.After, "There are more. They are listed in the mails of the next days.")
	}
	for _, id := range ids {
		c, err := d.store.Complaint(ctx, id, now)
		if errors.Is(err, connect.ErrNotFound) {
			continue
		}
		if err != nil {
			return d.notSent(ctx, m, err, now)
		}
		text := []rune(inert(c.Message))
		if len(text) > digestText {
			text = append(text[:digestText], '…')
		}
		letter.Paragraphs = append(letter.Paragraphs,
			fmt.Sprintf("%s, sent %s, from %s:\n%s", c.ID, when(c.CreatedAt), sender(c), string(text)))
	}
	if len(letter.Paragraphs) > 0 {
		if err := d.sender.Send(ctx, letter.Mail(m.ID, d.privacy)); err != nil {
			return d.notSent(ctx, m, err, now)
		}
		d.log.Info("sent", "outbox", m.ID, "kind", string(m.Kind))
	}
	if err := d.store.MarkListed(ctx, ids, now); err != nil {
		return err
	}
	if more {
		if err := d.store.NextDigest(ctx, now); err != nil {
			return err
		}
	}
	return d.store.MarkSent(ctx, m.ID, now)
}

func sender(c *connect.Complaint) string {
	if c.Name == "" {
		return string(c.Email)
	}
	return inert(c.Name) + ", " + string(c.Email)
}

var scheme = regexp.MustCompile(`://|(?i:mailto:)`)

// inert writes a text so that no mail program makes a link of any part of it.
func inert(text string) string {
	var b strings.Builder
	runes := []rune(text)
	for i, r := range runes {
		if r == '.' && i > 0 && i+1 < len(runes) && !unicode.IsSpace(runes[i-1]) && !unicode.IsSpace(runes[i+1]) {
			b.WriteString("[.]")
			continue
		}
		b.WriteRune(r)
	}
	return scheme.ReplaceAllStringFunc(b.String(), func(s string) string { return "[" + s + "]" })
}
