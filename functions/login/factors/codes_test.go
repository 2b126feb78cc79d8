package factors

import (
	"testing"
	"time"
)

func TestTOTPIsRFC6238(t *testing.T) {
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130",
	} {
		if got := TOTPCode([]byte("12345678901234567890"), at/30); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

func FuzzTOTP(f *testing.F) {
	f.Add("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "287082", int64(0), int64(59))
	f.Add("", "", int64(-1), int64(0))
	f.Add("not base32!", "０００００００", int64(1<<62), int64(1<<40))
	f.Fuzz(func(t *testing.T, secret, code string, last, at int64) {
		at &= 1<<40 - 1
		now := time.Unix(at, 0)
		step, ok := totpStep(secret, plain(code), last, now)
		if !ok {
			return
		}
		if step <= last || step < at/30-totpSteps || step > at/30+totpSteps {
			t.Errorf("step %d was accepted at %d after %d", step, at/30, last)
		}
		if _, again := totpStep(secret, plain(code), step, now); again && len(code) == 6 {
			// Only where two neighbouring steps happen to have one code may it pass once more.
			if next, _ := totpStep(secret, plain(code), step, now); next <= step {
				t.Error("a code works twice")
			}
		}
	})
}
