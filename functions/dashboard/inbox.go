package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func callback(c *connect.Callback) api.Callback {
	return api.Callback{
		ID: c.ID, Status: c.Status, Name: c.Name, Phone: c.Phone, Email: string(c.Email), Department: c.Department, Message: c.Message,
		Page: c.Page, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, At: api.OptionalTime(c.At),
	}
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
		out.Items = append(out.Items, callback(c))
	}
	return out, nil
}

// markCallback notes what came of a request. What the visitor cancelled stays cancelled.
func (h *handlers) markCallback(r *http.Request, who connect.Identity, id, callbackID string, in *api.CallbackMark) (*api.Callback, error) {
	status := connect.CallbackStatus(in.Status)
	if !status.Valid() || status == connect.StatusCancelled {
		var p connect.Problems
		p.Add("status", "Must be new, called or missed.")
		return nil, p.Err()
	}
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	if !connect.ValidID("c_", callbackID) {
		return nil, connect.ErrNotFound
	}
	now := web.Now(r)
	c, err := h.store.Callback(r.Context(), site.ID, connect.CallbackID(callbackID), now)
	if err != nil {
		return nil, err
	}
	if c.Status == connect.StatusCancelled {
		return nil, &connect.Error{Kind: connect.Conflict, Code: "cancelled", Message: "The visitor cancelled this request."}
	}
	if c.Status != status {
		c.Status = status
		if err := h.store.ChangeCallback(r.Context(), c, now); err != nil {
			return nil, err
		}
	}
	marked := callback(c)
	return &marked, nil
}
