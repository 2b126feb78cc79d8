package connect

import "time"

// ComplaintID is quoted by both sides. "d_..."
type ComplaintID string

// NewComplaintID returns an id for a complaint.
func NewComplaintID() ComplaintID { return ComplaintID("d_" + random(10)) }

// Complaint is what somebody writes about how their data are handled.
type Complaint struct {
	ID        ComplaintID
	Name      string // optional
	Email     Email
	Message   string
	CreatedAt time.Time
	ExpiresAt time.Time // zero until it is answered: what is open does not end

	ConfirmedAt time.Time // when whoever reads the address's mail said that it is theirs

	Result     ComplaintResult
	Answer     string
	AnsweredAt time.Time
	History    []ComplaintEntry // what the operator noted and said; by nobody in particular
	Version    int
}

// DueAt is when the thirty days are over, the day of receipt being the first.
func (c *Complaint) DueAt() time.Time {
	return c.CreatedAt.UTC().Truncate(24*time.Hour).AddDate(0, 0, ComplaintDays)
}

// Close answers a complaint about us. From now on it has an end.
func (c *Complaint) Close(result ComplaintResult, answer string, now time.Time) {
	c.Step(ComplaintClosed, "", now)
	c.Result, c.Answer, c.AnsweredAt = result, answer, now.UTC().Truncate(time.Millisecond)
	c.ExpiresAt = c.AnsweredAt.Add(ComplaintLife)
}

// Step adds to the history.
func (c *Complaint) Step(what ComplaintStep, text string, now time.Time) {
	c.History = append(c.History, ComplaintEntry{At: now.UTC().Truncate(time.Millisecond), What: what, Text: text})
}

const (
	// ComplaintLife is from the answer: it leaves time for a regulator to ask.
	ComplaintLife = 365 * 24 * time.Hour
	// AcknowledgeLife is how long one acknowledgement to an address stands for all.
	AcknowledgeLife = time.Hour
	// DigestHour is when, in UTC, the unconfirmed complaints of a day are listed for the operator.
	DigestHour = 8 * time.Hour
)
