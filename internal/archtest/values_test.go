package archtest

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// known is what is known of the parameters of a call: the tables, texts or partition keys that they may be.
type known map[types.Object][]string

// interesting are the types of a table, a text and an item.
func interesting(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Kind() == types.String
	case *types.Pointer:
		return interesting(t.Elem())
	case *types.Map:
		return true
	}
	return false
}

// values are what an expression may be, as far as the source tells: a table's field, a text ("C#*" where only its
// beginning is known) or, of an item or a key, its partition key.
func (r *reader) values(e ast.Expr, in *ast.FuncDecl, args known) []string {
	if e == nil {
		return nil
	}
	if v := r.pkg.TypesInfo.Types[e]; v.Value != nil && v.Value.Kind() == constant.String {
		return []string{constant.StringVal(v.Value)}
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.StarExpr:
		return r.values(e.X, in, args)
	case *ast.SelectorExpr:
		if s := r.pkg.TypesInfo.Selections[e]; s != nil && s.Kind() == types.FieldVal && s.Type().String() == "*string" {
			return []string{e.Sel.Name}
		}
	case *ast.Ident:
		object := r.pkg.TypesInfo.Uses[e]
		if values, ok := args[object]; ok {
			return values
		}
		return r.local(object, in, args)
	case *ast.BinaryExpr:
		return joined(r.values(e.X, in, args), r.values(e.Y, in, args))
	case *ast.CompositeLit:
		var out []string
		for _, element := range e.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); !ok {
				out = append(out, r.values(element, in, args)...)
			} else if k := r.values(pair.Key, in, nil); slices.Equal(k, []string{"pk"}) {
				return r.values(pair.Value, in, args)
			}
		}
		return out
	case *ast.CallExpr:
		return r.result(e, 0, in, args)
	}
	return nil
}

func joined(left, right []string) (out []string) {
	for _, l := range left {
		for _, r := range append(right, slices.Repeat([]string{"*"}, min(1, max(0, 1-len(right))))...) {
			out = append(out, strings.TrimSuffix(l, "*")+r)
		}
	}
	return out
}

// result is what a call may return at a place.
func (r *reader) result(e *ast.CallExpr, place int, in *ast.FuncDecl, args known) (out []string) {
	callee := r.callee(e)
	if callee == nil {
		if s, ok := e.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "String" && len(e.Args) == 1 { // aws.String
			return r.values(e.Args[0], in, args)
		}
		return nil
	}
	if (callee.Name() == "str" || callee.Name() == "key") && len(e.Args) > 0 {
		return r.values(e.Args[0], in, args)
	}
	d := r.bodies[callee]
	if d == nil {
		return nil
	}
	with := r.pass(callee, e, in, args)
	ast.Inspect(d.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if place < len(n.Results) {
				out = append(out, r.values(n.Results[place], d, with)...)
			}
		}
		return true
	})
	return out
}

// local is what a local variable may be that is set where it is declared.
func (r *reader) local(object types.Object, in *ast.FuncDecl, args known) (out []string) {
	if object == nil || in == nil {
		return nil
	}
	args = maps.Clone(args)
	args[object] = nil // what it was before it is made of itself
	ast.Inspect(in, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				name, ok := left.(*ast.Ident)
				if !ok || r.pkg.TypesInfo.ObjectOf(name) != object {
					continue
				}
				if len(n.Rhs) == len(n.Lhs) {
					if n.Tok == token.ADD_ASSIGN {
						out = joined(out, r.values(n.Rhs[i], in, args))
						continue
					}
					out = append(out, r.values(n.Rhs[i], in, args)...)
				} else if call, ok := n.Rhs[0].(*ast.CallExpr); ok {
					out = append(out, r.result(call, i, in, args)...)
				}
			}
		case *ast.RangeStmt:
			if name, ok := n.Value.(*ast.Ident); ok && r.pkg.TypesInfo.Defs[name] == object {
				out = append(out, r.values(n.X, in, args)...)
			}
		}
		return true
	})
	return out
}
