package archtest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
)

const asvsPage = "docs/asvs.md"

// requirement is one number of the standard, in one of the page's lists.
type requirement struct{ number, list, reason string }

// The lists of the page, by their headings.
const (
	met      = "## Met"
	exempt   = "### Does not apply"
	notMet   = "## Not met"
	tableRow = "| "
)

// levels reads "6.2.12 1" a line.
func levels(text string) (map[string]string, error) {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		number, level, ok := strings.Cut(line, " ")
		if !ok || out[number] != "" || !slices.Contains([]string{"1", "2", "3"}, level) {
			return nil, fmt.Errorf("%q is no number with a level, or there twice", line)
		}
		out[number] = level
	}
	return out, nil
}

// requirements reads the rows under the page's lists.
func requirements(page string) (all []requirement) {
	list := ""
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			list = line
		}
		if !slices.Contains([]string{met, exempt, notMet}, list) || !strings.HasPrefix(line, tableRow) ||
			strings.HasPrefix(line, "| requirements |") {
			continue
		}
		numbers, reason, _ := strings.Cut(strings.Trim(line, "| "), " | ")
		for number := range strings.SplitSeq(numbers, ",") {
			all = append(all, requirement{strings.TrimSpace(number), list, strings.TrimSpace(reason)})
		}
	}
	return all
}

// counts is the table of the page, as its lists have it.
func counts(all []requirement, levels map[string]string) string {
	n := map[string]int{}
	for _, r := range all {
		n[levels[r.number]+r.list]++
	}
	text := "| level | met | does not apply | not met | together |\n|---|---|---|---|---|\n"
	for _, l := range []string{"1", "2"} {
		m, e, no := n[l+met], n[l+exempt], n[l+notMet]
		text += fmt.Sprintf("| %s | %d | %d | %d | %d |\n", l, m, e, no, m+e+no)
	}
	return text
}

// asvsFaults lists what is wrong with a page.
func asvsFaults(page string, levels map[string]string) (faults []string) {
	all := requirements(page)
	where := map[string]string{}
	for _, r := range all {
		switch {
		case levels[r.number] == "":
			faults = append(faults, fmt.Sprintf("%q under %q is no requirement of the standard", r.number, r.list))
		case where[r.number] != "":
			faults = append(faults, fmt.Sprintf("%s is there twice, under %q and %q", r.number, where[r.number], r.list))
		case r.reason == "":
			faults = append(faults, fmt.Sprintf("%s has no reason", r.number))
		}
		where[r.number] = r.list
	}
	for number, level := range levels {
		if level != "3" && where[number] == "" {
			faults = append(faults, fmt.Sprintf("%s (level %s) is missing", number, level))
		}
	}
	if want := counts(all, levels); !strings.Contains(page, want) {
		faults = append(faults, "its counts are not those of its lists, which are\n"+want)
	}
	slices.Sort(faults)
	return faults
}

var (
	namedTest = regexp.MustCompile("`(Test[A-Z]\\w+)`")
	namedPath = regexp.MustCompile(
		"`((?:docs|shared|functions|dashboard|infra|internal|e2e)/[\\w./-]+|[\\w-]+\\.(?:yaml|mod|sum|json))`",
	)
)

// unknown lists the tests and files that a page names and the project has not got.
func unknown(page string, tree fs.FS) (missing []string, err error) {
	tests := ""
	err = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && name != ".") {
			return fs.SkipDir
		}
		if strings.HasSuffix(name, "_test.go") {
			text, err := fs.ReadFile(tree, name)
			tests += string(text)
			return err
		}
		return nil
	})
	for _, m := range namedTest.FindAllStringSubmatch(page, -1) {
		if !strings.Contains(tests, "func "+m[1]+"(t *testing.T)") {
			missing = append(missing, m[1])
		}
	}
	for _, m := range namedPath.FindAllStringSubmatch(page, -1) {
		if _, err := fs.Stat(tree, m[1]); err != nil {
			missing = append(missing, m[1])
		}
	}
	return missing, err
}

