package access

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

// mark stands in every hostile text, so that it is found wherever it should not be.
const mark = "Forged-By-Eve"

// hostile texts break what is written without care: a header, a page, a log line, a spreadsheet, a query.
var hostile = []string{
	"a\r\n" + mark + ": 1", "a\n{\"level\":\"ERROR\",\"message\":\"" + mark + "\"}", "<img src=x onerror=alert(1)>" + mark,
	mark + "\u202egnp.exe", mark + "\x00b",
	mark + "\u2028b", "😀" + mark, mark + strings.Repeat("x", 70_000), "'\"; DROP TABLE " + mark,
	"=cmd|' /C calc'!A0" + mark, "{{" + mark + "}}${" + mark + "}",
}

// hostileText sends every hostile text in every text field of every body, as somebody who may. None is a
// fault of ours, splits a header, or forges a line of a log.
func (w *world) hostileText() {
	sent, kept, total, routes := 0, 0, 0, 0
	for _, r := range w.rows {
		if len(r.text) == 0 {
			continue
		}
		routes++
		total += len(r.text)
		method, path, _ := strings.Cut(r.route, " ")
		path = strings.NewReplacer(
			"{id}", w.own[other], "{callbackId}", "c_0000000000", "{token}", "x", "{key}", "k_0000000000",
		).Replace(path)
		for _, name := range r.text {
			for _, bad := range hostile {
				body := map[string]any{}
				if r.body != nil {
					if given, ok := r.body(w).(map[string]any); ok {
						maps.Copy(body, given)
					}
				}
				for _, each := range r.text {
					if body[each] == nil {
						body[each] = "plain@example.com"
					}
				}
				body[name] = bad
				status, said, header := w.send(other, method, path, w.own[other], body)
				if status >= 500 || !json.Valid([]byte(said)) && said != "" {
					w.t.Errorf("%s with %q in %s: %d %.300s", r.route, bad[:min(len(bad), 40)], name, status, said)
				}
				for key, values := range header {
					if strings.Contains(key+strings.Join(values, ""), mark) {
						w.t.Errorf("%s with %q in %s: header %s: %q", r.route, bad[:min(len(bad), 40)], name, key, values)
					}
				}
				if status < 300 {
					kept++
				}
				sent++
			}
		}
	}
	lines := 0
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
	fmt.Printf(
		"access: %d hostile texts in %d text fields of %d routes: %d kept as text, no fault, no header split, none in %d "+
			"lines of logs\n",
		sent, total, routes, kept, lines,
	)
}
