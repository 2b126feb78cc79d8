package main

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// linked returns the request a visitor's link is for. The token in the path is the permission: whoever holds the link
// may act on this one request.
func (h *handlers) linked(r *http.Request, link string) (*connect.Callback, error) {
	site, id, err := h.linkIDs(link)
	if err != nil {
		return nil, err
	}
	return h.store.Callback(r.Context(), site, id, web.Now(r))
}

func (h *handlers) linkIDs(link string) (connect.SiteID, connect.CallbackID, error) {
	name, ok := h.links.Open(connect.PurposeRequest, link)
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
	Message: "For your security, this link no longer works. To change or erase your request, contact the website you " +
		"sent it to."}

func (h *handlers) showOwnRequest(r *http.Request, link string) (*api.OwnRequest, error) {
	c, err := h.linked(r, link)
	if err != nil {
		return nil, err
	}
	open, err := h.ownHours(r.Context(), c)
	if err != nil {
		return nil, err
	}
	return h.ownRequest(r, c, open)
}

// ownRequest tells the visitor what they need to know their request by. The number is masked: links are
// forwarded and stay in histories.
func (h *handlers) ownRequest(r *http.Request, c *connect.Callback, open *opening) (*api.OwnRequest, error) {
	now := web.Now(r)
	blocked, err := h.store.Blocked(r.Context(), c.Site, h.links.Digests(store.DigestPhone, c.Phone))
	if err != nil {
		return nil, err
	}
	own := &api.OwnRequest{
		ID: c.ID, Status: c.Status, Site: c.SiteName, Name: c.Name, Phone: connect.MaskPhone(c.Phone),
		At:      api.OptionalTime(c.At),
		Promise: api.PromiseOf(c, now), CreatedAt: c.CreatedAt,
		Calling: c.Claim.Active(now), Blocked: blocked,
	}
	complaint, err := h.store.SiteComplaint(r.Context(), c.Site, connect.ComplaintOf(c.Site, c.ID), now)
	if err != nil && !errors.Is(err, connect.ErrNotFound) {
		return nil, err
	}
	if err == nil {
		own.Complaint = h.ownComplaint(complaint)
	}
	if own.Ahead, err = h.ahead(r, c); err != nil {
		return nil, err
	}
	if open.site != nil {
		own.ComplainTo = api.Optional(open.site.Key)
		own.TimeZone = api.Optional(open.site.TimeZone)
		if open.rules != nil {
			own.SiteKey = api.Optional(open.site.Key)
		}
	}
	return own, nil
}

// ahead is c's place among those who wait, nil where that says nothing: a booked call is due at its time.
func (h *handlers) ahead(r *http.Request, c *connect.Callback) (*int, error) {
	if c.Queue() != connect.Waiting || !c.At.IsZero() || c.Claim.Active(web.Now(r)) {
		return nil, nil
	}
	n, known, err := h.store.Ahead(r.Context(), c)
	if err != nil || !known {
		return nil, err
	}
	return &n, nil
}

var errDone = &connect.Error{
	Kind: connect.Conflict, Code: "already-done",
	Message: "This request has already been dealt with and can't be changed. You can still erase it.",
}

var errCalling = &connect.Error{
	Kind: connect.Conflict, Code: "claimed",
	Message: "You are being called right now. If your phone doesn't ring, choose another time in a few minutes.",
	Fields:  []connect.FieldError{{Field: "at", Message: "You are being called right now."}},
}

// neverCall has the visitor's number not called for the site any more, and cancels a call that waits.
func (h *handlers) neverCall(r *http.Request, c *connect.Callback) (*api.OwnRequest, error) {
	open, err := h.ownHours(r.Context(), c)
	if err != nil {
		return nil, err
	}
	now, held := web.Now(r), c.Booking()
	waits := c.Status == connect.StatusNew || c.Status == connect.StatusMissed
	if waits {
		c.Mark(connect.StatusCancelled, "", now)
		c.Slot, c.Calendar = time.Time{}, ""
		c.Sequence++
		if open.site != nil {
			if err := h.tellVisitor(r, c, connect.MailVisitorCancelled, open.site.Account); err != nil {
				return nil, err
			}
		}
	}
	digests := h.links.Digests(store.DigestPhone, c.Phone)
	if err := h.store.BlockByVisitor(r.Context(), c, held, digests, waits, now); err != nil {
		return nil, err
	}
	return h.ownRequest(r, c, open)
}

// changeOwnRequest moves a request to another time or cancels it. One that nobody answered waits again once it is
// moved.
func (h *handlers) changeOwnRequest(r *http.Request, link string, in *api.OwnRequestChange) (*api.OwnRequest, error) {
	c, err := h.linked(r, link)
	if err != nil {
		return nil, err
	}
	var p connect.Problems
	now := web.Now(r)
	switch {
	case api.Value(in.NeverCall):
		return h.neverCall(r, c)
	case in.At == nil && in.Status == nil:
		p.Add("at", "Give a time, or the status cancelled.")
	case in.Status != nil && *in.Status != api.OwnRequestChangeStatus(connect.StatusCancelled):
		p.Add("status", "Must be cancelled.")
	case in.At != nil:
		if c.At, err = parseAt(*in.At, now); err != nil {
			p.Add("at", err.Error())
		}
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	open, err := h.ownHours(r.Context(), c)
	if err != nil {
		return nil, err
	}
	if c.Status == connect.StatusCancelled && in.Status != nil {
		return h.ownRequest(r, c, open) // asked twice
	}
	if c.Status == connect.StatusCalled || c.Status == connect.StatusCancelled {
		return nil, errDone
	}
	held := c.Booking()
	switch {
	case in.Status == nil && c.Claim.Active(now):
		return nil, errCalling
	case in.Status != nil:
		c.Mark(connect.StatusCancelled, "", now)
		c.Slot, c.Calendar = time.Time{}, ""
	case !held.Start.IsZero() && held.Start.Equal(c.At) && c.Status == connect.StatusNew:
		return h.ownRequest(r, c, open) // it is at that time
	default:
		c.Moved(now)
		if err := open.book(c, now); err != nil {
			return nil, h.withSlots(r, open.site, c.Department, err)
		}
	}
	kind := connect.MailVisitorMoved
	if in.Status != nil {
		kind = connect.MailVisitorCancelled
	}
	c.Sequence++
	if open.site != nil {
		if err := h.tellVisitor(r, c, kind, open.site.Account); err != nil {
			return nil, err
		}
	}
	if err := h.store.MoveCallback(r.Context(), c, held, now); err != nil {
		return nil, h.withSlots(r, open.site, c.Department, err)
	}
	return h.ownRequest(r, c, open)
}

// eraseOwnRequest takes away all that was sent and leaves a receipt without it. A link that was good once keeps
// returning 204.
func (h *handlers) eraseOwnRequest(r *http.Request, link string) error {
	site, id, err := h.linkIDs(link)
	if err != nil {
		return err
	}
	done := h.book.Sign(
		&connect.Receipt{ID: connect.NewReceiptID(), Kind: connect.Erasure, Site: site, Via: connect.ViaLink, Count: 1},
		web.Now(r),
	)
	return h.store.EraseCallback(r.Context(), site, id, done)
}
