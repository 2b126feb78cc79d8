package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

const longLine = 120 // characters

var generated = regexp.MustCompile(`(?m)^(//|#|/\*) ?.*(Code generated|auto-generated|DO NOT EDIT)`)

// kind is what is counted of one language.
type kind struct {
	name         string
	files, lines int
	longest      string
	most         int
	over         int
}

func (k *kind) add(path, text string) {
	n := strings.Count(text, "\n")
	k.files, k.lines = k.files+1, k.lines+n
	if n > k.most {
		k.longest, k.most = path, n
	}
	for line := range strings.Lines(text) {
		if utf8.RuneCountInString(strings.TrimRight(line, "\r\n")) > longLine {
			k.over++
		}
	}
}

func (k *kind) measures() []measure {
	return []measure{
		{k.name + ": files, lines", fmt.Sprintf("%d, %d", k.files, k.lines)},
		{k.name + ": longest file", fmt.Sprintf("%d (%s)", k.most, k.longest)},
		{fmt.Sprintf("%s: lines over %d characters", k.name, longLine), fmt.Sprint(k.over)},
	}
}

// sources counts the tracked files that people write; what is generated is left out.
func sources(root string) ([]measure, error) {
	list, err := git(root, "ls-files")
	if err != nil {
		return nil, err
	}
	golang, tests, ts := kind{name: "Go"}, kind{name: "Go tests"}, kind{name: "TypeScript"}
	var long struct {
		name  string
		lines int
	}
	for path := range strings.SplitSeq(list, "\n") {
		var k *kind
		switch filepath.Ext(path) {
		case ".go":
			if k = &golang; strings.HasSuffix(path, "_test.go") {
				k = &tests
			}
		case ".ts", ".tsx":
			k = &ts
		default:
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, path))
		if os.IsNotExist(err) {
			continue // removed and not committed yet
		}
		if err != nil {
			return nil, err
		}
		if generated.Match(text) || strings.Contains(filepath.Base(path), ".gen.") {
			continue
		}
		k.add(path, string(text))
		if k == &golang {
			name, lines, err := longestFunction(path, text)
			if err != nil {
				return nil, err
			}
			if lines > long.lines {
				long.name, long.lines = name, lines
			}
		}
	}
	out := append(golang.measures(), measure{"Go: longest function, lines", fmt.Sprintf("%d (%s)", long.lines, long.name)})
	return append(append(out, tests.measures()...), ts.measures()...), nil
}

func longestFunction(path string, text []byte) (name string, lines int, err error) {
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, path, text, 0)
	if err != nil {
		return "", 0, err
	}
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			if n := files.Position(d.End()).Line - files.Position(d.Pos()).Line + 1; n > lines {
				name, lines = d.Name.Name, n
			}
		}
	}
	return name, lines, nil
}
