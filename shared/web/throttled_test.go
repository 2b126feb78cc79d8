package web

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"
)

type coded string

func (c coded) Error() string     { return "api error " + string(c) }
func (c coded) ErrorCode() string { return string(c) }

// A table at its ceiling is no fault of ours: who asked is told to come back.
func TestATableAtItsCeilingIsBusy(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
	}{
		{fmt.Errorf("operation error DynamoDB: PutItem, %w", coded("ThrottlingException")), 503},
		{coded("ProvisionedThroughputExceededException"), 503},
		{coded("ResourceNotFoundException"), 500},
		{errors.New("anything else"), 500},
	} {
		w := httptest.NewRecorder()
		if status := writeProblem(w, "r", c.err); status != c.status ||
			(w.Header().Get("Retry-After") != "") != (c.status == 503) {
			t.Errorf("%v: %d %v", c.err, status, w.Header())
		}
	}
}
