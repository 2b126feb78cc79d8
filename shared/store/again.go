package store

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"
)

// longestPause is how long one waits at most before another try; on average half of it.
const longestPause = 80 * time.Millisecond

// again calls try at most so many times while it says that another try may do better: others' transactions held the
// same items, or DynamoDB had no time. The pauses are random, so that who met once does not meet again. When no try
// did, it returns that the store is busy; a condition that failed in the last one is not the answer.
func again(ctx context.Context, most int, try func() (again bool, err error)) error {
	for n := range most {
		more, err := try()
		if !more {
			return err
		}
		if n == most-1 && !contended(err) {
			return errBusy
		}
		if n == most-1 {
			busy := *errBusy
			busy.Cause = err
			return &busy
		}
		pause := rand.N(min(20*time.Millisecond<<n, longestPause)) + 5*time.Millisecond
		select {
		case <-ctx.Done():
			return cmp.Or(err, ctx.Err())
		case <-time.After(pause):
		}
	}
	return nil
}
