package connect

import "time"

// Account is who pays and whose data it is. People are its members.
type Account struct {
	ID        AccountID
	Name      string // the company
	CreatedAt time.Time
	// SecondFactor is required of every member by the owner.
	SecondFactor bool
	// ClosingAt is when a closed account's data is permanently deleted; zero for one that is open.
	ClosingAt time.Time
	// ClosedWith is the agency whose closing closed this one, too; "" for one that was closed by itself.
	ClosedWith AccountID
}

// User is one person, who may be a member of several accounts.
type User struct {
	ID        UserID
	Email     Email
	Name      string
	CreatedAt time.Time
	// SecondFactor says that a password alone does not log in; what the factor is, only function login knows.
	SecondFactor bool
	// Terms and Processing are the versions that were accepted at registration.
	TermsVersion, DPAVersion string
	// LeftAt is when they last left an account, zero once they have joined one since.
	LeftAt time.Time
	Alerts AlertTimes
}

// Role is what a member may do. Each role may do all that the one before it may.
type Role int

const (
	NoRole Role = iota
	Viewer      // sees statistics and the inbox
	Agent       // works the inbox
	Admin       // changes sites and people
	Owner       // billing, and closing the account
)

var roleNames = [...]string{"", "viewer", "agent", "admin", "owner"}

func (r Role) String() string { return roleNames[r] }

// ParseRole returns NoRole for a name it does not know.
func ParseRole(s string) Role {
	for i, name := range roleNames {
		if name == s {
			return Role(i)
		}
	}
	return NoRole
}

// MayGive reports whether a member of role r may make somebody a role, or take it away: nobody hands out
// more than they have, and below Admin nobody hands out anything.
func (r Role) MayGive(role Role) bool { return r >= Admin && role <= r }

// Member is a person's place in an account.
type Member struct {
	Account     AccountID
	AccountName string
	User        UserID
	Role        Role
	Since       time.Time
	// Alerted, AlertedDaily and Unalerted are sites about whose requests the person chose to be told, at once or once
	// a day, or not to be; of an agency's member also its clients'. The rest follow the role: RequestAlert.
	Alerted, AlertedDaily, Unalerted []SiteID
	AlertDepartments                 map[SiteID][]string // AlertChoice.Departments
}

// Identity is who makes an authenticated request and in which account it acts.
type Identity struct {
	User      UserID
	SessionID string    // the session's public id
	Account   AccountID // "" for a person without any
	Role      Role
	Name      string
	Email     Email
	// SecondFactor is the person's, as in User.
	SecondFactor bool
	// LacksFactor says that the account asks for a second factor and the person has none.
	LacksFactor bool
	// Plan is the account's.
	Plan PlanID
	// Agency is the account through which somebody acts in a client's; "" for members.
	Agency  AccountID
	Members []Member // where the person is a member, longest first
}

// LoginSession is one logged-in browser. The token itself is known to that browser alone.
type LoginSession struct {
	ID          string // public: shown in the list of devices
	User        UserID
	Browser     string // "Firefox on Windows"; coarse on purpose
	CreatedAt   time.Time
	LastSeenAt  time.Time
	ExpiresAt   time.Time
	KnownDevice string     // digest of where from: known from then on
	Client      ClientInfo // the same for the audit log
}

// Registration is a sign-up that waits for its email to be confirmed. It becomes a user, an account and
// an owner, all at once; until then its address stays free for anybody else to register.
type Registration struct {
	ID        string
	Email     Email
	Name      string
	Company   string
	ExpiresAt time.Time
	// Plan and Interval were chosen on the price list; "" for none. Nothing is bought by them.
	Plan     PlanID
	Interval Interval
	// Unmailed is set when the address has had its mails of the hour.
	Unmailed bool
	// Terms and Processing are the versions that were shown.
	TermsVersion, DPAVersion string
}
