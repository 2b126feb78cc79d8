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

// Handled is one thing that was done with a request. Name is of who did it, "" for the visitor. What is an outcome, a
// status, "claimed", "released", "noted" or "moved".
type Handled struct {
	At   time.Time
	Name string
	What string
}

const (
	handledClaim   = "claimed"
	handledRelease = "released"
	handledNote    = "noted"
	// HandledMove is a visitor's other time.
	HandledMove = "moved"
)

// HandledWords lists what Handled.What can be.
var HandledWords = []string{
	string(StatusNew), string(StatusCalled), string(StatusMissed), string(StatusCancelled),
	string(Talked), string(NoAnswer), string(WrongNumber), string(NotInterested), string(Spam),
	handledClaim, handledRelease, handledNote, HandledMove,
}

// Log adds to the request's history.
func (c *Callback) Log(h Handled) {
	c.History = append(c.History, h)
	if n := len(c.History) - maxHistory; n > 0 {
		c.History = slices.Delete(c.History, 0, n)
	}
}

// TakeOn claims the request for somebody who is about to call. It returns a Conflict that names who was first.
func (c *Callback) TakeOn(user UserID, name string, now time.Time) error {
	if c.Claim.Active(now) && c.Claim.User != user {
		return &Error{Kind: Conflict, Code: "claimed", Message: c.Claim.Name + " is calling " + c.Name + "."}
	}
	if c.Claim.User != user || !c.Claim.Active(now) {
		c.Log(Handled{now, name, handledClaim})
	}
	c.Claim = Claim{user, name, now.Add(ClaimLife)}
	return nil
}

// Release gives up the person's own claim; nobody else's.
func (c *Callback) Release(user UserID, name string, now time.Time) {
	if c.Claim.Active(now) && c.Claim.User == user {
		c.Log(Handled{now, name, handledRelease})
		c.Claim = Claim{}
	}
}

// Resolve notes how the call went; NoOutcome opens the request again.
func (c *Callback) Resolve(o Outcome, name string, now time.Time) {
	what := string(o)
	if o == NoOutcome {
		what = string(StatusNew)
	}
	c.settle(o.Status(), o, Handled{now, name, what})
}

// Mark sets the status alone, for programs that know no outcomes.
func (c *Callback) Mark(s CallbackStatus, name string, now time.Time) {
	c.settle(s, NoOutcome, Handled{now, name, string(s)})
}

func (c *Callback) settle(s CallbackStatus, o Outcome, h Handled) {
	if c.Status == s && c.Outcome == o {
		return
	}
	switch {
	case s == StatusNew:
		c.OutcomeAt = time.Time{}
	case c.OutcomeAt.IsZero():
		c.OutcomeAt = h.At.Truncate(time.Millisecond)
	}
	c.Status, c.Outcome, c.Claim = s, o, Claim{}
	c.Log(h)
}

// Moved notes that the visitor chose another time: the request waits again.
func (c *Callback) Moved(now time.Time) {
	c.Status, c.Outcome, c.OutcomeAt = StatusNew, NoOutcome, time.Time{}
	c.Log(Handled{At: now, What: HandledMove})
}

// SetNote replaces the team's note.
func (c *Callback) SetNote(note, name string, now time.Time) {
	if c.Note != note {
		c.Note = note
		c.Log(Handled{now, name, handledNote})
	}
}
