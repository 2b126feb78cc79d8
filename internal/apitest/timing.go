package apitest

import (
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
	"time"
)

// Long reports whether the long tests are wanted: `make long-test` and `make security-test`.
var Long = os.Getenv("LONG_TEST") != ""

// Often is how often a test repeats something: few times in `make test`, many in the long tests.
func Often(few, many int) int {
	if Long {
		return many
	}
	return few
}

// Timing compares how long a call takes for a known (0) and an unknown (1) address, by Welch's t of at least
// 1,000 tries a class in `make security-test` and of 25 else, which catch a missing hash. A |t| of 4.5 is the
// bound of test vector leakage assessment (Goodwill et al., NIAT 2011). The slowest tenth of each class is
// left out, being what the machine does besides; the t of all tries is printed with it. After each try comes
// what is not timed.
func Timing(t testing.TB, name string, do func(which int), after func()) {
	t.Helper()
	tries, warm := Often(25, 1000), 3
	var times [2][]float64
	for n := range tries + warm {
		for k := range 2 {
			which := (k + n) % 2
			began := time.Now()
			do(which)
			took := time.Since(began)
			if n >= warm {
				times[which] = append(times[which], float64(took.Microseconds()))
			}
			after()
		}
	}
	a, z := trimmed(times[0]), trimmed(times[1])
	score := welch(a, z)
	known, _ := moments(a)
	unknown, _ := moments(z)
	fmt.Printf(
		"security: timing of %-10s %5d tries each: known %6.0f us, unknown %6.0f us, t = %+.2f (of all tries %+.2f)\n", name,
		tries, known, unknown, score, welch(times[0], times[1]),
	)
	if math.Abs(score) >= 4.5 {
		t.Errorf("%s: |t| = %.2f", name, math.Abs(score))
	}
}

func welch(a, b []float64) float64 {
	ma, va := moments(a)
	mb, vb := moments(b)
	return (ma - mb) / math.Sqrt(va/float64(len(a))+vb/float64(len(b)))
}

func moments(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x)-1)
	}
	return mean, variance
}

func trimmed(x []float64) []float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	return x[:len(x)*9/10]
}
