package connect

import "time"

// PromiseState is what became of what a visitor was promised.
type PromiseState string

const (
	PromiseWaiting   PromiseState = "waiting"
	PromiseKept      PromiseState = "kept"   // the first attempt to call was in time, whoever answered
	PromiseBroken    PromiseState = "broken" // it was late, or is
	PromiseCancelled PromiseState = "cancelled"
)

// Promise returns the state of a request's promise at now, "" where none was made. Whoever says in time that they are
// calling keeps it while they do.
func (c *Callback) Promise(now time.Time) PromiseState {
	end := c.OutcomeAt
	if end.IsZero() {
		end = c.triedAt(now)
	}
	switch {
	case c.Due.IsZero():
		return ""
	case c.BrokenAt.Equal(c.Due):
		return PromiseBroken
	case end.After(c.Due):
		return PromiseBroken
	case c.OutcomeAt.IsZero():
		return PromiseWaiting
	case c.Status == StatusCancelled:
		return PromiseCancelled
	}
	return PromiseKept
}

// triedAt is when the call began that ends now: with the claim, where somebody has claimed the request.
func (c *Callback) triedAt(now time.Time) time.Time {
	if c.Claim.Active(now) {
		return c.Claim.Until.Add(-ClaimLife)
	}
	return now
}

// Break notes that a promise was not kept, once, and reports whether it was this time. A request is late only once:
// what its visitor chooses afterwards is neither counted nor told.
func (c *Callback) Break(now time.Time) bool {
	if !c.BrokenAt.IsZero() || c.Promise(now) != PromiseBroken {
		return false
	}
	c.BrokenAt = c.Due
	c.recount()
	return true
}

// Errors of a time that cannot be booked.
var (
	ErrSlotGone = &Error{
		Kind: Conflict, Code: "slot-gone", Message: "That time is no longer available. Choose another.",
		Fields: []FieldError{{"at", "That time is no longer available. Choose another."}},
	}
	ErrClosed = &Error{
		Kind: Conflict, Code: "closed", Message: "No calls are made at that time. Choose another.",
		Fields: []FieldError{{"at", "No calls are made at that time. Choose another."}},
	}
)
