package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
)

// toComplainant writes to whoever complained to a business, in its name. Anybody may have typed the address: of what
// was typed with it nothing is repeated. What the business has written is inert: these mails carry nobody's links.
func (d *deliver) toComplainant(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	c, err := d.store.SiteComplaint(ctx, m.Site, m.Complaint, now)
	if err != nil || c.Email == "" {
		return nil, unlessGone(err)
	}
	name := short(c.SiteName, 36)
	v := mail.Values{
		"Site": name, "Complaint": string(c.ID), "Made": civil(connect.DateOf(c.CreatedAt)), "By": civil(c.LastDay),
		"Text": "", "Found": "",
		"Token": d.links.Sign(connect.PurposeRequest, string(c.Site)+"~"+string(c.ID)),
	}
	switch m.Kind {
	case connect.MailSiteComplaintUpdate:
		n, err := strconv.Atoi(m.Detail)
		if err != nil || n < 0 || n >= len(c.History) || c.History[n].What != connect.ComplaintUpdated {
			return nil, err
		}
		v["Text"] = lines(c.History[n].Text)
	case connect.MailSiteComplaintAnswer:
		if c.State != connect.ComplaintAnswered {
			return nil, nil // taken back in the meantime
		}
		v["Text"], v["Found"] = lines(c.Answer), found[c.Result]
	}
	out, err := d.letter(m, c.Email, string(m.Kind), v)
	if err == nil {
		out.Sender = name + " by Mi Connect"
	}
	return out, err
}

// found says an outcome to the complainant.
var found = map[connect.ComplaintResult]string{
	connect.ComplaintUpheld:       "They agree with your complaint.",
	connect.ComplaintPartlyUpheld: "They agree with part of your complaint.",
	connect.ComplaintNotUpheld:    "They don't agree with your complaint.",
	connect.ComplaintWithdrawn:    "They have recorded that you withdrew your complaint.",
}

// ofComplaint writes to one of an account's owners about a complaint that waits for an answer, or about several. A mail
// lies in mailboxes where no erasure reaches it: it holds nothing of the complaint.
func (d *deliver) ofComplaint(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	if m.Kind == connect.MailSiteComplaints {
		return d.toOwner(ctx, m, string(m.Kind), mail.Values{})
	}
	c, err := d.store.SiteComplaint(ctx, m.Site, m.Complaint, now)
	if err != nil || c.State == connect.ComplaintAnswered {
		return nil, unlessGone(err)
	}
	v := mail.Values{
		"Site": short(c.SiteName, 36), "SiteID": string(c.Site), "Complaint": string(c.ID), "By": civil(c.LastDay),
		"Over": m.Detail == string(connect.TaskComplaintOver), "Acknowledged": !c.AcknowledgedAt.IsZero(),
	}
	return d.toOwner(ctx, m, string(m.Kind), v)
}

// civil is a day in words: "Monday 23 November 2026".
func civil(d connect.Date) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return string(d)
	}
	return t.Format("Monday 2 January 2006")
}

// lines is a longer text of somebody else's, harmless, on the lines that it was written on.
func lines(text string) string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = short(line, 8*connect.ComplaintNoteText); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}
