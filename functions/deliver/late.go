package main

import (
	"context"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
)

// promiseBroken tells an owner of a call that is late, or of how many are. One that was made before the mail goes is
// not told.
func (d *deliver) promiseBroken(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	if m.Callback == "" {
		return d.toOwner(ctx, m, "promises-broken", mail.Values{"Many": m.Detail, "One": m.Detail == "1"})
	}
	site, err := d.store.Site(ctx, m.Account, m.Site)
	if err != nil {
		return nil, unlessGone(err)
	}
	c, err := d.store.Request(ctx, m.Site, m.Callback, now)
	if err != nil || c.Promise(now) != connect.PromiseBroken {
		return nil, unlessGone(err) // moved since
	}
	v := mail.Values{"Site": short(site.Name, 60), "SiteID": string(site.ID)}
	send, err := d.aboutRequest(ctx, m, site, connect.AlertChoice{}, v, now)
	if err != nil || !send {
		return nil, err
	}
	return d.toOwner(ctx, m, "promise-broken", v)
}

// callLate tells a visitor that their call is late, before they wonder. It goes to an address that nobody has
// confirmed: it holds nothing that they wrote.
func (d *deliver) callLate(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	c, err := d.store.Request(ctx, m.Site, m.Callback, now)
	if err != nil {
		return nil, unlessGone(err)
	}
	if c.Email == "" || c.Status != connect.StatusNew || c.Claim.Active(now) || c.Promise(now) != connect.PromiseBroken {
		return nil, nil // called, cancelled, moved or being called in the meantime
	}
	site, err := d.store.Site(ctx, m.Account, m.Site)
	if err != nil {
		return nil, unlessGone(err)
	}
	zone, err := time.LoadLocation(site.TimeZone)
	if err != nil {
		return nil, err
	}
	name := short(site.Name, 60)
	out, err := d.letter(m, c.Email, "call-late", mail.Values{
		"Site": name, "Promised": local(c.Due, zone),
		"Token": d.links.Sign(connect.PurposeRequest, string(c.Site)+"~"+string(c.ID)),
	})
	if err == nil {
		out.Sender = name
	}
	return out, err
}
