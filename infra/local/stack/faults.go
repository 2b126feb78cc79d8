package stack

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

// faults are what goes wrong on purpose, of a hundred: calls of the database that are throttled, mails that are
// refused for now. `make soak` sets them at /_local/faults, which is there with Options.Faults alone.
type faults struct {
	throttle, mail   atomic.Int64
	throttled, mails atomic.Int64 // how many were
}

// hit tells whether this call is one of share in a hundred.
func hit(share, counted *atomic.Int64) bool {
	if s := share.Load(); s == 0 || rand.Int64N(100) >= s {
		return false
	}
	counted.Add(1)
	return true
}

// refuseMail is asked before each mail is taken.
func (f *faults) refuseMail() bool { return hit(&f.mail, &f.mails) }

// before throttles calls of the database, as a table does that has no capacity left.
func (f *faults) before(database http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "DynamoDB_") && hit(&f.throttle, &f.throttled) {
			const body = `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"planted"}`
			w.Header().Set("Content-Type", "application/x-amz-json-1.0")
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(body))
			return
		}
		database.ServeHTTP(w, r)
	})
}

// set takes new shares, and gives how many of each there were.
func (f *faults) set(w http.ResponseWriter, r *http.Request) {
	var in struct{ Throttle, Mail int64 }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&in); err != nil ||
		min(in.Throttle, in.Mail) < 0 || max(in.Throttle, in.Mail) > 100 {
		writeJSON(w, http.StatusBadRequest, map[string]string{"message": "throttle and mail are from 0 to 100"})
		return
	}
	f.throttle.Store(in.Throttle)
	f.mail.Store(in.Mail)
	writeJSON(w, http.StatusOK, map[string]int64{"throttled": f.throttled.Load(), "mails": f.mails.Load()})
}
