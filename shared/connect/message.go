package connect

import (
	"strconv"
	"time"
)

// MessageKind says which message is to be sent. Its value is what the outbox keeps: it outlives a release.
type MessageKind string

const (
	// MailNothing is written so that a request's work is the same whatever it finds; it sends nothing.
	MailNothing MessageKind = "nothing"

	// Of a login. Those that hold a link go by a one-time token, to the address that the token is about.

	MailVerifyEmail          MessageKind = "verify-email" // to the address of a registration
	MailLoginLink            MessageKind = "login-link"
	MailResetPassword        MessageKind = "reset-password"
	MailPasswordChanged      MessageKind = "password-changed"
	MailConfirmEmail         MessageKind = "confirm-email" // to the new address
	MailEmailChangeRequested MessageKind = "email-asked"   // to the current address
	MailEmailChanged         MessageKind = "email-changed" // to the old address
	MailFactorsChanged       MessageKind = "factors-changed"
	MailRecovery             MessageKind = "recover"
	MailRecoveryStarted      MessageKind = "recovery-started"
	MailRecoveryOfMember     MessageKind = "recovery-member" // to an admin, about another user
	MailLoginDeleted         MessageKind = "login-deleted"
	// AuditLoginRefused is no mail: it adds to the logs of a user's accounts. Detail is how.
	AuditLoginRefused MessageKind = "login-refused"

	// Of an account.

	MailInvitation      MessageKind = "invite"          // to become a member or a client
	MailMembershipEnded MessageKind = "place-ended"     // to who left or was removed; Detail says which
	MailAgencyEnded     MessageKind = "agency-ended"    // to an owner; Detail is the agency's name
	MailAccountClosing  MessageKind = "account-closing" // to a member
	MailBillingAlert    MessageKind = "billing-notice"  // to the owners (ToOwners); Detail is the state it speaks of
	MailOverLimit       MessageKind = "over-limit"      // to the owners (ToOwners); Detail is the month

	// Of a visitor's request.

	MailCallbackRequested MessageKind = "callback-requested" // to who wants to know (ToReaders)
	MailCallbacksWaiting  MessageKind = "callbacks-waiting"  // the same of the rest of an hour's
	MailPromiseAtRisk     MessageKind = "promise-at-risk"    // to the same people: its promised time is running out
	MailRequestsHeld      MessageKind = "requests-held"      // to one of them, what was kept for them: Held
	MailPromiseBroken     MessageKind = "promise-broken"     // to the owners (ToOwners); Detail is how many
	MailCallLate          MessageKind = "call-late"          // to the visitor

	// PushRequested is no mail: a notification of the first two, to the devices of one who was mailed at once.
	PushRequested MessageKind = "push-requested"

	// To the visitor who asked; Detail is which of the request's bookings they are about.

	MailVisitorConfirmed MessageKind = "visitor-confirmed"
	MailVisitorMoved     MessageKind = "visitor-moved"
	MailVisitorCancelled MessageKind = "visitor-cancelled"
	MailVisitorMissed    MessageKind = "visitor-missed"   // somebody called, nobody answered
	MailVisitorReminder  MessageKind = "visitor-reminder" // of a booked time

	// Of a complaint about us.

	MailComplaintReceived MessageKind = "complaint-received" // to whoever complained
	MailComplaint         MessageKind = "complaint"          // to the operator, once it is confirmed
	MailComplaintDigest   MessageKind = "complaint-digest"   // to the operator, of those that are not
	MailComplaintUpdate   MessageKind = "complaint-update"   // to who complained; Detail is the entry's place
	MailComplaintAnswer   MessageKind = "complaint-answer"   // to who complained

	// Of a visitor's complaint to a business (SiteComplaint).

	MailSiteComplaint             MessageKind = "site-complaint"              // to the owners (ToOwners)
	MailSiteComplaints            MessageKind = "site-complaints"             // the same of the rest of an hour's
	MailSiteComplaintDue          MessageKind = "site-complaint-due"          // to the owners; Detail is the task's kind
	MailSiteComplaintAcknowledged MessageKind = "site-complaint-acknowledged" // to who complained, as the two after it
	MailSiteComplaintUpdate       MessageKind = "site-complaint-update"       // Detail is the entry's place
	MailSiteComplaintAnswer       MessageKind = "site-complaint-answer"       // Detail is the version that answered
)

// Message names what is to be sent and to whom by reference. It holds no token and no address: links are made when the
// message is written.
type Message struct {
	ID           string
	Kind         MessageKind
	Registration string
	Complaint    ComplaintID
	TokenID      string
	User         UserID    // who is written to
	About        UserID    // whom it is about, when that is somebody else
	Account      AccountID // whose invitation it is, or which account it is about
	Invitation   string
	Site         SiteID
	Callback     CallbackID
	Detail       string
	Held         []Held
	At           time.Time  // when it was, of a refused login
	Client       ClientInfo // and from where

	// What became of it.
	Sent      bool
	Phase     Phase
	Tries     int       // how often sending it failed
	RetryAt   time.Time // when to try again, of one that waits
	ExpiresAt time.Time
}

// ToOwners reports whether m is for all owners of an account, and becomes one message to each.
func (m Message) ToOwners() bool {
	switch m.Kind {
	case MailBillingAlert, MailOverLimit, MailPromiseBroken, MailSiteComplaint, MailSiteComplaints, MailSiteComplaintDue:
		return m.User == ""
	}
	return false
}

// ToReaders reports whether m is for all who want to know of a site's requests, and becomes one message to each.
func (m Message) ToReaders() bool {
	return m.User == "" &&
		(m.Kind == MailCallbackRequested || m.Kind == MailCallbacksWaiting || m.Kind == MailPromiseAtRisk)
}

// Untimely reports whether m, to one person, is of what their quiet hours keep from them.
func (m Message) Untimely() bool {
	switch m.Kind {
	case MailCallbackRequested, MailCallbacksWaiting, MailPromiseAtRisk, MailPromiseBroken, MailRequestsHeld:
		return m.User != ""
	}
	return false
}

// Pushed reports whether what m tells its reader is shown by their browsers as well.
func (m Message) Pushed() bool {
	return m.User != "" && (m.Kind == MailCallbackRequested || m.Kind == MailCallbacksWaiting)
}

// Holds is what m has to say, for the message that says it later.
func (m Message) Holds() []Held {
	switch m.Kind {
	case MailRequestsHeld:
		return m.Held
	case MailPromiseBroken:
		n, _ := strconv.Atoi(m.Detail)
		return []Held{{Account: m.Account, Site: m.Site, Callback: m.Callback, Late: n, Message: m.ID}}
	}
	return []Held{{Account: m.Account, Site: m.Site, Callback: m.Callback}}
}

// Phase is where a message is on its way, "" for one that was just written. Functions read the stream of the outbox by
// it (template.yaml).
type Phase string

const (
	PhaseCounting Phase = "counting" // not to be sent yet, perhaps never: RequestMailsPerHour
	PhaseAgain    Phase = "again"    // to be tried again: sent from the record of this change
	PhaseWaiting  Phase = "waiting"  // tried again at RetryAt
	PhaseSplit    Phase = "split"    // became one message to each of its readers
	PhaseFailed   Phase = "failed"   // given up
)
