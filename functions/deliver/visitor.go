package main

import (
	"context"
	"net/url"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
)

// toVisitor writes to the visitor who made a request: what is true of it when the mail is written, and nothing when
// they have moved, cancelled or erased it since. Anybody may have typed the address, so nothing is repeated that was
// typed with it.
func (d *deliver) toVisitor(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	c, err := d.store.Request(ctx, m.Site, m.Callback, now)
	if err != nil || !wanted(m, c, now) {
		return nil, unlessGone(err)
	}
	site, err := d.store.Site(ctx, m.Account, m.Site)
	if err != nil {
		return nil, unlessGone(err)
	}
	zone, err := time.LoadLocation(site.TimeZone)
	if err != nil {
		return nil, err
	}
	name := short(site.Name, 40)
	token := d.links.Sign(connect.PurposeRequest, string(c.Site)+"~"+string(c.ID))
	v := mail.Values{
		"Site": name, "Number": connect.MaskPhone(c.Phone), "Token": token, "Wanted": "as soon as possible",
		"Booked": !c.At.IsZero(), "Promised": "", "Requested": local(c.CreatedAt, zone),
	}
	if !c.At.IsZero() {
		v["Wanted"] = local(c.At, zone)
	}
	if !c.Due.IsZero() && !c.Due.Equal(c.At) {
		v["Promised"] = local(c.Due, zone)
	}
	out, err := d.letter(m, c.Email, string(m.Kind), v)
	if err != nil {
		return nil, err
	}
	out.Sender = name + " by Mi Connect"
	if !c.At.IsZero() && m.Kind != connect.MailVisitorMissed && m.Kind != connect.MailVisitorReminder {
		origin, err := url.Parse(d.origin)
		if err != nil {
			return nil, err
		}
		link := d.origin + "/request?token=" + token
		out.Invite = invite(c, name, link, origin.Hostname(), d.organizer, now)
	}
	return out, nil
}

// wanted reports whether what a message tells is still so.
func wanted(m connect.Message, c *connect.Callback, now time.Time) bool {
	if !c.MayMail() || !m.Concerns(c) {
		return false
	}
	switch m.Kind {
	case connect.MailVisitorCancelled:
		return c.Status == connect.StatusCancelled
	case connect.MailVisitorMissed:
		return c.Status == connect.StatusMissed
	case connect.MailVisitorReminder:
		return c.Status == connect.StatusNew && now.Before(c.At)
	}
	return c.Status == connect.StatusNew
}
