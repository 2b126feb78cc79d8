package main

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/design"
)

// needed adds to what else is wrong with a request what the site's widget asks for and is not there. More than it asks
// for is kept: a page may have been open since before the business changed that.
func (h *handlers) needed(r *http.Request, in *api.CallbackRequest, wrong error) error {
	site, err := h.site(r, in.Site)
	if errors.Is(err, connect.ErrNotFound) {
		site, err = nil, nil
	}
	chosen := design.Default()
	if err == nil && site != nil {
		chosen, err = h.design(r, site)
	}
	if err != nil {
		return err
	}
	var p connect.Problems
	for _, f := range []struct {
		name  string
		asked design.Asked
		value *string
	}{
		{"name", chosen.Fields.Name, in.Name}, {"email", chosen.Fields.Email, in.Email},
		{"message", chosen.Fields.Message, in.Message},
	} {
		if f.asked == design.Needed && strings.TrimSpace(api.Value(f.value)) == "" {
			p.Add(f.name, "Required.")
		}
	}
	missing := p.Err()
	first, ok := errors.AsType[*connect.Error](missing)
	other, also := errors.AsType[*connect.Error](wrong)
	if !ok || !also {
		return cmp.Or(missing, wrong)
	}
	both := *other
	both.Fields = slices.Concat(first.Fields, other.Fields)
	return &both
}
