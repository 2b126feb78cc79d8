package store

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// MessageKind says which message is to be sent.
type MessageKind string

const (
	MailNothing              MessageKind = "nothing"            // written so that a request's work is the same; sends nothing
	MailVerifyEmail          MessageKind = "verify-email"       // to the address of a registration
	MailLoginLink            MessageKind = "login-link"         // by token
	MailResetPassword        MessageKind = "reset-password"     // by token
	MailPasswordChanged      MessageKind = "password-changed"   // to a user
	MailConfirmEmail         MessageKind = "confirm-email"      // by token, to the new address
	MailEmailChangeRequested MessageKind = "email-asked"        // by token, to the current address
	MailEmailChanged         MessageKind = "email-changed"      // by token, to the old address
	MailRecovery             MessageKind = "recover"            // by token
	MailRecoveryStarted      MessageKind = "recovery-started"   // to a user
	MailRecoveryOfMember     MessageKind = "recovery-member"    // to an admin, about another user
	MailFactorsChanged       MessageKind = "factors-changed"    // to a user
	MailInvitation           MessageKind = "invite"             // by invitation, to become a member or a client
	MailAccountClosing       MessageKind = "account-closing"    // to a member, about an account
	MailMembershipEnded      MessageKind = "place-ended"        // to a user, about an account they left or were removed from; Detail says which
	MailAgencyEnded          MessageKind = "agency-ended"       // to an owner, about an account; Detail is the agency's name
	MailLoginDeleted         MessageKind = "login-deleted"      // by token: the person is gone
	MailComplaintReceived    MessageKind = "complaint-received" // to whoever complained
	MailComplaint            MessageKind = "complaint"          // to the operator, once it is confirmed
	MailComplaintDigest      MessageKind = "complaint-digest"   // to the operator, of those that are not
	MailBillingAlert         MessageKind = "billing-notice"     // to an account's owners (ToOwners); Detail is the state it speaks of
	AuditLoginRefused        MessageKind = "login-refused"      // to the logs of a user's accounts; Detail is how
	MailOverLimit            MessageKind = "over-limit"         // to an account's owners (ToOwners); Detail is the month
	MailCallbackRequested    MessageKind = "callback-requested" // to who wants to know (ToReaders), about a request
	MailCallbacksWaiting     MessageKind = "callbacks-waiting"  // the same of the rest of an hour's (TellOneByOne)
)

// Message names what is to be sent and to whom by reference. It holds no token and no address: links are
// made when the message is written.
type Message struct {
	ID           string
	Kind         MessageKind
	Registration string
	Complaint    connect.ComplaintID
	TokenID      string
	User         connect.UserID    // who is written to
	About        connect.UserID    // whom it is about, when that is somebody else
	Account      connect.AccountID // whose invitation it is, or which account it is about
	Invitation   string
	Site         connect.SiteID
	Callback     connect.CallbackID
	Detail       string
	At           time.Time          // when it was, of a refused login
	Client       connect.ClientInfo // and from where

	// What became of it.
	Sent      bool
	Phase     Phase
	Tries     int       // how often sending it failed
	RetryAt   time.Time // when to try again, of one that waits
	ExpiresAt time.Time
}

// ToOwners reports whether m is for all owners of an account, and becomes one message to each.
func (m Message) ToOwners() bool {
	return m.User == "" && (m.Kind == MailBillingAlert || m.Kind == MailOverLimit)
}

// ToReaders reports whether m is for all who want to know of a site's requests, and becomes one message to each.
func (m Message) ToReaders() bool {
	return m.User == "" && (m.Kind == MailCallbackRequested || m.Kind == MailCallbacksWaiting)
}

func outboxItem(m Message, now time.Time) item {
	id := m.ID
	if id == "" {
		id = connect.NewOutboxID()
	}
	i := item{"pk": str(id), "kind": str(string(m.Kind)), "expiresAt": epoch(now.Add(connect.OutboxLife))}
	for name, v := range map[string]string{
		"registration": m.Registration, "ticket": m.TokenID, "user": string(m.User), "about": string(m.About),
		"account": string(m.Account), "invitation": m.Invitation, "complaint": string(m.Complaint), "notice": m.Detail,
		"site": string(m.Site), "callback": string(m.Callback),
		"place": m.Client.Location, "device": m.Client.Browser,
	} {
		if v != "" {
			i[name] = str(v)
		}
	}
	if !m.At.IsZero() {
		i["at"] = when(m.At)
	}
	if m.Phase != "" {
		i["phase"] = str(string(m.Phase))
	}
	if !m.RetryAt.IsZero() {
		i["retryAt"] = when(m.RetryAt)
	}
	return i
}

// messagePut is the write that asks for m, for the transaction of its cause.
func (s *client) messagePut(m Message, now time.Time) types.TransactWriteItem {
	return put(s.outbox, outboxItem(m, now), absent)
}

// What a keyed digest is of; the same text of another kind has another one.
const (
	DigestPhone  = "visitor-phone"
	DigestEmail  = "visitor-email"
	DigestSender = "complaint-sender"

	// SealTOTP is for the secrets of authenticators.
	SealTOTP = "totp"
)
