package connect

import (
	"testing"
	"time"
)

// A site of 24 requests a day is attacked for a day and a night: each hour of it is as surprising as the first.
func TestAnAttackOfADayIsNotUsual(t *testing.T) {
	now := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	var r SiteRate
	pass := func(hours, requests int) {
		for range hours {
			r = r.At(now)
			r.Count = requests
			now = now.Add(time.Hour)
		}
		r = r.At(now)
	}
	pass(14*24, 1)
	if r.Usual < 0.8 || r.Usual > 1 || r.Excess() > 1 {
		t.Fatalf("%+v", r)
	}
	pass(24, 20)
	if r.Count = 60; r.Excess() < 1.5 || r.PuzzleMax() <= puzzleMax {
		t.Errorf("after a day of 20 an hour: %+v, excess %.2f", r, r.Excess())
	}
	r.Count = 10_000
	if got := r.PuzzleMax(); got != hardest*puzzleMax {
		t.Errorf("the hardest is %d", got)
	}
	// What is usual is forgotten.
	quiet := r.At(now.Add(30 * 24 * time.Hour))
	if quiet.Count != 0 || quiet.Usual != 0 {
		t.Errorf("after a month without: %+v", quiet)
	}
	// An hour that begins on another machine first is no step back.
	if early := r.At(now.Add(-time.Hour)); early != r {
		t.Errorf("%+v", early)
	}
}
