package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
)

// What is generated is what docs/api.yaml says now.
func TestWhatIsGeneratedIsCurrent(t *testing.T) {
	root := localtest.Root(t)
	files, err := render(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s is not what docs/api.yaml says: make generate", name)
		}
	}
}
