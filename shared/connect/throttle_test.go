package connect

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// ThrottleRow is how docs/security.md says a throttle.
func throttleRow(t Throttle) string {
	window := fmt.Sprintf("%d min", int(t.Window.Minutes()))
	if t.Window%time.Hour == 0 {
		window = fmt.Sprintf("%d h", int(t.Window.Hours()))
	}
	return fmt.Sprintf("| `%s` | %s | %d | %s | %s |", t.Name, t.Key, t.Limit, window, t.Why)
}

// The document is written from the constants that the code uses, row by row.
func TestTheDocumentNamesEveryThrottle(t *testing.T) {
	text, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| `") && strings.Count(line, "|") == 6 {
			rows++
		}
	}
	seen := map[string]bool{}
	for _, one := range Throttles {
		if seen[one.Name] {
			t.Errorf("two throttles count under %q", one.Name)
		}
		seen[one.Name] = true
		if !strings.Contains(string(text), throttleRow(one)+"\n") {
			t.Errorf("docs/security.md lacks the row\n%s", throttleRow(one))
		}
	}
	if rows != len(Throttles) {
		t.Errorf("docs/security.md has %d rows of throttles, the code has %d", rows, len(Throttles))
	}
}
