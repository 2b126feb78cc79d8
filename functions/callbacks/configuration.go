package main

import (
	"cmp"
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/design"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// configuration is public and the same for every visitor of a website, so caches may keep it: by Origin.
func (h *handlers) configuration(r *http.Request, key string) (*api.WidgetConfiguration, error) {
	site, err := h.site(r, key)
	if err != nil {
		return nil, err
	}
	_, runs, err := h.store.WidgetStatus(r.Context(), site, web.Now(r))
	if err != nil {
		return nil, err
	}
	open, err := h.openingHours(r.Context(), site, "")
	if err != nil {
		return nil, err
	}
	chosen, err := h.design(r, site)
	if err != nil {
		return nil, err
	}
	out := &api.WidgetConfiguration{
		Site: site.Key, Name: site.Name, Active: runs && site.Allows(r.Header.Get("Origin")),
		PrivacyURL: cmp.Or(chosen.PrivacyURL, h.origin+"/privacy"), Hours: open.describe(web.Now(r)),
		Language: chosen.Language, Labels: chosen.Labels(), Look: chosen.Look(), Texts: chosen.Texts,
		Fields: chosen.Fields, Promise: chosen.Promise, Proof: api.Optional(site.Proof(web.Now(r))),
	}
	if chosen.Triggers.Any() {
		out.Triggers = &chosen.Triggers
	}
	return out, nil
}

// design is what the site's business has chosen, or what a site starts from.
func (h *handlers) design(r *http.Request, site *connect.Site) (*design.Design, error) {
	chosen, _, err := h.store.Design(r.Context(), site.Account, site.ID)
	if err == nil && chosen == nil {
		chosen = design.Default()
	}
	return chosen, err
}

func (h *handlers) site(r *http.Request, key string) (*connect.Site, error) {
	if !connect.ValidID("k_", key) {
		return nil, connect.ErrNotFound
	}
	return h.store.SiteByKey(r.Context(), connect.SiteKey(key))
}
