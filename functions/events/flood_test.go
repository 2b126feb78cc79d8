package main

import (
	"net/netip"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// One network's flood is refused without a write, and others' beacons are taken.
func TestAFloodOfOneNetwork(t *testing.T) {
	f := start(t)
	beacons := &beacons{visits: store.Visits(f.DB), sites: newSiteCache(store.Widgets(f.DB))}
	a := web.New(f.Logger(), f.Clock.Now, nil)
	a.Public("POST /v1/events", beacons.take)
	f.Client = f.Serve(lambdahttp.HTTP(a))
	// All but the last of what a network may send at once.
	taken := 0
	for address := netip.MustParseAddr("198.51.100.7"); taken < floodBurst-50; taken++ {
		if !beacons.flood.admits(address, f.Clock.Now()) {
			t.Fatal("a network is refused what it may send")
		}
	}
	for range 100 {
		a := f.Do(apitest.Request{Method: "POST", Path: "/v1/events", Body: `{}`})
		switch {
		case a.Status == 400:
			taken++
		case a.Status != 429 || a.Header["retry-after"] == "" || a.Record["RefusedBeacons"] != 1.0:
			t.Fatal(a.Status, a.Header, a.Body, a.Record)
		}
	}
	if taken != floodBurst {
		t.Errorf("%d were read", taken)
	}
	f.Clock.Forward(time.Second)
	if a := f.Do(apitest.Request{Method: "POST", Path: "/v1/events", Body: `{}`}); a.Status != 400 {
		t.Errorf("a second later: %d", a.Status)
	}

	var b flood
	now := time.Now()
	for range 2 * floodMax { // more networks than are remembered
		for range 3 {
			if !b.admits(netip.AddrFrom4([4]byte{byte(taken >> 8), byte(taken), 1, 1}), now) {
				t.Fatal("a network is refused for others")
			}
		}
		taken++
	}
	if len(b.buckets) > floodMax {
		t.Errorf("%d networks remembered", len(b.buckets))
	}
}
