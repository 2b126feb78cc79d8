package stripe

import "github.com/mi-telecom/mi-connect/shared/connect"

// due is the next moment at which something happens to a subscription by itself, 0 for none.
func (s *Server) due(sub *subscription) int64 {
	var next int64
	soonest := func(t int64) {
		if t != 0 && (next == 0 || t < next) {
			next = t
		}
	}
	switch sub.Status {
	case connect.Trialing:
		if !sub.Warned {
			soonest(sub.TrialEnd - 3*day)
		}
		soonest(sub.End)
	case connect.Active:
		soonest(sub.End)
	case connect.PastDue:
		soonest(s.Invoices[sub.Invoice].Next)
	case connect.Incomplete:
		soonest(sub.Created + expireSoon)
	}
	if sub.Pending != nil {
		soonest(sub.Pending.Expires)
	}
	if sub.Pause != "" && sub.Status.Billable() {
		soonest(sub.ResumesAt)
	}
	return next
}

// happen does what is due for a subscription at the moment at.
func (s *Server) happen(sub *subscription, at int64) {
	c := s.Customers[sub.Customer]
	switch {
	case sub.Pause != "" && sub.ResumesAt != 0 && sub.ResumesAt <= at:
		sub.Pause, sub.ResumesAt = "", 0
		s.emit("customer.subscription.updated", s.subscription(sub, nil), at)
	case sub.Pending != nil && sub.Pending.Expires <= at:
		s.void(s.Invoices[sub.Pending.Invoice], at)
		sub.Pending = nil
		s.emit("customer.subscription.pending_update_expired", s.subscription(sub, nil), at)
	case sub.Status == connect.Incomplete:
		sub.Status = connect.Expired
		s.void(s.Invoices[sub.Invoice], at)
		s.emit("customer.subscription.updated", s.subscription(sub, nil), at)
	case sub.Status == connect.PastDue:
		s.collect(s.Invoices[sub.Invoice], c.Card, at)
	case sub.Status == connect.Trialing && !sub.Warned && at < sub.End:
		sub.Warned = true
		s.emit("customer.subscription.trial_will_end", s.subscription(sub, nil), at)
	case sub.CancelAtEnd:
		s.end(sub, "cancellation_requested", at)
	case sub.Status == connect.Trialing && c.Card == noCard:
		s.end(sub, "", at)
	default:
		sub.Status, sub.Warned = connect.Active, true
		sub.Start, sub.End = sub.End, s.Prices[sub.Price].after(sub.End)
		i := s.bill(sub, "subscription_cycle", []line{s.period(sub, sub.Start)}, at)
		s.emit("customer.subscription.updated", s.subscription(sub, nil), at)
		if !s.paused(sub, i, at) {
			s.collect(i, c.Card, at)
		}
	}
}

// pass lets the time pass up to now, one thing after the other.
func (s *Server) pass(now int64) {
	for {
		var next *subscription
		at := now
		for _, sub := range s.Subs {
			if t := s.due(sub); t != 0 && (t < at || t == at && (next == nil || compare(sub.ID, next.ID) < 0)) {
				next, at = sub, t
			}
		}
		if next == nil {
			break
		}
		s.happen(next, at)
	}
	for _, c := range s.Checkouts {
		if c.Status == "open" && c.Expires <= now {
			c.Status = "expired"
			s.emit("checkout.session.expired", s.checkout(c), c.Expires)
		}
	}
}
