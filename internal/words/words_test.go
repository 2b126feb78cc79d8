// Package words holds the rules of what is written, in code and in prose: docs/glossary.md is where its words are.
package words

import (
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
)

const (
	glossary = "docs/glossary.md"
	widest   = 120 // of a line of Go or TypeScript, a tab being one character
)

// kinds are the files that people write and read.
var kinds = []string{
	".go", ".ts", ".tsx", ".mjs", ".mts", ".js", ".css", ".html", ".md", ".txt", ".yaml", ".yml", ".toml", ".sh", ".conf",
	".json",
}

// passed over are files whose words are not ours to choose, each with its reason.
var passedOver = []struct{ pattern, reason string }{
	{"package-lock.json", "npm's"},
	{"LICENSE", "a lawyer's"},
	{"*.gen.*", "generated: its source is read instead"},
	{"testdata", "what was published, sent or received once stays as it was"},
	{glossary, "it names the retired words"},
	{"internal/words/words_test.go", "it names the exceptions"},
}

// exceptions are places where a retired word is right, each with its reason.
var exceptions = []exception{
	{"widget/src/languages", "e-mail", "the word of German, French and Polish"},
	{"dashboard/src/features/privacy/terms.tsx", "e-mail", "published terms: other words are another version"},
	{"dashboard/src/features/privacy/terms.tsx", "ends by itself", "published terms: other words are another version"},
}

type exception struct{ file, word, reason string }

// retired is one word of the glossary's table. An identifier, which is found exactly as it is written, stands there in
// `code style`; the rest is prose.
type retired struct {
	word, instead string
	code          bool
}

// parse reads the table of retired words.
func parse(t *testing.T, text string) (out []retired) {
	t.Helper()
	_, table, ok := strings.Cut(text, "\n## Retired words\n")
	if !ok {
		t.Fatal("the glossary has no retired words")
	}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 4 || strings.HasPrefix(cells[1], "---") || strings.TrimSpace(cells[1]) == "Retired" {
			continue
		}
		for word := range strings.SplitSeq(cells[1], ",") {
			word = strings.TrimSpace(word)
			code := strings.HasPrefix(word, "`")
			if word = strings.Trim(word, "`"); !code {
				word = strings.ToLower(word)
			}
			out = append(out, retired{word, strings.TrimSpace(cells[2]), code})
		}
	}
	return out
}

// pattern finds any of the words, as whole words; a space stands for whatever is between words, comment marks too.
func pattern(words []retired, code bool) *regexp.Regexp {
	var any []string
	for _, w := range words {
		if w.code == code {
			any = append(any, strings.ReplaceAll(regexp.QuoteMeta(w.word), " ", `(?:\s+(?://|\*|#)?\s*)`))
		}
	}
	if len(any) == 0 {
		any = []string{`\z.`}
	}
	flags := "(?i)"
	if code {
		flags = ""
	}
	return regexp.MustCompile(flags + `\b(?:` + strings.Join(any, "|") + `)\b`)
}

var between = regexp.MustCompile(`\s+(?://|\*|#)?\s*`)

