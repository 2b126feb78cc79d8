package apitest

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
)

// Dying is a process that ends at one of its calls of the database, counted from 1: before that call was made or,
// Answered, after. At 0 it lives.
type Dying struct {
	At       int
	Answered bool
	calls    atomic.Int64
}

// Died reports whether it came so far.
func (d *Dying) Died() bool { return d.At > 0 && int(d.calls.Load()) >= d.At }

// RoundTrip implements http.RoundTripper, for store.OpenThrough.
func (d *Dying) RoundTrip(r *http.Request) (*http.Response, error) {
	n := int(d.calls.Add(1))
	if d.At == 0 || n < d.At {
		return http.DefaultTransport.RoundTrip(r)
	}
	if n == d.At && d.Answered {
		if answer, err := http.DefaultTransport.RoundTrip(r); err == nil {
			_ = answer.Body.Close()
		}
	}
	// What the SDK does not try again, as a process that has ended does not.
	return &http.Response{
		StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(strings.NewReader(`{"__type": "ValidationException", "message": "the process ended here"}`)),
	}, nil
}
