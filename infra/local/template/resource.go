package template

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"time"
)

// Resource is one resource whose condition holds, with its properties as written.
type Resource struct {
	ID   string
	Type string
	raw  map[string]any
}

// Resources gives those of the named types (all, when none is named) in the template's order.
func (t *Template) Resources(types ...string) ([]Resource, error) {
	var out []Resource
	for _, id := range t.order {
		raw := Map(Map(t.doc["Resources"])[id])
		r := Resource{ID: id, Type: String(raw["Type"]), raw: raw}
		if len(types) > 0 && !slices.Contains(types, r.Type) {
			continue
		}
		yes, err := t.Condition(String(raw["Condition"]))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		if yes {
			out = append(out, r)
		}
	}
	return out, nil
}

// Properties works out a resource's properties.
func (t *Template) Properties(r Resource) (map[string]any, error) {
	v, err := t.Eval(r.raw["Properties"])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.ID, err)
	}
	return Map(v), nil
}

// Merged works out a function's properties with Globals merged in.
func (t *Template) Merged(r Resource) (map[string]any, error) {
	v, err := t.Eval(merge(maps.Clone(Map(Map(t.doc["Globals"])["Function"])), Map(r.raw["Properties"])))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.ID, err)
	}
	return Map(v), nil
}

// Parameters are the template's, as written.
func (t *Template) Parameters() map[string]any { return Map(t.doc["Parameters"]) }

// Table is a declared DynamoDB table; Properties are CloudFormation's.
type Table struct {
	ID, Name   string
	Properties map[string]any
}

// Tables gives the declared tables.
func (t *Template) Tables() ([]Table, error) {
	resources, err := t.Resources("AWS::DynamoDB::Table", "AWS::Serverless::SimpleTable")
	if err != nil {
		return nil, err
	}
	var out []Table
	for _, r := range resources {
		p, err := t.Properties(r)
		if err != nil {
			return nil, err
		}
		if r.Type == "AWS::Serverless::SimpleTable" {
			p = simpleTable(p)
		}
		if name := String(p["TableName"]); name != "" && t.names[r.ID] == "" {
			t.SetRef(r.ID, name)
		}
		name, err := t.ref(r.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, Table{ID: r.ID, Name: String(name), Properties: p})
	}
	return out, nil
}

func simpleTable(p map[string]any) map[string]any {
	name, kind := "id", "S"
	if key := Map(p["PrimaryKey"]); key != nil {
		name = String(key["Name"])
		kind = map[string]string{"Number": "N", "Binary": "B"}[String(key["Type"])]
		if kind == "" {
			kind = "S"
		}
	}
	return map[string]any{
		"AttributeDefinitions": []any{map[string]any{"AttributeName": name, "AttributeType": kind}},
		"KeySchema":            []any{map[string]any{"AttributeName": name, "KeyType": "HASH"}},
	}
}

// Function is a declared function, Globals merged in.
type Function struct {
	ID           string
	Name         string
	CodeURI      string
	Handler      string
	Runtime      string
	Package      string // Zip or Image
	MemoryMB     int
	Timeout      time.Duration
	Env          map[string]string
	JSONLogs     bool
	Alias        string // "" where nothing is published
	Reserved     int    // calls at once; 0 for as many as the account has
	EventSources []EventSource
	// Statements are those of the function's own policies: what it may do.
	Statements []map[string]any
}

// EventSource is one thing that calls a function.
type EventSource struct {
	ID         string
	Type       string
	Properties map[string]any
}

// Functions gives the declared functions. Those that cannot be read are left out and named in problems.
func (t *Template) Functions() (functions []Function, problems []error, err error) {
	resources, err := t.Resources("AWS::Serverless::Function")
	if err != nil {
		return nil, nil, err
	}
	for _, r := range resources {
		f, err := t.function(r)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		functions = append(functions, f)
	}
	return functions, problems, nil
}

func (t *Template) function(r Resource) (Function, error) {
	p, err := t.Merged(r)
	if err != nil {
		return Function{}, err
	}
	name := String(p["FunctionName"])
	if name == "" {
		name = Stack + "-" + r.ID
	}
	f := Function{
		ID:       r.ID,
		Name:     name,
		CodeURI:  String(p["CodeUri"]),
		Handler:  String(p["Handler"]),
		Runtime:  String(p["Runtime"]),
		Package:  String(p["PackageType"]),
		MemoryMB: Int(p["MemorySize"], 128),
		Timeout:  time.Duration(Int(p["Timeout"], 3)) * time.Second,
		Env:      map[string]string{},
		JSONLogs: String(Map(p["LoggingConfig"])["LogFormat"]) == "JSON",
		Alias:    String(p["AutoPublishAlias"]),
		Reserved: Int(p["ReservedConcurrentExecutions"], 0),
	}
	for k, v := range Map(Map(p["Environment"])["Variables"]) {
		f.Env[k] = String(v)
	}
	for _, policy := range List(p["Policies"]) {
		for _, statement := range List(Map(policy)["Statement"]) {
			f.Statements = append(f.Statements, Map(statement))
		}
	}
	events := Map(p["Events"])
	for _, id := range slices.Sorted(maps.Keys(events)) {
		e := Map(events[id])
		f.EventSources = append(f.EventSources, EventSource{
			ID: id, Type: String(e["Type"]), Properties: Map(e["Properties"]),
		})
	}
	return f, nil
}

// merge lays a function's own properties over Globals as SAM does: maps are merged, lists are joined,
// anything else is replaced. An intrinsic function is a value, not a map.
func merge(global, own any) any {
	g, isMap := global.(map[string]any)
	o, also := own.(map[string]any)
	if isMap && also && !intrinsic(g) && !intrinsic(o) {
		out := map[string]any{}
		maps.Copy(out, g)
		for k, v := range o {
			if before, ok := out[k]; ok {
				v = merge(before, v)
			}
			out[k] = v
		}
		return out
	}
	gl, isList := global.([]any)
	ol, also := own.([]any)
	if isList && also {
		return append(slices.Clone(gl), ol...)
	}
	if own == nil {
		return global
	}
	return own
}

func intrinsic(m map[string]any) bool {
	if len(m) != 1 {
		return false
	}
	for k := range m {
		return k == "Ref" || len(k) > 4 && k[:4] == "Fn::"
	}
	return false
}

// Architecture is the template's word for this machine's processor.
func Architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}
