package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/callgraph"
	"golang.org/x/tools/go/callgraph/cha"
	"golang.org/x/tools/go/callgraph/vta"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"
)

const module = "github.com/mi-telecom/mi-connect/"

// graph counts what a login goes through, and what the public function events could call of the store.
func graph(root string) ([]measure, error) {
	loaded, err := packages.Load(&packages.Config{Dir: root, Mode: packages.LoadAllSyntax}, "./functions/login", "./functions/events")
	if err != nil {
		return nil, err
	}
	if packages.PrintErrors(loaded) > 0 {
		return nil, errors.New("the packages have errors")
	}
	program, _ := ssautil.AllPackages(loaded, ssa.InstantiateGenerics)
	program.Build()
	functions := ssautil.AllFunctions(program)
	edges := vta.CallGraph(functions, cha.CallGraph(program))
	way := login(edges)
	if way == nil {
		return nil, errors.New("functions/login has no handler named login")
	}
	var of *packages.Package
	for _, p := range loaded {
		if strings.HasSuffix(p.PkgPath, "functions/events") {
			of = p
		}
	}
	return append(way, doors(of)), nil
}

// login follows the calls from the handler of POST /v1/login through our own code.
func login(edges *callgraph.Graph) []measure {
	var first *callgraph.Node
	for f, node := range edges.Nodes {
		if f != nil && f.Name() == "login" && f.Pkg != nil && f.Pkg.Pkg.Path() == module+"functions/login" && f.Signature.Recv() != nil {
			first = node
		}
	}
	if first == nil {
		return nil
	}
	seen, files, folders, returns := map[*callgraph.Node]bool{}, map[string]bool{}, map[string]bool{}, 0
	var walk func(*callgraph.Node)
	walk = func(n *callgraph.Node) {
		f := n.Func
		if seen[n] || f == nil || f.Pkg == nil || !strings.HasPrefix(f.Pkg.Pkg.Path(), module) || f.Syntax() == nil {
			return
		}
		seen[n] = true
		files[f.Prog.Fset.Position(f.Pos()).Filename], folders[f.Pkg.Pkg.Path()] = true, true
		ast.Inspect(f.Syntax(), func(n ast.Node) bool {
			if _, ok := n.(*ast.FuncLit); ok && n != f.Syntax() {
				return false
			}
			if _, ok := n.(*ast.ReturnStmt); ok {
				returns++
			}
			return true
		})
		for _, e := range n.Out {
			walk(e.Callee)
		}
	}
	walk(first)
	return []measure{
		{"a login: functions of ours it may go through", fmt.Sprint(len(seen))},
		{"a login: files, packages", fmt.Sprintf("%d, %d", len(files), len(folders))},
		{"a login: return statements", fmt.Sprint(returns)},
	}
}

// doors counts the methods of package store that events could call: those of each type of it that it names.
func doors(events *packages.Package) measure {
	methods := map[string]bool{}
	for _, v := range events.TypesInfo.Types {
		t := v.Type
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		named, ok := t.(*types.Named)
		if !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != module+"shared/store" {
			continue
		}
		set := types.NewMethodSet(types.NewPointer(named))
		for m := range set.Methods() {
			if m.Obj().Exported() {
				methods[named.Obj().Name()+"."+m.Obj().Name()] = true
			}
		}
	}
	return measure{"methods of the store that `events` could call", fmt.Sprint(len(methods))}
}
