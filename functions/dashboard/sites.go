package main

import (
	"html"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

type siteJSON struct {
	ID            connect.SiteID   `json:"id"`
	Key           connect.SiteKey  `json:"key"`
	Name          string           `json:"name"`
	Origins       []connect.Origin `json:"origins"`
	TimeZone      string           `json:"timeZone"`
	RetentionDays int              `json:"retentionDays"`
	Snippet       string           `json:"snippet"`
	CreatedAt     time.Time        `json:"createdAt"`
}

func (h *handlers) json(s *connect.Site) siteJSON {
	return siteJSON{s.ID, s.Key, s.Name, s.Origins, s.TimeZone, s.RetentionDays, h.snippet(s), s.CreatedAt}
}

// snippet is the one line a customer puts into their page.
func (h *handlers) snippet(s *connect.Site) string {
	return `<script async src="` + html.EscapeString(h.origin) + `/widget.js" data-site="` + html.EscapeString(string(s.Key)) + `"></script>`
}

func (h *handlers) listSites(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	sites, err := h.store.Sites(r.Context(), who.Account)
	if err != nil {
		return err
	}
	out := struct {
		Sites []siteJSON `json:"sites"`
	}{[]siteJSON{}}
	for _, s := range sites {
		out.Sites = append(out.Sites, h.json(s))
	}
	return web.JSON(w, http.StatusOK, out)
}

func (h *handlers) showSite(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	site, err := h.site(r, who)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, h.json(site))
}

// siteInput is what a person says of a site.
type siteInput struct {
	Name     string   `json:"name"`
	Origins  []string `json:"origins"`
	TimeZone string   `json:"timeZone"`
}

// into checks the input and writes it into s.
func (in *siteInput) into(s *connect.Site) error {
	var p connect.Problems
	name := p.Line("name", in.Name, 100)
	var origins []connect.Origin
	switch {
	case len(in.Origins) == 0:
		p.Add("origins", "Name at least one website where the widget may run.")
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
	zone := in.TimeZone
	if zone == "" {
		zone = s.TimeZone
	}
	// "Local" would mean the server's zone, and an empty or dotted name a file's.
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" || strings.Contains(zone, ".") || len(zone) > 64 {
		p.Add("timeZone", "This is not a time zone such as Europe/London.")
	}
	if err := p.Err(); err != nil {
		return err
	}
	s.Name, s.Origins, s.TimeZone = name, origins, zone
	return nil
}

func (h *handlers) addSite(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in siteInput
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	plan, err := h.store.Entitlement(r.Context(), who.Account, web.Now(r))
	if err != nil {
		return err
	}
	site := &connect.Site{
		ID: connect.NewSiteID(), Account: who.Account, Key: connect.NewSiteKey(), TimeZone: connect.DefaultTimeZone,
		RetentionDays: connect.DefaultRetention, CreatedAt: web.Now(r).UTC().Truncate(time.Millisecond),
	}
	if err := in.into(site); err != nil {
		return err
	}
	if err := h.store.AddSiteWithin(r.Context(), site, plan, h.cdn.Event(r, who, connect.SiteAdded, site.Name)); err != nil {
		return err
	}
	return web.JSON(w, http.StatusCreated, h.json(site))
}

func (h *handlers) changeSite(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in siteInput
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	plan, err := h.store.Entitlement(r.Context(), who.Account, web.Now(r))
	if err != nil {
		return err
	}
	if err := plan.MayChange(); err != nil {
		return err
	}
	site, err := h.site(r, who)
	if err != nil {
		return err
	}
	if err := in.into(site); err != nil {
		return err
	}
	if err := h.store.ChangeSite(r.Context(), site, h.cdn.Event(r, who, connect.SiteChanged, site.Name)); err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, h.json(site))
}

func (h *handlers) removeSite(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	site, err := h.site(r, who)
	if err != nil {
		return err
	}
	if err := h.store.RemoveSite(r.Context(), site, h.cdn.Event(r, who, connect.SiteRemoved, site.Name)); err != nil {
		return err
	}
	return web.NoContent(w)
}
