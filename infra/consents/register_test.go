package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/template"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(localtest.Root(t), path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// rows are a section's table in docs/privacy.md, cell by cell, without its head.
func rows(doc, heading string) (out [][]string) {
	_, section, _ := strings.Cut(doc, "\n"+heading+"\n")
	section, _, _ = strings.Cut(section, "\n#")
	for line := range strings.Lines(section) {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		out = append(out, cells)
	}
	if len(out) < 2 {
		return nil
	}
	return out[2:]
}

var quoted = regexp.MustCompile("`([^`]+)`")

// TestRegisterIsWhole: every table and every event field is in the register, no entry leaves anything out,
// each ground is one that the page explains, and each test it names exists.
func TestRegisterIsWhole(t *testing.T) {
	doc, root := read(t, "docs/privacy.md"), localtest.Root(t)
	tests := ""
	for _, folder := range []string{
		"functions", "shared", "infra", "e2e", "widget/test", "dashboard/test", "dashboard/src",
	} {
		_ = filepath.WalkDir(filepath.Join(root, folder), func(path string, d os.DirEntry, err error) error {
			part := folder == "e2e" && strings.HasSuffix(path, ".ts") // of a test that is in several files
			if err == nil && (part || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".test.ts")) {
				text, _ := os.ReadFile(path)
				tests += string(text)
			}
			return nil
		})
	}
	grounds := map[string]bool{}
	for _, g := range rows(doc, "## Grounds") {
		grounds[g[0]] = true
	}
	tpl, err := template.Load(filepath.Join(root, "template.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := tpl.Tables()
	if err != nil {
		t.Fatal(err)
	}
	sections := []string{"POST /v1/events"}
	for _, table := range tables {
		sections = append(sections, strings.TrimSuffix(table.ID, "Table"))
	}
	for _, section := range sections {
		list := rows(doc, "### "+section)
		if len(list) == 0 {
			t.Errorf("%s is not in the register", section)
		}
		for _, r := range list {
			if len(r) != 6 || slices.Contains(r, "") {
				t.Errorf("%s: an entry leaves something out: %v", section, r)
				continue
			}
			if !grounds[r[3]] {
				t.Errorf("%s %s: %q is no ground", section, r[0], r[3])
			}
			for _, name := range quoted.FindAllStringSubmatch(r[5], -1) {
				if !strings.Contains(tests, "func "+name[1]+"(") && !strings.Contains(tests, `it('`+name[1]+`'`) &&
					!strings.Contains(tests, `test('`+name[1]+`'`) {
					t.Errorf("%s %s: there is no test %q", section, r[0], name[1])
				}
			}
			if !quoted.MatchString(r[5]) {
				t.Errorf("%s %s: no test is named", section, r[0])
			}
		}
	}
	var fields []string
	for _, r := range rows(doc, "### POST /v1/events") {
		for _, name := range quoted.FindAllStringSubmatch(r[0], -1) {
			fields = append(fields, name[1])
		}
	}
	// The server refuses a field that its type does not have, so the type is the list.
	_, beacon, _ := strings.Cut(read(t, "functions/events/beacon.go"), "type beacon struct {")
	beacon, _, _ = strings.Cut(beacon, "\n}\n")
	found := regexp.MustCompile("(?m)^(\t+).*`json:\"(\\w+)").FindAllStringSubmatch(beacon, -1)
	if len(found) < 6 {
		t.Fatalf("the beacon's fields were not found: %v", found)
	}
	for _, m := range found {
		name := m[2]
		if len(m[1]) == 2 {
			name = "events." + name
		}
		if !slices.Contains(fields, name) {
			t.Errorf("event field %s is not in the register", name)
		}
	}
}

// TestEveryWrittenAttributeHasAReason: the end-to-end run finds what it stores; this finds what the code
// could store besides, wherever package store names an attribute of an item.
func TestEveryWrittenAttributeHasAReason(t *testing.T) {
	_, register, _ := strings.Cut(read(t, "docs/privacy.md"), "\n## Register\n")
	known := map[string]bool{}
	for line := range strings.Lines(register) {
		if first, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " |"); ok && strings.HasPrefix(line, "| `") {
			for _, name := range quoted.FindAllStringSubmatch(first, -1) {
				known[name[1]] = true
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(localtest.Root(t), "shared/store/*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var (
		literal = regexp.MustCompile(`"([A-Za-z]\w*)":\s`)        // item{"name": str(...)}
		indexed = regexp.MustCompile(`\bi\["([A-Za-z]\w*)"\] = `) // i["name"] = ...
		aliased = regexp.MustCompile(`"#\w+":\s*"([A-Za-z]\w*)"`) // what a #name in an expression stands for
		text    = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"`)
		updated = regexp.MustCompile(`(?:^|[ "(])([A-Za-z]\w*) = |ADD ([A-Za-z]\w*) :`) // an expression's, inside a text
	)
	found := map[string]string{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		code, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, pattern := range []*regexp.Regexp{literal, indexed, aliased} {
			for _, m := range pattern.FindAllStringSubmatch(string(code), -1) {
				found[m[1]] = filepath.Base(path)
			}
		}
		for _, expression := range text.FindAllString(string(code), -1) {
			for _, m := range updated.FindAllStringSubmatch(expression, -1) {
				found[m[1]+m[2]] = filepath.Base(path)
			}
		}
	}
	if len(found) < 60 {
		t.Fatalf("only %d attributes were found", len(found))
	}
	for _, name := range []string{"phone", "phoneKey", "sentAt", "mac", "h", "applied", "status", "callbacks"} {
		if found[name] == "" {
			t.Errorf("the search misses %s", name)
		}
	}
	for name, file := range found {
		if !known[name] {
			t.Errorf("shared/store/%s writes %s, which has no reason in docs/privacy.md", file, name)
		}
	}
}

// TestRetentionIsTheTemplates: what the privacy page and docs/privacy.md say of each table is what connect.Lifetimes
// and template.yaml make of it.
func TestRetentionIsTheTemplates(t *testing.T) {
	var said []struct {
		Table, Holds, Kept string
		Expires, Backup    bool
	}
	if err := json.Unmarshal([]byte(read(t, "shared/policy/retention.json")), &said); err != nil {
		t.Fatal(err)
	}
	tpl, err := template.Load(filepath.Join(localtest.Root(t), "template.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := tpl.Tables()
	if err != nil {
		t.Fatal(err)
	}
	document := rows(read(t, "docs/privacy.md"), "## Retention")
	if len(said) != len(tables) {
		t.Errorf("retention.json has %d tables, template.yaml %d", len(said), len(tables))
	}
	for _, table := range tables {
		name := strings.TrimSuffix(table.ID, "Table")
		ttl, _ := table.Properties["TimeToLiveSpecification"].(map[string]any)
		recovery, _ := table.Properties["PointInTimeRecoverySpecification"].(map[string]any)
		expires, backup := ttl["Enabled"] == true &&
			ttl["AttributeName"] == "expiresAt", recovery["PointInTimeRecoveryEnabled"] == true
		in := false
		for _, s := range said {
			if s.Table == name {
				in = true
				if s.Expires != expires || s.Backup != backup || s.Holds == "" {
					t.Errorf("retention.json: %+v; the template: expires %v, backup %v", s, expires, backup)
				}
				if kept := connect.Kept(name); kept == "" || strings.ToLower(s.Kept[:1])+s.Kept[1:] != kept {
					t.Errorf("retention.json: %s is kept %q; connect.Lifetimes: %q", name, s.Kept, kept)
				}
			}
		}
		if !in {
			t.Errorf("retention.json says nothing of %s", name)
		}
		in = false
		for _, r := range document {
			if r[0] == name {
				in = true
				if kept := connect.Kept(name); r[1] != kept {
					t.Errorf("docs/privacy.md: %s is kept %q; connect.Lifetimes: %q", name, r[1], kept)
				}
				if (r[2] == "yes") != expires || (r[3] == "35 days") != backup {
					t.Errorf("docs/privacy.md: %v; the template: expires %v, backup %v", r, expires, backup)
				}
			}
		}
		if !in {
			t.Errorf("docs/privacy.md: retention of %s", name)
		}
	}
}
