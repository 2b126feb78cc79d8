package main

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/hours"
	"github.com/mi-telecom/mi-connect/shared/mail"
)

// splitToReaders makes one message to each person who wants to know of a site's requests. Of a request that is beyond
// its hour's there is none: it is told with the rest when the hour is over.
func (d *deliver) splitToReaders(ctx context.Context, m connect.Message, now time.Time) error {
	readers, err := d.store.RequestReaders(ctx, m.Account, m.Site)
	if err == nil && m.Kind != connect.MailCallbacksWaiting && len(readers) > 0 {
		var told bool
		if told, err = d.store.TellOneByOne(ctx, m, now); !told {
			readers = nil
		}
	}
	users := make([]connect.UserID, len(readers))
	for n, r := range readers {
		users[n] = r.User
	}
	if err == nil {
		err = d.store.SplitMessage(ctx, m, users, now)
	}
	if err != nil {
		return d.notSent(ctx, m, err, now)
	}
	d.log.Info("split", "outbox", m.ID, "kind", string(m.Kind), "readers", len(readers))
	return nil
}

// toReader writes to somebody who wants to know of a site's requests, if they still do. What a message is about is
// read when it is sent: nothing of a request that was erased or dealt with in the meantime is in any mail.
func (d *deliver) toReader(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	choice, err := d.choice(ctx, m.Account, m.Site, m.User)
	if err != nil || choice.Requests == connect.AlertOff {
		return nil, err
	}
	user, err := d.store.User(ctx, m.User)
	if err != nil {
		return nil, unlessGone(err)
	}
	site, err := d.store.Site(ctx, m.Account, m.Site)
	if err != nil {
		return nil, unlessGone(err)
	}
	name := short(site.Name, 60)
	v := mail.Values{"Site": name, "SiteID": string(site.ID), "Most": strconv.Itoa(connect.RequestMailsPerHour)}
	var send bool
	if m.Kind == connect.MailCallbacksWaiting {
		send, err = d.aboutBacklog(ctx, site, choice, v, now)
	} else {
		send, err = d.aboutRequest(ctx, m, site, choice, v, now)
	}
	if err != nil || !send {
		return nil, err
	}
	out, err := d.letter(m, user.Email, string(m.Kind), v)
	if err == nil {
		out.Sender = name + " on Mi Connect"
	}
	return out, err
}

// aboutRequest fills in one request. A mail lies in mailboxes for longer than the request is kept, and no erasure
// reaches it there: it holds what is needed to call, and not the visitor's message and email address.
func (d *deliver) aboutRequest(
	ctx context.Context, m connect.Message, site *connect.Site, choice connect.AlertChoice, v mail.Values, now time.Time,
) (bool, error) {
	c, err := d.store.Request(ctx, m.Site, m.Callback, now)
	if err != nil || c.Status != connect.StatusNew {
		return false, unlessGone(err)
	}
	if covers, err := d.covers(ctx, site, choice, c.Department); err != nil || !covers {
		return false, err
	}
	zone, err := time.LoadLocation(site.TimeZone)
	if err != nil {
		return false, err
	}
	v["Visitor"], v["Department"] = short(c.Name, 40), short(c.Department, 60)
	v["Page"] = short(connect.PagePath(c.Page), 100)
	v["Number"], v["Phone"], v["Request"] = c.Phone, cmp.Or(c.PhoneShown, c.Phone), string(c.ID)
	v["Requested"], v["Wanted"] = local(c.CreatedAt, zone), "as soon as possible"
	if !c.At.IsZero() {
		v["Wanted"] = local(c.At, zone)
	}
	if v["Promised"] = ""; !c.Due.IsZero() {
		v["Promised"] = local(c.Due, zone)
	}
	if m.Kind != connect.MailPromiseAtRisk {
		return true, nil
	}
	v["By"], v["Left"] = c.Due.In(zone).Format("15:04"), minutes(c.Due.Sub(now))
	return !c.Claim.Active(now) && c.Promise(now) == connect.PromiseWaiting, nil
}

// minutes is a time that is left: "1 minute", "3 hours".
func minutes(d time.Duration) string {
	n, unit := int(d/time.Minute), "minute"
	if d >= 2*time.Hour {
		n, unit = int(d/time.Hour), "hour"
	}
	if n != 1 {
		unit += "s"
	}
	return strconv.Itoa(n) + " " + unit
}

func (d *deliver) aboutBacklog(
	ctx context.Context, site *connect.Site, choice connect.AlertChoice, v mail.Values, now time.Time,
) (bool, error) {
	n, more, err := d.waiting(ctx, site, choice, now)
	if v["Waiting"], v["One"] = strconv.Itoa(n), n == 1; more {
		v["Waiting"] = "More than " + strconv.Itoa(n)
	}
	return n > 0, err
}

// waiting counts the requests to a site that wait and that a choice covers.
func (d *deliver) waiting(
	ctx context.Context, site *connect.Site, choice connect.AlertChoice, now time.Time,
) (n int, more bool, err error) {
	var rules *hours.Rules
	if len(choice.Departments) > 0 {
		if rules, err = d.store.Hours(ctx, site.Account, site.ID); err != nil {
			return 0, false, err
		}
	}
	return d.store.WaitingRequests(ctx, site.ID, func(department string) bool {
		return choice.Covers(department, rules.DepartmentNames())
	}, now)
}

// unlessGone is err, or nil when it says that what a mail is about is there no more.
func unlessGone(err error) error {
	if errors.Is(err, connect.ErrNotFound) {
		return nil
	}
	return err
}

// local is a time as the clocks of a site's own zone show it: "Monday 23 November 2026, 15:04 GMT".
func local(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Monday 2 January 2006, 15:04 MST")
}

// short is a text of somebody else's on one line, harmless, and of most bytes.
func short(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf) { // what turns the direction of a line, and what nobody sees
			return -1
		}
		return r
	}, text)
	text = inert(strings.Join(strings.Fields(text), " "))
	if len(text) <= most {
		return text
	}
	cut := most - len("…")
	for cut > 0 && text[cut]&0xC0 == 0x80 { // within a character
		cut--
	}
	return strings.TrimSpace(text[:cut]) + "…"
}
