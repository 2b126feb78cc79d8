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

// Promise returns the state of a request's promise at now, "" where none was made.
func (c *Callback) Promise(now time.Time) PromiseState {
	end := c.OutcomeAt
	if end.IsZero() {
		end = now
	}
	switch {
	case c.Due.IsZero():
		return ""
	case end.After(c.Due):
		return PromiseBroken
	case c.OutcomeAt.IsZero():
		return PromiseWaiting
	case c.Status == StatusCancelled:
		return PromiseCancelled
	}
	return PromiseKept
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
