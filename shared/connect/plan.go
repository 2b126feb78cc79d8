package connect

import "strconv"

// PlanID names a plan.
type PlanID string

// Interval is how often a subscription is paid.
type Interval string

const (
	Monthly Interval = "month"
	Yearly  Interval = "year"
)

// Valid reports whether i is an interval that is sold.
func (i Interval) Valid() bool { return i == Monthly || i == Yearly }

// Pence is an amount of money in the smallest unit, as Stripe counts it. There is no other form of an
// amount in the product.
type Pence int64

// String writes p as people read it: "£1,490.00", "-£4.50".
func (p Pence) String() string {
	sign := ""
	if p < 0 {
		sign, p = "-", -p
	}
	pounds := strconv.FormatInt(int64(p/100), 10)
	for n := len(pounds) - 3; n > 0; n -= 3 {
		pounds = pounds[:n] + "," + pounds[n:]
	}
	rest := strconv.FormatInt(int64(p%100), 10)
	if len(rest) < 2 {
		rest = "0" + rest
	}
	return sign + "£" + pounds + "." + rest
}

// Plan is what an account may use and what it pays for that, VAT not included.
type Plan struct {
	ID     PlanID
	Name   string
	Rank   int   // a plan of a higher rank allows all that one of a lower rank does
	Month  Pence // for a month, paid monthly
	Client Pence // for each client over Clients and month; 0 when there can be none
	Limits Limits
}

// Limits is how much of each thing a plan allows.
type Limits struct {
	Sites         int
	Members       int
	Callbacks     int64 // a calendar month, UTC
	RetentionDays int   // how long a visitor's request is kept at most
	Clients       int   // an agency's clients
	API           bool  // signed calls by programs, and outgoing webhooks
}

// Plans are all plans, the smallest first. A price that changed here needs `make stripe-setup`: it makes
// the new price at Stripe, and who subscribed before keeps the old one.
var Plans = []Plan{
	{ID: "free", Name: "Free", Rank: 0, Limits: Limits{Sites: 1, Members: 1, Callbacks: 30, RetentionDays: 30}},
	{
		ID: "starter", Name: "Starter", Rank: 1, Month: 1900,
		Limits: Limits{Sites: 3, Members: 3, Callbacks: 300, RetentionDays: 90},
	},
	{
		ID: "business", Name: "Business", Rank: 2, Month: 4900,
		Limits: Limits{Sites: 10, Members: 10, Callbacks: 2000, RetentionDays: 365, API: true},
	},
	{
		ID: "agency", Name: "Agency", Rank: 3, Month: 14900, Client: 900,
		Limits: Limits{Sites: 50, Members: 25, Callbacks: 10000, RetentionDays: 365, Clients: 10, API: true},
	},
}

// TrialDays is how long a first subscription is free. It needs no card.
const TrialDays = 14

// monthsPaid of a year: two are free.
const monthsPaid = 10

// Free is the plan of every account that pays for none.
var Free = Plans[0]

// PlanOf returns the plan with that id, Free when there is none.
func PlanOf(id PlanID) Plan {
	p, _ := FindPlan(id)
	return p
}

// FindPlan is PlanOf for text from outside.
func FindPlan(id PlanID) (Plan, bool) {
	for _, p := range Plans {
		if p.ID == id {
			return p, true
		}
	}
	return Free, false
}

// Paid reports whether the plan is subscribed to.
func (p Plan) Paid() bool { return p.Month > 0 }

// Price is what the plan costs for one interval.
func (p Plan) Price(i Interval) Pence { return times(p.Month, i) }

// ClientPrice is what each client over Limits.Clients costs for one interval.
func (p Plan) ClientPrice(i Interval) Pence { return times(p.Client, i) }

func times(month Pence, i Interval) Pence {
	if i == Yearly {
		return month * monthsPaid
	}
	return month
}
