package main

import (
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
	labels := map[string]string{}
	for _, l := range design.Languages {
		labels[l.Lang] = l.Label
	}
	return &api.WidgetConfiguration{
		Site: site.Key, Name: site.Name, Active: runs && site.Allows(r.Header.Get("Origin")),
		Language: design.Languages[0].Lang, Labels: labels,
		PrivacyURL: h.origin + "/privacy", Hours: open.describe(web.Now(r)),
		Proof: api.Optional(site.Proof(web.Now(r))),
	}, nil
}

func (h *handlers) site(r *http.Request, key string) (*connect.Site, error) {
	if !connect.ValidID("k_", key) {
		return nil, connect.ErrNotFound
	}
	return h.store.SiteByKey(r.Context(), connect.SiteKey(key))
}
