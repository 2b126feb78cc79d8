package web

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// statuses is the one place where a kind of error becomes a status.
var statuses = map[connect.Kind]int{
	connect.Internal:      http.StatusInternalServerError,
	connect.Invalid:       http.StatusBadRequest,
	connect.NotLoggedIn:   http.StatusUnauthorized,
	connect.Forbidden:     http.StatusForbidden,
	connect.NotFound:      http.StatusNotFound,
	connect.Conflict:      http.StatusConflict,
	connect.TooLarge:      http.StatusRequestEntityTooLarge,
	connect.TooMany:       http.StatusTooManyRequests,
	connect.Mismatch:      http.StatusUnprocessableEntity,
	connect.Unavailable:   http.StatusServiceUnavailable,
	connect.PaymentNeeded: http.StatusPaymentRequired,
}

// problem is RFC 9457's problem details. Type is a URN: it names the problem and promises no page.
type problem struct {
	Type      string               `json:"type"`
	Title     string               `json:"title"`
	Status    int                  `json:"status"`
	Detail    string               `json:"detail,omitempty"`
	RequestID string               `json:"requestId"`
	Errors    []connect.FieldError `json:"errors,omitempty"`
}

var internal = &connect.Error{
	Kind: connect.Internal, Code: "internal",
	Message: "Something went wrong on our side. Try again. " +
		"If it keeps happening, contact us and quote the request ID.",
}

var busy = &connect.Error{
	Kind: connect.Unavailable, Code: "busy", RetryAfter: 5 * time.Second,
	Message: "We're very busy at the moment. Try again in a few seconds.",
}

// throttled reports whether an AWS service refused a call because of its rate, such as a table at its limit. Nothing
// was stored, and a later try can succeed.
func throttled(err error) bool {
	coded, ok := errors.AsType[interface {
		error
		ErrorCode() string
	}](err)
	return ok && slices.Contains(
		[]string{"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"}, coded.ErrorCode())
}

// writeProblem writes err as a problem. What only the operator may know is in the log record, never in the body.
func writeProblem(w http.ResponseWriter, requestID string, err error) int {
	e, ok := errors.AsType[*connect.Error](err)
	switch {
	case !ok && throttled(err):
		e = busy
	case !ok || e.Kind == connect.Internal:
		e = internal
	}
	status := statuses[e.Kind]
	body, _ := json.Marshal(problem{
		Type: "urn:mi-connect:problem:" + e.Code, Title: http.StatusText(status), Status: status,
		Detail: e.Message, RequestID: requestID, Errors: e.Fields,
	})
	if len(e.Extra) > 0 {
		more, _ := json.Marshal(e.Extra)
		body = append(append(body[:len(body)-1], ','), more[1:]...)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	w.WriteHeader(status)
	w.Write(body)
	return status
}
