package connect

import (
	"fmt"
	"time"
)

// QueueState is where a request is in its account's inbox: it waits, or what became of it.
type QueueState string

const (
	Waiting         QueueState = "waiting"
	QueuedCalled    QueueState = QueueState(StatusCalled)
	QueuedMissed    QueueState = QueueState(StatusMissed)
	QueuedCancelled QueueState = QueueState(StatusCancelled)
)

// HandledStates are those of what does not wait.
var HandledStates = []QueueState{QueuedCalled, QueuedMissed, QueuedCancelled}

// Queue returns where c is in the inbox. What nobody answered waits again when it is to be tried again.
func (c *Callback) Queue() QueueState {
	if c.Status == StatusNew || c.Status == StatusMissed && !c.TryAt.IsZero() {
		return Waiting
	}
	return QueueState(c.Status)
}

// soon is within what time a call is expected where nothing was promised.
const soon = time.Hour

// Expected is the instant that c waits for: its next attempt, until when a call was promised, when the visitor wants
// it, or soon. What has waited longest past it is called first.
func (c *Callback) Expected() time.Time {
	for _, t := range []time.Time{c.TryAt, c.Due, c.At} {
		if !t.IsZero() {
			return t
		}
	}
	return c.CreatedAt.Add(soon)
}

// Overdue reports whether c waits past the time that it was expected at.
func (c *Callback) Overdue(now time.Time) bool {
	return c.Queue() == Waiting && c.Expected().Before(now)
}

// Turn sorts c among its QueueState: what waits by Expected, the rest by when it was made.
func (c *Callback) Turn() string {
	if c.Queue() == Waiting {
		return TurnAt(c.Expected()) + string(c.ID)
	}
	return TurnAt(c.CreatedAt) + string(c.ID)
}

// TurnAt is smaller than the turns of t and later, and greater than any before.
func TurnAt(t time.Time) string { return fmt.Sprintf("%013d#", max(t.UnixMilli(), 0)) }

// TurnTime is the time of a turn, zero for what is none.
func TurnTime(turn string) time.Time {
	var ms int64
	if _, err := fmt.Sscanf(turn, "%013d#", &ms); err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
