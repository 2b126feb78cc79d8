package main

import (
	"errors"
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// markCallback does what somebody did with a request: claims it, notes how the call went, or writes a note. What the
// visitor cancelled stays cancelled.
func (h *handlers) markCallback(
	r *http.Request, who connect.Identity, id, callbackID string, in *api.CallbackMark,
) (*api.Callback, error) {
	if err := checkMark(in); err != nil {
		return nil, err
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
	if in.UpdatedAt != nil && !in.UpdatedAt.Equal(c.UpdatedAt) {
		return nil, changed(c)
	}
	change, err := handle(in, c, who, now)
	if err == nil && change {
		err = h.store.ChangeCallback(r.Context(), c, now)
	}
	if errors.Is(err, connect.ErrConflict) { // between our reading and our writing
		if c, err = h.store.Callback(r.Context(), site.ID, c.ID, now); err == nil {
			err = changed(c)
		}
	}
	if err != nil {
		return nil, err
	}
	marked := callback(c, who.User, now)
	return &marked, nil
}

func checkMark(in *api.CallbackMark) error {
	var p connect.Problems
	status := connect.CallbackStatus(api.Value(in.Status))
	switch {
	case in.Claim == nil && in.Outcome == nil && in.Status == nil && in.Note == nil:
		p.Add("outcome", "Say what was done: a claim, an outcome, a status or a note.")
	case in.Outcome != nil && in.Status != nil:
		p.Add("status", "Leave out the status: it follows from the outcome.")
	case in.Outcome != nil && !in.Outcome.Valid():
		p.Add("outcome", "Must be talked, no-answer, wrong-number, not-interested or spam.")
	case in.Status != nil && (!status.Valid() || status == connect.StatusCancelled):
		p.Add("status", "Must be new, called or missed.")
	}
	if in.Note != nil {
		note, err := connect.ParseText(*in.Note, connect.MaxNote)
		if err != nil {
			p.Add("note", err.Error())
		}
		in.Note = &note
	}
	return p.Err()
}

var errCancelled = &connect.Error{
	Kind: connect.Conflict, Code: "cancelled", Message: "The visitor cancelled this request.",
}

// handle does to c what is asked, and reports whether that changes it.
func handle(
	in *api.CallbackMark, c *connect.Callback, who connect.Identity, now time.Time,
) (change bool, err error) {
	if c.Status == connect.StatusCancelled && (in.Claim != nil || in.Outcome != nil || in.Status != nil) {
		return false, errCancelled
	}
	if in.Claim != nil && *in.Claim {
		if change, err = c.TakeOn(who.User, who.Name, now); err != nil {
			return false, err
		}
	} else if in.Claim != nil {
		change = c.Release(who.User, who.Name, now)
	}
	switch {
	case in.Outcome != nil:
		change = c.Resolve(*in.Outcome, who.Name, now) || change
	case in.Status != nil:
		change = c.Mark(connect.CallbackStatus(*in.Status), who.Name, now) || change
	}
	if in.Note != nil {
		change = c.SetNote(*in.Note, who.Name, now) || change
	}
	return change, nil
}

// changed tells who comes second what the first did.
func changed(c *connect.Callback) error {
	by := "Somebody"
	if n := len(c.History); n > 0 {
		by = c.History[n-1].Name
		if by == "" {
			by = "The visitor"
		}
	}
	message := by + " has changed this request in the meantime. Look at it again."
	return &connect.Error{Kind: connect.Conflict, Code: "changed", Message: message}
}
