// Package template reads a SAM template and returns what it declares, with parameters, conditions,
// Globals and intrinsic functions worked out for one machine.
package template

import (
	"fmt"
	"maps"
	"os"
	"strings"

	"gopkg.in/yaml.v3"
)

// What AWS::Region and its like are on this machine.
const (
	Region    = "eu-west-2"
	AccountID = "000000000000"
	Stack     = "mi-connect-local"
)

// Template is a parsed template. Values are worked out when asked for, so that a part that cannot
// run here hinders nothing else.
type Template struct {
	doc        map[string]any
	params     map[string]any
	order      []string                  // resources as written
	names      map[string]string         // what !Ref of a resource gives, where it is not the default
	attributes map[string]map[string]any // what !GetAtt gives, where it is not the default
	evaluating map[string]bool           // conditions under way, to refuse a circle
}

// here is what parameters that have no default, since each deployment must say them, are on one machine.
var here = map[string]string{
	"Stage": "local", "Origin": "http://localhost:3000",
	"MailFrom": "Mi Connect <no-reply@mi-telecom.co.uk>", "PrivacyEmail": "privacy@mi-telecom.co.uk",
}

// Load reads the template at path; overrides replace parameters' defaults, and what they are on this machine.
func Load(path string, overrides map[string]string) (*Template, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	values := maps.Clone(here)
	maps.Copy(values, overrides)
	t, err := Parse(text, values)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Parse is Load for a text at hand. An override that the template has no parameter for is ignored:
// a template of another shape still runs.
func Parse(text []byte, overrides map[string]string) (*Template, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, err
	}
	if len(root.Content) == 0 {
		return nil, fmt.Errorf("the template is empty")
	}
	value, err := decode(root.Content[0])
	if err != nil {
		return nil, err
	}
	doc, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the template is not a map")
	}
	t := &Template{
		doc:        doc,
		params:     map[string]any{},
		names:      map[string]string{},
		attributes: map[string]map[string]any{},
		evaluating: map[string]bool{},
	}
	for i := 0; i+1 < len(root.Content[0].Content); i += 2 {
		if root.Content[0].Content[i].Value == "Resources" {
			for j, n := range root.Content[0].Content[i+1].Content {
				if j%2 == 0 {
					t.order = append(t.order, n.Value)
				}
			}
		}
	}
	for name, p := range Map(doc["Parameters"]) {
		if v, ok := overrides[name]; ok {
			t.params[name] = v
		} else if v, ok := Map(p)["Default"]; ok {
			t.params[name] = v
		} else {
			return nil, fmt.Errorf("parameter %s has no default and was not given", name)
		}
		if strings.HasPrefix(String(Map(p)["Type"]), "CommaDelimitedList") ||
			strings.HasPrefix(String(Map(p)["Type"]), "List<") {
			if s, ok := t.params[name].(string); ok {
				list := []any{}
				for _, item := range strings.Split(s, ",") {
					list = append(list, strings.TrimSpace(item))
				}
				t.params[name] = list
			}
		}
	}
	return t, nil
}

// decode turns a YAML node into plain values, short tags (!Ref x) into their long form ({Ref: x}).
func decode(n *yaml.Node) (any, error) {
	if n.Kind == yaml.AliasNode {
		return decode(n.Alias)
	}
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		name := strings.TrimPrefix(n.Tag, "!")
		plain := *n
		plain.Tag = ""
		if n.Kind == yaml.ScalarNode {
			plain.Tag = "!!str"
		}
		arg, err := decode(&plain)
		if err != nil {
			return nil, err
		}
		switch name {
		case "Ref", "Condition":
			return map[string]any{name: arg}, nil
		case "GetAtt":
			if s, ok := arg.(string); ok {
				id, attribute, _ := strings.Cut(s, ".")
				arg = []any{id, attribute}
			}
		}
		return map[string]any{"Fn::" + name: arg}, nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i].Value
			if _, twice := m[key]; twice {
				return nil, fmt.Errorf("line %d: %q is there twice", n.Content[i].Line, key)
			}
			v, err := decode(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			m[key] = v
		}
		return m, nil
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			v, err := decode(c)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	}
	if n.Tag == "!!timestamp" { // Version: 2012-10-17
		return n.Value, nil
	}
	var v any
	if err := n.Decode(&v); err != nil {
		return nil, fmt.Errorf("line %d: %w", n.Line, err)
	}
	return v, nil
}
