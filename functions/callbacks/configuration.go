package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// configuration is public and the same for every visitor, so caches may keep it.
func (h *handlers) configuration(w http.ResponseWriter, r *http.Request) error {
	site, err := h.site(r, r.PathValue("key"))
	if err != nil {
		return err
	}
	_, runs, err := h.store.Running(r.Context(), site, web.Now(r))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=60")
	return web.JSON(w, http.StatusOK, struct {
		Site       connect.SiteKey `json:"site"`
		Name       string          `json:"name"`
		Active     bool            `json:"active"`
		PrivacyURL string          `json:"privacyUrl"`
		Proof      string          `json:"proof,omitempty"`
	}{site.Key, site.Name, runs, h.origin + "/privacy", site.Proof(web.Now(r))})
}

func (h *handlers) site(r *http.Request, key string) (*connect.Site, error) {
	if !connect.ValidID("k_", key) {
		return nil, connect.ErrNotFound
	}
	return h.store.SiteByKey(r.Context(), connect.SiteKey(key))
}
