package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"slices"
	"strings"

	"golang.org/x/tools/go/callgraph"
	"golang.org/x/tools/go/ssa"
)

// A way is what a request may go through in our own code: each function once, in the order of the calls, as somebody
// reads it who opens each callee where it is called first. A file is a room, and a stay in it lasts until the next
// function is in another file.
type way struct {
	seen            map[*callgraph.Node]bool
	passed          map[*ssa.Function]bool
	files, packages map[string]bool
	last            string // file
	functions       int
	requests        int // functions that are handed the HTTP request
	stays           int
	returns         int // statements
}

// handlerOf finds the function that is registered for a route: a method, or the literal that calls it.
func handlerOf(edges *callgraph.Graph, folder, route string) *callgraph.Node {
	for f := range edges.Nodes {
		if f == nil || f.Pkg == nil || f.Pkg.Pkg.Path() != module+folder {
			continue
		}
		for _, b := range f.Blocks {
			for _, i := range b.Instrs {
				if call, ok := i.(*ssa.Call); ok && registers(call, route) {
					return edges.Nodes[functionOf(call.Call.Args[len(call.Call.Args)-1])]
				}
			}
		}
	}
	return nil
}

func registers(call *ssa.Call, route string) bool {
	return slices.ContainsFunc(call.Call.Args, func(v ssa.Value) bool {
		c, ok := v.(*ssa.Const)
		return ok && c.Value != nil && c.Value.Kind() == constant.String && constant.StringVal(c.Value) == route
	})
}

func functionOf(v ssa.Value) *ssa.Function {
	switch v := v.(type) {
	case *ssa.ChangeType:
		return functionOf(v.X)
	case *ssa.MakeClosure:
		return v.Fn.(*ssa.Function)
	case *ssa.Function:
		return v
	}
	return nil
}

// follow reads from a handler to its answer.
func follow(handler *callgraph.Node) *way {
	w := &way{
		seen: map[*callgraph.Node]bool{}, passed: map[*ssa.Function]bool{},
		files: map[string]bool{}, packages: map[string]bool{},
	}
	w.read(handler)
	return w
}

func (w *way) read(n *callgraph.Node) {
	f := n.Func
	if w.seen[n] || f == nil {
		return
	}
	ours := f.Pkg != nil && strings.HasPrefix(f.Pkg.Pkg.Path(), module) && f.Syntax() != nil
	if !ours && f.Synthetic == "" { // a synthetic one only leads on, such as a bound method
		return
	}
	w.seen[n], w.passed[f] = true, true
	if ours {
		w.count(f)
	}
	calls := slices.Clone(n.Out)
	slices.SortStableFunc(calls, func(a, b *callgraph.Edge) int {
		return cmp.Or(cmp.Compare(a.Pos(), b.Pos()), cmp.Compare(a.Callee.Func.String(), b.Callee.Func.String()))
	})
	for _, c := range calls {
		// Whatever runs literals, such as a retry, could run all that anybody gives it: only those on the way count.
		if made := c.Callee.Func.Parent(); made == nil || w.passed[made] {
			w.read(c.Callee)
		}
	}
}

func (w *way) count(f *ssa.Function) {
	file := f.Prog.Fset.Position(f.Pos()).Filename
	if file != w.last {
		w.stays++
	}
	w.functions, w.last = w.functions+1, file
	if slices.ContainsFunc(f.Params, func(p *ssa.Parameter) bool { return p.Type().String() == "*net/http.Request" }) {
		w.requests++
	}
	w.files[file], w.packages[f.Pkg.Pkg.Path()] = true, true
	ast.Inspect(f.Syntax(), func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok && n != f.Syntax() {
			return false // counted as a function of its own
		}
		if _, ok := n.(*ast.ReturnStmt); ok {
			w.returns++
		}
		return true
	})
}

func (w *way) measures() []measure {
	return []measure{
		{"a login: functions of ours it may go through", fmt.Sprint(w.functions)},
		{"a login: those that are handed the request itself", fmt.Sprint(w.requests)},
		{"a login: files, packages", fmt.Sprintf("%d, %d", len(w.files), len(w.packages))},
		{"a login: return statements", fmt.Sprint(w.returns)},
		{"a login, read in the order of its calls: stays in a file", fmt.Sprint(w.stays)},
		{"a login: returns to a file that was left", fmt.Sprint(w.stays - len(w.files))},
	}
}
