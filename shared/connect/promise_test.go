package connect

import (
	"testing"
	"time"
)

func TestPromiseStates(t *testing.T) {
	due := time.Date(2026, 11, 27, 10, 30, 0, 0, time.UTC)
	before, after := due.Add(-time.Minute), due.Add(time.Minute)
	for _, c := range []struct {
		what   string
		change func(*Callback)
		now    time.Time
		want   PromiseState
	}{
		{"waits", func(*Callback) {}, before, PromiseWaiting},
		{"waits to the instant", func(*Callback) {}, due, PromiseWaiting},
		{"late", func(*Callback) {}, after, PromiseBroken},
		{"nothing promised", func(c *Callback) { c.Due = time.Time{} }, after, ""},
		{"called", func(c *Callback) { c.Mark(StatusCalled, "", before) }, after, PromiseKept},
		{"tried in time", func(c *Callback) { c.Mark(StatusMissed, "", before) }, after, PromiseKept},
		{"called late", func(c *Callback) { c.Mark(StatusCalled, "", after) }, after, PromiseBroken},
		{"the first attempt decides", func(c *Callback) {
			c.Mark(StatusMissed, "", before)
			c.Mark(StatusCalled, "", after)
		}, after, PromiseKept},
		{"undone", func(c *Callback) {
			c.Mark(StatusCalled, "", before)
			c.Mark(StatusNew, "", before)
		}, before, PromiseWaiting},
		{"cancelled", func(c *Callback) { c.Mark(StatusCancelled, "", before) }, after, PromiseCancelled},
		{"cancelled too late to save it", func(c *Callback) { c.Mark(StatusCancelled, "", after) }, after, PromiseBroken},
	} {
		one := &Callback{Status: StatusNew, Due: due}
		c.change(one)
		if got := one.Promise(c.now); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}
