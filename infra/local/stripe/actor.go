package stripe

import (
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Do runs one step of a life as the pages and the clock would: the answer of a checkout, a new card, a
// payment, time that has passed up to now.
func (s *Server) Do(step func(a Actor)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pass(s.now())
	step(Actor{s, s.now()})
	s.save()
}

// Actor is a person in front of Stripe's pages, or behind Stripe's dashboard.
type Actor struct {
	s   *Server
	now int64
}

// Pay answers a payment page with a card: "good", "declined", "3ds" or "" for a trial without one. It
// reports whether the page was open.
func (a Actor) Pay(session string, with string) bool { return a.s.complete(session, card(with), a.now) }

// Card gives a customer a card.
func (a Actor) Card(customer, kind string) { a.s.attach(a.s.Customers[customer], card(kind), a.now) }

// Settle pays the latest invoice of a subscription.
func (a Actor) Settle(sub string) { a.s.settle(a.s.Invoices[a.s.Subs[sub].Invoice], a.now) }

// Cancel sets or takes back the end of a subscription.
func (a Actor) Cancel(sub string, yes bool) {
	a.s.Subs[sub].CancelAtEnd = yes
	a.s.emit("customer.subscription.updated", a.s.subscription(a.s.Subs[sub], nil), a.now)
}

// Subscriptions lists a customer's subscriptions, the youngest first, and how each stands.
func (a Actor) Subscriptions(customer string) (ids []string, paying []connect.SubscriptionStatus) {
	for _, v := range a.s.subsOf(customer) {
		ids, paying = append(ids, v.ID), append(paying, v.Status)
	}
	return ids, paying
}

// Paid is how much money was ever taken, in pence.
func (a Actor) Paid() (total int64) {
	for _, i := range a.s.Invoices {
		if i.Status == "paid" {
			total += i.Due
		}
	}
	return total
}

// Live lists all subscriptions that money can still flow for.
func (a Actor) Live() (ids []string) {
	for _, v := range a.s.subsOf("") {
		if v.Status.Billable() || v.Status == connect.Incomplete {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

// Open lists the payment pages of a customer, "" for all, that can still be paid.
func (a Actor) Open(customer string) (ids []string) {
	for _, c := range a.s.Checkouts {
		if (customer == "" || c.Customer == customer) && c.Status == "open" && !a.s.Customers[c.Customer].Deleted {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// Customers counts customers with a value in their metadata.
func (a Actor) Customers(name, value string) (n int) {
	for _, c := range a.s.Customers {
		if c.Metadata[name] == value {
			n++
		}
	}
	return n
}
