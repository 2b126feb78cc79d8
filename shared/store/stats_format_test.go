package store

import (
	"testing"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func TestCountsAreReadAsWritten(t *testing.T) {
	for _, c := range []connect.Count{
		{}, {Impressions: 1}, {Impressions: 36}, {Opens: 2}, {Submits: 3}, {Impressions: 5000, Opens: 1250, Submits: 500},
		{Impressions: 1 << 62, Opens: 1<<62 - 1, Submits: 7},
	} {
		if got := countOf(item{"c": countText(c)}, "c"); got != c {
			t.Errorf("%v is written %q and read %v", c, text(item{"c": countText(c)}, "c"), got)
		}
	}
}

func TestSequenceNumbersAreReadAsWritten(t *testing.T) {
	for _, s := range []string{
		"0", "7", "61", "62", "100000000000000000001", "9999999999999999999999999999999999999999", "", "007", "-1",
		"not a number", "=", "1_000",
	} {
		if got := unpacked(packed(s)); got != s {
			t.Errorf("%q is written %q and read %q", s, packed(s), got)
		}
	}
	if n := len(packed("100000000000000000001")); n > 12 {
		t.Errorf("a sequence number takes %d characters", n)
	}
}
