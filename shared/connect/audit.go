package connect

import (
	"fmt"
	"sync/atomic"
	"time"
)

// AuditAction says what happened, in an account's audit log.
type AuditAction string

// The audit log's words. None of its entries holds a secret.
const (
	LoggedIn             AuditAction = "login.done"
	LoginRefused         AuditAction = "login.refused"
	SessionsEnded        AuditAction = "session.ended"
	PasswordChanged      AuditAction = "password.changed"
	PasswordReset        AuditAction = "password.reset"
	EmailChangeAsked     AuditAction = "email.asked"
	EmailChangeApproved  AuditAction = "email.approved"
	EmailChangeCancelled AuditAction = "email.cancelled"
	EmailChanged         AuditAction = "email.changed"
	FactorAdded          AuditAction = "factor.added"
	FactorRemoved        AuditAction = "factor.removed"
	RecoveryCodesMade    AuditAction = "factor.codes"
	NotificationsOn      AuditAction = "notifications.on"
	NotificationsOff     AuditAction = "notifications.off"
	RecoveryStarted      AuditAction = "recovery.started"
	RecoveryCancelled    AuditAction = "recovery.cancelled"
	RecoveryDone         AuditAction = "recovery.done"
	MemberInvited        AuditAction = "member.invited"
	InvitationWithdrawn  AuditAction = "member.withdrawn"
	MemberJoined         AuditAction = "member.joined"
	MemberRole           AuditAction = "member.role"
	MemberRemoved        AuditAction = "member.removed"
	MemberRenamed        AuditAction = "member.renamed"
	ClientAdded          AuditAction = "client.added"
	ClientInvited        AuditAction = "client.invited"
	ClientWithdrawn      AuditAction = "client.withdrawn"
	ClientJoined         AuditAction = "client.joined"
	ClientEnded          AuditAction = "client.ended"
	AccountOpened        AuditAction = "account.opened"
	AccountChanged       AuditAction = "account.changed"
	AccountClosing       AuditAction = "account.closing"
	AccountRestored      AuditAction = "account.restored"
	SiteAdded            AuditAction = "site.added"
	SiteChanged          AuditAction = "site.changed"
	SiteChosen           AuditAction = "site.chosen"
	HoursChanged         AuditAction = "site.hours"
	DesignChanged        AuditAction = "site.widget"
	SiteRemoved          AuditAction = "site.removed"
	DataRead             AuditAction = "export.read"
	VisitorExported      AuditAction = "visitor.exported"
	VisitorErased        AuditAction = "visitor.erased"
	NumberBlocked        AuditAction = "number.blocked"
	NumberUnblocked      AuditAction = "number.unblocked"
	ComplaintHandled     AuditAction = "complaint.answered"
	BillingAsked         AuditAction = "billing.asked"   // somebody did, here
	BillingChanged       AuditAction = "billing.changed" // and so it is, as Stripe tells
)

// AuditActions lists them for those who filter.
var AuditActions = []AuditAction{
	LoggedIn, LoginRefused, SessionsEnded, PasswordChanged, PasswordReset, EmailChangeAsked, EmailChangeApproved,
	EmailChangeCancelled, EmailChanged, FactorAdded, FactorRemoved, RecoveryCodesMade,
	NotificationsOn, NotificationsOff, RecoveryStarted, RecoveryCancelled, RecoveryDone, MemberInvited,
	InvitationWithdrawn, MemberJoined, MemberRole, MemberRemoved, MemberRenamed,
	ClientAdded, ClientInvited, ClientWithdrawn, ClientJoined, ClientEnded, AccountOpened, AccountChanged, AccountClosing,
	AccountRestored,
	SiteAdded, SiteChanged, SiteChosen, HoursChanged, DesignChanged,
	SiteRemoved, DataRead, VisitorExported, VisitorErased, NumberBlocked, NumberUnblocked, ComplaintHandled,
	BillingAsked, BillingChanged,
}

// AuditEntry is one entry of an account's audit log.
type AuditEntry struct {
	ID        string
	Account   AccountID
	At        time.Time
	Action    AuditAction
	Actor     UserID // "" when nobody was logged in
	ActorName string // the actor's, as it was then
	Target    string // what it was done to, in words
	Client    ClientInfo
	Plan      PlanID // decides how long it is kept; not stored
}

// ClientInfo is where something was done from, no finer than its owner needs to recognise it.
type ClientInfo struct {
	Location string // a country, or half a network address
	Browser  string
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

// NewAuditID returns an id that sorts after those this process made before: entries of one millisecond, such as
// those of one request, stay in the order of cause and effect.
func NewAuditID() string {
	var b [5]byte
	n := auditSequence.Add(1)
	for i := range b {
		b[i] = byte(n >> (32 - 8*i))
	}
	return base32Lower.EncodeToString(b[:]) + random(5)
}

// DescribeErasure is the target of an erasure's entry: the site's name and a number, nothing of the visitor.
func DescribeErasure(site string, count int) string {
	if count == 1 {
		return site + ": 1 request"
	}
	return fmt.Sprintf("%s: %d requests", site, count)
}
