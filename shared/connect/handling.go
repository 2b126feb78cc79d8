package connect

import (
	"slices"
	"time"
)

// Outcome is how a call went.
type Outcome string

const (
	NoOutcome     Outcome = ""
	Talked        Outcome = "talked"
	NoAnswer      Outcome = "no-answer"
	WrongNumber   Outcome = "wrong-number"
	NotInterested Outcome = "not-interested"
	Spam          Outcome = "spam"
)

// Outcomes lists every outcome, in the order they are offered.
var Outcomes = []Outcome{Talked, NoAnswer, WrongNumber, NotInterested, Spam}

func (o Outcome) Valid() bool { return slices.Contains(Outcomes, o) }

// Status is where a request with the outcome stands: nobody answered leaves the visitor a choice, all others end it.
func (o Outcome) Status() CallbackStatus {
	switch o {
	case NoOutcome:
		return StatusNew
	case NoAnswer:
		return StatusMissed
	}
	return StatusCalled
}

const (
	// ClaimLife is how long somebody who is about to call keeps others from doing so too: people close their laptops, so
	// it ends without them.
	ClaimLife = 10 * time.Minute
	// MaxNote is how many characters the team's note on a request has.
	MaxNote = 1000
	// maxHistory bounds what an item grows to; the first entries go first.
	maxHistory = 12
)

// Claim says who is calling.
type Claim struct {
	User  UserID
	Name  string
	Until time.Time
}

// Active reports whether the claim still keeps others off.
func (c Claim) Active(now time.Time) bool { return c.User != "" && now.Before(c.Until) }

// Assignee is who is to call.
type Assignee struct {
	User UserID
	Name string
}

// Handled is one thing that was done with a request. Name is of who did it, "" for the visitor. What is an outcome, a
// status, "claimed", "released", "noted", "moved", "assigned" (to To), "handed-back" or "try-again".
type Handled struct {
	At   time.Time
	Name string
	What string
	To   string
}

// The methods below change a request and add to its history. They report whether they changed anything: a press that is
// repeated does not.

func (c *Callback) log(h Handled) {
	c.History = append(c.History, h)
	if n := len(c.History) - maxHistory; n > 0 {
		c.History = slices.Delete(c.History, 0, n)
	}
}

// TakeOn claims the request for somebody who is about to call. It returns a Conflict that names who was first.
func (c *Callback) TakeOn(user UserID, name string, now time.Time) (changed bool, err error) {
	if c.Claim.Active(now) && c.Claim.User != user {
		return false, &Error{Kind: Conflict, Code: "claimed", Message: c.Claim.Name + " is calling " + c.Name + "."}
	}
	if c.Claim.User != user || !c.Claim.Active(now) {
		c.log(Handled{At: now, Name: name, What: "claimed"})
	}
	c.Claim = Claim{user, name, now.Add(ClaimLife)}
	return true, nil
}

// Release gives up the person's own claim; nobody else's.
func (c *Callback) Release(user UserID, name string, now time.Time) (changed bool) {
	if !c.Claim.Active(now) || c.Claim.User != user {
		return false
	}
	c.log(Handled{At: now, Name: name, What: "released"})
	c.Claim = Claim{}
	return true
}

// Resolve notes how the call went; NoOutcome opens the request again.
func (c *Callback) Resolve(o Outcome, name string, now time.Time) (changed bool) {
	what := string(o)
	if o == NoOutcome {
		what = string(StatusNew)
	}
	return c.settle(o.Status(), o, Handled{At: now, Name: name, What: what})
}

// Mark sets the status alone, for programs that know no outcomes.
func (c *Callback) Mark(s CallbackStatus, name string, now time.Time) (changed bool) {
	return c.settle(s, NoOutcome, Handled{At: now, Name: name, What: string(s)})
}

func (c *Callback) settle(s CallbackStatus, o Outcome, h Handled) (changed bool) {
	if c.Status == s && c.Outcome == o {
		return false
	}
	switch {
	case s == StatusNew:
		c.OutcomeAt = time.Time{}
	case c.OutcomeAt.IsZero() && s == StatusCancelled:
		c.OutcomeAt = h.At.Truncate(time.Millisecond)
	case c.OutcomeAt.IsZero():
		c.OutcomeAt = c.triedAt(h.At).Truncate(time.Millisecond)
	}
	c.Status, c.Outcome, c.Claim, c.TryAt = s, o, Claim{}, time.Time{}
	c.Break(h.At)
	c.recount()
	c.log(h)
	return true
}

// Moved notes that the visitor chooses another time, before it is booked: the request waits again. What became of the
// promise until then stays counted.
func (c *Callback) Moved(now time.Time) {
	c.Break(now)
	c.recount()
	c.Status, c.Outcome, c.OutcomeAt, c.TryAt = StatusNew, NoOutcome, time.Time{}, time.Time{}
	c.Due, c.DueHour, c.DueFor, c.Counted = time.Time{}, "", "", PromiseCount{}
	c.log(Handled{At: now, What: "moved"})
}

// SetNote replaces the team's note.
func (c *Callback) SetNote(note, name string, now time.Time) (changed bool) {
	if c.Note == note {
		return false
	}
	c.Note = note
	c.log(Handled{At: now, Name: name, What: "noted"})
	return true
}

// Assign says who is to call; nobody in particular where to is empty. Whoever it was assigned to may hand it back.
func (c *Callback) Assign(to Assignee, name string, now time.Time) (changed bool) {
	if c.Assigned == to {
		return false
	}
	h := Handled{At: now, Name: name, What: "handed-back"}
	if to.User != "" {
		h.What, h.To = "assigned", to.Name
	}
	c.Assigned = to
	c.log(h)
	return true
}

// TryAgain has a request that nobody answered wait for another attempt at a time; the zero time is for never. It
// returns a Conflict for any other request.
func (c *Callback) TryAgain(at time.Time, name string, now time.Time) (changed bool, err error) {
	if c.Status != StatusMissed && !at.IsZero() {
		const message = "Only a call that nobody answered can be tried again."
		return false, &Error{Kind: Conflict, Code: "not-missed", Message: message}
	}
	if c.TryAt.Equal(at) {
		return false, nil
	}
	c.TryAt = at
	if !at.IsZero() {
		c.log(Handled{At: now, Name: name, What: "try-again"})
	}
	return true, nil
}
