package main

import (
	"net/http"
	"strconv"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

const maxBody = 8 << 10 // bytes

// beacon is what one page reports of one visit. T and Sent are milliseconds since the page was opened;
// they date the events on the server's clock and are not stored.
type beacon struct {
	Site     string  `json:"site"`
	VisitID  string  `json:"session"`
	Page     string  `json:"page"`
	Referrer string  `json:"source"`
	Proof    string  `json:"proof"`
	Sent     *number `json:"sent"`
	Events   []struct {
		Type string  `json:"type"`
		T    *number `json:"t"`
	} `json:"events"`
}

// number is a JSON number of any size; browsers' clocks have fractions.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	// ParseFloat answers ±Inf with an error for what is out of range: that is huge, not malformed.
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil && v == 0 {
		return err
	}
	const huge = 1e15 // past any clock, and safe to subtract
	*n = number(max(-huge, min(v, huge)))
	return nil
}

type beacons struct {
	visits store.Visits
	sites  *siteCache
	flood  flood
}

var accepted = struct{}{}

func (b *beacons) take(w http.ResponseWriter, r *http.Request) error {
	caller := web.CallerOf(r)
	if !b.flood.admits(caller.Address, caller.At) {
		caller.Count("RefusedBeacons")
		return errFlood
	}
	var in beacon
	if err := web.Decode(r, &in, maxBody); err != nil {
		return err
	}
	v, age, err := in.visit()
	if err != nil {
		return err
	}
	// Global Privacy Control is an objection wherever it is said; the widget says it by not sending at all.
	if r.Header.Get("Sec-Gpc") == "1" || r.Header.Get("Dnt") == "1" {
		web.Note(r, "filtered", "objection")
		return web.JSON(w, http.StatusAccepted, accepted)
	}
	now := web.Now(r)
	site, zone, err := b.sites.find(r.Context(), connect.SiteKey(in.Site), now)
	if err != nil {
		return err
	}
	if site == nil {
		// Nobody's visit: there is no site to count it to, not even apart. The log record counts it.
		web.Note(r, "filtered", "unknown-site")
		return web.JSON(w, http.StatusAccepted, accepted)
	}
	userAgent, origin := r.UserAgent(), r.Header.Get("Origin")
	switch {
	case !site.Allows(origin):
		v.Reason = connect.ForeignOrigin
	case connect.IsBot(userAgent):
		v.Reason = connect.Bot
	case origin == "":
		v.Reason = connect.NoOrigin
	case !site.Proves(in.Proof, now):
		v.Reason = connect.Unproven
	}
	if v.Reason != "" {
		web.Note(r, "filtered", string(v.Reason))
	}
	v.Site, v.Device = site.ID, connect.DeviceOf(userAgent)
	v.Begin(now, age, zone)
	if err := b.visits.RecordVisit(r.Context(), v, now); err != nil {
		return err
	}
	return web.JSON(w, http.StatusAccepted, accepted)
}

// visit checks a beacon and returns the visit it tells of, with the age of its earliest event.
func (in *beacon) visit() (*connect.Visit, time.Duration, error) {
	var p connect.Problems
	v := &connect.Visit{Page: connect.CleanPage(in.Page), Referrer: connect.CleanReferrer(in.Referrer)}
	if v.Referrer != "" && v.Referrer == connect.CleanReferrer(connect.PageHost(in.Page)) {
		v.Referrer = "" // from one page of the site to the next
	}
	if in.Site == "" || len(in.Site) > 64 {
		p.Add("site", "Required: the site's public key.")
	}
	if in.Page == "" {
		p.Add("page", "Required: the page's URL.")
	}
	var err error
	if v.ID, err = connect.ParseVisitID(in.VisitID); err != nil {
		p.Add("session", err.Error())
	}
	if in.Sent != nil && *in.Sent < 0 {
		p.Add("sent", "Must not be negative.")
	}
	if len(in.Events) == 0 {
		p.Add("events", "Must contain at least one event.")
	}
	var age float64
	for i := range in.Events {
		e := &in.Events[i]
		step := connect.ParseStep(e.Type)
		if step == connect.NoStep {
			p.Add("events.type", "Must be impression, open or submit.")
			break
		}
		if e.T == nil || *e.T < 0 {
			p.Add("events.t", "Must be milliseconds since the page opened.")
			break
		}
		v.Reached = max(v.Reached, step)
		if in.Sent != nil {
			age = max(age, float64(*in.Sent-*e.T))
		}
	}
	const dayMs = 24 * 60 * 60 * 1000
	return v, time.Duration(min(age, dayMs)) * time.Millisecond, p.Err()
}