func TestEveryRequirementHasItsPlace(t *testing.T) {
	numbers, err := os.ReadFile("testdata/asvs-5.0.0.txt")
	if err != nil {
		t.Fatal(err)
	}
	known, err := levels(string(numbers))
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, level := range known {
		n[level]++
	}
	if n["1"] != 70 || n["2"] != 183 || n["3"] != 92 {
		t.Fatalf("the standard has 70, 183 and 92 requirements, the file %v", n)
	}
	root := localtest.Root(t)
	page, err := os.ReadFile(filepath.Join(root, asvsPage))
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range asvsFaults(string(page), known) {
		t.Errorf("%s: %s", asvsPage, fault)
	}
	missing, err := unknown(string(page), os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range missing {
		t.Errorf("%s names %s, which is not there", asvsPage, name)
	}
}

// A page in order, and what is to be found when one thing of it is wrong.
func TestEachFaultOfTheListsIsFound(t *testing.T) {
	known, err := levels("# head\n1.1.1 1\n1.1.2 2\n1.2.1 2\n1.2.2 3\n1.3.1 2\n")
	if err != nil {
		t.Fatal(err)
	}
	const page = `# Page

| level | met | does not apply | not met | together |
|---|---|---|---|---|
| 1 | 1 | 0 | 0 | 1 |
| 2 | 1 | 1 | 1 | 3 |

## Met

| requirements | how |
|---|---|
| 1.1.1, 1.1.2 | so |

### Does not apply

| requirements | why |
|---|---|
| 1.2.1 | none here |

## Not met

| requirements | why |
|---|---|
| 1.3.1 | not yet |

## Something else

| 1.1.1 | is no list |
`
	if faults := asvsFaults(page, known); len(faults) != 0 {
		t.Fatalf("a page in order: %q", faults)
	}
	for _, c := range []struct{ name, old, new, fault string }{
		{"missing of level 1", "| 1.1.1, 1.1.2 |", "| 1.1.2 |", "1.1.1 (level 1) is missing"},
		{"missing of level 2", "| 1.3.1 | not yet |\n", "", "1.3.1 (level 2) is missing"},
		{"twice in a list", "1.1.1, 1.1.2", "1.1.1, 1.1.2, 1.1.1", "1.1.1 is there twice"},
		{"in two lists", "| 1.3.1 |", "| 1.3.1, 1.1.2 |", `1.1.2 is there twice, under "## Met" and "## Not met"`},
		{"of level 3, twice", "| 1.3.1 |", "| 1.3.1, 1.2.2, 1.2.2 |", "1.2.2 is there twice"},
		{"unknown", "| 1.3.1 |", "| 1.3.1, 1.3.9 |", `"1.3.9" under "## Not met" is no requirement`},
		{"a range", "1.1.1, 1.1.2", "1.1.1 to 1.1.2", `"1.1.1 to 1.1.2" under "## Met" is no requirement`},
		{"no reason", "| none here |", "| |", "1.2.1 has no reason"},
		{"wrong counts", "| 2 | 1 | 1 | 1 | 3 |", "| 2 | 2 | 1 | 0 | 3 |", "its counts are not those of its lists"},
	} {
		wrong := strings.Replace(page, c.old, c.new, 1)
		faults := asvsFaults(wrong, known)
		if wrong == page || !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, c.fault) }) {
			t.Errorf("%s: found %q, want %q", c.name, faults, c.fault)
		}
	}
	if _, err := levels("1.1.1 1\n1.1.1 2\n"); err == nil {
		t.Error("a file with a number twice was taken")
	}
	root := os.DirFS(localtest.Root(t))
	missing, err := unknown("`TestThatNobodyWrote`, `TestRules`, `shared/nothing.go`, `template.yaml`", root)
	if err != nil || !slices.Equal(missing, []string{"TestThatNobodyWrote", "shared/nothing.go"}) {
		t.Errorf("named and not there: %q; %v", missing, err)
	}
}
