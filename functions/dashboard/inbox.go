package main

import (
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

type callbackJSON struct {
	ID         connect.CallbackID `json:"id"`
	Status     connect.Status     `json:"status"`
	Name       string             `json:"name"`
	Phone      string             `json:"phone"`
	Email      connect.Email      `json:"email"`
	Department string             `json:"department"`
	Message    string             `json:"message"`
	At         *time.Time         `json:"at"`
	Page       string             `json:"page"`
	CreatedAt  time.Time          `json:"createdAt"`
	UpdatedAt  time.Time          `json:"updatedAt"`
}

func callbackOut(c *connect.Callback) callbackJSON {
	out := callbackJSON{
		ID: c.ID, Status: c.Status, Name: c.Name, Phone: c.Phone, Email: c.Email, Department: c.Department, Message: c.Message,
		Page: c.Page, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	if !c.At.IsZero() {
		out.At = &c.At
	}
	return out
}

func (h *handlers) inbox(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	site, err := h.site(r, who)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	status := connect.Status(q.Get("status"))
	if status != "" && !status.Valid() {
		var p connect.Problems
		p.Add("status", "This must be new, called, missed or cancelled.")
		return p.Err()
	}
	page, next, err := h.store.Callbacks(r.Context(), site.ID, status, q.Get("cursor"), web.Now(r))
	if err != nil {
		return err
	}
	out := struct {
		Items []callbackJSON `json:"items"`
		Next  *string        `json:"next"`
	}{Items: []callbackJSON{}}
	for _, c := range page {
		out.Items = append(out.Items, callbackOut(c))
	}
	if next != "" {
		out.Next = &next
	}
	return web.JSON(w, http.StatusOK, out)
}

// mark notes what came of a request. What the visitor cancelled stays cancelled.
func (h *handlers) mark(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in struct {
		Status connect.Status `json:"status"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	if !in.Status.Valid() || in.Status == connect.StatusCancelled {
		var p connect.Problems
		p.Add("status", "This must be new, called or missed.")
		return p.Err()
	}
	site, err := h.site(r, who)
	if err != nil {
		return err
	}
	id := r.PathValue("callbackId")
	if !connect.ValidID("c_", id) {
		return connect.ErrNotFound
	}
	now := web.Now(r)
	c, err := h.store.Callback(r.Context(), site.ID, connect.CallbackID(id), now)
	if err != nil {
		return err
	}
	if c.Status == connect.StatusCancelled {
		return &connect.Error{Kind: connect.Conflict, Code: "cancelled", Message: "The visitor has cancelled this request."}
	}
	if c.Status != in.Status {
		c.Status = in.Status
		if err := h.store.ChangeCallback(r.Context(), c, now); err != nil {
			return err
		}
	}
	return web.JSON(w, http.StatusOK, callbackOut(c))
}
