package cdn

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// cache keeps answers of the API. One edge has it all: what CloudFront keeps in one place and not in another is the
// same here.
type cache struct {
	mu   sync.Mutex
	kept map[string]entry
}

type entry struct {
	answer        *answer
	since, expiry time.Time
}

const maxKept = 1000

func (c *cache) get(key string) (*answer, time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.kept[key]
	now := time.Now()
	if !ok || !now.Before(e.expiry) {
		return nil, 0, false
	}
	return e.answer, now.Sub(e.since), true
}

func (c *cache) put(key string, a *answer, life time.Duration) {
	if life <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= maxKept {
		c.kept = map[string]entry{}
	}
	now := time.Now()
	c.kept[key] = entry{a, now, now.Add(life)}
}

// key names what requests must have in common to get the same answer.
func (p cachePolicy) key(behavior int, r *http.Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s %q", behavior, r.Method, r.URL.EscapedPath())
	if p.query {
		fmt.Fprintf(&b, " ?%q", r.URL.RawQuery)
	}
	for _, name := range p.headers {
		fmt.Fprintf(&b, " %s=%q", name, r.Header.Values(name))
	}
	return b.String() + " " + p.accepts(r)
}

// life is how long an answer is kept.
func (p cachePolicy) life(a *answer, errors map[int]time.Duration) time.Duration {
	if p.max == 0 {
		return 0
	}
	said, no := freshness(a.header)
	if a.status >= 400 {
		least, always := errors[a.status]
		switch {
		case said > 0:
			return max(min(said, p.max), least)
		case always:
			return least // whatever it says of itself
		}
		return 0
	}
	switch {
	case no:
		return p.min
	case said >= 0:
		return max(min(said, p.max), p.min)
	}
	return max(min(p.otherwise, p.max), p.min)
}

// freshness reads Cache-Control: how long it says (-1 for nothing), and whether it forbids.
func freshness(h http.Header) (said time.Duration, no bool) {
	said = -1
	shared := false
	for directive := range strings.SplitSeq(h.Get("Cache-Control"), ",") {
		name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(directive)), "=")
		seconds, err := strconv.Atoi(strings.Trim(value, `"`))
		switch {
		case name == "no-store", name == "no-cache", name == "private":
			no = true
		case err != nil:
		case name == "s-maxage":
			said, shared = time.Duration(seconds)*time.Second, true
		case name == "max-age" && !shared:
			said = time.Duration(seconds) * time.Second
		}
	}
	return said, no
}

// write answers a viewer. age is below zero for an answer that was not kept.
func (a *answer) write(w http.ResponseWriter, cached string, age time.Duration, policy []header, r *http.Request) {
	h := w.Header()
	for name, values := range a.header {
		h[name] = append([]string(nil), values...)
	}
	h.Set("X-Cache", cached)
	h.Set("Via", "1.1 local.cloudfront.net (CloudFront)")
	if age >= 0 {
		h.Set("Age", strconv.Itoa(int(age.Seconds())))
	}
	apply(h, policy, r)
	w.WriteHeader(max(a.status, 200))
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.body.Bytes())
	}
}
