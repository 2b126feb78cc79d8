package phone

import (
	"strings"
	"testing"
)

// Numbers that are no country's cost pounds a minute; an extension would be lost.
func TestNumbersOfNoCountryAndExtensions(t *testing.T) {
	for _, in := range []string{
		"+881 6 12345678", "+870 773 123456", "+883 5100 12345678", "+882 16 12345678", "+878 10 1234567890",
		"+888 123 45678901", "+979 1 2345 6789", "+800 1234 5678", "+808 1234 5678",
	} {
		if got, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %q, want a refusal", in, got)
		}
	}
	if _, err := Parse("+881 6 12345678"); err == nil || !strings.Contains(err.Error(), "satellite") {
		t.Error(err)
	}
	for _, in := range []string{"020 7946 0000 ext 5", "020 7946 0000 x5", "+44 20 7946 0000;ext=5"} {
		if got, err := Parse(in); err == nil || !strings.Contains(err.Error(), "extension") {
			t.Errorf("Parse(%q) = %q, %v", in, got, err)
		}
	}
}
