package connect

import (
	"cmp"
	"strconv"
	"time"
)

// Task is something to be done at an instant (table Due, function tick). It names what it is about by reference only.
// Nobody takes a task back: whoever does it first looks whether it is still wanted.
type Task struct {
	Kind     TaskKind
	At       time.Time // when it is due
	Account  AccountID
	Site     SiteID
	Callback CallbackID
	Ref      string    // what else it is about
	For      time.Time // of a callback: the promise that it was written for; a request that was moved has another
	Held     time.Time // until when a run of tick has it; set by the store
}

// TaskKind says what is to be done. What each kind does, and how late it may be, are rows in functions/tick/kinds.go.
type TaskKind string

const (
	TaskPromiseHalf TaskKind = "promise-half" // half of a promised time is over
	TaskPromiseMost TaskKind = "promise-most" // four fifths are
	TaskPromiseDue  TaskKind = "promise-due"  // it is over
	TaskLateCalls   TaskKind = "late-calls"   // an account's owners may be told of late calls again
	TaskVisitorDay  TaskKind = "visitor-day"  // a day until the time that a visitor booked
	TaskVisitorHour TaskKind = "visitor-hour" // an hour until it

	TaskComplaintWeek TaskKind = "complaint-week" // a week until the last day of a complaint to a business
	TaskComplaintDay  TaskKind = "complaint-day"  // a day until it
	TaskComplaintOver TaskKind = "complaint-over" // it is over
)

// Name tells a task from all others of its instant: written again, it is the same.
func (t Task) Name() string {
	return string(t.Kind) + "#" + cmp.Or(string(t.Callback), t.Ref)
}

// MessageID is the id of the one message that comes of a task, however often the task is done.
func (t Task) MessageID() string {
	return "o_" + string(t.Kind) + "-" + cmp.Or(string(t.Callback), t.Ref) + "-" + strconv.FormatInt(t.At.Unix(), 10)
}
