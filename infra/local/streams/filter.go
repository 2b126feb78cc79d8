package streams

import (
	"encoding/json"
	"fmt"
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

// check refuses what Passes does not know: it knows what the template uses.
func check(pattern map[string]any) error {
	for name, p := range pattern {
		switch p := p.(type) {
		case map[string]any:
			if err := check(p); err != nil {
				return err
			}
		case []any:
			if strings.HasPrefix(name, "$") {
				return fmt.Errorf("filter operator %q is not known here", name)
			}
			for _, rule := range p {
				if err := checkRule(rule); err != nil {
					return err
				}
			}
		default:
			return fmt.Errorf("filter pattern: %q must be a list or a map", name)
		}
	}
	return nil
}

func checkRule(rule any) error {
	m, ok := rule.(map[string]any)
	if !ok {
		return nil
	}
	if _, ok := m["exists"].(bool); ok && len(m) == 1 {
		return nil
	}
	not, ok := m["anything-but"].([]any)
	if !ok || len(m) != 1 || slices.ContainsFunc(not, func(v any) bool { _, text := v.(string); return !text }) {
		text, _ := json.Marshal(rule)
		return fmt.Errorf(`filter rule %s is not known here ({"exists": ...} and {"anything-but": [texts]} are)`, text)
	}
	return nil
}

// Passes tells whether a record, as plain JSON values, is wanted.
func (f Filter) Passes(record map[string]any) bool {
	return len(f) == 0 || slices.ContainsFunc(f, func(p map[string]any) bool { return fits(p, record) })
}

func fits(pattern, value map[string]any) bool {
	for name, p := range pattern {
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

// allows applies one rule of a list to a value.
func allows(rule, v any, there bool) bool {
	m, operator := rule.(map[string]any)
	if want, ok := m["exists"]; ok {
		_, nested := v.(map[string]any)
		return want == (there && !nested)
	}
	if !there || !operator {
		return there && reflect.DeepEqual(rule, v)
	}
	return !slices.ContainsFunc(template.List(m["anything-but"]), func(not any) bool { return reflect.DeepEqual(not, v) })
}
