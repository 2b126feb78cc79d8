// Program generate writes what follows from docs/api.yaml and no kept tool writes: the events of template.yaml and
// the routes of each function. `make generate` runs it after oapi-codegen and openapi-typescript.
package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/mi-telecom/mi-connect/internal/contract"
)

func main() {
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(root string) error {
	files, err := render(root)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(root, name)
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, files[name]) {
			continue
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return err
		}
		fmt.Println("wrote", name)
	}
	return nil
}

// byHand are the functions whose routes are written by hand: `events` has one, and a budget for everything it links.
var byHand = []string{"events"}

// render returns every generated file by its name.
func render(root string) (map[string][]byte, error) {
	doc, err := contract.Load(root)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	if files["template.yaml"], err = template(text, doc.Operations); err != nil {
		return nil, err
	}
	byFunction := map[string][]contract.Operation{}
	for _, o := range doc.Operations {
		if !slices.Contains(byHand, o.Function) {
			byFunction[o.Function] = append(byFunction[o.Function], o)
		}
	}
	for function, operations := range byFunction {
		if files["functions/"+function+"/routes.gen.go"], err = routes(operations); err != nil {
			return nil, err
		}
	}
	return files, nil
}
