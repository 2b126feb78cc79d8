package main

import (
	"cmp"
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// callback is a request as the person who asks sees it.
func callback(c *connect.Callback, who connect.UserID, now time.Time) api.Callback {
	out := api.Callback{
		ID: c.ID, Status: c.Status, Name: c.Name, Phone: c.Phone, PhoneShown: cmp.Or(c.PhoneShown, c.Phone),
		Email: string(c.Email), Department: c.Department, Message: c.Message, Page: c.Page,
		CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, At: api.OptionalTime(c.At),
		Promise: api.PromiseOf(c, now), Outcome: api.Optional(c.Outcome), Note: c.Note, History: []api.HistoryEntry{},
	}
	if c.Claim.Active(now) {
		out.Claim = &api.CallbackClaim{Name: c.Claim.Name, Mine: c.Claim.User == who, Until: c.Claim.Until}
	}
	for _, h := range c.History {
		out.History = append(out.History, api.HistoryEntry{At: h.At, Name: h.Name, What: api.HistoryEntryWhat(h.What)})
	}
	return out
}

func (h *handlers) inbox(r *http.Request, who connect.Identity, id string, query inboxQuery) (*api.Inbox, error) {
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	status := connect.CallbackStatus(query.Status)
	if status != "" && !status.Valid() {
		var p connect.Problems
		p.Add("status", "Must be new, called, missed or cancelled.")
		return nil, p.Err()
	}
	page, next, err := h.store.Callbacks(r.Context(), site.ID, status, query.Cursor, web.Now(r))
	if err != nil {
		return nil, err
	}
	out := &api.Inbox{Items: []api.Callback{}, Next: api.Optional(next)}
	for _, c := range page {
		out.Items = append(out.Items, callback(c, who.User, web.Now(r)))
	}
	return out, nil
}
