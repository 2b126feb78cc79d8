package stripe

import (
	"net/http"
	"slices"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func (s *Server) routes() *http.ServeMux {
	s.mux = http.NewServeMux()
	s.api("POST /customers", s.newCustomer)
	s.api("GET /customers/{id}", s.getCustomer)
	s.api("POST /customers/{id}", s.changeCustomer)
	s.api("DELETE /customers/{id}", s.deleteCustomer)
	s.api("GET /prices", s.listPrices)
	s.api("POST /checkout/sessions", s.newCheckout)
	s.api("GET /checkout/sessions", s.listCheckouts)
	s.api("GET /checkout/sessions/{id}", s.getCheckout)
	s.api("POST /checkout/sessions/{id}/expire", s.expireCheckout)
	s.api("GET /subscriptions", s.listSubscriptions)
	s.api("POST /subscriptions", s.newSubscription)
	s.api("GET /subscriptions/{id}", s.getSubscription)
	s.api("POST /subscriptions/{id}", s.changeSubscription)
	s.api("DELETE /subscriptions/{id}", s.cancelSubscription)
	s.api("GET /invoices", s.listInvoices)
	s.api("GET /invoices/upcoming", s.upcoming)
	s.api("GET /invoices/{id}", s.getInvoice)
	s.api("POST /billing_portal/sessions", s.newPortal)
	s.api("GET /events", s.listEvents)
	s.api("GET /events/{id}", s.getEvent)
	s.api("POST /test_helpers/test_clocks/{id}/advance", s.advanceClock)
	s.pages()
	s.controls()
	return s.mux
}

func (s *Server) newCustomer(q query) (object, *apiError) {
	c := &customer{
		ID: s.id("cus"), Name: q.Get("name"), Email: q.Get("email"), Metadata: q.metadata("metadata"), Created: q.now,
	}
	s.Customers[c.ID] = c
	s.emit("customer.created", s.customer(c), q.now)
	return s.customer(c), nil
}

func (s *Server) getCustomer(q query) (object, *apiError) {
	c := s.Customers[q.id]
	if c == nil {
		return nil, unknown("customer", q.id)
	}
	return s.customer(c), nil
}

func (s *Server) changeCustomer(q query) (object, *apiError) {
	c := s.Customers[q.id]
	if c == nil || c.Deleted {
		return nil, unknown("customer", q.id)
	}
	if q.Has("name") {
		c.Name = q.Get("name")
	}
	if q.Has("email") {
		c.Email = q.Get("email")
	}
	s.emit("customer.updated", s.customer(c), q.now)
	return s.customer(c), nil
}

func (s *Server) deleteCustomer(q query) (object, *apiError) {
	c := s.Customers[q.id]
	if c == nil || c.Deleted {
		return nil, unknown("customer", q.id)
	}
	for _, sub := range s.subsOf(q.id) {
		if sub.Status.Billable() || sub.Status == connect.Incomplete {
			s.end(sub, "cancellation_requested", q.now)
		}
	}
	whole := s.customer(c)
	c.Deleted = true
	s.emit("customer.deleted", whole, q.now)
	return s.customer(c), nil
}

func (s *Server) listPrices(q query) (object, *apiError) {
	var out []object
	keys := q.many("lookup_keys")
	for _, p := range s.Prices {
		if len(keys) == 0 || slices.Contains(keys, p.Lookup) {
			out = append(out, s.price(p))
		}
	}
	return list("/v1/prices", out, false), nil
}

func (s *Server) newCheckout(q query) (object, *apiError) {
	c := s.Customers[q.Get("customer")]
	switch {
	case q.Get("mode") != "subscription":
		return nil, bad("The stand-in knows the mode subscription only.")
	case c == nil || c.Deleted:
		e := unknown("customer", q.Get("customer"))
		e.status, e.param = 400, "customer"
		return nil, e
	case s.Prices[q.Get("line_items[0][price]")] == nil:
		e := unknown("price", q.Get("line_items[0][price]"))
		e.status, e.param = 400, "line_items[0][price]"
		return nil, e
	case q.Get("success_url") == "":
		return nil, bad("Missing required param: success_url.")
	}
	v := &checkout{
		ID: s.id("cs_test"), Customer: c.ID, Price: q.Get("line_items[0][price]"),
		Quantity: max(1, q.number("line_items[0][quantity]")), Status: "open",
		Success: q.Get("success_url"), Cancel: q.Get("cancel_url"), Reference: q.Get("client_reference_id"),
		TrialDays:    q.number("subscription_data[trial_period_days]"),
		CardOptional: q.Get("payment_method_collection") == "if_required",
		Metadata:     q.metadata("subscription_data[metadata]"), Created: q.now, Expires: q.now + day,
	}
	s.Checkouts[v.ID] = v
	return s.checkout(v), nil
}

func (s *Server) listCheckouts(q query) (object, *apiError) {
	var all []*checkout
	for _, c := range s.Checkouts {
		if id := q.Get("customer"); id == "" || c.Customer == id {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *checkout) int { return compare(b.ID, a.ID) })
	page, more := paged(q, all, func(c *checkout) string { return c.ID })
	var out []object
	for _, c := range page {
		out = append(out, s.checkout(c))
	}
	return list("/v1/checkout/sessions", out, more), nil
}

func (s *Server) getCheckout(q query) (object, *apiError) {
	c := s.Checkouts[q.id]
	if c == nil {
		return nil, unknown("checkout.session", q.id)
	}
	return s.checkout(c), nil
}

func (s *Server) expireCheckout(q query) (object, *apiError) {
	c := s.Checkouts[q.id]
	if c == nil {
		return nil, unknown("checkout.session", q.id)
	}
	if c.Status != "open" {
		return nil, bad(
			"Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of " +
				c.Status + ".",
		)
	}
	c.Status = "expired"
	s.emit("checkout.session.expired", s.checkout(c), q.now)
	return s.checkout(c), nil
}

func (s *Server) listInvoices(q query) (object, *apiError) {
	all, more := paged(q, s.invoicesOf(q.Get("customer"), q.Get("subscription")), func(i *invoice) string { return i.ID })
	var out []object
	for _, i := range all {
		out = append(out, s.invoice(i))
	}
	return list("/v1/invoices", out, more), nil
}

func (s *Server) getInvoice(q query) (object, *apiError) {
	i := s.Invoices[q.id]
	if i == nil {
		return nil, unknown("invoice", q.id)
	}
	return s.invoice(i), nil
}

func (s *Server) upcoming(q query) (object, *apiError) {
	sub := s.Subs[q.Get("subscription")]
	if sub == nil || !sub.Status.Billable() || sub.CancelAtEnd && !q.Has("subscription_items[0][price]") {
		return nil, &apiError{404, "invalid_request_error", "invoice_upcoming_none", "No upcoming invoices for customer", ""}
	}
	if !q.Has("subscription_items[0][price]") {
		i := s.draft(sub, "upcoming", []line{s.period(sub, sub.End)}, sub.End)
		i.Next = sub.End
		return s.invoice(i), nil
	}
	if e := s.checkChange(q, sub, "subscription_items"); e != nil {
		return nil, e
	}
	when := q.now
	if d := q.number("subscription_proration_date"); d != 0 {
		when = d
	}
	if sub.Status == connect.Trialing {
		return s.invoice(s.draft(sub, "upcoming", nil, q.now)), nil
	}
	lines, _ := s.prorate(
		sub, q.Get("subscription_items[0][price]"), max(1, q.number("subscription_items[0][quantity]")), when,
	)
	i := s.draft(sub, "upcoming", lines, q.now)
	i.Next = q.now
	o := s.invoice(i)
	o["subscription_proration_date"] = when
	return o, nil
}

func (s *Server) newPortal(q query) (object, *apiError) {
	c := s.Customers[q.Get("customer")]
	if c == nil || c.Deleted {
		e := unknown("customer", q.Get("customer"))
		e.status = 400
		return nil, e
	}
	p := &portal{
		ID: s.id("bps"), Customer: c.ID, Return: q.Get("return_url"), Flow: q.Get("flow_data[type]"), Created: q.now,
	}
	s.Portals[p.ID] = p
	return s.portal(p), nil
}

func (s *Server) listEvents(q query) (object, *apiError) {
	types := q.many("types")
	var all []*event
	for n := len(s.Events) - 1; n >= 0; n-- {
		e := s.Events[n]
		if (len(types) == 0 || slices.Contains(types, e.Type)) && e.Created >= q.number("created[gte]") &&
			(!q.Has("delivery_success") || q.yes("delivery_success") == e.Delivered) {
			all = append(all, e)
		}
	}
	page, more := paged(q, all, func(e *event) string { return e.ID })
	var out []object
	for _, e := range page {
		out = append(out, s.event(e))
	}
	return list("/v1/events", out, more), nil
}

func (s *Server) getEvent(q query) (object, *apiError) {
	for _, e := range s.Events {
		if e.ID == q.id {
			return s.event(e), nil
		}
	}
	return nil, unknown("event", q.id)
}

// advanceClock moves the one clock there is, whatever its id.
func (s *Server) advanceClock(q query) (object, *apiError) {
	to := q.number("frozen_time")
	if to <= q.now {
		return nil, bad("The clock can only be moved forward.")
	}
	s.travel(to - q.now)
	return of("test_helpers.test_clock", object{
		"id": q.id, "frozen_time": to, "created": q.now, "deletes_after": to + 30*day, "status": "ready", "name": nil,
	}), nil
}
