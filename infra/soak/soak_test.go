package main

import (
	"testing"
	"time"
)

// The mix is a hundred, and mostly beacons: what is sent is what the report says.
func TestTheMix(t *testing.T) {
	all := 0
	for _, m := range mix {
		all += m.share
	}
	if all != 100 || mix[0].share != 70 {
		t.Errorf("%d of a hundred, %d beacons", all, mix[0].share)
	}
}

func TestQuantiles(t *testing.T) {
	var list []time.Duration
	for n := range 200 {
		list = append(list, time.Duration(n)*time.Millisecond)
	}
	if quantile(nil, 0.5) != 0 || quantile(list, 0.5) != 100*time.Millisecond ||
		quantile(list, 0.99) != 198*time.Millisecond || quantile(list, 1) != 199*time.Millisecond {
		t.Errorf("%v %v %v", quantile(list, 0.5), quantile(list, 0.99), quantile(list, 1))
	}
}
