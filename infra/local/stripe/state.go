package stripe

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Amounts are in pence, times in seconds since 1970, as everywhere at Stripe.

type state struct {
	Sequence  int64
	Customers map[string]*customer
	Subs      map[string]*subscription
	Invoices  map[string]*invoice
	Checkouts map[string]*checkout
	Portals   map[string]*portal
	Prices    map[string]*price
	Events    []*event
	Calls     map[string]*call // by idempotency key
	Delivery  Delivery
}

// card is how a card behaves.
type card string

const (
	noCard   card = ""
	good     card = "good"
	declined card = "declined"
	secure   card = "3ds" // every payment needs its holder
)

type customer struct {
	ID, Name, Email string
	Metadata        map[string]string
	Card            card
	CardID          string
	Created         int64
	Balance         int64 // under 0 is credit
	Deleted         bool
}

type subscription struct {
	ID, Customer, Price, Item string
	Quantity                  int64
	Status                    connect.SubscriptionStatus
	Created, Start, End       int64
	TrialStart, TrialEnd      int64
	CancelAtEnd               bool
	CanceledAt, EndedAt       int64
	Reason                    string
	Invoice                   string
	Metadata                  map[string]string
	Pending                   *pending
	Warned                    bool
	Pause                     string // how invoices are treated while no money is taken for them
	ResumesAt                 int64
}

// pending is a change that waits for its payment.
type pending struct {
	Price    string
	Quantity int64
	Start    int64 // of the new period; 0 keeps the old one
	Invoice  string
	Expires  int64
}

type line struct {
	Text       string
	Amount     int64
	Proration  bool
	Start, End int64
	Price      string
	Quantity   int64
}

type invoice struct {
	ID, Number, Customer, Sub, Status, Reason string
	Lines                                     []line
	Subtotal, Tax, Total, Due                 int64
	Created, PaidAt, Next                     int64
	Attempts                                  int
	Payment, PaymentStatus                    string
}

type checkout struct {
	ID, Customer, Price, Success, Cancel, Reference, Status, Sub string
	Quantity, TrialDays                                          int64
	CardOptional                                                 bool
	Metadata                                                     map[string]string
	Created, Expires                                             int64
}

type portal struct {
	ID, Customer, Return, Flow string
	Created                    int64
}

type price struct {
	ID, Lookup, Plan string
	Interval         connect.Interval
	Amount, More     int64 // for the first Included together, and for each after
	Included         int64
}

type call struct {
	Digest string
	Status int
	Body   json.RawMessage
}

func newState() *state {
	s := &state{
		Customers: map[string]*customer{}, Subs: map[string]*subscription{}, Invoices: map[string]*invoice{},
		Checkouts: map[string]*checkout{},
		Portals:   map[string]*portal{}, Prices: map[string]*price{}, Calls: map[string]*call{},
	}
	for _, p := range connect.Plans {
		for _, i := range []connect.Interval{connect.Monthly, connect.Yearly} {
			if p.Paid() {
				id := fmt.Sprintf("price_local_%s_%s", p.ID, i)
				s.Prices[id] = &price{
					ID: id, Lookup: fmt.Sprintf("mi_%s_%s", p.ID, i), Plan: string(p.ID), Interval: i,
					Amount: int64(p.Price(i)), More: int64(p.ClientPrice(i)), Included: max(1, int64(p.Limits.Clients)),
				}
			}
		}
	}
	return s
}

// id returns a new id: they sort by age.
func (s *state) id(prefix string) string {
	s.Sequence++
	return fmt.Sprintf("%s_local%08d", prefix, s.Sequence)
}

// cost is what quantity of a price costs for one period.
func (p *price) cost(quantity int64) int64 {
	if quantity > p.Included {
		return p.Amount + (quantity-p.Included)*p.More
	}
	return p.Amount
}

func (p *price) after(from int64) int64 {
	t := time.Unix(from, 0).UTC()
	if p.Interval == connect.Yearly {
		return t.AddDate(1, 0, 0).Unix()
	}
	return t.AddDate(0, 1, 0).Unix()
}

// subsOf lists a customer's subscriptions, the youngest first.
func (s *state) subsOf(customer string) []*subscription {
	var out []*subscription
	for _, sub := range s.Subs {
		if customer == "" || sub.Customer == customer {
			out = append(out, sub)
		}
	}
	slices.SortFunc(out, func(a, b *subscription) int { return compare(b.ID, a.ID) })
	return out
}

func (s *state) invoicesOf(customer, sub string) []*invoice {
	var out []*invoice
	for _, i := range s.Invoices {
		if (customer == "" || i.Customer == customer) && (sub == "" || i.Sub == sub) {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b *invoice) int { return compare(b.ID, a.ID) })
	return out
}

// compare orders ids by their number.
func compare(a, b string) int {
	if len(a) >= 8 && len(b) >= 8 {
		a, b = a[len(a)-8:], b[len(b)-8:]
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