// files yields the text files of a tree.
func files(t *testing.T, tree fs.FS) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		skip := slices.ContainsFunc(passedOver, func(p struct{ pattern, reason string }) bool {
			match, _ := path.Match(p.pattern, base)
			return match || p.pattern == name
		})
		if d.IsDir() {
			hidden := strings.HasPrefix(base, ".") && base != "." && base != ".github" && base != ".ci"
			if skip || hidden || base == "node_modules" || base == "dist" {
				return fs.SkipDir
			}
			return nil
		}
		if skip || !slices.Contains(kinds, path.Ext(base)) && base != "Makefile" && path.Dir(name) != ".ci" {
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		out[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// found lists where retired words are, as "file:line: word".
func found(files map[string]string, words []retired) (out []string) {
	for _, code := range []bool{false, true} {
		any := pattern(words, code)
		for name, text := range files {
			if code && !slices.Contains([]string{".go", ".ts", ".tsx"}, path.Ext(name)) {
				continue
			}
			for _, at := range any.FindAllStringIndex(text, -1) {
				word := between.ReplaceAllString(text[at[0]:at[1]], " ")
				if !code {
					word = strings.ToLower(word)
				}
				n := slices.IndexFunc(words, func(w retired) bool { return w.word == word && w.code == code })
				if !slices.ContainsFunc(exceptions, func(e exception) bool {
					return e.word == word && (e.file == name || strings.HasPrefix(name, e.file+"/"))
				}) {
					line := 1 + strings.Count(text[:at[0]], "\n")
					out = append(out, fmt.Sprintf("%s:%d: %q: write %s", name, line, word, words[n].instead))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

func TestNoRetiredWords(t *testing.T) {
	root := os.DirFS(localtest.Root(t))
	text, err := fs.ReadFile(root, glossary)
	if err != nil {
		t.Fatal(err)
	}
	words, all := parse(t, string(text)), files(t, root)
	if len(words) < 20 || len(all) < 400 {
		t.Fatalf("only %d retired words and %d files were found", len(words), len(all))
	}
	for _, where := range found(all, words) {
		t.Error(where)
	}
	for _, e := range exceptions {
		if !slices.ContainsFunc(words, func(w retired) bool { return w.word == e.word }) || e.reason == "" {
			t.Errorf("the exception for %q in %s is needed no more, or has no reason", e.word, e.file)
		}
	}
	t.Logf("%d retired words over %d files", len(words), len(all))
}

// Each retired word is found where it is planted, and only as a whole word.
func TestARetiredWordIsFound(t *testing.T) {
	text, err := os.ReadFile(path.Join(localtest.Root(t), glossary))
	if err != nil {
		t.Fatal(err)
	}
	words := parse(t, string(text))
	for _, w := range words {
		comment := "package x\n\n// One " + strings.ReplaceAll(w.word, " ", "\n// ") + " two.\n"
		planted := fstest.MapFS{"shared/x.go": {Data: []byte(comment)}}
		if len(found(files(t, planted), []retired{w})) != 1 {
			t.Errorf("%q is not found", w.word)
		}
		inside := fstest.MapFS{"shared/x.go": {Data: []byte("package x\n\n// Xx" + w.word + "xx.\n")}}
		if out := found(files(t, inside), []retired{w}); len(out) != 0 {
			t.Errorf("within a word: %v", out)
		}
	}
	word := []byte(words[0].word)
	skipped := fstest.MapFS{"a/testdata/x.md": {Data: word}, "node_modules/x.md": {Data: word}, "x.png": {Data: word}}
	if out := found(files(t, skipped), words); len(out) != 0 {
		t.Errorf("%v", out)
	}
}

var update = flag.Bool("update", false, "write testdata/long-lines.txt afresh")

// No line of Go or TypeScript is too wide, but for those that were when this rule came: there may be fewer, never more.
func TestNoLongLines(t *testing.T) {
	const list = "testdata/long-lines.txt"
	have := long(files(t, os.DirFS(localtest.Root(t))))
	if *update {
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(have)) {
			fmt.Fprintln(&b, have[name], name)
		}
		if err := os.WriteFile(list, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	allowed, total := map[string]int{}, 0
	for line := range strings.Lines(string(text)) {
		var n int
		var name string
		if _, err := fmt.Sscan(line, &n, &name); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		allowed[name] = n
	}
	for name, n := range have {
		total += n
		if n > allowed[name] {
			t.Errorf("%s: %d lines over %d characters, not more than %d", name, n, widest, allowed[name])
		}
	}
	t.Logf("%d lines in %d files are too wide", total, len(have))
}

func TestALongLineIsFound(t *testing.T) {
	wide := strings.Repeat("wide ", 30)
	for source, want := range map[string]int{
		"package x\n\n// " + wide + "\n": 1, "package x\n\n// " + wide[:widest-3] + "\n": 0,
		"package x\n\n//" + wide[:widest-2] + "x\n":                              1,
		"package x\n\n// https://example.com/" + strings.Repeat("a", 130) + "\n": 0, strings.Repeat("é", widest) + "\n": 0,
	} {
		if n := long(files(t, fstest.MapFS{"x.go": {Data: []byte(source)}}))["x.go"]; n != want {
			t.Errorf("%d, want %d: %q", n, want, source)
		}
	}
	if out := long(files(t, fstest.MapFS{"x.md": {Data: []byte(wide)}, "x.gen.go": {Data: []byte(wide)}})); len(
		out,
	) != 0 {
		t.Errorf("%v", out)
	}
}

// long lists the lines of Go and TypeScript that are too wide. What cannot be broken is none: an address, or the text
// of a single literal.
func long(files map[string]string) map[string]int {
	out := map[string]int{}
	for name, text := range files {
		if !slices.Contains([]string{".go", ".ts", ".tsx", ".mjs", ".mts"}, path.Ext(name)) {
			continue
		}
		for line := range strings.Lines(text) {
			line = strings.TrimRight(line, "\r\n")
			if utf8.RuneCountInString(line) > widest && !unbreakable.MatchString(line) {
				out[name]++
			}
		}
	}
	return out
}

var unbreakable = regexp.MustCompile(`https?://\S{60,}|^\s*//go:embed |^\s*["'` + "`" + `]?\S+["'` + "`" + `]?,?$`)
