package connect

import "time"

// What a person accepts by registering. A change of either text needs a new version here.
const (
	TermsVersion = "2026-11-01"
	DPAVersion   = "2026-11-01" // the data processing agreement
)

// Lifetimes of what concerns people.
const (
	LoginLinkLife     = time.Hour
	ResetLife         = time.Hour
	EmailChangeLife   = 24 * time.Hour
	DeletedLife       = 24 * time.Hour // of the address that the end of a login is confirmed to
	InvitationLife    = 7 * 24 * time.Hour
	ChallengeLife     = 5 * time.Minute
	FactorSetupLife   = 15 * time.Minute
	RecoveryWait      = 72 * time.Hour
	RecoveryLinkLife  = 10 * 24 * time.Hour
	ClosingGrace      = 30 * 24 * time.Hour
	AloneGrace        = 30 * 24 * time.Hour   // for which the login of a person in no account is kept
	KnownDevicePeriod = 30 * 24 * time.Hour   // of the key that known devices are hashed under
	KnownDeviceLife   = 2 * KnownDevicePeriod // the last period\'s key is still tried
)

// What one person or account may have, whatever the plan. Clients beyond that are not sold in the dashboard.
const (
	MaxClients    = 500
	MaxPasskeys   = 10
	RecoveryCodes = 10
)

// Invitation asks somebody, in the name of an account, to take what it grants. It is bound to an address: whoever else
// holds its link can do nothing with it.
type Invitation struct {
	ID          string
	Account     AccountID // where members are to work; the agency, of a client's
	AccountName string
	Email       Email
	Grant
	By        string    // the inviter's name
	Inviter   UserID    // as good as their place is when it is accepted
	Via       AccountID // the agency through which they act in the account; "" for its members
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Grant is what an invitation brings whoever accepts it: a role in the account or, with a payer, the place of a client
// for the account that they own.
type Grant struct {
	Role  Role
	Payer Payer
}

// ToClient reports whether g makes a client and not a member.
func (g Grant) ToClient() bool { return g.Payer != "" }

// Limit is what of its plan the inviting account uses up by g.
func (g Grant) Limit() Limited {
	if g.ToClient() {
		return ClientLimit
	}
	return MemberLimit
}

// MayBeGivenBy reports whether members of role r may grant g: what of their own place they can give, and clients from
// Admin on.
func (g Grant) MayBeGivenBy(r Role) bool { return r.MayGive(g.Least()) }

// Least is the role that whoever grants g must be able to give.
func (g Grant) Least() Role { return max(g.Role, Admin) }

// Payer says who pays for a client account.
type Payer string

const (
	AgencyPays Payer = "agency"
	ClientPays Payer = "client"
)

func (p Payer) Valid() bool { return p == AgencyPays || p == ClientPays }

// Client is the link between an agency and the account of one of its clients. Either can end it.
type Client struct {
	Agency     AccountID
	AgencyName string
	Account    AccountID
	Name       string
	Payer      Payer
	Since      time.Time
}

// ForClients is what a role in an agency may do in its clients' accounts: never what only their owner may.
func (r Role) ForClients() Role { return min(r, Admin) }

// Factors are a person's second steps and what of them is in the making.
type Factors struct {
	Version      int64
	TOTP         string // the sealed secret; "" when there is none
	Step         int64  // the last accepted one: a code works once
	Pending      string // sealed, until its first code is seen
	PendingUntil time.Time
	// PendingGeneration is that of the person's credentials when Pending was begun: a change of them ends it.
	PendingGeneration int64
	Recovery          []string // keyed hashes
	Passkeys          []Passkey
}

// Active reports whether a password alone does not log in any more.
func (f *Factors) Active() bool { return f.TOTP != "" || len(f.Passkeys) > 0 }

// Passkey is a person's credential of the browser's.
type Passkey struct {
	ID         string // base64url
	Name       string
	Credential string // as package webauthn keeps it; the public key, nothing secret
	CreatedAt  time.Time
	LastUsedAt time.Time
}

// OneTimeToken is one use of something, once: a mailed link, a challenge. It ends with the generation of the person's
// credentials that it was issued in.
type OneTimeToken struct {
	ID         string
	Purpose    string
	User       UserID
	Generation int64
	Email      Email  // the address it is about
	OldEmail   Email  // of an email change: the address before
	Data       string // a challenge
	ReadyAt    time.Time
	ExpiresAt  time.Time
	Used       bool
}

// EmailChange is a change of address that is asked for and not done. The current address approves it, then the
// new one confirms it.
type EmailChange struct {
	To        Email
	Approved  bool
	ExpiresAt time.Time
}

// How a place in an account ended.
const (
	MembershipLeft    = "left"
	MembershipRemoved = "removed"
)

func NewInvitationID() string { return "i_" + random(10) }

// Refusals that keep an account whole.
var (
	// ErrMember refuses to make somebody a member twice.
	ErrMember = &Error{
		Kind: Conflict, Code: "already-member", Message: "You are already a member of this account.",
	}
	// ErrLastOwner refuses to leave an account without an owner.
	ErrLastOwner = &Error{
		Kind: Conflict, Code: "last-owner",
		Message: "An account needs an owner. Make someone else an owner first.",
	}
	// ErrClosing refuses what does not fit an account that is closed, or is not.
	ErrClosing = &Error{
		Kind: Conflict, Code: "closing", Message: "This account has already been closed or restored.",
	}
	// ErrAccountClosing refuses to begin a payment for an account whose data are about to go.
	ErrAccountClosing = &Error{
		Kind: Conflict, Code: "account-closing",
		Message: "This account is being closed. Restore it before you choose a plan.",
	}
)
