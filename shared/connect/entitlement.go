package connect

import (
	"cmp"
	"fmt"
	"time"
)

// Access is what an account may do at all. A debt never destroys data: first nothing changes, then nothing
// can be changed, then the widgets pause, and then nothing more happens.
type Access int

const (
	Full     Access = iota
	ReadOnly        // everything can be read, and callbacks still arrive; settings cannot be changed
	Paused          // and the widgets say politely that no request is taken
)

func (a Access) String() string { return [...]string{"full", "read-only", "paused"}[a] }

// A payment that failed is borne for so long.
const (
	ReadOnlyAfter = 7 * 24 * time.Hour
	PausedAfter   = 21 * 24 * time.Hour
)

// Entitlement is what an account may do now. It is asked at every request and stored nowhere, so that a
// change of plan holds from the next request on.
type Entitlement struct {
	Plan   Plan
	Limits Limits // the plan's, with the clients that are paid for
	Access Access
	Alert  BillingAlert
	Ended  bool   // it had a paid plan once: more may be there than Limits allows
	PaidBy string // the name of the agency that pays for the account; "" when none does
}

// Entitle is the one place that says what a subscription allows.
func Entitle(s *Subscription, now time.Time) Entitlement {
	e := Entitlement{Plan: Free, Alert: s.Billing.Alert(now)}
	if s.Status.Billable() {
		e.Plan = PlanOf(s.Plan)
	} else {
		e.Ended = s.Status == Canceled
	}
	switch s.Status {
	case PastDue:
		switch due := now.Sub(s.DueSince); {
		case due >= PausedAfter:
			e.Access = Paused
		case due >= ReadOnlyAfter:
			e.Access = ReadOnly
		}
	case Unpaid:
		e.Access = Paused
	case Suspended:
		e.Access = ReadOnly
	}
	e.Limits = e.Plan.Limits
	if e.Plan.Client > 0 && s.Quantity > int64(e.Limits.Clients) {
		e.Limits.Clients = int(s.Quantity)
	}
	return e
}

// For is what a client may do whose agency pays. A client has no clients; and of what the agency has to see to
// it hears only what keeps it from working.
func (e Entitlement) For(c Client) Entitlement {
	e.PaidBy, e.Limits.Clients = c.AgencyName, 0
	if e.Access == Full {
		e.Alert = ""
	}
	return e
}

// MayChange returns an error when settings cannot be changed now.
func (e *Entitlement) MayChange() error {
	if e.Access == Full {
		return nil
	}
	if e.PaidBy != "" {
		return &Error{
			Kind: PaymentNeeded, Code: "read-only",
			Message: fmt.Sprintf(
				"%s, which pays for this account, has an overdue payment, so settings can't be changed. Nothing is lost.", e.PaidBy,
			),
		}
	}
	return &Error{
		Kind: PaymentNeeded, Code: "read-only",
		Message: "A payment is overdue, so settings can't be changed. Nothing is lost: fix the payment in Billing to " +
			"continue.",
	}
}

// Limited names what a plan allows a limited number of.
type Limited string

const (
	SiteLimit   Limited = "site"
	MemberLimit Limited = "member"
	ClientLimit Limited = "client"
)

func (e *Entitlement) limit(thing Limited) int {
	return map[Limited]int{SiteLimit: e.Limits.Sites, MemberLimit: e.Limits.Members, ClientLimit: e.Limits.Clients}[thing]
}

// MayAdd returns an error when one more of something cannot be added to the have that are there.
func (e *Entitlement) MayAdd(thing Limited, have int) error {
	if err := e.MayChange(); err != nil {
		return err
	}
	limit := e.limit(thing)
	if have < limit {
		return nil
	}
	return &Error{
		Kind: PaymentNeeded, Code: "plan-limit",
		Message: fmt.Sprintf(
			"The %s plan allows %s. Choose a larger plan in Billing to add more.", e.Plan.Name, count(limit, string(thing)),
		),
	}
}

func count(n int, thing string) string {
	switch n {
	case 0:
		return "no " + thing + "s"
	case 1:
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// RetentionDays is for how many days a request is kept that a site wants to keep for wanted.
func (e *Entitlement) RetentionDays(wanted int) int { return min(wanted, e.Limits.RetentionDays) }

// Pausing says why the widget of a site does not run.
type Pausing string

const (
	Runs            Pausing = ""
	PausedByDebt    Pausing = "payment"
	PausedByPlan    Pausing = "plan"    // more sites are there than the plan that is left allows
	PausedByClosing Pausing = "closing" // the account is closed
)

// CountsSites reports whether Pauses needs all sites of the account.
func (e *Entitlement) CountsSites() bool { return e.Access != Paused && e.Ended }

// Pauses returns why the widget of a site does not run; all are the account's sites. Those over the limit of an ended
// plan pause, they are not taken away. Those run that somebody chose, the last choice first, and then the oldest.
func (e *Entitlement) Pauses(site *Site, all []*Site) Pausing {
	if e.Access == Paused {
		return PausedByDebt
	}
	if !e.CountsSites() {
		return Runs
	}
	before := 0
	for _, other := range all {
		if other.ID != site.ID && other.runsBefore(site) {
			before++
		}
	}
	if before >= e.Limits.Sites {
		return PausedByPlan
	}
	return Runs
}

func (s *Site) runsBefore(other *Site) bool {
	return cmp.Or(
		other.ChosenAt.Compare(s.ChosenAt), s.CreatedAt.Compare(other.CreatedAt), cmp.Compare(s.ID, other.ID),
	) < 0
}

// Usage is what an account has used of its limits.
type Usage struct {
	Sites     int
	Members   int
	Clients   int
	Callbacks int64 // this calendar month
}

// Month names the calendar month usage is counted in.
func Month(now time.Time) string { return now.UTC().Format("2006-01") }
