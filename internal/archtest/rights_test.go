package archtest

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// What a method of package store may ask of DynamoDB is read from its source: every request begins as a literal of one
// of the SDK's types, which says what is done, and names its table by a field of the client. Calls are followed with
// what is known of their arguments, so that a helper such as put does what its caller has it do.

// right is one request that a method may make, as the judge of the local run reads it (infra/local/iam).
type right struct{ action, table, index, pk, expression string }

func (r right) String() string {
	text := r.action + " " + r.table
	if r.index != "" {
		text += "/" + r.index
	}
	if r.pk != "" {
		text += " of " + r.pk
	}
	return text
}

// request is what is sent for r. What is not known of it is a value that no condition allows.
func (r right) request(tableName string) (operation string, body []byte) {
	const unknown = "unknown"
	pk := strings.TrimSuffix(r.pk, "*")
	if pk == "" {
		pk = unknown
	}
	text := func(s string) map[string]any { return map[string]any{"S": s} }
	call := map[string]any{"TableName": tableName, "Key": map[string]any{"pk": text(pk), "sk": text(unknown)}}
	if r.index != "" {
		call["IndexName"] = r.index
	}
	names := map[string]string{}
	for _, name := range regexp.MustCompile(`#\w+`).FindAllString(r.expression, -1) {
		names[name] = name[1:]
	}
	call["ExpressionAttributeNames"], call["UpdateExpression"] = names, unknown
	if r.expression != "" && !strings.Contains(r.expression, "*") {
		call["UpdateExpression"] = r.expression
	}
	operation = r.action
	switch r.action {
	case "ConditionCheckItem":
		operation = "TransactWriteItems"
		call = map[string]any{"TransactItems": []any{map[string]any{"ConditionCheck": call}}}
	case "BatchGetItem":
		call = map[string]any{"RequestItems": map[string]any{tableName: map[string]any{"Keys": []any{call["Key"]}}}}
	case "BatchWriteItem":
		remove := map[string]any{"DeleteRequest": map[string]any{"Key": call["Key"]}}
		call = map[string]any{"RequestItems": map[string]any{tableName: []any{remove}}}
	}
	body, _ = json.Marshal(call)
	return operation, body
}

// asks says which right a literal of one of the SDK's types takes.
var asks = map[string]string{
	"GetItemInput": "GetItem", "PutItemInput": "PutItem", "UpdateItemInput": "UpdateItem", "DeleteItemInput": "DeleteItem",
	"QueryInput": "Query", "ScanInput": "Scan",
	"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem",
	"KeysAndAttributes": "BatchGetItem", "WriteRequest": "BatchWriteItem",
}

// reader follows the code of package store.
type reader struct {
	pkg     *packages.Package
	bodies  map[*types.Func]*ast.FuncDecl
	unclear []string
}

func newReader(p *packages.Package) *reader {
	r := &reader{pkg: p, bodies: map[*types.Func]*ast.FuncDecl{}}
	for _, f := range p.Syntax {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
				r.bodies[p.TypesInfo.Defs[d.Name].(*types.Func)] = d
			}
		}
	}
	return r
}

// rights are those that a call of f may take.
func (r *reader) rights(f *types.Func) []right {
	found := map[right]bool{}
	r.follow(f, known{}, found, nil)
	return slices.SortedFunc(maps.Keys(found), func(a, b right) int {
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
}

func (r *reader) follow(f *types.Func, args known, found map[right]bool, path []*types.Func) {
	d := r.bodies[f]
	if d == nil || slices.Contains(path, f) {
		return
	}
	path = append(path, f)
	ast.Inspect(d.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			r.literal(n, d, args, found)
		case *ast.AssignStmt:
			r.assigned(n, d, args, found)
		case *ast.CallExpr:
			if callee := r.callee(n); callee != nil {
				r.follow(callee, r.pass(callee, n, d, args), found, path)
			}
		}
		return true
	})
}

func (r *reader) callee(n *ast.CallExpr) *types.Func {
	var name *ast.Ident
	switch f := ast.Unparen(n.Fun).(type) {
	case *ast.Ident:
		name = f
	case *ast.SelectorExpr:
		name = f.Sel
	default:
		return nil
	}
	f, _ := r.pkg.TypesInfo.Uses[name].(*types.Func)
	if f == nil || f.Pkg() != r.pkg.Types {
		return nil
	}
	return f
}

// pass is what is known of a callee's parameters.
func (r *reader) pass(callee *types.Func, n *ast.CallExpr, in *ast.FuncDecl, args known) known {
	out := known{}
	parameters := callee.Signature().Params()
	for i := range min(parameters.Len(), len(n.Args)) {
		if callee.Signature().Variadic() && i == parameters.Len()-1 {
			break
		}
		if at := parameters.At(i); interesting(at.Type()) {
			out[at] = r.values(n.Args[i], in, args)
		}
	}
	return out
}

