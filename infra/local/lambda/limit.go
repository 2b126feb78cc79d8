package lambda

import (
	"errors"
	"sync/atomic"
)

// ErrThrottled says that Lambda takes no more calls at once: 429 for who waits for an answer. Streams and schedules
// try again.
var ErrThrottled = errors.New("TooManyRequestsException: Rate Exceeded")

// Limit is how many calls may run at once. A nil one has no end.
type Limit struct {
	most    int64
	counter atomic.Int64
}

// NewLimit returns nil for 0.
func NewLimit(most int) *Limit {
	if most <= 0 {
		return nil
	}
	return &Limit{most: int64(most)}
}

func (l *Limit) take() bool {
	if l == nil || l.counter.Add(1) <= l.most {
		return true
	}
	l.counter.Add(-1)
	return false
}

func (l *Limit) give() {
	if l != nil {
		l.counter.Add(-1)
	}
}
