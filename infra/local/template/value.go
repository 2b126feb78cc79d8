package template

import (
	"fmt"
	"strconv"
)

// The template's values are what YAML gives. These read them leniently, as CloudFormation does:
// "30" is a number and true is "true".

// Map gives v as a map, or nil.
func Map(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// List gives v as a list; a single value is a list of one.
func List(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// Strings gives v as a list of texts.
func Strings(v any) []string {
	var out []string
	for _, item := range List(v) {
		out = append(out, String(item))
	}
	return out
}

// String gives v as a text, "" for nothing.
func String(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// Int gives v as a number, or otherwise when it is none.
func Int(v any, otherwise int) int {
	switch v := v.(type) {
	case int:
		return v
	case float64:
		return int(v)
	case string:
		if n, err := strconv.Atoi(v); err == nil {
			return n
		}
	}
	return otherwise
}

// Bool gives v as a truth.
func Bool(v any) bool {
	return String(v) == "true"
}
