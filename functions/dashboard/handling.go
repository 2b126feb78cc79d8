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
	if err := checkMark(in, web.Now(r)); err != nil {
		return nil, err
	}
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	to, err := h.assignee(r, who, in)
	if err != nil {
		return nil, err
	}
	return h.mark(r, who, site.ID, connect.CallbackID(callbackID), in, to)
}

// mark does to one request of the account what was checked.
func (h *handlers) mark(
	r *http.Request, who connect.Identity, site connect.SiteID, id connect.CallbackID, in *api.CallbackMark,
	to connect.Assignee,
) (*api.Callback, error) {
	if !connect.ValidID("c_", string(id)) {
		return nil, connect.ErrNotFound
	}
	now := web.Now(r)
	c, err := h.store.Callback(r.Context(), site, id, now)
	if err != nil {
		return nil, err
	}
	c.Account = who.Account // also of one that was stored without
	if in.UpdatedAt != nil && !in.UpdatedAt.Equal(c.UpdatedAt) {
		return nil, changed(c)
	}
	change, err := handle(in, c, who, to, now)
	if err == nil && change {
		c.TellMissed(who.Account, now)
		err = h.store.ChangeCallback(r.Context(), c, now)
	}
	if errors.Is(err, connect.ErrConflict) { // between our reading and our writing
		if c, err = h.store.Callback(r.Context(), site, id, now); err == nil {
			err = changed(c)
		}
	}
	if err != nil {
		return nil, err
	}
	marked := api.CallbackOf(c, who.User, now)
	return &marked, nil
}

func checkMark(in *api.CallbackMark, now time.Time) error {
	var p connect.Problems
	status := connect.CallbackStatus(api.Value(in.Status))
	switch {
	case in.Claim == nil && in.Outcome == nil && in.Status == nil && in.Note == nil && in.Assign == nil &&
		in.TryAt == nil:
		p.Add("outcome", "Say what was done: a claim, an outcome, a status, a note, who is to call or when to try again.")
	case in.Outcome != nil && in.Status != nil:
		p.Add("status", "Leave out the status: it follows from the outcome.")
	case in.Outcome != nil && !in.Outcome.Valid():
		p.Add("outcome", "Must be talked, no-answer, wrong-number, not-interested or spam.")
	case in.Status != nil && (!status.Valid() || status == connect.StatusCancelled):
		p.Add("status", "Must be new, called or missed.")
	}
	if in.TryAt != nil && *in.TryAt != "" {
		at := instant(&p, "tryAt", *in.TryAt)
		if !at.IsZero() && (at.Before(now) || at.After(now.Add(furthestTry))) {
			p.Add("tryAt", "Choose a time within the next 90 days.")
		}
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

// furthestTry is how far ahead the next attempt can be.
const furthestTry = 90 * 24 * time.Hour

// assignee returns whom a mark assigns to: a member of the account, or whoever makes the call, as people of an agency
// may.
func (h *handlers) assignee(
	r *http.Request, who connect.Identity, in *api.CallbackMark,
) (to connect.Assignee, err error) {
	id := connect.UserID(api.Value(in.Assign))
	if id == "" {
		return to, nil
	}
	if id == "me" || id == who.User {
		return connect.Assignee{User: who.User, Name: who.Name}, nil
	}
	var p connect.Problems
	p.Add("assign", "Choose a member of this account.")
	if !connect.ValidID("u_", string(id)) {
		return to, p.Err()
	}
	if _, err := h.store.Member(r.Context(), who.Account, id); err != nil {
		if connect.KindOf(err) == connect.NotFound {
			return to, p.Err()
		}
		return to, err
	}
	user, err := h.store.User(r.Context(), id)
	return connect.Assignee{User: id, Name: user.Name}, err
}

var errCancelled = &connect.Error{
	Kind: connect.Conflict, Code: "cancelled", Message: "The visitor cancelled this request.",
}

// handle does to c what is asked, and reports whether that changes it.
func handle(
	in *api.CallbackMark, c *connect.Callback, who connect.Identity, to connect.Assignee, now time.Time,
) (change bool, err error) {
	calls := in.Claim != nil || in.Outcome != nil || in.Status != nil || in.TryAt != nil
	if c.Status == connect.StatusCancelled && calls {
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
	if in.Assign != nil {
		change = c.Assign(to, who.Name, now) || change
	}
	if in.TryAt != nil {
		var p connect.Problems // checked before
		later, err := c.TryAgain(instant(&p, "tryAt", *in.TryAt).UTC().Truncate(time.Millisecond), who.Name, now)
		if err != nil {
			return false, err
		}
		change = change || later
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
