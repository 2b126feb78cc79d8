package access

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
)

// mark stands in every hostile text, so that it is found wherever it should not be.
const mark = "Forged-By-Eve"

// hostile texts break what is written without care: a header, a page, a log line, a spreadsheet, a query.
var hostile = []string{
	"a\r\n" + mark + ": 1", "a\n{\"level\":\"ERROR\",\"message\":\"" + mark + "\"}", "<img src=x onerror=alert(1)>" + mark, mark + "\u202egnp.exe", mark + "\x00b",
	mark + "\u2028b", "😀" + mark, mark + strings.Repeat("x", 70_000), "'\"; DROP TABLE " + mark, "=cmd|' /C calc'!A0" + mark, "{{" + mark + "}}${" + mark + "}",
}

type schema map[string]any

// textFields are the fields of a route's body that docs/api.yaml calls strings.
func textFields(w *world) map[string][]string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(localtest.Root(w.t), "docs/api.yaml"))
	if err != nil {
		w.t.Fatal(err)
	}
	var api struct {
		Paths      map[string]map[string]any
		Components struct{ Schemas map[string]schema }
	}
	if err := yaml.Unmarshal(text, &api); err != nil {
		w.t.Fatal(err)
	}
	out := map[string][]string{}
	for path, operations := range api.Paths {
		for method, operation := range operations {
			o, ok := operation.(map[string]any)
			if !ok {
				continue
			}
			body, _ := o["requestBody"].(map[string]any)
			content, _ := body["content"].(map[string]any)
			for _, media := range content {
				m, _ := media.(map[string]any)
				s, _ := m["schema"].(map[string]any)
				if ref, _ := s["$ref"].(string); ref != "" {
					s = api.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")]
				}
				fields, _ := s["properties"].(map[string]any)
				for name, field := range fields {
					if f, _ := field.(map[string]any); f["type"] == "string" || f["$ref"] != nil {
						route := strings.ToUpper(method) + " " + path
						out[route] = append(out[route], name)
					}
				}
			}
		}
	}
	return out
}

// hostileText sends every hostile text in every text field of every body, as somebody who may. None is a
// fault of ours, splits a header, or forges a line of a log.
func (w *world) hostileText() {
	fields, sent, kept := textFields(w), 0, 0
	rows := map[string]row{}
	for _, r := range matrix {
		rows[r.route] = r
	}
	for _, route := range slices.Sorted(maps.Keys(fields)) {
		r := rows[route]
		method, path, _ := strings.Cut(route, " ")
		path = strings.NewReplacer("{id}", w.own[other], "{callbackId}", "c_0000000000", "{token}", "x", "{key}", "k_0000000000").Replace(path)
		for _, name := range fields[route] {
			for _, bad := range hostile {
				body := map[string]any{}
				if r.body != nil {
					if given, ok := r.body(w).(map[string]any); ok {
						maps.Copy(body, given)
					}
				}
				for _, each := range fields[route] {
					if body[each] == nil {
						body[each] = "plain@example.com"
					}
				}
				body[name] = bad
				status, said, header := w.send(other, method, path, w.own[other], body)
				if status >= 500 || !json.Valid([]byte(said)) && said != "" {
					w.t.Errorf("%s with %q in %s: %d %.300s", route, bad[:min(len(bad), 40)], name, status, said)
				}
				for key, values := range header {
					if strings.Contains(key+strings.Join(values, ""), mark) {
						w.t.Errorf("%s with %q in %s: header %s: %q", route, bad[:min(len(bad), 40)], name, key, values)
					}
				}
				if status < 300 {
					kept++
				}
				sent++
			}
		}
	}
	lines, total := 0, 0
	for _, list := range fields {
		total += len(list)
	}
	logs, err := filepath.Glob(filepath.Join(w.data, "logs", "*.log"))
	if err != nil || len(logs) == 0 {
		w.t.Fatal(logs, err)
	}
	for _, file := range logs {
		text, err := os.ReadFile(file)
		if err != nil {
			w.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			lines++
			if strings.Contains(line, mark) {
				w.t.Errorf("%s: %.300s", filepath.Base(file), line)
			}
		}
	}
	if sent < 500 || kept < 20 || lines < sent {
		w.t.Errorf("%d texts sent, %d kept, %d lines of logs: that tells nothing", sent, kept, lines)
	}
	fmt.Printf("access: %d hostile texts in %d text fields of %d routes: %d kept as text, no fault, no header split, none in %d lines of logs\n", sent, total, len(fields), kept, lines)
}
