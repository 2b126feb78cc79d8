package stripe

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// controls are what Stripe does not have: they move the clock and spoil the deliveries.
func (s *Server) controls() {
	s.mux.HandleFunc("GET /control", s.control(s.show))
	s.mux.HandleFunc("POST /control", s.control(s.setDelivery))
	s.mux.HandleFunc("POST /control/release", s.control(s.release))
	s.mux.HandleFunc("POST /control/replay", s.control(s.replay))
	s.mux.HandleFunc("POST /control/advance", s.control(s.advance))
	s.mux.HandleFunc("POST /control/card", s.control(s.setCard))
}

func (s *Server) control(do func(r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// A page of another origin must not be able to press these buttons.
		if o := r.Header.Get("Sec-Fetch-Site"); o != "" && o != "same-origin" && o != "none" {
			http.Error(w, "from this origin only", http.StatusForbidden)
			return
		}
		s.mu.Lock()
		out, err := do(r)
		if err == nil && r.Method == http.MethodPost {
			s.save()
		}
		s.mu.Unlock()
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(out)
	}
}

func decode(r *http.Request, v any) error {
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<16))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

func (s *Server) show(*http.Request) (any, error) {
	s.pass(s.now())
	type shown struct {
		ID        string `json:"id"`
		Type      string `json:"type"`
		Created   int64  `json:"created"`
		Delivered bool   `json:"delivered"`
		Tries     int    `json:"failedTries"`
	}
	events := []shown{}
	for _, e := range s.Events {
		events = append(events, shown{e.ID, e.Type, e.Created, e.Delivered, e.Tries})
	}
	subs := []object{}
	for _, sub := range s.subsOf("") {
		subs = append(subs, s.subscription(sub, nil))
	}
	return object{"delivery": s.Delivery, "events": events, "subscriptions": subs}, nil
}

func (s *Server) setDelivery(r *http.Request) (any, error) {
	var d Delivery
	if err := decode(r, &d); err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"", "deliver", "hold", "drop"}, d.Mode) || d.Delay < 0 || d.Duplicate < 0 ||
		d.Duplicate > 100 {
		return nil, errors.New("mode is deliver, hold or drop; delayMs and duplicate are not negative")
	}
	s.Delivery = d
	return d, nil
}

// release sends what was held: in the order of ids that is given, or a random one by seed, or as it was.
func (s *Server) release(r *http.Request) (any, error) {
	var in struct {
		Order []string `json:"order"`
		Seed  uint64   `json:"seed"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	var held []*event
	for _, e := range s.Events {
		if !e.Delivered && !e.Queued {
			held = append(held, e)
		}
	}
	switch {
	case len(in.Order) > 0:
		slices.SortStableFunc(
			held, func(a, b *event) int { return slices.Index(in.Order, a.ID) - slices.Index(in.Order, b.ID) },
		)
	case in.Seed != 0:
		rand.New(rand.NewPCG(in.Seed, 0)).Shuffle(len(held), func(i, j int) { held[i], held[j] = held[j], held[i] })
	}
	// The queue is in the order of Events: they take each other's places.
	n := 0
	for i, e := range s.Events {
		if !e.Delivered && !e.Queued {
			s.Events[i] = held[n]
			n++
		}
	}
	for _, e := range held {
		e.Queued, e.NotBefore = true, time.Now().UnixMilli()
	}
	s.wake()
	return object{"released": len(held)}, nil
}

// replay sends events again, all of them without an id.
func (s *Server) replay(r *http.Request) (any, error) {
	var in struct {
		ID string `json:"id"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	n := 0
	for _, e := range s.Events {
		if in.ID == "" || e.ID == in.ID {
			e.Queued, e.NotBefore = true, time.Now().UnixMilli()
			n++
		}
	}
	s.wake()
	return object{"replayed": n}, nil
}

// advance moves the clock. The product's own clock stands where it stood, so all that was is moved into the
// past instead: to everybody it is as if the time had passed.
func (s *Server) advance(r *http.Request) (any, error) {
	var in struct {
		Hours int64 `json:"hours"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if in.Hours < 1 || in.Hours > 24*800 {
		return nil, errors.New("hours are 1 to 19200")
	}
	s.travel(in.Hours * 3600)
	return object{"hours": in.Hours}, nil
}

func (s *Server) travel(seconds int64) {
	now := s.now()
	s.pass(now)
	s.pass(now + seconds)
	back := func(times ...*int64) {
		for _, t := range times {
			if *t != 0 {
				*t -= seconds
			}
		}
	}
	for _, c := range s.Customers {
		back(&c.Created)
	}
	for _, v := range s.Subs {
		back(&v.Created, &v.Start, &v.End, &v.TrialStart, &v.TrialEnd, &v.CanceledAt, &v.EndedAt, &v.ResumesAt)
		if v.Pending != nil {
			back(&v.Pending.Start, &v.Pending.Expires)
		}
	}
	for _, i := range s.Invoices {
		back(&i.Created, &i.PaidAt, &i.Next)
		for n := range i.Lines {
			back(&i.Lines[n].Start, &i.Lines[n].End)
		}
	}
	for _, c := range s.Checkouts {
		back(&c.Created, &c.Expires)
	}
	for _, e := range s.Events {
		back(&e.Created)
	}
	// Whoever keeps dates must hear of the new ones.
	for _, v := range s.subsOf("") {
		if v.Status.Billable() {
			s.emit("customer.subscription.updated", s.subscription(v, nil), now)
		}
	}
}

// setCard gives a customer a card that behaves in some way.
func (s *Server) setCard(r *http.Request) (any, error) {
	var in struct {
		Customer string `json:"customer"`
		Card     card   `json:"card"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	c := s.Customers[in.Customer]
	if c == nil || !slices.Contains([]card{noCard, good, declined, secure}, in.Card) {
		return nil, errors.New("no such customer, or card")
	}
	s.attach(c, in.Card, s.now())
	return s.customer(c), nil
}

func (s *Server) attach(c *customer, kind card, now int64) {
	c.Card, c.CardID = kind, ""
	if kind != noCard {
		c.CardID = s.id("pm")
	}
	s.emit("customer.updated", s.customer(c), now)
}

// The methods below are for tests in the same process.

// Held returns the events that are neither delivered nor queued, oldest first.
func (s *Server) Held() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Event
	for _, e := range s.Events {
		if !e.Delivered && !e.Queued {
			out = append(out, Event{ID: e.ID, Type: e.Type, Created: e.Created, Body: s.Body(e)})
		}
	}
	return out
}

// Event is a webhook as it would be sent.
type Event struct {
	ID, Type string
	Created  int64
	Body     []byte
}

// Snapshot returns all there is; Restore brings it back.
func (s *Server) Snapshot() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, err := json.Marshal(s.state)
	if err != nil {
		panic(err)
	}
	return text
}

func (s *Server) Restore(text []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := &state{}
	if err := json.Unmarshal(text, next); err != nil {
		return err
	}
	*s.state = *next
	return nil
}

// Watch calls f after every call of the API, with its parameters and its answer.
func (s *Server) Watch(f func(r *http.Request, form url.Values, status int, body []byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = f
}
