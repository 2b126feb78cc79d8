package gateway

import (
	"fmt"
	"sync"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// Throttle is how many requests a route takes: so many a second, and so many at once on top. 0 takes any number.
type Throttle struct {
	Rate  float64
	Burst int
}

// Throttles are those of an API: its routes', and of each that has none of its own.
type Throttles struct {
	Default Throttle
	Routes  map[string]Throttle // by route key

	mu      sync.Mutex
	buckets map[string]*bucket
}

// bucket holds a route's tokens.
type bucket struct {
	tokens float64
	at     time.Time
}

// ParseThrottles reads an HttpApi's DefaultRouteSettings and RouteSettings, and what of them is not known here.
func ParseThrottles(properties map[string]any) (*Throttles, []string) {
	t := &Throttles{Routes: map[string]Throttle{}, buckets: map[string]*bucket{}}
	var problems []string
	read := func(name string, v any) (out Throttle) {
		for key, value := range template.Map(v) {
			switch key {
			case "ThrottlingBurstLimit":
				out.Burst = template.Int(value, 0)
			case "ThrottlingRateLimit":
				out.Rate = float64(template.Int(value, 0))
			case "DetailedMetricsEnabled":
			default:
				problems = append(problems, fmt.Sprintf("%s: route setting %s is not known here", name, key))
			}
		}
		return out
	}
	t.Default = read("DefaultRouteSettings", properties["DefaultRouteSettings"])
	for route, v := range template.Map(properties["RouteSettings"]) {
		t.Routes[route] = read(route, v)
	}
	return t, problems
}

// take takes a token of a route's bucket. Each route has its own, as in API Gateway, also by the default settings.
func (t *Throttles) take(route string, now time.Time) bool {
	limit, own := t.Routes[route]
	if !own {
		limit = t.Default
	}
	if limit.Rate == 0 {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.buckets[route]
	if b == nil {
		b = &bucket{tokens: float64(limit.Burst), at: now}
		t.buckets[route] = b
	}
	b.tokens = min(float64(limit.Burst), b.tokens+limit.Rate*now.Sub(b.at).Seconds())
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
