package main

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/hours"
	"github.com/mi-telecom/mi-connect/shared/mail"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// hold keeps what m says for later where its reader chose so, and reports whether m has nothing left to do.
func (d *deliver) hold(ctx context.Context, m connect.Message, now time.Time) (bool, error) {
	user, err := d.store.User(ctx, m.User)
	if err != nil {
		return false, unlessGone(err)
	}
	daily := false
	if m.Kind != connect.MailPromiseBroken && m.Kind != connect.MailRequestsHeld {
		choice, err := d.choice(ctx, m.Account, m.Site, m.User)
		if err != nil || choice.Requests == connect.AlertOff {
			return false, err
		}
		daily = choice.Requests == connect.AlertDaily
	}
	if daily && m.Kind == connect.MailPromiseAtRisk {
		// A reminder is of no use a day later, and the day's email says what is late.
		return true, d.store.MarkMessageSent(ctx, m.ID, now)
	}
	for at := now; ; {
		next, err := tellAt(user.Alerts, daily, at)
		if err != nil || !next.After(at) {
			return false, err
		}
		held, err := d.store.HoldMessage(ctx, m, next, now)
		if held || err != nil {
			return held, err
		}
		at, daily = next, false // that email is on its way: what is too late for it is told as soon as may be
	}
}

// tellAt returns when a person is told of what is to be told at t: with the next email of a day, and not within their
// quiet hours.
func tellAt(a connect.AlertTimes, daily bool, t time.Time) (time.Time, error) {
	if !daily && !a.Quiet {
		return t, nil
	}
	zone, err := time.LoadLocation(cmp.Or(a.Zone, connect.DefaultTimeZone))
	if err != nil {
		return t, err
	}
	if daily {
		t = hours.Next(zone, hours.Clock(a.Daily), t)
	}
	if a.Quiet {
		quiet := hours.Daily{Span: hours.Span{From: hours.Clock(a.From), To: hours.Clock(a.To)}, Zone: zone}
		if until, within := quiet.Within(t); within {
			t = until
		}
	}
	return t, nil
}

// choice is how a person hears of a site's requests: AlertOff for whoever is no reader of it any more.
func (d *deliver) choice(
	ctx context.Context, account connect.AccountID, site connect.SiteID, user connect.UserID,
) (connect.AlertChoice, error) {
	readers, err := d.store.RequestReaders(ctx, account, site)
	n := slices.IndexFunc(readers, func(r store.RequestReader) bool { return r.User == user })
	if err != nil || n < 0 {
		return connect.AlertChoice{Requests: connect.AlertOff}, err
	}
	return readers[n].Choice, nil
}

// covers reports whether a choice is for requests to a department.
func (d *deliver) covers(
	ctx context.Context, site *connect.Site, choice connect.AlertChoice, department string,
) (bool, error) {
	if len(choice.Departments) == 0 {
		return true, nil
	}
	rules, err := d.store.Hours(ctx, site.Account, site.ID)
	if err != nil {
		return false, err
	}
	return choice.Covers(department, rules.DepartmentNames()), nil
}

// mostListed bounds an email; the rest is in the inbox.
const mostListed = 40

// held tells somebody of what was kept for them, as it is by now: what was called, cancelled or erased since is left
// out, and with nothing left there is no email.
func (d *deliver) held(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	user, err := d.store.User(ctx, m.User)
	if err != nil {
		return nil, unlessGone(err)
	}
	g, err := d.gather(ctx, m, now)
	count := g.count()
	if err != nil || count == 0 && g.late == 0 {
		return nil, err
	}
	slices.SortFunc(g.requests, func(a, b heldRequest) int { return cmp.Compare(a.ID, b.ID) })
	shown := g.requests[:min(len(g.requests), mostListed)]
	v := mail.Values{
		"Count": "", "One": count == 1 && !g.more, "Rest": count > len(shown), "Late": "", "OneLate": false, "Inbox": "",
	}
	switch {
	case g.more:
		v["Count"] = "More than " + strconv.Itoa(count)
	case count > 0:
		v["Count"] = strconv.Itoa(count)
	}
	if g.late > 0 {
		v["Late"], v["OneLate"] = strconv.Itoa(g.late), g.late == 1
	}
	if len(g.sites) == 1 {
		v["Inbox"] = "/sites/" + string(g.sites[0].ID) + "/inbox"
	}
	var list []mail.Values
	for _, r := range shown {
		one, err := listed(r, now)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	v["Requests"] = list
	out, err := d.letter(m, user.Email, string(m.Kind), v)
	if err == nil && len(g.sites) == 1 {
		out.Sender = short(g.sites[0].Name, 60) + " on Mi Connect"
	}
	return out, err
}

func listed(r heldRequest, now time.Time) (mail.Values, error) {
	zone, err := time.LoadLocation(r.site.TimeZone)
	if err != nil {
		return nil, err
	}
	v := mail.Values{
		"Visitor": short(r.Name, 40), "Phone": cmp.Or(r.PhoneShown, r.Phone), "Site": short(r.site.Name, 60),
		"Requested": local(r.CreatedAt, zone), "Promised": "", "Wanted": "",
		"Late": r.Promise(now) == connect.PromiseBroken,
	}
	if !r.At.IsZero() {
		v["Wanted"] = local(r.At, zone)
	}
	if !r.Due.IsZero() {
		v["Promised"] = local(r.Due, zone)
	}
	return v, nil
}
