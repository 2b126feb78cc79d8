package gateway

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/lambda"
)

func TestRoutesAreThrottled(t *testing.T) {
	limits, problems := ParseThrottles(map[string]any{
		"DefaultRouteSettings": map[string]any{"ThrottlingBurstLimit": 5, "ThrottlingRateLimit": 10},
		"RouteSettings": map[string]any{
			"$default": map[string]any{"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 1, "LoggingLevel": "INFO"},
		},
	})
	if len(problems) != 1 || !strings.Contains(problems[0], "LoggingLevel") {
		t.Errorf("problems %v", problems)
	}
	now := time.Now()
	taken := func(route string, n int, at time.Time) (ok int) {
		for range n {
			if limits.take(route, at) {
				ok++
			}
		}
		return ok
	}
	for _, c := range []struct {
		route   string
		n       int
		after   time.Duration
		want    int
		meaning string
	}{
		{"GET /a", 9, 0, 5, "the burst"},
		{"GET /b", 9, 0, 5, "another route's is its own"},
		{"$default", 9, 0, 2, "a route's own settings"},
		{"GET /a", 9, 300 * time.Millisecond, 3, "ten a second"},
		{"$default", 9, 300 * time.Millisecond, 0, "one a second"},
		{"GET /a", 9, time.Hour, 5, "no more than the burst is saved"},
	} {
		if got := taken(c.route, c.n, now.Add(c.after)); got != c.want {
			t.Errorf("%s (%s): %d taken, want %d", c.route, c.meaning, got, c.want)
		}
	}
	if none, _ := ParseThrottles(nil); !none.take("GET /a", now) {
		t.Error("an API without settings is throttled")
	}
}

// What API Gateway says when it, or Lambda, takes no more.
func TestThrottledAnswers(t *testing.T) {
	var fails error
	limits, _ := ParseThrottles(map[string]any{
		"DefaultRouteSettings": map[string]any{"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 1},
	})
	g := &Gateway{
		Routes: []Route{{Method: "GET", Path: "/a", Function: "F"}}, Throttles: limits, Say: func(string) {},
		Invoke: func(context.Context, string, []byte) ([]byte, error) { return []byte(`{"statusCode":200}`), fails },
	}
	for i, want := range []struct {
		status int
		body   string
	}{{200, ""}, {503, "Service Unavailable"}, {429, "Too Many Requests"}} {
		fails = nil
		if i == 1 {
			fails = lambda.ErrThrottled
		}
		w := httptest.NewRecorder()
		g.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/a", nil))
		if w.Code != want.status || !strings.Contains(w.Body.String(), want.body) {
			t.Errorf("request %d: %d %s", i, w.Code, w.Body)
		}
	}
}
