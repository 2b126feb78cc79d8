package phone

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"07700 900123": "+447700900123", "+44 (0)7700 900 123": "+447700900123", "020 7946 0000": "+442079460000",
		"0044 20 7946 0958": "+442079460958", "+1 212 555 2368": "+12125552368", "+49 30 901820": "+4930901820",
		"01534 440000":  "+441534440000", // Jersey
		"01481 717000":  "+441481717000", // Guernsey
		"0800 1111 234": "",
	} {
		got, err := Parse(in)
		if want == "" {
			continue
		}
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "12", "phone", "0906 111 2222", "0845 123 4567", "070 1234 5678", "+999 123456", "999", "07700 9001",
		strings.Repeat("1", 41), "<img onerror=1>", "\x00",
	} {
		if got, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %q, want a refusal", in, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("07700 900123")
	f.Add("+1 212 555 2368;ext=1")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(got); err != nil || again != got {
			t.Errorf("%q became %q, which becomes %q, %v", s, got, again, err)
		}
	})
}
