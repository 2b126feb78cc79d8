// Package gateway is the HTTP API in front of the functions: it turns requests into events of payload
// format 2.0 and answers into responses, and answers for CORS, as API Gateway does.
package gateway

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// Route is a method and path that a function serves.
type Route struct {
	Method   string // "ANY" for all
	Path     string // "$default" for whatever no other route takes
	Function string // logical id
	// Refused says why requests cannot be served here; they are answered with 501.
	Refused string
}

// Key is the route as API Gateway writes it: "GET /v1/sites/{id}".
func (r Route) Key() string {
	if r.Path == "$default" {
		return r.Path
	}
	return r.Method + " " + r.Path
}

// Routes gives the routes of the functions' events.
func Routes(functions []template.Function) []Route {
	var out []Route
	for _, f := range functions {
		for _, e := range f.EventSources {
			if e.Type != "HttpApi" {
				continue
			}
			r := Route{
				Method: strings.ToUpper(template.String(e.Properties["Method"])), Path: template.String(e.Properties["Path"]),
				Function: f.ID,
			}
			if r.Method == "" || r.Method == "*" || r.Method == "X-AMAZON-APIGATEWAY-ANY-METHOD" {
				r.Method = "ANY"
			}
			if r.Path == "" {
				r.Path = "$default"
			}
			if e.Properties["Auth"] != nil {
				r.Refused = "its authorizer does not run here"
			}
			if v := template.String(e.Properties["PayloadFormatVersion"]); v != "" && v != "2.0" {
				r.Refused = "payload format " + v + " is not made here"
			}
			out = append(out, r)
		}
	}
	return out
}

// match finds the route for a request: the most specific path of those that take the method.
func match(routes []Route, method, escapedPath string) (best Route, parameters map[string]string, ok bool) {
	asked := strings.Split(strings.TrimPrefix(escapedPath, "/"), "/")
	rank := ""
	for _, r := range routes {
		if r.Method != "ANY" && r.Method != method {
			continue
		}
		got, found, fits := fit(r, asked)
		if fits && (!ok || got > rank) {
			best, parameters, rank, ok = r, found, got, true
		}
	}
	return best, parameters, ok
}

// fit compares a route's path with the segments asked for. The rank orders routes: a literal segment
// comes before a variable, that before a greedy one, a named method before ANY, $default last.
func fit(r Route, asked []string) (rank string, parameters map[string]string, ok bool) {
	method := "1"
	if r.Method == "ANY" {
		method = "0"
	}
	if r.Path == "$default" {
		return "", nil, true
	}
	parameters = map[string]string{}
	segments := strings.Split(strings.TrimPrefix(r.Path, "/"), "/")
	for i, s := range segments {
		if i >= len(asked) {
			return "", nil, false
		}
		name, variable := strings.CutPrefix(s, "{")
		name = strings.TrimSuffix(name, "}")
		if greedy, is := strings.CutSuffix(name, "+"); variable && is {
			rest := strings.Join(asked[i:], "/")
			if rest == "" {
				return "", nil, false
			}
			parameters[greedy] = unescape(rest)
			return rank + "1" + method, parameters, true
		}
		switch {
		case variable && asked[i] != "":
			parameters[name] = unescape(asked[i])
			rank += "2"
		case !variable && s == unescape(asked[i]):
			rank += "3"
		default:
			return "", nil, false
		}
	}
	return rank + method, parameters, len(segments) == len(asked)
}

func unescape(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

// Check names routes that two functions claim.
func Check(routes []Route) []string {
	var problems []string
	owner := map[string]string{}
	for _, r := range routes {
		if before, taken := owner[r.Key()]; taken {
			problems = append(problems, fmt.Sprintf("%s is a route of %s and of %s", r.Key(), before, r.Function))
		}
		owner[r.Key()] = r.Function
		if r.Refused != "" {
			problems = append(problems, r.Key()+": "+r.Refused)
		}
	}
	return problems
}
