package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/mi-telecom/mi-connect/infra/local/gateway"
	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/template"
	"github.com/mi-telecom/mi-connect/internal/apitest"
)

// templateRoutes are those of template.yaml, "GET /v1/me" -> the folder of its function.
func templateRoutes(t *testing.T) map[string]string {
	t.Helper()
	tpl, err := template.Load(filepath.Join(localtest.Root(t), "template.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := tpl.Tables()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		tpl.SetRef(table.ID, table.ID)
		tpl.SetAttribute(table.ID, "StreamArn", "arn:aws:dynamodb:eu-west-2:1:table/x/stream/y")
	}
	functions, problems, err := tpl.Functions()
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	folder := map[string]string{}
	for _, f := range functions {
		folder[f.ID] = strings.Trim(f.CodeURI, "/")
	}
	out := map[string]string{}
	for _, r := range gateway.Routes(functions) {
		if r.Path == "$default" { // what no route takes, and every function answers to with 404
			continue
		}
		out[r.Key()] = folder[r.Function]
	}
	return out
}

// documentRoutes are those of docs/api.yaml.
func documentRoutes(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(localtest.Root(t), "docs/api.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Paths map[string]map[string]any }
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	var out []string
	for path, item := range doc.Paths {
		for method := range item {
			if slices.Contains([]string{"get", "put", "post", "patch", "delete"}, method) {
				out = append(out, strings.ToUpper(method)+" "+path)
			}
		}
	}
	return out
}

// codeRoutes are the patterns that a function's code registers.
func codeRoutes(t *testing.T, folder string) (out []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(localtest.Root(t), folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			pattern, literal := call.Args[0].(*ast.BasicLit)
			if ok && literal && (method.Sel.Name == "Public" || method.Sel.Name == "Handle") {
				text, _ := strconv.Unquote(pattern.Value)
				out = append(out, text)
			}
			return true
		})
	}
	return out
}

// A route is in the template, in the code of the function it names, and in the document, or nowhere.
func TestARouteIsEverywhereOrNowhere(t *testing.T) {
	routes := templateRoutes(t)
	documented := documentRoutes(t)
	for _, r := range slices.Sorted(maps.Keys(routes)) {
		if !slices.Contains(documented, r) {
			t.Errorf("docs/api.yaml lacks %s", r)
		}
		if !slices.Contains(codeRoutes(t, routes[r]), r) {
			t.Errorf("%s does not serve %s", routes[r], r)
		}
	}
	for _, r := range documented {
		if routes[r] == "" {
			t.Errorf("template.yaml lacks %s, which docs/api.yaml describes", r)
		}
	}
	for _, folder := range slices.Compact(slices.Sorted(maps.Values(routes))) {
		for _, r := range codeRoutes(t, folder) {
			if routes[r] != folder {
				t.Errorf("template.yaml does not send %s to %s, which serves it", r, folder)
			}
		}
	}
	t.Logf("%d routes", len(routes))
}

func TestTheDocumentIsValid(t *testing.T) {
	if ok, errs := apitest.Document(t).ValidateDocument(); !ok {
		for _, e := range errs {
			t.Errorf("docs/api.yaml: %s: %s", e.Message, e.Reason)
			for _, s := range e.SchemaValidationErrors {
				t.Errorf("  line %d, %s: %s", s.Line, s.KeywordLocation, s.Reason)
			}
		}
	}
}

// The check of requests and answers finds what breaks the document.
func TestViolationsAreFound(t *testing.T) {
	header := map[string]string{"content-type": "application/json", "cache-control": "no-store"}
	register := apitest.Request{Method: "POST", Path: "/v1/register"}
	const body = `{"email":"a@b.example","password":"12345678","name":"x","company":"y"}`
	for name, c := range map[string]struct {
		r      apitest.Request
		body   string
		a      apitest.Answer
		broken bool
	}{
		"nothing":           {register, body, apitest.Answer{Status: 202, Header: header, Body: `{}`}, false},
		"a field too many":  {register, body, apitest.Answer{Status: 202, Header: header, Body: `{"id":1}`}, true},
		"a status too many": {register, body, apitest.Answer{Status: 418, Header: header, Body: `{}`}, true},
		"another type": {
			register, body,
			apitest.Answer{
				Status: 202, Header: map[string]string{"content-type": "text/html", "cache-control": "no-store"}, Body: `{}`,
			},
			true,
		},
		"no cache-control": {
			register, body,
			apitest.Answer{Status: 202, Header: map[string]string{"content-type": "application/json"}, Body: `{}`}, true,
		},
		"a problem without an id": {
			register, body,
			apitest.Answer{
				Status: 400, Header: map[string]string{"content-type": "application/problem+json", "cache-control": "no-store"},
				Body: `{"type":"urn:mi-connect:problem:x","title":"x","status":400}`,
			},
			true,
		},
		"a request too few": {
			register, `{"email":"a@b.example"}`, apitest.Answer{Status: 202, Header: header, Body: `{}`}, true,
		},
		"no such path": {
			apitest.Request{Method: "GET", Path: "/v1/nothing"}, "", apitest.Answer{Status: 404, Header: header, Body: `{}`},
			true,
		},
		"no bearer": {
			apitest.Request{Method: "GET", Path: "/v1/sites"}, "",
			apitest.Answer{Status: 200, Header: header, Body: `{"sites":[]}`}, true,
		},
	} {
		if found := apitest.Violations(t, c.r, c.body, c.a); (len(found) > 0) != c.broken {
			t.Errorf("%s: %v", name, found)
		}
	}
}
