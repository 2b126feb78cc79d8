package rollout

import (
	"maps"
	"regexp"
	"testing"
)

// A release has a name of its own where anything of it differs, and only there: SAM publishes no version otherwise.
func TestAReleaseIsNamedAfterWhatItIs(t *testing.T) {
	const url = "https://bucket.example/templates/aa.yaml"
	values := map[string]string{"Stage": "prod", "CdnKeyRound": "1"}
	first := build(url, values)
	if !regexp.MustCompile(`^[0-9a-f]{10}$`).MatchString(first) || build(url, maps.Clone(values)) != first {
		t.Errorf("%q is not its name, or changes", first)
	}
	other := maps.Clone(values)
	other["CdnKeyRound"] = "2"
	if build(url, other) == first || build("https://bucket.example/templates/bb.yaml", values) == first {
		t.Error("another release has the same name")
	}
}
