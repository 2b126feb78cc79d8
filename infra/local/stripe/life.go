package stripe

import (
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

const (
	day        = int64(24 * time.Hour / time.Second)
	expireSoon = 23 * int64(time.Hour/time.Second)
	vatPercent = 20
)

// retries are the days after which a failed payment is tried again; after the last the subscription ends.
var retries = []int64{3, 5, 7, 7}

// subscribe begins a subscription with its first invoice; payment says how the first payment goes.
func (s *Server) subscribe(
	customerID, priceID string, quantity, trialDays int64, metadata map[string]string, now int64,
) *subscription {
	p := s.Prices[priceID]
	sub := &subscription{
		ID: s.id("sub"), Item: s.id("si"), Customer: customerID, Price: priceID, Quantity: max(1, quantity),
		Status:  connect.Active,
		Created: now, Start: now, End: p.after(now), Metadata: metadata,
	}
	s.Subs[sub.ID] = sub
	if trialDays > 0 {
		sub.Status, sub.TrialStart, sub.TrialEnd = connect.Trialing, now, now+trialDays*day
		sub.End = sub.TrialEnd
		s.bill(
			sub, "subscription_create",
			[]line{{Text: "Trial period for " + p.Plan, Start: now, End: sub.End, Price: priceID, Quantity: sub.Quantity}}, now,
		)
		s.emit("customer.subscription.created", s.subscription(sub, nil), now)
		s.settle(s.Invoices[sub.Invoice], now)
		return sub
	}
	sub.Status = connect.Incomplete
	s.bill(sub, "subscription_create", []line{s.period(sub, now)}, now)
	s.emit("customer.subscription.created", s.subscription(sub, nil), now)
	s.collect(s.Invoices[sub.Invoice], s.Customers[customerID].Card, now)
	return sub
}

func (s *Server) period(sub *subscription, start int64) line {
	p := s.Prices[sub.Price]
	return line{
		Text: p.Plan, Amount: p.cost(sub.Quantity), Start: start, End: p.after(start), Price: p.ID, Quantity: sub.Quantity,
	}
}

// bill makes out an invoice. Credit of the customer is used first.
func (s *Server) bill(sub *subscription, reason string, lines []line, now int64) *invoice {
	i := s.draft(sub, reason, lines, now)
	i.ID, i.Payment = s.id("in"), s.id("pi")
	i.Number = "LOCAL-" + i.ID[len(i.ID)-4:]
	i.Status, i.PaymentStatus = "open", "requires_payment_method"
	c := s.Customers[sub.Customer]
	if i.Total < 0 {
		c.Balance += i.Total
		i.Due = 0
	} else if c.Balance < 0 {
		used := min(i.Total, -c.Balance)
		c.Balance += used
		i.Due = i.Total - used
	}
	s.Invoices[i.ID] = i
	sub.Invoice = i.ID
	s.emit("invoice.created", s.invoice(i), now)
	return i
}

func (s *Server) draft(sub *subscription, reason string, lines []line, now int64) *invoice {
	i := &invoice{Customer: sub.Customer, Sub: sub.ID, Status: "draft", Reason: reason, Lines: lines, Created: now}
	for _, l := range lines {
		i.Subtotal += l.Amount
	}
	i.Tax = rounded(i.Subtotal*vatPercent, 100)
	i.Total = i.Subtotal + i.Tax
	i.Due = max(0, i.Total)
	return i
}

// rounded divides, halves away from zero.
func rounded(n, by int64) int64 {
	if n < 0 {
		return -rounded(-n, by)
	}
	return (n + by/2) / by
}

// collect tries to take the money of an invoice from a card.
func (s *Server) collect(i *invoice, from card, now int64) {
	if i.Due == 0 {
		s.settle(i, now)
		return
	}
	i.Attempts++
	sub := s.Subs[i.Sub]
	switch from {
	case good:
		s.settle(i, now)
		return
	case secure:
		i.PaymentStatus = "requires_action"
	default:
		i.PaymentStatus = "requires_payment_method"
	}
	i.Next = 0
	if sub.Pending == nil || sub.Pending.Invoice != i.ID {
		if sub.Status == connect.Active || sub.Status == connect.Trialing {
			sub.Status = connect.PastDue
		}
		if sub.Status == connect.PastDue && i.Attempts <= len(retries) {
			i.Next = now + retries[i.Attempts-1]*day
		}
	}
	s.emit("invoice.payment_failed", s.invoice(i), now)
	if from == secure {
		s.emit("invoice.payment_action_required", s.invoice(i), now)
	}
	s.emit("customer.subscription.updated", s.subscription(sub, nil), now)
	if sub.Status == connect.PastDue && i.Attempts > len(retries) {
		s.end(sub, "payment_failed", now)
	}
}

// settle marks an invoice as paid and does what waited for it.
func (s *Server) settle(i *invoice, now int64) {
	i.Status, i.PaidAt, i.Next, i.PaymentStatus = "paid", now, 0, "succeeded"
	sub := s.Subs[i.Sub]
	s.emit("invoice.paid", s.invoice(i), now)
	changed := false
	if sub.Status == connect.PastDue || sub.Status == connect.Incomplete {
		sub.Status, changed = connect.Active, true
	}
	if p := sub.Pending; p != nil && p.Invoice == i.ID {
		s.move(sub, p)
		sub.Pending, changed = nil, true
		s.emit("customer.subscription.pending_update_applied", s.subscription(sub, nil), now)
	}
	if changed {
		s.emit("customer.subscription.updated", s.subscription(sub, nil), now)
	}
}

func (s *Server) move(sub *subscription, p *pending) {
	sub.Price, sub.Quantity = p.Price, p.Quantity
	if p.Start != 0 {
		sub.Start, sub.End = p.Start, s.Prices[p.Price].after(p.Start)
	}
}

// prorate says what a change costs: the unused rest of the old price back, the same rest of the new one.
func (s *Server) prorate(sub *subscription, priceID string, quantity, when int64) ([]line, *pending) {
	before, after := s.Prices[sub.Price], s.Prices[priceID]
	next := &pending{Price: priceID, Quantity: quantity}
	rest, whole := sub.End-when, sub.End-sub.Start
	rest = min(max(rest, 0), whole)
	lines := []line{
		{
			Text: "Unused time on " + before.Plan, Amount: -rounded(before.cost(sub.Quantity)*rest, whole), Proration: true,
			Start: when, End: sub.End, Price: before.ID, Quantity: sub.Quantity,
		},
	}
	if before.Interval != after.Interval {
		next.Start = when
		return append(lines, line{
			Text: after.Plan, Amount: after.cost(quantity), Start: when, End: after.after(when), Price: priceID,
			Quantity: quantity,
		}), next
	}
	return append(lines, line{
		Text: "Remaining time on " + after.Plan, Amount: rounded(after.cost(quantity)*rest, whole), Proration: true,
		Start: when, End: sub.End, Price: priceID, Quantity: quantity,
	}), next
}

// change moves a subscription to another price, at once when it costs nothing or is paid.
func (s *Server) change(sub *subscription, priceID string, quantity, when, now int64) {
	if sub.Price == priceID && sub.Quantity == quantity {
		return
	}
	if sub.Status == connect.Trialing {
		s.move(sub, &pending{Price: priceID, Quantity: quantity})
		s.emit("customer.subscription.updated", s.subscription(sub, nil), now)
		return
	}
	if old := sub.Pending; old != nil {
		s.void(s.Invoices[old.Invoice], now)
		sub.Pending = nil
	}
	lines, next := s.prorate(sub, priceID, quantity, when)
	i := s.bill(sub, "subscription_update", lines, now)
	next.Invoice, next.Expires = i.ID, now+expireSoon
	sub.Pending = next
	s.collect(i, s.Customers[sub.Customer].Card, now)
}

// paused does with the invoice of a pause what the pause says instead of collecting it.
func (s *Server) paused(sub *subscription, i *invoice, now int64) bool {
	switch sub.Pause {
	case "":
		return false
	case "keep_as_draft":
		i.Status = "draft"
	case "mark_uncollectible":
		i.Status = "uncollectible"
		s.emit("invoice.marked_uncollectible", s.invoice(i), now)
	case "void":
		s.void(i, now)
	}
	return true
}

func (s *Server) void(i *invoice, now int64) {
	if i.Status == "open" {
		i.Status, i.Next, i.PaymentStatus = "void", 0, "canceled"
		s.emit("invoice.voided", s.invoice(i), now)
	}
}

func (s *Server) end(sub *subscription, reason string, now int64) {
	sub.Status, sub.EndedAt, sub.Reason, sub.Pending = connect.Canceled, now, reason, nil
	if sub.CanceledAt == 0 {
		sub.CanceledAt = now
	}
	if i := s.Invoices[sub.Invoice]; i != nil {
		i.Next = 0
	}
	s.emit("customer.subscription.deleted", s.subscription(sub, nil), now)
}
