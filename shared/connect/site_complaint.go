package connect

import (
	"crypto/sha256"
	"time"
)

// SiteComplaint is what a visitor writes to the business behind a site about how it handles their data. The business
// must see to it; we pass it on, keep the register and send the mails.
type SiteComplaint struct {
	ID       ComplaintID
	Account  AccountID
	Site     SiteID
	SiteName string     // as it was then: a complaint outlives its site
	Callback CallbackID // the request that it was made from, "" for one that was made without a link
	// Name, Phone and Email are whom to answer. They are the complaint's own: erasing the request leaves them.
	Name      string
	Phone     string
	Email     Email
	Message   string
	State     ComplaintState
	Result    ComplaintResult // of one that is answered
	Answer    string          // what the complainant is told
	CreatedAt time.Time
	UpdatedAt time.Time
	LastDay   Date      // the thirtieth day, on the site's clock
	DueAt     time.Time // when it is over
	// AcknowledgedAt is when a mail to the complainant was first asked for; zero without an address, and beyond its
	// budget of mails.
	AcknowledgedAt time.Time
	AnsweredAt     time.Time
	ExpiresAt      time.Time // zero until it is answered
	History        []ComplaintEntry
	Version        int
}

// ComplaintState is how far a complaint to a business has come.
type ComplaintState string

const (
	ComplaintOpen       ComplaintState = "open"
	ComplaintInProgress ComplaintState = "in-progress"
	ComplaintAnswered   ComplaintState = "answered"
)

// ComplaintResult is what a business found.
type ComplaintResult string

const (
	ComplaintUpheld       ComplaintResult = "upheld"
	ComplaintPartlyUpheld ComplaintResult = "partly-upheld"
	ComplaintNotUpheld    ComplaintResult = "not-upheld"
	ComplaintWithdrawn    ComplaintResult = "withdrawn" // by the complainant

	// ComplaintSpam is of our own form only: nobody is told.
	ComplaintSpam ComplaintResult = "spam"
)

// ComplaintResults lists what a business can find.
var ComplaintResults = []ComplaintResult{
	ComplaintUpheld, ComplaintPartlyUpheld, ComplaintNotUpheld, ComplaintWithdrawn,
}

// ComplaintEntry is a line of a complaint's history.
type ComplaintEntry struct {
	At   time.Time
	What ComplaintStep
	By   string // a name, "" for the complainant and for us
	Text string // of a note or an update
}

// ComplaintStep is what happened to a complaint.
type ComplaintStep string

const (
	ComplaintReceived     ComplaintStep = "received"
	ComplaintAcknowledged ComplaintStep = "acknowledged" // by our mail in the business's name
	ComplaintStarted      ComplaintStep = "started"
	ComplaintNoted        ComplaintStep = "note"   // internal
	ComplaintUpdated      ComplaintStep = "update" // told to the complainant
	ComplaintClosed       ComplaintStep = "answered"
	ComplaintReopened     ComplaintStep = "reopened"
)

const (
	// ComplaintDays are the days in which a business is to answer, the day of receipt being the first: the stricter
	// of the two ways in which the law's thirty days are counted, and not extended over weekends.
	ComplaintDays = 30
	// ComplaintSteps bounds a history, and with it the item; what answers is still taken.
	ComplaintSteps = 60
	// ComplaintText is how many characters a complaint has at most, ComplaintNoteText a note, an update or an answer.
	ComplaintText     = 4000
	ComplaintNoteText = 2000
)

// RegulatorURL is where anybody can complain to the Information Commissioner.
const RegulatorURL = "https://ico.org.uk/make-a-complaint/"

// ComplaintOf is the id of the one complaint about a request: made twice, it is the same.
func ComplaintOf(site SiteID, callback CallbackID) ComplaintID {
	return complaintNamed("request\x00" + string(site) + "\x00" + string(callback))
}

// ComplaintByKey is the id of a complaint that was made under an idempotency key.
func ComplaintByKey(site SiteID, key string) ComplaintID {
	return complaintNamed("key\x00" + string(site) + "\x00" + key)
}

