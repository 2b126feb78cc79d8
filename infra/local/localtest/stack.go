package localtest

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/stack"
)

// Start runs the project's template as make dev does, on free ports and with data of its own, until the
// test ends. The binaries and pages must have been built (make build).
func Start(t testing.TB) *stack.Stack {
	t.Helper()
	return StartWith(t, stack.Options{Root: Root(t), DataDir: t.TempDir()})
}

// StartWith is Start with options of the test's own. What was said is logged when the test fails.
func StartWith(t testing.TB, o stack.Options) *stack.Stack {
	t.Helper()
	said := &Said{}
	if o.Out == nil {
		o.Out = said
	}
	s, err := stack.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			t.Log(said.String())
		}
	})
	return s
}

// Said collects lines that several write.
type Said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *Said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// Say adds a line.
func (s *Said) Say(line string) { _, _ = s.Write([]byte(line + "\n")) }

func (s *Said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// Build makes a Lambda binary of a package, given by its folder under the project's.
func Build(t testing.TB, folder, binary string) {
	t.Helper()
	cmd := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", binary, "./"+filepath.ToSlash(folder))
	cmd.Dir = Root(t)
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", folder, err, out)
	}
}
