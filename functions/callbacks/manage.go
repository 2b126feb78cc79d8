package main

import (
	"net/http"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// own returns the request a visitor's link is for.
func (h *handlers) own(r *http.Request) (*connect.Callback, error) {
	site, id, err := h.named(r)
	if err != nil {
		return nil, err
	}
	return h.store.Callback(r.Context(), site, id, web.Now(r))
}

func (h *handlers) named(r *http.Request) (connect.SiteID, connect.CallbackID, error) {
	link := r.PathValue("token")
	name, ok := h.links.Open(store.PurposeRequest, link)
	if !ok && h.links.Ended(link) {
		return "", "", errEnded
	}
	site, id, _ := strings.Cut(name, "~")
	if !ok || id == "" {
		return "", "", connect.ErrNotFound
	}
	return connect.SiteID(site), connect.CallbackID(id), nil
}

// errEnded is for links whose key was dropped: whether they were ever good cannot be told.
var errEnded = &connect.Error{Kind: connect.Invalid, Code: "link-ended",
	Message: "This link no longer works, for safety. Ask the website that you wrote to, to change or erase your request."}

func (h *handlers) show(w http.ResponseWriter, r *http.Request) error {
	c, err := h.own(r)
	if err != nil {
		return err
	}
	return answerOwn(w, c)
}

// answerOwn tells the visitor what they need to know their request by. The number is masked: links are
// forwarded and stay in histories.
func answerOwn(w http.ResponseWriter, c *connect.Callback) error {
	var at *time.Time
	if !c.At.IsZero() {
		at = &c.At
	}
	return web.JSON(w, http.StatusOK, struct {
		ID        connect.CallbackID `json:"id"`
		Status    connect.Status     `json:"status"`
		Site      string             `json:"site"`
		Name      string             `json:"name"`
		Phone     string             `json:"phone"`
		At        *time.Time         `json:"at"`
		CreatedAt time.Time          `json:"createdAt"`
	}{c.ID, c.Status, c.SiteName, c.Name, connect.MaskPhone(c.Phone), at, c.CreatedAt})
}

var errDone = &connect.Error{Kind: connect.Conflict, Code: "already-done", Message: "This request has been dealt with and cannot be changed any more. It can still be erased."}

// change moves a request to another time or cancels it.
func (h *handlers) change(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		At     *string `json:"at"`
		Status *string `json:"status"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	c, err := h.own(r)
	if err != nil {
		return err
	}
	var p connect.Problems
	now := web.Now(r)
	switch {
	case in.At == nil && in.Status == nil:
		p.Add("at", "Say a time, or the status cancelled.")
	case in.Status != nil && *in.Status != string(connect.StatusCancelled):
		p.Add("status", "A request can only be cancelled here.")
	case in.At != nil:
		if c.At, err = parseAt(*in.At, now); err != nil {
			p.Add("at", err.Error())
		}
	}
	if err := p.Err(); err != nil {
		return err
	}
	if c.Status == connect.StatusCancelled && in.Status != nil {
		return answerOwn(w, c) // asked twice
	}
	if c.Status == connect.StatusCalled || c.Status == connect.StatusCancelled {
		return errDone
	}
	if in.Status != nil {
		c.Status = connect.StatusCancelled
	}
	if err := h.store.ChangeCallback(r.Context(), c, now); err != nil {
		return err
	}
	return answerOwn(w, c)
}

// erase takes away all that was sent and leaves a receipt without it. A link that was good once goes on answering 204.
func (h *handlers) erase(w http.ResponseWriter, r *http.Request) error {
	site, id, err := h.named(r)
	if err != nil {
		return err
	}
	done := h.book.Sign(&connect.Receipt{ID: connect.NewReceiptID(), Kind: connect.Erasure, Site: site, Via: connect.ViaLink, Count: 1}, web.Now(r))
	if err := h.store.EraseCallback(r.Context(), site, id, done); err != nil {
		return err
	}
	return web.NoContent(w)
}
