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

// gathered is what an email of what was held says.
type gathered struct {
	requests []heldRequest
	sites    []*connect.Site // that it is about
	more     bool            // there are requests that nobody kept one by one
	late     int             // calls of which only the number is known
}

type heldRequest struct {
	*connect.Callback
	site *connect.Site
}

// held tells somebody of what was kept for them, as it is by now: what was called, cancelled or erased since is left
// out, and with nothing left there is no email.
func (d *deliver) held(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	user, err := d.store.User(ctx, m.User)
	if err != nil {
		return nil, unlessGone(err)
	}
	g, err := d.gather(ctx, m, now)
	if err != nil || len(g.requests) == 0 && !g.more && g.late == 0 {
		return nil, err
	}
	slices.SortFunc(g.requests, func(a, b heldRequest) int { return cmp.Compare(a.ID, b.ID) })
	v := mail.Values{
		"Count": strconv.Itoa(len(g.requests)), "One": len(g.requests) == 1, "Late": "", "OneLate": false, "Inbox": "",
	}
	if g.more || len(g.requests) > mostListed {
		v["Count"], v["One"] = "More than "+strconv.Itoa(min(len(g.requests), mostListed)), false
	}
	if len(g.requests) == 0 && !g.more {
		v["Count"] = ""
	}
	if g.late > 0 {
		v["Late"], v["OneLate"] = strconv.Itoa(g.late), g.late == 1
	}
	if len(g.sites) == 1 {
		v["Inbox"] = "/sites/" + string(g.sites[0].ID) + "/inbox"
	}
	var list []mail.Values
	for _, r := range g.requests[:min(len(g.requests), mostListed)] {
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
		"Requested": local(r.CreatedAt, zone), "Promised": "", "Wanted": "", "Late": r.Promise(now) == connect.PromiseBroken,
	}
	if !r.At.IsZero() {
		v["Wanted"] = local(r.At, zone)
	}
	if !r.Due.IsZero() {
		v["Promised"] = local(r.Due, zone)
	}
	return v, nil
}

// gather reads what m keeps. Whoever left, is told of the site no more or chose other departments is not told.
func (d *deliver) gather(ctx context.Context, m connect.Message, now time.Time) (gathered, error) {
	g := gathering{deliver: d, user: m.User, now: now, known: map[connect.SiteID]*heldSite{}}
	for _, h := range m.Held {
		var err error
		switch {
		case h.Site == "":
			err = g.lateCalls(ctx, h)
		case h.Callback == "":
			err = g.backlog(ctx, h)
		default:
			err = g.request(ctx, h)
		}
		if err != nil {
			return g.gathered, err
		}
	}
	return g.gathered, nil
}

// gathering is gathered while it is read.
type gathering struct {
	*deliver
	gathered
	user  connect.UserID
	now   time.Time
	known map[connect.SiteID]*heldSite
}

type heldSite struct {
	*connect.Site
	choice connect.AlertChoice
}

// site returns nil for one that is gone.
func (g *gathering) site(ctx context.Context, h connect.Held) (*heldSite, error) {
	if of, ok := g.known[h.Site]; ok {
		return of, nil
	}
	site, err := g.store.Site(ctx, h.Account, h.Site)
	if err != nil {
		return nil, unlessGone(err)
	}
	choice, err := g.choice(ctx, h.Account, h.Site, g.user)
	if err != nil {
		return nil, err
	}
	g.known[h.Site] = &heldSite{site, choice}
	return g.known[h.Site], nil
}

func (g *gathering) about(of *heldSite) {
	if !slices.Contains(g.sites, of.Site) {
		g.sites = append(g.sites, of.Site)
	}
}

// lateCalls are an account's, told to its owners.
func (g *gathering) lateCalls(ctx context.Context, h connect.Held) error {
	owner, err := g.owns(ctx, h.Account)
	if owner {
		g.late += h.Late
	}
	return err
}

// backlog is of requests to a site that were not told one by one.
func (g *gathering) backlog(ctx context.Context, h connect.Held) error {
	of, err := g.site(ctx, h)
	if err != nil || of == nil || of.choice.Requests == connect.AlertOff {
		return err
	}
	n, _, err := g.waiting(ctx, of.Site, of.choice, g.now)
	if n > 0 {
		g.more = true
		g.about(of)
	}
	return err
}

func (g *gathering) request(ctx context.Context, h connect.Held) error {
	of, err := g.site(ctx, h)
	if err != nil || of == nil {
		return err
	}
	if slices.ContainsFunc(g.requests, func(r heldRequest) bool { return r.ID == h.Callback }) {
		return nil
	}
	c, err := g.store.Request(ctx, h.Site, h.Callback, g.now)
	if err != nil || c.Status != connect.StatusNew {
		return unlessGone(err)
	}
	wanted := of.choice.Requests != connect.AlertOff
	if h.Late > 0 { // of which owners are told whatever they chose for the site
		wanted, err = g.owns(ctx, h.Account)
	} else if wanted {
		wanted, err = g.covers(ctx, of.Site, of.choice, c.Department)
	}
	if wanted && err == nil {
		g.requests = append(g.requests, heldRequest{c, of.Site})
		g.about(of)
	}
	return err
}

func (g *gathering) owns(ctx context.Context, account connect.AccountID) (bool, error) {
	member, err := g.store.Member(ctx, account, g.user)
	return err == nil && member.Role == connect.Owner, unlessGone(err)
}
