package archtest

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"

	"github.com/mi-telecom/mi-connect/infra/local/iam"
	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// house is the code of package store and of all that opens its doors.
type house struct {
	store  *packages.Package
	others []*packages.Package
	doors  map[*types.TypeName][]*types.Func // exported methods by door
}

func loadHouse(t *testing.T, root string, planted map[string][]byte, patterns ...string) house {
	t.Helper()
	how := &packages.Config{Dir: root, Mode: packages.LoadSyntax, Overlay: planted}
	loaded, err := packages.Load(how, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	h := house{doors: map[*types.TypeName][]*types.Func{}}
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			t.Fatal(p.Errors)
		}
		if p.PkgPath == module+"shared/store" {
			h.store = p
		} else {
			h.others = append(h.others, p)
		}
	}
	scope := h.store.Types.Scope()
	client := types.NewPointer(scope.Lookup("client").Type())
	for _, name := range scope.Names() {
		of, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || name == "DB" {
			continue
		}
		s, ok := of.Type().Underlying().(*types.Struct)
		if ok && s.NumFields() == 1 && types.Identical(s.Field(0).Type(), client) {
			h.doors[of] = nil
			for m := range types.NewMethodSet(of.Type()).Methods() {
				if f := m.Obj().(*types.Func); f.Exported() {
					h.doors[of] = append(h.doors[of], f)
				}
			}
		}
	}
	return h
}

// key names a type or a method of package store, which the packages that import it have from elsewhere.
func key(o types.Object) string {
	if f, ok := o.(*types.Func); ok && f.Signature().Recv() != nil {
		return types.TypeString(f.Signature().Recv().Type(), nil) + "." + f.Name()
	}
	if o.Pkg() == nil {
		return o.Name()
	}
	return o.Pkg().Path() + "." + o.Name()
}

// opened are the doors that a package opens: every conversion to the type of one.
func (h house) opened(p *packages.Package) (out []*types.TypeName) {
	byName := map[string]*types.TypeName{}
	for d := range h.doors {
		byName[key(d)] = d
	}
	for _, f := range p.Syntax {
		ast.Inspect(f, func(n ast.Node) bool {
			var of ast.Expr
			switch n := n.(type) {
			case *ast.CallExpr:
				of = n.Fun
			case *ast.CompositeLit: // store.Sites{}, which is none
				of = n.Type
			}
			if s, ok := of.(*ast.SelectorExpr); ok {
				if name, ok := p.TypesInfo.Uses[s.Sel].(*types.TypeName); ok && byName[key(name)] != nil {
					out = append(out, byName[key(name)])
				}
			}
			return true
		})
	}
	return out
}

// called are the methods that a function calls, itself or by a package of ours that it hands a door to.
func (h house) called(p *packages.Package) map[string]bool {
	out, seen := map[string]bool{}, map[string]bool{}
	byPath := map[string]*packages.Package{}
	for _, o := range h.others {
		byPath[o.PkgPath] = o
	}
	var visit func(*packages.Package)
	visit = func(p *packages.Package) {
		if p == nil || seen[p.PkgPath] {
			return
		}
		seen[p.PkgPath] = true
		for _, o := range p.TypesInfo.Uses {
			if f, ok := o.(*types.Func); ok && f.Pkg() != nil && f.Pkg().Path() == h.store.PkgPath {
				out[key(f)] = true
			}
		}
		for path := range p.Imports {
			visit(byPath[path])
		}
	}
	visit(p)
	return out
}

