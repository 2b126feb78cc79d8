// Package iam asks, before the database and the secrets, whether the policy of template.yaml lets the function do
// what it does. It knows what the template uses of IAM, and refuses to start on anything else.
package iam

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// Policies are what each function may do, by logical id.
type Policies map[string][]statement

type statement struct {
	actions, resources []*regexp.Regexp
	conditions         []condition
}

// condition is ForAllValues of one key: each value of the request fits one of the patterns.
type condition struct {
	key      string
	patterns []*regexp.Regexp
}

// Read makes the policies of what the functions declare.
func Read(functions []template.Function) (Policies, error) {
	out := Policies{}
	for _, f := range functions {
		out[f.ID] = nil // known, and allowed nothing
		for _, raw := range f.Statements {
			s, err := parse(raw)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f.ID, err)
			}
			out[f.ID] = append(out[f.ID], s)
		}
	}
	return out, nil
}

func parse(raw map[string]any) (statement, error) {
	var s statement
	for key := range raw {
		if !slices.Contains([]string{"Sid", "Effect", "Action", "Resource", "Condition"}, key) {
			return s, fmt.Errorf("a policy's %s is not enforced on one machine: teach infra/local/iam", key)
		}
	}
	if raw["Effect"] != "Allow" {
		return s, fmt.Errorf("a policy's effect %v is not enforced on one machine: teach infra/local/iam", raw["Effect"])
	}
	for _, action := range template.Strings(raw["Action"]) {
		s.actions = append(s.actions, wildcard(action))
	}
	for _, resource := range template.Strings(raw["Resource"]) {
		s.resources = append(s.resources, wildcard(resource))
	}
	for operator, keys := range template.Map(raw["Condition"]) {
		if operator != "ForAllValues:StringLike" && operator != "ForAllValues:StringEquals" {
			return s, fmt.Errorf("a policy's %s is not enforced on one machine: teach infra/local/iam", operator)
		}
		for key, values := range template.Map(keys) {
			if key != "dynamodb:LeadingKeys" && key != "dynamodb:Attributes" {
				return s, fmt.Errorf("a policy's condition on %s is not enforced on one machine: teach infra/local/iam", key)
			}
			c := condition{key: key}
			for _, v := range template.Strings(values) {
				if operator == "ForAllValues:StringEquals" {
					c.patterns = append(c.patterns, regexp.MustCompile("^"+regexp.QuoteMeta(v)+"$"))
				} else {
					c.patterns = append(c.patterns, wildcard(v))
				}
			}
			s.conditions = append(s.conditions, c)
		}
	}
	return s, nil
}

// wildcard reads IAM's patterns: * is any text, ? any character.
func wildcard(pattern string) *regexp.Regexp {
	text := strings.ReplaceAll(strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*"), `\?`, ".")
	return regexp.MustCompile("(?s)^" + text + "$")
}

// need is one right that a call takes.
type need struct {
	action, resource string
	values           map[string][]string // of the keys that conditions name
}

// allows tells whether some statement allows n.
func (p Policies) allows(function string, n need) bool {
	return slices.ContainsFunc(p[function], func(s statement) bool {
		return fits(s.actions, n.action) && fits(s.resources, n.resource) &&
			!slices.ContainsFunc(s.conditions, func(c condition) bool {
				return slices.ContainsFunc(n.values[c.key], func(v string) bool { return !fits(c.patterns, v) })
			})
	})
}

func fits(patterns []*regexp.Regexp, text string) bool {
	return slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(text) })
}
