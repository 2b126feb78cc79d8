package main

import (
	"errors"
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// complain takes a complaint about how data are handled. It is kept in any case; the mail that acknowledges it,
// to an address that anybody may have typed, is bounded for the box and for the caller. The answer is the same
// with or without it.
func (h *handlers) complain(r *http.Request, in *api.Complaint) (*api.ComplaintReceived, error) {
	now := web.Now(r).UTC().Truncate(time.Millisecond)
	c := &connect.Complaint{ID: connect.NewComplaintID(), CreatedAt: now}
	var p connect.Problems
	var err error
	if name := api.Value(in.Name); name != "" {
		c.Name = p.Line("name", name, 100)
	}
	c.Email = address.Email(&p, in.Email)
	if c.Message, err = connect.ParseText(in.Message, 4000); err != nil {
		p.Add("message", err.Error())
	} else if c.Message == "" {
		p.Add("message", "Tell us what we should look into.")
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	caller := web.CallerOf(r).Networks
	if err := h.store.ThrottleNetworks(r.Context(), connect.ComplaintsFromPrefix, caller, now); err != nil {
		if errors.Is(err, connect.ErrTooMany) {
			web.Note(r, "throttle", connect.ComplaintsFromPrefix.Name)
		}
		return nil, err
	}
	err = h.store.ThrottleNetworks(r.Context(), connect.AcknowledgementsFromPrefix, caller, now)
	if err != nil && !errors.Is(err, connect.ErrTooMany) {
		return nil, err
	}
	sender := h.links.Digest(store.DigestSender, c.Email.Mailbox())
	if err := h.store.AddComplaint(r.Context(), c, sender, err == nil, now); err != nil {
		return nil, err
	}
	return &api.ComplaintReceived{ID: c.ID}, nil
}

// confirmComplaint follows the link of the acknowledgement: who reads that mail has sent the complaint, and it
// is passed on at once. Repeating it changes nothing.
func (h *handlers) confirmComplaint(r *http.Request, in *api.LinkToken) error {
	id, ok := h.links.Open(connect.PurposeComplaint, in.Token)
	if !ok || !connect.ValidID("d_", id) {
		return connect.ErrLinkInvalid
	}
	return h.store.ConfirmComplaint(r.Context(), connect.ComplaintID(id), web.Now(r))
}
