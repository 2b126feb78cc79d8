package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/mi-telecom/mi-connect/internal/contract"
)

const (
	beginMark = "# Generated from docs/api.yaml by `make generate`:"
	endMark   = "# End of what is generated."
)

var codeURI = regexp.MustCompile(`^ +CodeUri: functions/([a-z-]+)/$`)

// template returns template.yaml with the events of every function between its two marks replaced.
func template(text []byte, operations []contract.Operation) ([]byte, error) {
	var out []string
	function, inside := "", false
	done := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if m := codeURI.FindStringSubmatch(line); m != nil {
			function = m[1]
		}
		mark := strings.TrimSpace(line)
		switch {
		case mark == beginMark && !inside:
			inside, done[function] = true, true
			out = append(out, line)
			indent := line[:strings.IndexByte(line, '#')]
			for _, o := range operations {
				if o.Function == function {
					out = append(out, indent+event(o))
				}
			}
		case mark == endMark && inside:
			inside = false
			out = append(out, line)
		case !inside:
			out = append(out, line)
		}
	}
	if inside {
		return nil, fmt.Errorf("template.yaml: %q is missing", endMark)
	}
	for _, o := range operations {
		if !done[o.Function] {
			return nil, fmt.Errorf("template.yaml: no function %s with the mark %q, for %s", o.Function, beginMark, o.Key())
		}
	}
	return []byte(strings.Join(out, "\n") + "\n"), nil
}

// event is a route of the HTTP API, named for the operation.
func event(o contract.Operation) string {
	path := o.Path
	if strings.ContainsRune(path, '{') {
		path = `"` + path + `"`
	}
	return fmt.Sprintf("%s%s: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: %s, Path: %s}}",
		strings.ToUpper(o.ID[:1]), o.ID[1:], o.Method, path)
}
