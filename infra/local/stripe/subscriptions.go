package stripe

import (
	"slices"
	"strings"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func (s *Server) listSubscriptions(q query) (object, *apiError) {
	if id := q.Get("customer"); id != "" && s.Customers[id] == nil {
		e := unknown("customer", id)
		e.status, e.param = 400, "customer"
		return nil, e
	}
	var all []*subscription
	for _, sub := range s.subsOf(q.Get("customer")) {
		ended := sub.Status == connect.Canceled || sub.Status == connect.Expired
		if want := q.Get("status"); want == "all" || want == string(sub.Status) || want == "" && !ended {
			all = append(all, sub)
		}
	}
	page, more := paged(q, all, func(sub *subscription) string { return sub.ID })
	var out []object
	for _, sub := range page {
		out = append(out, s.subscription(sub, q.expand()))
	}
	return list("/v1/subscriptions", out, more), nil
}

// paged cuts a list after starting_after, limit long.
func paged[T any](q query, all []T, id func(T) string) ([]T, bool) {
	if after := q.Get("starting_after"); after != "" {
		n := slices.IndexFunc(all, func(v T) bool { return id(v) == after })
		all = all[n+1:]
	}
	if len(all) > q.limit() {
		return all[:q.limit()], true
	}
	return all, false
}

// newSubscription is what an operator does in Stripe's dashboard; the product never does.
func (s *Server) newSubscription(q query) (object, *apiError) {
	c := s.Customers[q.Get("customer")]
	if c == nil || c.Deleted {
		return nil, unknown("customer", q.Get("customer"))
	}
	if s.Prices[q.Get("items[0][price]")] == nil {
		return nil, unknown("price", q.Get("items[0][price]"))
	}
	return s.subscription(
		s.subscribe(
			c.ID, q.Get("items[0][price]"), q.number("items[0][quantity]"), q.number("trial_period_days"),
			q.metadata("metadata"), q.now,
		),
		q.expand(),
	), nil
}

func (s *Server) getSubscription(q query) (object, *apiError) {
	sub := s.Subs[q.id]
	if sub == nil {
		return nil, unknown("subscription", q.id)
	}
	return s.subscription(sub, q.expand()), nil
}

func (s *Server) changeSubscription(q query) (object, *apiError) {
	sub := s.Subs[q.id]
	if sub == nil {
		return nil, unknown("subscription", q.id)
	}
	if !sub.Status.Billable() {
		return nil, bad("A canceled subscription can only update its cancellation_details and metadata.")
	}
	if q.Has("cancel_at_period_end") {
		if sub.CancelAtEnd = q.yes("cancel_at_period_end"); sub.CancelAtEnd {
			sub.CanceledAt = q.now
		} else {
			sub.CanceledAt = 0
		}
		s.emit("customer.subscription.updated", s.subscription(sub, nil), q.now)
	}
	if e := s.setPause(q, sub); e != nil {
		return nil, e
	}
	if id := q.Get("items[0][price]"); id != "" {
		if e := s.checkChange(q, sub, "items"); e != nil {
			return nil, e
		}
		when := q.now
		if d := q.number("proration_date"); d != 0 {
			when = d
		}
		s.change(sub, id, max(1, q.number("items[0][quantity]")), when, q.now)
	}
	return s.subscription(sub, q.expand()), nil
}

// setPause is what an operator does in Stripe's dashboard: payments pause, or continue.
func (s *Server) setPause(q query, sub *subscription) *apiError {
	switch behavior := q.Get("pause_collection[behavior]"); {
	case q.Has("pause_collection"):
		sub.Pause, sub.ResumesAt = "", 0
	case behavior == "":
		return nil
	case !slices.Contains([]string{"keep_as_draft", "mark_uncollectible", "void"}, behavior):
		return bad("Invalid pause_collection[behavior]: must be one of keep_as_draft, mark_uncollectible, or void")
	default:
		sub.Pause, sub.ResumesAt = behavior, q.number("pause_collection[resumes_at]")
	}
	s.emit("customer.subscription.updated", s.subscription(sub, nil), q.now)
	return nil
}

func (s *Server) checkChange(q query, sub *subscription, items string) *apiError {
	switch prefix := strings.TrimSuffix(items, "items"); {
	case s.Prices[q.Get(items+"[0][price]")] == nil:
		e := unknown("price", q.Get(items+"[0][price]"))
		e.status = 400
		return e
	case q.Get(items+"[0][id]") != sub.Item:
		return bad("Invalid " + items + " id")
	case q.Get(prefix+"proration_date") != "" &&
		(q.number(prefix+"proration_date") < sub.Start || q.number(prefix+"proration_date") > sub.End):
		return bad("The proration date must be within the current period.")
	}
	return nil
}

func (s *Server) cancelSubscription(q query) (object, *apiError) {
	sub := s.Subs[q.id]
	if sub == nil || !sub.Status.Billable() && sub.Status != connect.Incomplete {
		return nil, unknown("subscription", q.id)
	}
	s.end(sub, "cancellation_requested", q.now)
	return s.subscription(sub, nil), nil
}
