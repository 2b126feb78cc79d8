package connect

import (
	"slices"
	"strconv"
	"time"
)

// Paying is where a subscription stands, in Stripe's words.
type Paying string

const (
	Unsubscribed Paying = ""           // never subscribed, or no trace of it at Stripe
	Incomplete   Paying = "incomplete" // the first payment is still to be made; dies after 23 hours
	Expired      Paying = "incomplete_expired"
	Trialing     Paying = "trialing"
	Active       Paying = "active"
	PastDue      Paying = "past_due" // a payment failed; Stripe tries again
	Unpaid       Paying = "unpaid"   // a payment failed and Stripe has given up
	Suspended    Paying = "paused"   // a trial ended without a card
	Canceled     Paying = "canceled"
)

// Live reports whether money can still flow: while it can, no second subscription may begin.
func (p Paying) Live() bool {
	switch p {
	case Trialing, Active, PastDue, Unpaid, Suspended:
		return true
	}
	return false
}

// Words say it as the audit log does.
func (p Paying) Words() string {
	switch p {
	case Incomplete:
		return "waiting for its first payment"
	case Expired:
		return "never paid"
	case Trialing:
		return "on trial"
	case PastDue:
		return "payment overdue"
	case Suspended:
		return "paused, no card"
	case Canceled:
		return "ended"
	}
	return string(p)
}

// CustomerID is an account's name at Stripe, "cus_...".
type CustomerID string

// Subscription is what an account has agreed to pay, as Stripe tells it. Everything in Billing comes from
// one answer of Stripe's, whatever events said and in whatever order they came.
type Subscription struct {
	Account  AccountID
	Customer CustomerID
	Billing
	Told     []string // notices that were mailed, the latest last
	Checkout Checkout
	Trialled bool // the trial was used, by this or an earlier subscription
	// Former is a customer that was deleted at Stripe: the way back from it goes with the next write. Not stored.
	Former CustomerID
	// Version counts writes. A change is written on condition of the version it was made from.
	Version   int64
	UpdatedAt time.Time
}

// Billing is the part of a subscription that Stripe decides.
type Billing struct {
	ID          string
	Item        string // what a change of plan replaces
	Paying      Paying
	Plan        PlanID
	Interval    Interval
	Quantity    int64 // clients of an agency, else 1
	CreatedAt   time.Time
	PeriodEnd   time.Time
	TrialEnd    time.Time
	EndsAt      time.Time // when it is cancelled at the end of its period
	EndedAt     time.Time
	HasCard     bool
	Invoice     string // the latest
	InvoiceOpen bool   // it waits for money
	Action      bool   // the bank wants to ask its customer (3-D Secure)
	DueSince    time.Time
	Duplicates  []string // other live subscriptions of the same customer: there should be none
	Pause       Pause
}

// Pause is a pause of payments that the operator made at Stripe: invoices are still made out, and no money is
// taken for them. Stripe leaves the subscription active and means the service to go on, so the plan stays.
type Pause struct {
	Behavior PauseBehavior // "" when payments are taken
	Until    time.Time     // zero: until the operator ends it
}

// PauseBehavior says what becomes of the invoices of a pause.
type PauseBehavior string

const (
	KeepDrafts        PauseBehavior = "keep_as_draft"      // collected later
	MarkUncollectible PauseBehavior = "mark_uncollectible" // never collected
	VoidInvoices      PauseBehavior = "void"               // taken back
)

// PlanWords name a plan as it is bought: "Agency yearly for 12 clients".
func PlanWords(plan PlanID, interval Interval, quantity int64) string {
	text := PlanOf(plan).Name + " " + string(interval) + "ly"
	if quantity > 1 {
		text += " for " + strconv.FormatInt(quantity, 10) + " clients"
	}
	return text
}

// Words say in a line where the subscription stands: "Starter monthly, on trial".
func (b *Billing) Words() string {
	if b.Paying == Unsubscribed {
		return Free.Name
	}
	text := PlanWords(b.Plan, b.Interval, b.Quantity) + ", " + b.Paying.Words()
	if b.Pause.Behavior != "" && b.Paying.Live() {
		text += ", payments paused"
		if !b.Pause.Until.IsZero() {
			text += " until " + b.Pause.Until.UTC().Format("2 January 2006")
		}
	}
	if b.Paying.Live() && !b.EndsAt.IsZero() {
		text += ", ends " + b.EndsAt.UTC().Format("2 January 2006")
	}
	return text
}

// Checkout is the one visit to Stripe's payment page that may be under way. Seq, Plan, Interval and Trial
// are written before Stripe is asked, and ID after: whatever is cut off in between, asking again with the
// same number gets the same page.
type Checkout struct {
	Seq      int64
	ID       string
	Plan     PlanID
	Interval Interval
	Quantity int64
	Trial    bool
}

// Notice is something the owner must hear about a subscription.
type Notice string

const (
	NoNotice      Notice = ""
	TrialEnding   Notice = "trial-ending"
	PaymentFailed Notice = "payment-failed"
	ActionNeeded  Notice = "action-needed"
	Ended         Notice = "ended"
)

// TrialWarning is how long before its end a trial without a card is spoken of.
const TrialWarning = 3 * 24 * time.Hour

// endedFor is how long after its end a subscription is spoken of.
const endedFor = 30 * 24 * time.Hour

// Notice is what there is to say now.
func (b *Billing) Notice(now time.Time) Notice {
	switch {
	case b.Paying == Canceled:
		if now.Before(b.EndedAt.Add(endedFor)) {
			return Ended
		}
		return NoNotice
	case b.Paying == Trialing:
		if !b.HasCard && b.EndsAt.IsZero() && !now.Before(b.TrialEnd.Add(-TrialWarning)) {
			return TrialEnding
		}
		return NoNotice
	case b.Paying == Suspended, b.Paying == Unpaid:
		return PaymentFailed
	case (b.Paying == PastDue || b.Paying == Active) && b.InvoiceOpen && b.Action:
		return ActionNeeded
	case b.Paying == PastDue, b.Paying == Active && b.InvoiceOpen:
		return PaymentFailed
	}
	return NoNotice
}

// notice names the state a notice speaks of: a second failure of the same invoice is no new one.
func (b *Billing) notice(now time.Time) string {
	switch n := b.Notice(now); n {
	case NoNotice:
		return ""
	case PaymentFailed, ActionNeeded:
		return string(n) + ":" + b.ID + ":" + b.Invoice
	default:
		return string(n) + ":" + b.ID
	}
}

// maxTold bounds the item. A state that is 40 notices old is not reached again.
const maxTold = 40

// Tell returns the notice to be mailed now, "" when there is none or it was mailed before, and remembers
// it. A state that was reached and left before anybody looked is never told.
func (s *Subscription) Tell(now time.Time) string {
	n := s.Billing.notice(now)
	if n == "" || slices.Contains(s.Told, n) {
		return ""
	}
	s.Told = append(s.Told, n)
	if len(s.Told) > maxTold {
		s.Told = s.Told[len(s.Told)-maxTold:]
	}
	return n
}

// Stands reports whether a notice that was mailed is still true.
func (s *Subscription) Stands(notice string, now time.Time) bool {
	return notice != "" && s.Billing.notice(now) == notice
}
