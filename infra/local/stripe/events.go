package stripe

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// maxEvents bounds the state: the oldest go first.
const maxEvents = 5000

type event struct {
	ID, Type  string
	Created   int64
	Object    json.RawMessage
	Delivered bool
	Tries     int
	NotBefore int64 // milliseconds of the real clock
	Queued    bool  // it is to be sent
}

// Delivery is what happens to webhooks.
type Delivery struct {
	Mode      string `json:"mode"`      // deliver (default), hold: until released, drop: never sent
	Delay     int    `json:"delayMs"`   // before each
	Duplicate int    `json:"duplicate"` // how many times more each is sent
	Shuffle   bool   `json:"shuffle"`   // released ones in a random order
}

// emit notes that something happened. It needs the lock.
func (s *Server) emit(kind string, o object, now int64) {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	e := &event{ID: s.id("evt"), Type: kind, Created: now, Object: text}
	if s.Delivery.Mode == "" || s.Delivery.Mode == "deliver" {
		e.Queued, e.NotBefore = true, time.Now().UnixMilli()+int64(s.Delivery.Delay)
	}
	if s.Events = append(s.Events, e); len(s.Events) > maxEvents {
		s.Events = s.Events[len(s.Events)-maxEvents:]
	}
	s.wake()
}

func (s *Server) wake() {
	select {
	case s.queue <- struct{}{}:
	default:
	}
}

// deliverAll sends what is queued, one after the other, again after a failure. Like Stripe it promises
// neither order nor number.
func (s *Server) deliverAll() {
	if s.webhook == "" {
		return
	}
	for {
		select {
		case <-s.done:
			return
		case <-s.queue:
		case <-time.After(time.Second):
		}
		for s.deliverOne() {
		}
	}
}

// wait is how long to wait after a number of failures.
func wait(tries int) time.Duration {
	return min(time.Second<<min(tries, 12), time.Hour)
}

func (s *Server) deliverOne() bool {
	s.mu.Lock()
	var next *event
	var ready []*event
	for _, e := range s.Events {
		if e.Queued && e.NotBefore <= time.Now().UnixMilli() {
			ready = append(ready, e)
		}
	}
	if len(ready) == 0 {
		s.mu.Unlock()
		return false
	}
	next = ready[0]
	if s.Delivery.Shuffle {
		next = ready[rand.IntN(len(ready))]
	}
	body := s.Body(next)
	copies := 1 + s.Delivery.Duplicate
	s.mu.Unlock()

	ok := true
	for range copies {
		ok = s.send(body) == nil && ok
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ok {
		next.Delivered, next.Queued = true, false
	} else {
		next.Tries++
		next.NotBefore = time.Now().Add(wait(next.Tries)).UnixMilli()
	}
	s.save()
	return true
}

// Body is an event as it is sent.
func (s *Server) Body(e *event) []byte {
	text, err := json.Marshal(s.event(e))
	if err != nil {
		panic(err)
	}
	return text
}

func (s *Server) send(body []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.webhook, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "Stripe/1.0 (local stand-in)")
	r.Header.Set("Stripe-Signature", Signature(body, s.secret, s.clock()))
	answer, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20))
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("the webhook answered %d", answer.StatusCode)
	}
	return nil
}

// Signature is the header Stripe-Signature of a body. It is written here again, not taken from the product:
// a common mistake would verify itself.
func Signature(body []byte, secret string, at time.Time) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s.%s", t, body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil)) + ",v0=" + hex.EncodeToString(make([]byte, 32))
}
