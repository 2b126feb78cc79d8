package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// blockNumber has a number not called for a site any more, lifts that, or only looks.
func (h *handlers) blockNumber(
	r *http.Request, who connect.Identity, id string, in *api.NumberBlock,
) (*api.BlockedNumber, error) {
	v, err := h.visitor(&api.Visitor{Phone: &in.Phone})
	if err != nil {
		return nil, err
	}
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	if in.Blocked != nil {
		action := connect.NumberUnblocked
		if *in.Blocked {
			action = connect.NumberBlocked
		}
		e := web.AuditEntry(r, who, action, site.Name)
		if err := h.store.BlockNumber(r.Context(), site.ID, v.Digests, *in.Blocked, e); err != nil {
			return nil, err
		}
	}
	b, err := h.store.NumberBlock(r.Context(), site.ID, v.Digests)
	if err != nil {
		return nil, err
	}
	out := &api.BlockedNumber{Blocked: !b.At.IsZero(), At: api.OptionalTime(b.At)}
	if out.Blocked {
		out.By = &b.By
	}
	return out, nil
}
