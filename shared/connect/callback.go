package connect

import (
	"slices"
	"time"
)

// Callback is a visitor's request to be called. It holds personal data and is kept for the site's
// retention only. It never knows the visit it came from.
type Callback struct {
	ID         CallbackID
	Site       SiteID
	SiteKey    SiteKey // "" for those made before sites had opening hours
	SiteName   string
	Name       string
	Phone      string // E.164
	PhoneShown string // the same as people write it; "" for requests of before it was kept
	Email      Email  // optional
	Department string
	Message    string
	At         time.Time // when the visitor wants the call; zero for now
	Slot       time.Time // start of the slot that it holds a place in; zero for none
	Calendar   string    // where that slot is counted: a department's name, "" for the site's
	Due        time.Time // until when a call is promised; zero for never
	OutcomeAt  time.Time // when it was first called, missed or cancelled; zero while it waits
	BrokenAt   time.Time // the first promise that was not kept, by when it was due; zero for none
	DueHour    Hour      // the hour of Due on the site's clock, under which the promise is counted; "" for not at all
	DueFor     string    // the department that it is counted for; "" for the site
	Counted    PromiseCount
	Page       string // origin and path, nothing more
	Status     CallbackStatus
	Outcome    Outcome
	Claim      Claim     // who is calling now
	Assigned   Assignee  // who is to call; nobody in particular where it is empty
	TryAt      time.Time // when to try again what nobody answered; zero for never
	Note       string    // the team's
	History    []Handled
	CreatedAt  time.Time
	UpdatedAt  time.Time
	ExpiresAt  time.Time
	// Account is whose inbox it is in, and whose monthly limit a new request counts for; "" for those stored before
	// an account had one inbox.
	Account AccountID
	// Capacity is how many calls its slot takes; it is not stored with it.
	Capacity int
	changes  []PromiseChange
	// Tasks are due because of how it is booked, and written with that; they are not stored with it.
	Tasks []Task
	// Messages tell of what is done with it, and are written with that; they are not stored with it.
	Messages []Message
	// Sequence counts how often the visitor moved or cancelled it: calendars go by it.
	Sequence int
	// Quiet says that its visitor gets no mails: too many named their address.
	Quiet bool
	// MissedToldAt is when the visitor was last told that somebody called and nobody answered.
	MissedToldAt time.Time
	// Keyed digests by which a business finds all requests of one visitor; filled when a request is made.
	PhoneDigest, EmailDigest string
	// SameDigests name the number and department, and SourceDigest where the request came from: a second one of the same
	// is not stored. Duplicate is set where that was so.
	SameDigests  []string
	SourceDigest string
	Duplicate    bool
}

// CallbackStatus is where a callback stands.
type CallbackStatus string

const (
	StatusNew       CallbackStatus = "new"
	StatusCalled    CallbackStatus = "called"
	StatusMissed    CallbackStatus = "missed"    // called, nobody answered
	StatusCancelled CallbackStatus = "cancelled" // by the visitor
)

// CallbackStatuses lists every status, in the order the inbox shows them.
var CallbackStatuses = []CallbackStatus{StatusNew, StatusCalled, StatusMissed, StatusCancelled}

func (s CallbackStatus) Valid() bool { return slices.Contains(CallbackStatuses, s) }

// Booking is a place in a slot.
type Booking struct {
	Start    time.Time // zero for none
	Calendar string
}

// Booking returns the place that the request holds.
func (c *Callback) Booking() Booking {
	if c.Slot.IsZero() {
		return Booking{}
	}
	return Booking{c.Slot, c.Calendar}
}

// MaskPhone keeps a number's last three digits, enough for its owner to know it.
func MaskPhone(e164 string) string {
	if len(e164) < 6 {
		return "•••"
	}
	return e164[:3] + " ••• " + e164[len(e164)-3:]
}
