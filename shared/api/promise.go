package api

import (
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// PromiseOf says what became of a request's promise by now, nil where none was made.
func PromiseOf(c *connect.Callback, now time.Time) *Promise {
	state := c.Promise(now)
	if state == "" {
		return nil
	}
	return &Promise{Due: c.Due, State: PromiseState(state)}
}
