package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"golang.org/x/tools/go/callgraph/cha"
	"golang.org/x/tools/go/callgraph/vta"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"
)

// The calls cross from a.go to b.go and come back for a function there; what is only reached from another route, and
// what was read before, does not count.
var wayFiles = map[string]string{
	"a.go": `package login
type app struct{}
func (app) Public(route string, h func() error) {}
type handlers struct{}
func (h handlers) routes(a app) {
	a.Public("POST /v1/other", h.other)
	a.Public("POST /v1/login", func() error { return h.login() })
}
func (handlers) login() error {
	if err := check(); err != nil {
		return err
	}
	back()
	return check()
}
func back() {}
func Start() { handlers{}.routes(app{}) }
`,
	"b.go": `package login
func check() error { return again(func() error { return nil }) }
func again(f func() error) error { return f() }
func (handlers) other() error { return again(func() error { return nil }) }
`,
}

func TestAWayIsReadInTheOrderOfItsCalls(t *testing.T) {
	set := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range []string{"a.go", "b.go"} {
		f, err := parser.ParseFile(set, name, wayFiles[name], 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	login := types.NewPackage(module+"functions/login", "login")
	pkg, _, err := ssautil.BuildPackage(&types.Config{}, set, login, parsed, ssa.InstantiateGenerics)
	if err != nil {
		t.Fatal(err)
	}
	edges := vta.CallGraph(ssautil.AllFunctions(pkg.Prog), cha.CallGraph(pkg.Prog))
	for route, want := range map[string]way{
		// The literal and login in a.go; check, again and check's literal in b.go; back in a.go.
		"POST /v1/login": {functions: 6, stays: 3, returns: 6},
		"POST /v1/other": {functions: 3, stays: 1, returns: 3},
	} {
		handler := handlerOf(edges, "functions/login", route)
		if handler == nil {
			t.Fatalf("%s: no handler", route)
		}
		w := follow(handler)
		if w.functions != want.functions || w.stays != want.stays || w.returns != want.returns {
			t.Errorf("%s: %d functions, %d stays, %d returns; want %+v", route, w.functions, w.stays, w.returns, want)
		}
	}
	if handlerOf(edges, "functions/login", "POST /v1/nothing") != nil {
		t.Error("a handler of a route that is not served")
	}
}
