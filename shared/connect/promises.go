package connect

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// NotCalled is the lateness of a promise whose visitor nobody has called since.
const NotCalled = -1

// PromiseCount is what is counted of one promise: nothing of the visitor, and no time but its hour.
type PromiseCount struct {
	Hour       Hour
	State      PromiseState // kept, broken or cancelled; "" for nothing yet
	Late       int          // of a broken one: by how many minutes it was late (LateMinutes), or NotCalled
	Department string
}

func (p PromiseCount) String() string {
	if p.State == "" {
		return ""
	}
	return fmt.Sprintf("%s %s %d %s", p.Hour, p.State, p.Late, p.Department)
}

// ParsePromiseCount reads what String wrote.
func ParsePromiseCount(s string) (p PromiseCount) {
	if part := strings.SplitN(s, " ", 4); len(part) == 4 {
		p.Hour, p.State, p.Department = Hour(part[0]), PromiseState(part[1]), part[3]
		p.Late, _ = strconv.Atoi(part[2])
	}
	return p
}

// PromiseChange is a count that changes by one, up or down.
type PromiseChange struct {
	PromiseCount
	By int64
}

// PromiseChanges are what was done with the request means for the counts, to be written with it.
func (c *Callback) PromiseChanges() []PromiseChange { return c.changes }

// PromisesCounted says that they were written.
func (c *Callback) PromisesCounted() { c.changes = nil }

// recount compares what is counted of the promise with what became of it.
func (c *Callback) recount() {
	is := PromiseCount{Hour: c.DueHour, Department: c.DueFor}
	switch {
	case c.DueHour == "":
	case c.BrokenAt.Equal(c.Due):
		is.State, is.Late = PromiseBroken, NotCalled
		if !c.OutcomeAt.IsZero() && c.Status != StatusCancelled {
			is.Late = LateMinutes(c.OutcomeAt.Sub(c.Due))
		}
	case !c.OutcomeAt.IsZero() && c.Status == StatusCancelled:
		is.State = PromiseCancelled
	case !c.OutcomeAt.IsZero():
		is.State = PromiseKept
	}
	if is.State == "" {
		is = PromiseCount{}
	}
	if is == c.Counted {
		return
	}
	if c.Counted.State != "" {
		c.changes = append(c.changes, PromiseChange{c.Counted, -1})
	}
	if is.State != "" {
		c.changes = append(c.changes, PromiseChange{is, 1})
	}
	c.Counted = is
}

// LateMinutes is a lateness as it is counted: rounded up to a minute, beyond an hour to five, beyond four hours to an
// hour and beyond a day to a day, up to thirty days. So a day's counts are bounded, and a figure never flatters.
func LateMinutes(d time.Duration) int {
	const day = 24 * 60
	n := max(1, int((d+time.Minute-1)/time.Minute))
	for _, step := range []struct{ to, by int }{{60, 1}, {4 * 60, 5}, {day, 60}, {30 * day, day}} {
		if up := (n + step.by - 1) / step.by * step.by; up <= step.to {
			return up
		}
	}
	return 30 * day
}
