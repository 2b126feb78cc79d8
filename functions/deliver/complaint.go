package main

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
)

// complaintReceived acknowledges a complaint to whoever sent it, and has them confirm it. It repeats nothing of
// theirs: the form is open to everybody, and anybody's address may stand in it.
func (d *deliver) complaintReceived(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	c, err := d.store.Complaint(ctx, m.Complaint, now)
	if errors.Is(err, connect.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return d.letter(m, c.Email, "complaint-received", mail.Values{
		"Number": string(c.ID), "Token": d.links.Sign(connect.PurposeComplaint, string(c.ID)),
	})
}

// complaintForUs brings a confirmed complaint to the people who answer it.
func (d *deliver) complaintForUs(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	c, err := d.store.Complaint(ctx, m.Complaint, now)
	if errors.Is(err, connect.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return d.letter(m, connect.Email(d.privacy), "complaint", complaintValues(c, inert(c.Message)))
}

func complaintValues(c *connect.Complaint, message string) mail.Values {
	return mail.Values{"Number": string(c.ID), "Sent": when(c.CreatedAt), "From": sender(c), "Message": message}
}

// complaintHandled tells whoever complained about us what was found, or how far it is. The operator wrote it.
func (d *deliver) complaintHandled(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	c, err := d.store.Complaint(ctx, m.Complaint, now)
	if err != nil {
		return nil, unlessGone(err)
	}
	v := mail.Values{"Number": string(c.ID), "Made": civil(connect.DateOf(c.CreatedAt)), "Text": lines(c.Answer)}
	if m.Kind == connect.MailComplaintUpdate {
		n, err := strconv.Atoi(m.Detail)
		if err != nil || n < 0 || n >= len(c.History) || c.History[n].What != connect.ComplaintUpdated {
			return nil, err
		}
		v["Text"] = lines(c.History[n].Text)
	}
	return d.letter(m, c.Email, string(m.Kind), v)
}

const (
	digestMost = 50 // complaints in one mail
	digestText = 600
)

// digest lists, once a day that has any, the complaints that nobody confirmed: they count all the same. What has
// no room is listed the next day, so that no number of them floods the people who read it.
func (d *deliver) digest(ctx context.Context, m connect.Message, now time.Time) error {
	ids, more, err := d.store.UnconfirmedComplaints(ctx, digestMost)
	if err != nil {
		return d.notSent(ctx, m, err, now)
	}
	var listed []mail.Values
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
		listed = append(listed, complaintValues(c, string(text)))
	}
	if len(listed) > 0 {
		out, err := d.letter(
			m, connect.Email(d.privacy), "complaint-digest", mail.Values{"Complaints": listed, "More": more},
		)
		if err == nil {
			err = d.sender.Send(ctx, *out)
		}
		if err != nil {
			return d.notSent(ctx, m, err, now)
		}
		d.sent(m, now)
	}
	if err := d.store.MarkComplaintsListed(ctx, ids, now); err != nil {
		return err
	}
	if more {
		if err := d.store.QueueComplaintDigest(ctx, now); err != nil {
			return err
		}
	}
	return d.store.MarkMessageSent(ctx, m.ID, now)
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
