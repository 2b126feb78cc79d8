package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/design"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// showDesign returns what a site starts from where nothing is stored.
func (h *handlers) showDesign(r *http.Request, who connect.Identity, id string) (*api.SavedDesign, error) {
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	return h.savedDesign(r, site)
}

func (h *handlers) savedDesign(r *http.Request, site *connect.Site) (*api.SavedDesign, error) {
	current, previous, err := h.store.Design(r.Context(), site.Account, site.ID)
	if err != nil {
		return nil, err
	}
	if current == nil {
		current = design.Default()
	}
	return &api.SavedDesign{Design: *current, Previous: previous}, nil
}

// changeDesign keeps what it replaces: sending that back is the undo.
func (h *handlers) changeDesign(
	r *http.Request, who connect.Identity, id string, in *api.WidgetDesign,
) (*api.SavedDesign, error) {
	site, _, err := h.changeable(r, who, id)
	if err != nil {
		return nil, err
	}
	if err := in.Check(); err != nil {
		return nil, err
	}
	was, err := h.savedDesign(r, site)
	if err != nil {
		return nil, err
	}
	if was.Design.Version != in.Version {
		return nil, connect.ErrConflict
	}
	entry := web.AuditEntry(r, who, connect.DesignChanged, site.Name)
	if err := h.store.ChangeDesign(r.Context(), site, in, &was.Design, entry); err != nil {
		return nil, err
	}
	return &api.SavedDesign{Design: *in, Previous: &was.Design}, nil
}

// previewDesign is the configuration that a design would mean, and how well its colour can be seen.
func (h *handlers) previewDesign(
	r *http.Request, who connect.Identity, id string, in *api.WidgetDesign,
) (*api.DesignPreview, error) {
	if _, err := h.site(r, who, id); err != nil {
		return nil, err
	}
	if err := in.Check(); err != nil {
		return nil, err
	}
	contrast := in.Contrast()
	return &api.DesignPreview{
		Look: in.Look(), Labels: in.Labels(),
		Contrast: api.ColourContrast{Text: contrast.Text, Page: contrast.Page, Enough: contrast.Enough},
	}, nil
}
