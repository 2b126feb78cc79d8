package stack

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestFaultsAreAsManyAsAsked(t *testing.T) {
	f := &faults{}
	h := f.before(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	throttled := func(target string) (n int) {
		for range 2000 {
			r := httptest.NewRequest(http.MethodPost, "/", nil)
			r.Header.Set("X-Amz-Target", target)
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code == http.StatusBadRequest &&
				strings.Contains(w.Body.String(), "ProvisionedThroughputExceeded") {
				n++
			}
		}
		return n
	}
	set := func(body string) int {
		w := httptest.NewRecorder()
		f.set(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)))
		return w.Code
	}
	const get = "DynamoDB_20120810.GetItem"
	if n := throttled(get); n != 0 || f.refuseMail() {
		t.Errorf("unasked: %d", n)
	}
	if set(`{"throttle":10,"mail":100}`) != http.StatusOK {
		t.Error("not taken")
	}
	if n := throttled(get); n < 100 || n > 320 || int64(n) != f.throttled.Load() {
		t.Errorf("of 2000 calls %d were throttled, %d counted", n, f.throttled.Load())
	}
	if n := throttled("DynamoDBStreams_20120810.GetRecords"); n != 0 {
		t.Errorf("streams: %d", n)
	}
	if !f.refuseMail() || f.mails.Load() != 1 {
		t.Error("no mail is refused")
	}
	for _, bad := range []string{`{"throttle":101}`, `{"mail":-1}`, `x`} {
		if set(bad) != http.StatusBadRequest {
			t.Errorf("%s is taken", bad)
		}
	}
}
