// Package api holds the shapes of docs/api.yaml: what the API takes and returns. What it derives by hand is
// in this file and promise.go; the rest is generated.
package api

import "time"

// Optional returns a pointer to v, or nil for its zero: how a field that may be left out, or be null, is written.
func Optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// Value returns what p points to, or the zero for nil: how a field that may be left out is read.
func Value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// OptionalTime is Optional for a time.
func OptionalTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
