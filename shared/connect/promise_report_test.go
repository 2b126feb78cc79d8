package connect

import (
	"encoding/json"
	"math"
	"os"
	"testing"
	"time"
)

// The interval's ends are the rates from which what was seen is just so far away: found by halving, without a formula.
func TestWilsonInterval(t *testing.T) {
	const z = 1.959963984540054
	far := func(p, seen, n float64) bool { return math.Abs(seen-p) > z*math.Sqrt(p*(1-p)/n) }
	for _, n := range []int64{1, 2, 19, 20, 24, 1000, 1_000_000} {
		for _, k := range []int64{0, 1, n / 3, n / 2, n - 1, n} {
			low, high, ok := WilsonInterval(k, n)
			seen := float64(k) / float64(n)
			below, above := [2]float64{0, seen}, [2]float64{seen, 1}
			for range 200 {
				if m := (below[0] + below[1]) / 2; far(m, seen, float64(n)) {
					below[0] = m
				} else {
					below[1] = m
				}
				if m := (above[0] + above[1]) / 2; far(m, seen, float64(n)) {
					above[1] = m
				} else {
					above[0] = m
				}
			}
			if !ok || math.Abs(low-below[1]) > 1e-9 || math.Abs(high-above[0]) > 1e-9 {
				t.Errorf("%d of %d: %v to %v, want %v to %v", k, n, low, high, below[1], above[0])
			}
		}
	}
	if low, high, ok := WilsonInterval(0, 0); ok || low != 0 || high != 1 {
		t.Error("of none:", low, high, ok)
	}
}

func TestLatenessIsRoundedUp(t *testing.T) {
	for late, want := range map[time.Duration]int{
		time.Millisecond: 1, time.Minute: 1, time.Minute + 1: 2, time.Hour: 60, time.Hour + 1: 65, 4 * time.Hour: 240,
		4*time.Hour + 1: 300, 24 * time.Hour: 1440, 24*time.Hour + 1: 2880, 90 * 24 * time.Hour: 43200,
	} {
		if got := LateMinutes(late); got != want {
			t.Errorf("%v is %d minutes, want %d", late, got, want)
		}
	}
	seen := map[int]bool{}
	for d := time.Second; d < 40*24*time.Hour; d += 31 * time.Second {
		n := LateMinutes(d)
		if seen[n] = true; time.Duration(n)*time.Minute < min(d, 30*24*time.Hour) {
			t.Fatalf("%v flatters as %d minutes", d, n)
		}
	}
	if len(seen) != 60+36+20+29 {
		t.Errorf("%d different figures", len(seen))
	}
}

func TestPromiseCountsAreReadAsWritten(t *testing.T) {
	for _, p := range []PromiseCount{
		{}, {Hour: "2026-11-27T10", State: PromiseKept},
		{Hour: "2026-11-27T00", State: PromiseBroken, Late: NotCalled, Department: "Sales and  more "},
	} {
		if got := ParsePromiseCount(p.String()); got != p {
			t.Errorf("%+v became %+v", p, got)
		}
	}
}

// The interval is scipy's, of as many small counts as large ones: `make vectors`.
func TestWilsonIsScipys(t *testing.T) {
	var vectors struct{ Rates [][4]float64 }
	text, err := os.ReadFile("testdata/rates.json")
	if err == nil {
		err = json.Unmarshal(text, &vectors)
	}
	if err != nil || len(vectors.Rates) != 1000 {
		t.Fatal(len(vectors.Rates), err)
	}
	for _, v := range vectors.Rates {
		low, high, ok := WilsonInterval(int64(v[0]), int64(v[1]))
		if !ok || math.Abs(low-v[2]) > 1e-12 || math.Abs(high-v[3]) > 1e-12 {
			t.Errorf("%v of %v: %v to %v, scipy has %v to %v", v[0], v[1], low, high, v[2], v[3])
		}
	}
}
