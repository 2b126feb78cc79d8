package main

import (
	"fmt"
	"html"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func (h *handlers) describe(s *connect.Site, paused connect.Pausing) *api.Site {
	out := &api.Site{
		ID: s.ID, Key: s.Key, Name: s.Name, Origins: make([]string, len(s.Origins)), TimeZone: s.TimeZone,
		RetentionDays: s.RetentionDays, Snippet: h.snippet(s), Paused: paused, CreatedAt: s.CreatedAt,
	}
	for n, o := range s.Origins {
		out.Origins[n] = string(o)
	}
	return out
}

// paused says which of an account's sites do not run, and why. all are its sites; nil where they are not read yet.
func (h *handlers) paused(
	r *http.Request, who connect.Identity, all []*connect.Site,
) (func(*connect.Site) connect.Pausing, error) {
	account, err := h.store.Account(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	if !account.ClosingAt.IsZero() {
		return func(*connect.Site) connect.Pausing { return connect.PausedByClosing }, nil
	}
	plan, err := h.store.Entitlement(r.Context(), who.Account, web.Now(r))
	if err == nil && all == nil && plan.CountsSites() {
		all, err = h.store.SitesOf(r.Context(), who.Account)
	}
	return func(s *connect.Site) connect.Pausing { return plan.Pauses(s, all) }, err
}

// described is the answer about one site.
func (h *handlers) described(r *http.Request, who connect.Identity, s *connect.Site) (*api.Site, error) {
	paused, err := h.paused(r, who, nil)
	if err != nil {
		return nil, err
	}
	return h.describe(s, paused(s)), nil
}

// snippet is the one line a customer puts into their page.
func (h *handlers) snippet(s *connect.Site) string {
	return `<script async src="` + html.EscapeString(h.origin) + `/widget.js" data-site="` +
		html.EscapeString(string(s.Key)) + `"></script>`
}

func (h *handlers) listSites(r *http.Request, who connect.Identity) (*api.SiteList, error) {
	sites, err := h.store.SitesOf(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	paused, err := h.paused(r, who, sites)
	if err != nil {
		return nil, err
	}
	out := &api.SiteList{Sites: []api.Site{}}
	for _, s := range sites {
		out.Sites = append(out.Sites, *h.describe(s, paused(s)))
	}
	return out, nil
}

func (h *handlers) showSite(r *http.Request, who connect.Identity, id string) (*api.Site, error) {
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	return h.described(r, who, site)
}

// apply checks what a person says of a site and writes it into s.
func apply(in *api.SiteSettings, s *connect.Site, plan connect.Entitlement) error {
	var p connect.Problems
	name := p.Line("name", in.Name, 100)
	var origins []connect.Origin
	switch {
	case len(in.Origins) == 0:
		p.Add("origins", "Add at least one website where the widget may run.")
	case len(in.Origins) > connect.MaxOrigins:
		p.Add("origins", "At most "+strconv.Itoa(connect.MaxOrigins)+" websites, please.")
	default:
		for _, text := range in.Origins {
			o, err := connect.ParseOrigin(text)
			if err != nil {
				p.Add("origins", err.Error())
				break
			}
			if !slices.Contains(origins, o) {
				origins = append(origins, o)
			}
		}
	}
	zone := api.Value(in.TimeZone)
	if zone == "" {
		zone = s.TimeZone
	}
	checkZone(&p, zone)
	days := s.RetentionDays
	if in.RetentionDays != nil {
		days = *in.RetentionDays
	}
	// What was chosen on a larger plan may stay: the plan bounds it anyhow.
	if most := plan.Limits.RetentionDays; days != s.RetentionDays && (days < 1 || days > most) {
		p.Add("retentionDays", fmt.Sprintf("Must be 1 to %d days on your plan.", most))
	}
	if err := p.Err(); err != nil {
		return err
	}
	s.Name, s.Origins, s.TimeZone, s.RetentionDays = name, origins, zone, days
	return nil
}

func (h *handlers) addSite(r *http.Request, who connect.Identity, in *api.SiteSettings) (*api.Site, error) {
	plan, err := h.store.Entitlement(r.Context(), who.Account, web.Now(r))
	if err != nil {
		return nil, err
	}
	site := &connect.Site{
		ID: connect.NewSiteID(), Account: who.Account, Key: connect.NewSiteKey(), TimeZone: connect.DefaultTimeZone,
		RetentionDays: connect.DefaultRetention, CreatedAt: web.Now(r).UTC().Truncate(time.Millisecond),
	}
	if err := apply(in, site, plan); err != nil {
		return nil, err
	}
	if err := h.store.AddSiteWithin(
		r.Context(), site, plan, web.AuditEntry(r, who, connect.SiteAdded, site.Name),
	); err != nil {
		return nil, err
	}
	return h.describe(site, connect.Runs), nil
}

// changeable is the account's site and what its plan allows, unless the account may change nothing for now.
func (h *handlers) changeable(
	r *http.Request, who connect.Identity, id string,
) (*connect.Site, connect.Entitlement, error) {
	plan, err := h.store.Entitlement(r.Context(), who.Account, web.Now(r))
	if err == nil {
		err = plan.MayChange()
	}
	if err != nil {
		return nil, plan, err
	}
	site, err := h.site(r, who, id)
	return site, plan, err
}

func (h *handlers) changeSite(
	r *http.Request, who connect.Identity, id string, in *api.SiteSettings,
) (*api.Site, error) {
	site, plan, err := h.changeable(r, who, id)
	if err != nil {
		return nil, err
	}
	if err := apply(in, site, plan); err != nil {
		return nil, err
	}
	if err := h.store.ChangeSite(r.Context(), site, web.AuditEntry(r, who, connect.SiteChanged, site.Name)); err != nil {
		return nil, err
	}
	return h.described(r, who, site)
}

// chooseSite puts a site before those that pause because of the plan.
func (h *handlers) chooseSite(r *http.Request, who connect.Identity, id string) (*api.Site, error) {
	site, _, err := h.changeable(r, who, id)
	if err != nil {
		return nil, err
	}
	paused, err := h.paused(r, who, nil)
	if err != nil {
		return nil, err
	}
	if why := paused(site); why != connect.PausedByPlan {
		return h.describe(site, why), nil // it runs, or no choice helps
	}
	site.ChosenAt = web.Now(r).UTC().Truncate(time.Millisecond)
	entry := web.AuditEntry(r, who, connect.SiteChosen, site.Name)
	if err := h.store.ChangeSite(r.Context(), site, entry); err != nil {
		return nil, err
	}
	return h.described(r, who, site)
}

func checkZone(p *connect.Problems, zone string) {
	// "Local" would mean the server's zone, and an empty or dotted name a file's.
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" || strings.Contains(zone, ".") || len(zone) > 64 {
		p.Add("timeZone", "Enter a time zone such as Europe/London.")
	}
}

func (h *handlers) removeSite(r *http.Request, who connect.Identity, id string) error {
	site, err := h.site(r, who, id)
	if err != nil {
		return err
	}
	return h.store.RemoveSite(r.Context(), site, web.AuditEntry(r, who, connect.SiteRemoved, site.Name))
}
