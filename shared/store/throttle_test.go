package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// 256 neighbouring networks of one customer have four shares together, and one that has used up its own
// takes nothing from the others.
func TestABudgetOfNeighbouringNetworks(t *testing.T) {
	s, _ := open(t)
	budget := connect.Throttle{Name: "test", Limit: 2, Window: time.Hour}
	take := func(narrow string) error {
		return s.ThrottleNetworks(
			t.Context(), budget, []connect.Prefix{{Text: narrow, Share: 1}, {Text: "wide", Share: 4}}, now,
		)
	}
	for n := range 30 {
		if err := take("one"); (err == nil) != (n < 2) || err != nil && !errors.Is(err, connect.ErrTooMany) {
			t.Fatalf("try %d of one network: %v", n, err)
		}
	}
	passed := 0
	for n := range 30 {
		if take("other "+string(rune('a'+n))) == nil {
			passed++
		}
	}
	if passed != 6 {
		t.Errorf("%d of the neighbours passed, want the other 6 of 8", passed)
	}
}
