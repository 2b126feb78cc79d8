package streams

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// Filter is an event source mapping's FilterCriteria: a record passes when any pattern fits.
type Filter []map[string]any

// ParseFilter reads FilterCriteria, and refuses an operator that it would not apply.
func ParseFilter(criteria any) (Filter, error) {
	var f Filter
	for _, item := range template.List(template.Map(criteria)["Filters"]) {
		pattern := map[string]any{}
		if err := json.Unmarshal([]byte(template.String(template.Map(item)["Pattern"])), &pattern); err != nil {
			return nil, fmt.Errorf("filter pattern: %w", err)
		}
		if err := check(pattern); err != nil {
			return nil, err
		}
		f = append(f, pattern)
	}
	return f, nil
}

func check(pattern map[string]any) error {
	for name, p := range pattern {
		switch p := p.(type) {
		case map[string]any:
			if err := check(p); err != nil {
				return err
			}
		case []any:
			for _, rule := range p {
				m, ok := rule.(map[string]any)
				if !ok {
					continue
				}
				if name == "$or" {
					if err := check(m); err != nil {
						return err
					}
					continue
				}
				for operator := range m {
					if !slices.Contains([]string{"exists", "prefix", "suffix", "anything-but", "numeric", "equals-ignore-case"}, operator) {
						return fmt.Errorf("filter operator %q is not known here", operator)
					}
				}
			}
		default:
			return fmt.Errorf("filter pattern: %q must be a list or a map", name)
		}
	}
	return nil
}

// Passes tells whether a record, as plain JSON values, is wanted.
func (f Filter) Passes(record map[string]any) bool {
	return len(f) == 0 || slices.ContainsFunc(f, func(p map[string]any) bool { return fits(p, record) })
}

func fits(pattern, value map[string]any) bool {
	for name, p := range pattern {
		if name == "$or" {
			any := slices.ContainsFunc(template.List(p), func(option any) bool { return fits(template.Map(option), value) })
			if !any {
				return false
			}
			continue
		}
		v, there := value[name]
		if nested, ok := p.(map[string]any); ok {
			// An absent map may still satisfy {"exists": false} further down.
			if m, isMap := v.(map[string]any); !fits(nested, m) || there && !isMap {
				return false
			}
			continue
		}
		if !slices.ContainsFunc(template.List(p), func(rule any) bool { return allows(rule, v, there) }) {
			return false
		}
	}
	return true
}

// allows applies one rule of a list to a value; to any of its items when the value is a list.
func allows(rule, v any, there bool) bool {
	m, operator := rule.(map[string]any)
	if operator && len(m) == 1 {
		if want, ok := m["exists"]; ok {
			_, nested := v.(map[string]any)
			return want == (there && !nested)
		}
	}
	if !there {
		return false
	}
	if list, ok := v.([]any); ok {
		return slices.ContainsFunc(list, func(item any) bool { return allows(rule, item, true) })
	}
	if !operator {
		return reflect.DeepEqual(rule, v)
	}
	text, isText := v.(string)
	for name := range maps.Keys(m) {
		arg, ok := m[name], false
		switch name {
		case "prefix":
			ok = isText && strings.HasPrefix(text, template.String(arg))
		case "suffix":
			ok = isText && strings.HasSuffix(text, template.String(arg))
		case "equals-ignore-case":
			ok = isText && strings.EqualFold(text, template.String(arg))
		case "numeric":
			n, isNumber := v.(float64)
			ok = isNumber && numeric(template.List(arg), n)
		case "anything-but":
			ok = true
			for _, not := range template.List(arg) {
				_, rules := not.(map[string]any)
				if rules && allows(not, v, true) || !rules && reflect.DeepEqual(not, v) {
					ok = false
				}
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

// numeric applies [">", 0, "<=", 5].
func numeric(rule []any, n float64) bool {
	for i := 0; i+1 < len(rule); i += 2 {
		limit, ok := rule[i+1].(float64)
		if !ok {
			return false
		}
		switch template.String(rule[i]) {
		case "=":
			ok = n == limit
		case "<":
			ok = n < limit
		case "<=":
			ok = n <= limit
		case ">":
			ok = n > limit
		case ">=":
			ok = n >= limit
		default:
			ok = false
		}
		if !ok {
			return false
		}
	}
	return len(rule) > 0
}
