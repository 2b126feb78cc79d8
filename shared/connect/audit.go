package connect

import (
	"sync/atomic"
	"time"
)

// Action says what happened, in an account's audit log.
type Action string

// The audit log's words. None of its entries holds a secret.
const (
	LoggedIn             Action = "login.done"
	LoginRefused         Action = "login.refused"
	SessionsEnded        Action = "session.ended"
	PasswordChanged      Action = "password.changed"
	PasswordReset        Action = "password.reset"
	EmailChangeAsked     Action = "email.asked"
	EmailChangeApproved  Action = "email.approved"
	EmailChangeCancelled Action = "email.cancelled"
	EmailChanged         Action = "email.changed"
	FactorAdded          Action = "factor.added"
	FactorRemoved        Action = "factor.removed"
	RecoveryCodesMade    Action = "factor.codes"
	RecoveryStarted      Action = "recovery.started"
	RecoveryCancelled    Action = "recovery.cancelled"
	RecoveryDone         Action = "recovery.done"
	MemberInvited        Action = "member.invited"
	InvitationWithdrawn  Action = "member.withdrawn"
	MemberJoined         Action = "member.joined"
	MemberRole           Action = "member.role"
	MemberRemoved        Action = "member.removed"
	ClientAdded          Action = "client.added"
	ClientInvited        Action = "client.invited"
	ClientWithdrawn      Action = "client.withdrawn"
	ClientJoined         Action = "client.joined"
	ClientEnded          Action = "client.ended"
	AccountOpened        Action = "account.opened"
	AccountChanged       Action = "account.changed"
	AccountClosing       Action = "account.closing"
	AccountRestored      Action = "account.restored"
	SiteAdded            Action = "site.added"
	SiteChanged          Action = "site.changed"
	SiteRemoved          Action = "site.removed"
	DataRead             Action = "export.read"
	VisitorExported      Action = "visitor.exported"
	VisitorErased        Action = "visitor.erased"
	BillingAsked         Action = "billing.asked"   // somebody did, here
	BillingChanged       Action = "billing.changed" // and so it is, as Stripe tells
)

// Actions lists them for those who filter.
var Actions = []Action{
	LoggedIn, LoginRefused, SessionsEnded, PasswordChanged, PasswordReset, EmailChangeAsked, EmailChangeApproved,
	EmailChangeCancelled, EmailChanged, FactorAdded, FactorRemoved, RecoveryCodesMade,
	RecoveryStarted, RecoveryCancelled, RecoveryDone, MemberInvited, InvitationWithdrawn, MemberJoined, MemberRole, MemberRemoved,
	ClientAdded, ClientInvited, ClientWithdrawn, ClientJoined, ClientEnded, AccountOpened, AccountChanged, AccountClosing, AccountRestored,
	SiteAdded, SiteChanged, SiteRemoved, DataRead, VisitorExported, VisitorErased,
	BillingAsked, BillingChanged,
}

// Event is one entry of an account's audit log.
type Event struct {
	ID      string
	Account AccountID
	At      time.Time
	Action  Action
	Actor   UserID // "" when nobody was logged in
	Name    string // the actor's, as it was then
	Target  string // what it was done to, in words
	Where   Where
	Plan    PlanID // decides how long it is kept; not stored
}

// Where is where something was done from, no finer than its owner needs to recognise it.
type Where struct {
	Place  string // a country, or half a network address
	Device string
}

// AuditLife is how long a plan keeps an entry.
func AuditLife(p PlanID) time.Duration {
	if p == Free.ID || p == "" {
		return 30 * 24 * time.Hour
	}
	return 365 * 24 * time.Hour
}

// auditSequence counts the audit entries of this process.
var auditSequence atomic.Uint64

// NewEventID returns an id that sorts after those this process made before: entries of one millisecond, such as
// those of one request, stay in the order of cause and effect.
func NewEventID() string {
	var b [5]byte
	n := auditSequence.Add(1)
	for i := range b {
		b[i] = byte(n >> (32 - 8*i))
	}
	return base32Lower.EncodeToString(b[:]) + random(5)
}
