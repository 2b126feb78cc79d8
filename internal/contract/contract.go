// Package contract reads docs/api.yaml, which says each operation of the API once: method, path, function, role,
// shapes and errors. What follows from it is generated (infra/generate) or read from here.
package contract

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Roles are what x-role may say. Public is anybody; Person is anybody logged in, about themselves.
const (
	Public = "public"
	Person = "person"
)

// Operation is one route of the API.
type Operation struct {
	ID, Method, Path string
	Function         string // the folder under functions/ that serves it
	Role             string
	Summary          string
	MaxBody          int    // bytes; 0 means the usual bound
	HasBody          bool   // a body is sent
	Body             string // the schema of the body; "" for none, or one that the handler reads itself
	Status           int    // of success
	Answer           string // the schema of what is returned; "" for nothing
	Cache            string // Cache-Control of success
	PathParams       []string
	Query            []string
	Text             []string // the fields of the body that hold text
	Example          map[string]any
}

// Key names an operation as routes are named: "GET /v1/me".
func (o Operation) Key() string { return o.Method + " " + o.Path }

// Document is docs/api.yaml.
type Document struct {
	Operations []Operation // in the document's order
	root       *yaml.Node
}

var pathParam = regexp.MustCompile(`\{(\w+)\}`)

// Load reads the document under the project's root.
func Load(root string) (*Document, error) {
	text, err := os.ReadFile(filepath.Join(root, "docs/api.yaml"))
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	d := &Document{root: doc.Content[0]}
	for path, item := range pairs(get(d.root, "paths")) {
		for method, n := range pairs(item) {
			o, err := d.operation(strings.ToUpper(method), path, n)
			if err != nil {
				return nil, fmt.Errorf("docs/api.yaml: %s %s: %w", method, path, err)
			}
			d.Operations = append(d.Operations, o)
		}
	}
	return d, nil
}

func (d *Document) operation(method, path string, n *yaml.Node) (Operation, error) {
	o := Operation{
		ID: text(n, "operationId"), Method: method, Path: path, Function: text(n, "x-function"), Role: text(n, "x-role"),
		Summary: text(n, "summary"),
	}
	if o.ID == "" || o.Function == "" || o.Role == "" {
		return o, fmt.Errorf("operationId, x-function and x-role are needed")
	}
	if (o.Role == Public) != (get(n, "security") != nil) {
		return o, fmt.Errorf("x-role public goes with security: [], and only that")
	}
	if v := text(n, "x-max-body"); v != "" {
		var err error
		if o.MaxBody, err = strconv.Atoi(v); err != nil {
			return o, err
		}
	}
	for _, m := range pathParam.FindAllStringSubmatch(path, -1) {
		o.PathParams = append(o.PathParams, m[1])
	}
	if params := get(n, "parameters"); params != nil {
		for _, p := range params.Content {
			if p = d.deref(p); text(p, "in") == "query" {
				o.Query = append(o.Query, text(p, "name"))
			}
		}
	}
	if body := get(n, "requestBody"); body != nil {
		o.HasBody = true
		schema := get(get(d.deref(body), "content"), "application/json", "schema")
		o.Body = named(schema)
		o.Text = d.textFields(d.deref(schema))
		if example := get(d.deref(schema), "examples"); example != nil {
			if err := example.Content[0].Decode(&o.Example); err != nil {
				return o, err
			}
		}
	}
	return o, d.success(&o, n)
}

func (d *Document) success(o *Operation, n *yaml.Node) error {
	for status, response := range pairs(get(n, "responses")) {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		response = d.deref(response)
		answer := named(get(response, "content", "application/json", "schema"))
		if o.Status == http.StatusCreated && status == "200" && answer == o.Answer {
			continue // of what was there already: web.Existing
		}
		if o.Status != 0 {
			return fmt.Errorf("more than one status of success")
		}
		o.Status, _ = strconv.Atoi(status)
		o.Cache = text(d.deref(get(response, "headers", "Cache-Control")), "schema", "const")
		o.Answer = answer
	}
	if o.Status == 0 || o.Cache == "" {
		return fmt.Errorf("a success and its Cache-Control are needed")
	}
	return nil
}

// textFields are the properties that are strings.
func (d *Document) textFields(schema *yaml.Node) (out []string) {
	for name, p := range pairs(get(schema, "properties")) {
		p = d.deref(p)
		types := get(p, "type")
		if types == nil {
			continue
		}
		if types.Value == "string" || types.Kind == yaml.SequenceNode && types.Content[0].Value == "string" {
			out = append(out, name)
		}
	}
	return out
}

// Bodies returns the name of every schema that a request or an answer has for its body.
func (d *Document) Bodies() map[string]bool {
	out := map[string]bool{}
	for _, o := range d.Operations {
		out[o.Body], out[o.Answer] = true, true
	}
	delete(out, "")
	return out
}

// HasExample reports whether a schema of the components has an example.
func (d *Document) HasExample(schema string) bool {
	return get(d.root, "components", "schemas", schema, "examples") != nil
}

// Unnamed are the operations with a body whose shape has no name of its own.
func (d *Document) Unnamed() (out []string) {
	for _, o := range d.Operations {
		if o.HasBody && o.Body == "" || o.Answer == "" && o.Status != 204 {
			out = append(out, o.ID)
		}
	}
	return out
}

func (d *Document) deref(n *yaml.Node) *yaml.Node {
	ref := text(n, "$ref")
	if ref == "" {
		return n
	}
	return get(d.root, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
}

// named is the last part of a schema's $ref.
func named(schema *yaml.Node) string {
	ref := text(schema, "$ref")
	return ref[strings.LastIndexByte(ref, '/')+1:]
}

// get follows keys; nil where there is none.
func get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		var next *yaml.Node
		for name, value := range pairs(n) {
			if name == key {
				next = value
			}
		}
		n = next
	}
	return n
}

func text(n *yaml.Node, keys ...string) string {
	if n = get(n, keys...); n == nil {
		return ""
	}
	return n.Value
}

// pairs yields what a mapping holds, in order.
func pairs(n *yaml.Node) func(yield func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.Content[i+1]) {
				return
			}
		}
	}
}