// kind is the name of one of the SDK's types that take a right.
func kind(t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if p := t.Obj().Pkg(); p != nil && strings.HasPrefix(p.Path(), "github.com/aws/aws-sdk-go-v2/service/dynamodb") {
			return t.Obj().Name()
		}
	case *types.Slice:
		return kind(t.Elem())
	}
	return ""
}

func (r *reader) literal(n *ast.CompositeLit, in *ast.FuncDecl, args known, found map[right]bool) {
	t := r.pkg.TypesInfo.TypeOf(n)
	if m, ok := t.Underlying().(*types.Map); ok { // the tables of a batch
		if action := asks[kind(m.Elem())]; strings.HasPrefix(action, "Batch") {
			for _, e := range n.Elts {
				r.add(right{action: action}, e.(*ast.KeyValueExpr).Key, in, args, found)
			}
		}
		return
	}
	action := asks[kind(t)]
	fields := map[string]ast.Expr{}
	for _, e := range n.Elts {
		if e, ok := e.(*ast.KeyValueExpr); ok {
			if name, ok := e.Key.(*ast.Ident); ok {
				fields[name.Name] = e.Value
			}
		}
	}
	if action == "" || fields["TableName"] == nil {
		return // the table comes by an assignment
	}
	base := right{action: action, expression: strings.Join(r.values(fields["UpdateExpression"], in, args), " ")}
	keys := r.values(fields["Key"], in, args)
	if fields["Item"] != nil {
		keys = r.values(fields["Item"], in, args)
	}
	indexes := []string{""}
	if fields["IndexName"] != nil {
		if indexes = r.values(fields["IndexName"], in, args); indexes == nil {
			r.unclear = append(r.unclear, r.where(n)+": which index?")
		}
	}
	if action == "Scan" || len(keys) == 0 || action == "GetItem" {
		keys = []string{""}
	}
	if action == "Query" && fields["IndexName"] == nil {
		if of := r.values(partitionOf(fields["ExpressionAttributeValues"]), in, args); len(of) > 0 {
			keys = of
		}
	}
	for _, base.index = range indexes {
		for _, base.pk = range keys {
			r.add(base, fields["TableName"], in, args, found)
		}
	}
}

// partitionOf is the value ":pk" of a query's values, nil where there is none.
func partitionOf(values ast.Expr) ast.Expr {
	if literal, ok := values.(*ast.CompositeLit); ok {
		for _, e := range literal.Elts {
			pair, _ := e.(*ast.KeyValueExpr)
			if name, ok := pair.Key.(*ast.BasicLit); ok && name.Value == `":pk"` {
				return pair.Value
			}
		}
	}
	return nil
}

// assigned finds the tables and indexes that are set after the literal.
func (r *reader) assigned(n *ast.AssignStmt, in *ast.FuncDecl, args known, found map[right]bool) {
	for i, left := range n.Lhs {
		field, ok := left.(*ast.SelectorExpr)
		if !ok || len(n.Rhs) != len(n.Lhs) {
			continue
		}
		base := right{action: asks[kind(r.pkg.TypesInfo.TypeOf(field.X))]}
		switch {
		case base.action == "":
		case field.Sel.Name == "TableName":
			r.add(base, n.Rhs[i], in, args, found)
		case field.Sel.Name == "IndexName":
			for _, base.index = range r.values(n.Rhs[i], in, args) {
				table := r.tableOf(field.X, in)
				r.add(base, table, in, args, found)
			}
		}
	}
}

// tableOf is the table of the literal that a variable began as.
func (r *reader) tableOf(variable ast.Expr, in *ast.FuncDecl) (table ast.Expr) {
	name, _ := variable.(*ast.Ident)
	ast.Inspect(in, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if ok && name != nil && len(a.Rhs) == 1 && r.pkg.TypesInfo.Defs[firstName(a)] == r.pkg.TypesInfo.Uses[name] {
			ast.Inspect(a.Rhs[0], func(n ast.Node) bool {
				if e, ok := n.(*ast.KeyValueExpr); ok && fmt.Sprint(e.Key) == "TableName" {
					table = e.Value
				}
				return true
			})
		}
		return true
	})
	return table
}

func firstName(a *ast.AssignStmt) *ast.Ident {
	name, _ := a.Lhs[0].(*ast.Ident)
	return name
}

func (r *reader) add(base right, table ast.Expr, in *ast.FuncDecl, args known, found map[right]bool) {
	if s, ok := table.(*ast.SelectorExpr); ok && s.Sel.Name == "TableName" {
		switch kind(r.pkg.TypesInfo.TypeOf(s.X)) {
		case "Put", "Update": // a write of a transaction that is made on its own: it was found where it was written
			return
		}
	}
	tables := r.values(table, in, args)
	if len(tables) == 0 {
		r.unclear = append(r.unclear, r.where(table)+": which table?")
	}
	for _, base.table = range tables {
		found[base] = true
	}
}

func (r *reader) where(n ast.Node) string {
	if n == nil || n == ast.Expr(nil) {
		return "somewhere"
	}
	p := r.pkg.Fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}
