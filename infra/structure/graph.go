package main

import (
	"errors"
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/callgraph/cha"
	"golang.org/x/tools/go/callgraph/vta"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"
)

const module = "github.com/mi-telecom/mi-connect/"

// graph counts what a login goes through, and what the public function events could call of the store.
func graph(root string) ([]measure, error) {
	config := &packages.Config{Dir: root, Mode: packages.LoadAllSyntax}
	loaded, err := packages.Load(config, "./functions/login", "./functions/events")
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
	handler := handlerOf(edges, "functions/login", "POST /v1/login")
	if handler == nil {
		return nil, errors.New("functions/login serves no POST /v1/login")
	}
	var of *packages.Package
	for _, p := range loaded {
		if strings.HasSuffix(p.PkgPath, "functions/events") {
			of = p
		}
	}
	return append(follow(handler).measures(), doors(of)), nil
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
