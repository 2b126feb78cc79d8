package main

import (
	"net/netip"
	"sync"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// What one network may send to one running instance: 200 beacons a second, 5,000 at once: a mobile carrier puts
// thousands of visitors behind one /24, and a page that they all open at noon is no flood. A beacon may cost one write
// and no more, so nothing is counted in the database: with n instances a network has n times as much, and the
// stage's own limit stands behind it.
const (
	floodRate  = 200.0
	floodBurst = 5000.0
	floodMax   = 8192 // networks remembered; addresses come from outside and must not fill the memory
)

var errFlood = &connect.Error{
	Kind: connect.TooMany, Code: connect.ErrTooMany.Code,
	Message: "Too many requests from this network. Try again in a minute.", RetryAfter: time.Minute,
}

// flood is a token bucket for each network, /24 or /64.
type flood struct {
	mu      sync.Mutex
	buckets map[netip.Prefix]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// admits reports whether a network may send one more.
func (f *flood) admits(a netip.Addr, now time.Time) bool {
	bits := 64
	if a.Is4() {
		bits = 24
	}
	p, _ := a.WithZone("").Prefix(bits) // one bucket for callers without a readable address
	f.mu.Lock()
	defer f.mu.Unlock()
	b, ok := f.buckets[p]
	if !ok {
		if len(f.buckets) >= floodMax || f.buckets == nil {
			f.buckets = map[netip.Prefix]bucket{}
		}
		b = bucket{floodBurst, now}
	}
	if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.left, b.at = min(floodBurst, b.left+passed*floodRate), now
	}
	ok = b.left >= 1
	if ok {
		b.left--
	}
	f.buckets[p] = b
	return ok
}