// misfits are the doors that do not fit who opens them.
func (h house) misfits(t *testing.T, root string) (out []string, pairs int) {
	t.Helper()
	some := map[string]string{"MailFrom": "no-reply@example.com", "PrivacyEmail": "privacy@example.com"} // any will do
	declared, err := template.Load(filepath.Join(root, "template.yaml"), some)
	if err != nil {
		t.Fatal(err)
	}
	functions, _, err1 := declared.Functions()
	tables, err2 := declared.Tables()
	guard, err3 := iam.New(functions, tables, nil, nil)
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	r := newReader(h.store)
	needs := map[*types.Func][]right{}
	for door, methods := range h.doors {
		for _, m := range methods {
			if needs[m] = r.rights(m); len(needs[m]) == 0 {
				out = append(out, fmt.Sprintf("%s.%s asks nothing of the database: it belongs on no door", door.Name(), m.Name()))
			}
		}
	}
	out = append(out, r.unclear...)
	for _, p := range h.others {
		folder, _ := ours(p.PkgPath)
		opened := h.opened(p)
		at := slices.IndexFunc(functions, func(f template.Function) bool { return strings.Trim(f.CodeURI, "/") == folder })
		if len(opened) > 0 && at < 0 {
			out = append(out, fmt.Sprintf("%s opens %s: only a function's main knows what it may", folder, opened[0].Name()))
		}
		if at < 0 {
			continue
		}
		called := h.called(p)
		for _, door := range opened {
			if !slices.ContainsFunc(h.doors[door], func(m *types.Func) bool { return called[key(m)] }) {
				out = append(out, fmt.Sprintf("%s opens %s and calls nothing of it", folder, door.Name()))
			}
			for _, m := range h.doors[door] {
				for _, need := range needs[m] {
					pairs++
					if why := refused(t, guard, functions[at], tables, need); why != "" {
						out = append(out, fmt.Sprintf("%s opens %s, whose %s takes %s: %s", folder, door.Name(), m.Name(), need, why))
					}
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(set(out))), pairs
}

func set(list []string) map[string]bool {
	out := map[string]bool{}
	for _, s := range list {
		out[s] = true
	}
	return out
}

// refused says why a function could not make a request, "" if it can.
func refused(t *testing.T, guard *iam.Guard, f template.Function, tables []template.Table, need right) string {
	t.Helper()
	if f.Env[strings.ToUpper(need.table)+"_TABLE"] == "" {
		return "its environment does not name the table"
	}
	id := strings.ToUpper(need.table[:1]) + need.table[1:] + "Table"
	at := slices.IndexFunc(tables, func(t template.Table) bool { return t.ID == id })
	if at < 0 {
		return "there is no " + id
	}
	operation, body := need.request(tables[at].Name)
	allowed, err := guard.Allows(f.ID, operation, body)
	if err != nil {
		t.Fatal(err)
	}
	if !allowed {
		return "its policy does not allow it"
	}
	return ""
}

// TestDoorsFitTheirFunctions: every method of every door that a function opens is one that its policy in the template
// allows, so that what a function can call is what it may.
func TestDoorsFitTheirFunctions(t *testing.T) {
	root := localtest.Root(t)
	h := loadHouse(t, root, nil, "./shared/...", "./functions/...")
	found, pairs := h.misfits(t, root)
	for _, f := range found {
		t.Error(f)
	}
	if len(h.doors) < 20 || pairs < 200 {
		t.Errorf("only %d doors and %d rights were looked at", len(h.doors), pairs)
	}
	t.Logf("%d doors; %d times a right that a function's door takes, each in its policy", len(h.doors), pairs)
}

// TestDoorsThatDoNotFitAreFound: each kind of violation, planted.
func TestDoorsThatDoNotFitAreFound(t *testing.T) {
	root := localtest.Root(t)
	file := func(path, text string) (string, []byte) { return filepath.Join(root, path), []byte(text) }
	planted := map[string][]byte{}
	for path, text := range map[string]string{
		"functions/events/planted.go": "package main\nimport \"" + module + "shared/store\"\n" +
			"func planted(db store.DB) { _ = store.Sites(db).AddSite; _ = store.Stats(db) }",
		"shared/billing/planted.go": "package billing\nimport \"" + module + "shared/store\"\n" +
			"func planted(db store.DB) store.Ledger { return store.Ledger(db) }",
		"shared/store/planted.go": `package store
import ("context"; "github.com/aws/aws-sdk-go-v2/service/dynamodb")
func (s Widgets) Planted(ctx context.Context) error { return s.delete(ctx, s.accounts, "x", "y") }
func (s Seen) Nothing() {}
type Seen struct { *client }
func (s Visits) Hidden(ctx context.Context, in *dynamodb.PutItemInput) error {
	in.TableName = table()
	_, err := s.db.PutItem(ctx, in)
	return err
}
func (s Intake) OfAnother(ctx context.Context) error {
	return s.transact(ctx, update(s.accounts, "U#x", "user", "SET callbacks = :n", absent, nil))
}
func (s Intake) OfTheName(ctx context.Context) error {
	return s.transact(ctx, update(s.accounts, "A#x", "account", "SET #name = :n", absent, nil))
}
func table() *string { return nil }`,
	} {
		name, text := file(path, text)
		planted[name] = text
	}
	h := loadHouse(t, root, planted, "./shared/store", "./shared/billing", "./functions/events", "./functions/callbacks")
	found, _ := h.misfits(t, root)
	all := strings.Join(found, "\n")
	for _, want := range []string{
		"functions/events opens Sites, whose AddSite takes PutItem accounts of A#*: its policy does not allow it",
		"functions/events opens Stats and calls nothing of it",
		"functions/events opens Stats, whose Days takes Query stats of S#*: its environment does not name the table",
		"shared/billing opens Ledger: only a function's main knows what it may",
		"functions/events opens Widgets, whose Planted takes DeleteItem accounts of x: its policy does not allow it",
		"Seen.Nothing asks nothing of the database",
		"planted.go:7: which table?",
		"functions/callbacks opens Intake, whose OfAnother takes UpdateItem accounts of U#x: its policy does not allow it",
		"functions/callbacks opens Intake, whose OfTheName takes UpdateItem accounts of A#x: its policy does not allow it",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("not found: %s", want)
		}
	}
	t.Log("\n" + all)
}