func complaintNamed(name string) ComplaintID {
	sum := sha256.Sum256([]byte(name))
	return ComplaintID("d_" + base32Lower.EncodeToString(sum[:10]))
}

// Receive gives a new complaint its state, its clock in the site's zone, and the first line of its history.
func (c *SiteComplaint) Receive(now time.Time, zone *time.Location) {
	now = now.UTC().Truncate(time.Millisecond)
	year, month, day := now.In(zone).Date()
	c.State, c.CreatedAt, c.UpdatedAt, c.Version = ComplaintOpen, now, now, 1
	c.DueAt = time.Date(year, month, day+ComplaintDays, 0, 0, 0, 0, zone).UTC()
	c.LastDay = DateOf(time.Date(year, month, day+ComplaintDays-1, 12, 0, 0, 0, time.UTC))
	c.History = []ComplaintEntry{{At: now, What: ComplaintReceived}}
}

// Acknowledge notes that the complainant is mailed that it has arrived.
func (c *SiteComplaint) Acknowledge(now time.Time) {
	c.AcknowledgedAt = now.UTC().Truncate(time.Millisecond)
	c.History = append(c.History, ComplaintEntry{At: c.AcknowledgedAt, What: ComplaintAcknowledged})
}

// SameAs reports whether c is o sent again.
func (c *SiteComplaint) SameAs(o *SiteComplaint) bool {
	return c.Message == o.Message && c.Email == o.Email && c.Name == o.Name && c.Phone == o.Phone
}

// Reminders are the tasks of a new complaint: at nine in the morning, a week and a day before the last day, and on the
// day after it.
func (c *SiteComplaint) Reminders(zone *time.Location) (tasks []Task) {
	last := c.DueAt.In(zone).AddDate(0, 0, -1)
	for kind, days := range map[TaskKind]int{TaskComplaintWeek: -7, TaskComplaintDay: -1, TaskComplaintOver: 1} {
		at := time.Date(last.Year(), last.Month(), last.Day()+days, 9, 0, 0, 0, zone)
		tasks = append(tasks, Task{Kind: kind, At: at, Account: c.Account, Site: c.Site, Ref: string(c.ID)})
	}
	return tasks
}

// Step adds to the history, by somebody of the business. It reports false where there is no room.
func (c *SiteComplaint) Step(what ComplaintStep, by, text string, now time.Time) bool {
	if len(c.History) >= ComplaintSteps && what != ComplaintClosed {
		return false
	}
	c.History = append(
		c.History,
		ComplaintEntry{At: now.UTC().Truncate(time.Millisecond), What: what, By: by, Text: text},
	)
	return true
}

// Close answers a complaint. From now on it has an end.
func (c *SiteComplaint) Close(result ComplaintResult, answer, by string, now time.Time) {
	c.Step(ComplaintClosed, by, "", now)
	c.State, c.Result, c.Answer = ComplaintAnswered, result, answer
	c.AnsweredAt = now.UTC().Truncate(time.Millisecond)
	c.ExpiresAt = c.AnsweredAt.Add(ComplaintLife)
}

// Reopen takes an answer back, and the end with it.
func (c *SiteComplaint) Reopen(by string, now time.Time) bool {
	if !c.Step(ComplaintReopened, by, "", now) {
		return false
	}
	c.State, c.Result, c.Answer, c.AnsweredAt, c.ExpiresAt = ComplaintInProgress, "", "", time.Time{}, time.Time{}
	return true
}

// Tell returns a message about c; to the complainant or, as the kind says, to the account's owners.
func (c *SiteComplaint) Tell(kind MessageKind) Message {
	return Message{Kind: kind, Account: c.Account, Site: c.Site, Complaint: c.ID}
}

// Mail returns the message that tells the complainant something, none where they gave no address. The first of them
// acknowledges the complaint.
func (c *SiteComplaint) Mail(kind MessageKind, detail string, now time.Time) []Message {
	if c.Email == "" {
		return nil
	}
	if c.AcknowledgedAt.IsZero() {
		c.AcknowledgedAt = now.UTC().Truncate(time.Millisecond)
	}
	m := c.Tell(kind)
	m.Detail = detail
	return []Message{m}
}
