package connect

import (
	"slices"
	"strconv"
	"time"
)

// SubscriptionStatus is where a subscription stands, in Stripe's words.
type SubscriptionStatus string

const (
	Unsubscribed SubscriptionStatus = ""           // never subscribed, or no trace of it at Stripe
	Incomplete   SubscriptionStatus = "incomplete" // the first payment is still to be made; dies after 23 hours
	Expired      SubscriptionStatus = "incomplete_expired"
	Trialing     SubscriptionStatus = "trialing"
	Active       SubscriptionStatus = "active"
	PastDue      SubscriptionStatus = "past_due" // a payment failed; Stripe tries again
	Unpaid       SubscriptionStatus = "unpaid"   // a payment failed and Stripe has given up
	Suspended    SubscriptionStatus = "paused"   // a trial ended without a card
	Canceled     SubscriptionStatus = "canceled"
)

// Billable reports whether money can still flow: while it can, no second subscription may begin.
func (p SubscriptionStatus) Billable() bool {
	switch p {
	case Trialing, Active, PastDue, Unpaid, Suspended:
		return true
	}
	return false
}

// Describe say it as the audit log does.
func (p SubscriptionStatus) Describe() string {
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
	SentAlerts []string // alerts that were mailed, the latest last
	Checkout   Checkout
	TrialUsed  bool // the trial was used, by this or an earlier subscription
	// Former is a customer that was deleted at Stripe: the way back from it goes with the next write. Not stored.
	FormerCustomer CustomerID
	// Version counts writes. A change is written on condition of the version it was made from.
	Version   int64
	UpdatedAt time.Time
}

// Billing is the part of a subscription that Stripe decides.
type Billing struct {
	ID             string
	Item           string // what a change of plan replaces
	Status         SubscriptionStatus
	Plan           PlanID
	Interval       Interval
	Quantity       int64 // clients of an agency, else 1
	CreatedAt      time.Time
	PeriodEnd      time.Time
	TrialEnd       time.Time
	EndsAt         time.Time // when it is cancelled at the end of its period
	EndedAt        time.Time
	HasCard        bool
	Invoice        string // the latest
	InvoiceOpen    bool   // it waits for money
	RequiresAction bool   // the bank wants to ask its customer (3-D Secure)
	DueSince       time.Time
	Duplicates     []string // other live subscriptions of the same customer: there should be none
	Pause          Pause
}

// Pause is a pause of payments that the operator made at Stripe: invoices are still made out, and no money is
// taken for them. Stripe leaves the subscription active and means the service to continue, so the plan stays.
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

// DescribePlan name a plan as it is bought: "Agency yearly for 12 clients".
func DescribePlan(plan PlanID, interval Interval, quantity int64) string {
	text := PlanOf(plan).Name + " " + string(interval) + "ly"
	if quantity > 1 {
		text += " for " + strconv.FormatInt(quantity, 10) + " clients"
	}
	return text
}

// Describe say in a line where the subscription stands: "Starter monthly, on trial".
func (b *Billing) Describe() string {
	if b.Status == Unsubscribed {
		return Free.Name
	}
	text := DescribePlan(b.Plan, b.Interval, b.Quantity) + ", " + b.Status.Describe()
	if b.Pause.Behavior != "" && b.Status.Billable() {
		text += ", payments paused"
		if !b.Pause.Until.IsZero() {
			text += " until " + b.Pause.Until.UTC().Format("2 January 2006")
		}
	}
	if b.Status.Billable() && !b.EndsAt.IsZero() {
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

// BillingAlert is something the owner must hear about a subscription.
type BillingAlert string

const (
	NoAlert           BillingAlert = ""
	TrialEnding       BillingAlert = "trial-ending"
	PaymentFailed     BillingAlert = "payment-failed"
	ActionNeeded      BillingAlert = "action-needed"
	SubscriptionEnded BillingAlert = "ended"
)

// TrialWarning is how long before its end a trial without a card is spoken of.
const TrialWarning = 3 * 24 * time.Hour

// endedAlertLife is how long after its end a subscription is spoken of.
const endedAlertLife = 30 * 24 * time.Hour

// Alert is what there is to say now.
func (b *Billing) Alert(now time.Time) BillingAlert {
	switch {
	case b.Status == Canceled:
		if now.Before(b.EndedAt.Add(endedAlertLife)) {
			return SubscriptionEnded
		}
		return NoAlert
	case b.Status == Trialing:
		if !b.HasCard && b.EndsAt.IsZero() && !now.Before(b.TrialEnd.Add(-TrialWarning)) {
			return TrialEnding
		}
		return NoAlert
	case b.Status == Suspended, b.Status == Unpaid:
		return PaymentFailed
	case (b.Status == PastDue || b.Status == Active) && b.InvoiceOpen && b.RequiresAction:
		return ActionNeeded
	case b.Status == PastDue, b.Status == Active && b.InvoiceOpen:
		return PaymentFailed
	}
	return NoAlert
}

// alertKey names the state an alert is about: a second failure of the same invoice is no new one.
func (b *Billing) alertKey(now time.Time) string {
	switch n := b.Alert(now); n {
	case NoAlert:
		return ""
	case PaymentFailed, ActionNeeded:
		return string(n) + ":" + b.ID + ":" + b.Invoice
	default:
		return string(n) + ":" + b.ID
	}
}

// maxSentAlerts bounds the item. A state that is 40 alerts old is not reached again.
const maxSentAlerts = 40

// DueAlert returns the alert to be mailed now, "" when there is none or it was mailed before, and remembers
// it. A state that was reached and left before anybody looked is never told.
func (s *Subscription) DueAlert(now time.Time) string {
	n := s.Billing.alertKey(now)
	if n == "" || slices.Contains(s.SentAlerts, n) {
		return ""
	}
	s.SentAlerts = append(s.SentAlerts, n)
	if len(s.SentAlerts) > maxSentAlerts {
		s.SentAlerts = s.SentAlerts[len(s.SentAlerts)-maxSentAlerts:]
	}
	return n
}

// AlertStillHolds reports whether an alert that was mailed still holds.
func (s *Subscription) AlertStillHolds(notice string, now time.Time) bool {
	return notice != "" && s.Billing.alertKey(now) == notice
}
