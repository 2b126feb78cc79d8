package web

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// maxDepth is how deep objects and arrays may nest; no call of ours goes deeper than a passkey's answer.
const maxDepth = 16

// depth returns how deep the objects and arrays of text nest. It need not be valid JSON.
func depth(text []byte) (deepest int) {
	now, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case quoted:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}

// names reads valid JSON of limited depth a second time, for what encoding/json accepts: names in another case, and
// duplicate names, of which readers use different ones. encoding/json/v2 refuses both, but is still an experiment, and
// the module it comes from would make `events` an eighth larger.
type names struct {
	text []byte
	at   int
}

// checkNames compares an object with the struct that v points to.
func checkNames(text []byte, v any) error {
	n := names{text: text}
	return n.value(reflect.TypeOf(v))
}

func (n *names) space() {
	for n.at < len(n.text) && strings.IndexByte(" \t\r\n", n.text[n.at]) >= 0 {
		n.at++
	}
}

// take skips white space and c, and reports whether c was there.
func (n *names) take(c byte) bool {
	n.space()
	if n.at < len(n.text) && n.text[n.at] == c {
		n.at++
		return true
	}
	return false
}

// quoted returns the string that begins here, with its quotes.
func (n *names) quoted() []byte {
	n.space()
	from := n.at
	for n.at++; n.at < len(n.text) && n.text[n.at] != '"'; n.at++ {
		if n.text[n.at] == '\\' {
			n.at++
		}
	}
	n.at++
	return n.text[from:n.at]
}

// value reads one value that is decoded into a t, nil for any.
func (n *names) value(t reflect.Type) error {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch n.space(); n.text[n.at] {
	case '{':
		return n.object(t)
	case '[':
		var of reflect.Type
		if t != nil && t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8 {
			of = t.Elem()
		}
		n.at++
		for !n.take(']') {
			if err := n.value(of); err != nil {
				return err
			}
			n.take(',')
		}
	case '"':
		n.quoted()
	default:
		for n.at < len(n.text) && strings.IndexByte(",]} \t\r\n", n.text[n.at]) < 0 {
			n.at++
		}
	}
	return nil
}

func (n *names) object(t reflect.Type) error {
	var known map[string]reflect.Type
	if t != nil && t.Kind() == reflect.Struct {
		known = fieldsOf(t)
	}
	var seen []string
	var many map[string]bool // once there are so many that a list is slow
	n.at++
	for !n.take('}') {
		name := unquote(n.quoted())
		n.take(':')
		of, ok := known[name]
		switch {
		case known != nil && !ok:
			return unknownField(name)
		case many[name] || many == nil && slices.Contains(seen, name):
			return &connect.Error{Kind: connect.Invalid, Code: "duplicate-field", Message: "The body has a duplicate field.",
				Fields: []connect.FieldError{{Field: short(name), Message: "Appears more than once."}}}
		case many != nil:
			many[name] = true
		case len(seen) == 32:
			many = map[string]bool{name: true}
			for _, s := range seen {
				many[s] = true
			}
		default:
			seen = append(seen, name)
		}
		if err := n.value(of); err != nil {
			return err
		}
		n.take(',')
	}
	return nil
}

func unquote(raw []byte) string {
	if slices.Contains(raw, '\\') {
		var s string
		_ = json.Unmarshal(raw, &s)
		return s
	}
	return string(raw[1 : len(raw)-1])
}

var fields sync.Map // of structs: their names in JSON, and the fields' types

func fieldsOf(t reflect.Type) map[string]reflect.Type {
	if known, ok := fields.Load(t); ok {
		return known.(map[string]reflect.Type)
	}
	known := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case !f.IsExported() || f.Anonymous && name == "" || name == "-":
		case name == "":
			known[f.Name] = f.Type
		default:
			known[name] = f.Type
		}
	}
	fields.Store(t, known)
	return known
}
