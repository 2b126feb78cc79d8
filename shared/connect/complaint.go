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
	ExpiresAt time.Time

	ConfirmedAt time.Time // when whoever reads the address's mail said that it is theirs
}

const (
	// ComplaintLife leaves time to answer, and for a regulator to ask.
	ComplaintLife = 365 * 24 * time.Hour
	// AcknowledgeLife is how long one acknowledgement to an address stands for all.
	AcknowledgeLife = time.Hour
	// DigestHour is when, in UTC, the unconfirmed complaints of a day are listed for the operator.
	DigestHour = 8 * time.Hour
)
