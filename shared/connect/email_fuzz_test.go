package connect

import (
	"strings"
	"testing"
)

func FuzzEmail(f *testing.F) {
	for _, s := range []string{"a@b.c", "A@B.C ", "a@b", "a\r\n@b.c", "\"a\"@b.c", "a@b.c,d@e.f", "ü@exämple.com", strings.Repeat("a", 300) + "@b.c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseEmail(s)
		if err != nil {
			return
		}
		if strings.ContainsAny(string(e), "\r\n\x00<>\", ;") || len(e) > 254 || strings.Count(string(e), "@") < 1 {
			t.Errorf("%q became %q", s, e)
		}
		if again, err := ParseEmail(string(e)); err != nil || again != e {
			t.Errorf("%q does not read itself: %q, %v", e, again, err)
		}
	})
}
