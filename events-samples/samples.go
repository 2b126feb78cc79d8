// Package samples is the events beside it, <function>/<case>.json with <case>.want.json, and how they are
// judged. A test replays them on the built functions, `make sam-test` through `sam local invoke`.
package samples

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Sample is one event for one function and what it must be answered.
type Sample struct {
	Function string // its folder under functions/
	Case     string
	Path     string // of the event
	Event    []byte
	Want     []byte
}

// Name is "<function>/<case>".
func (s Sample) Name() string { return s.Function + "/" + s.Case }

// All reads every sample under dir, in order. None at all, or one without its want, is an error.
func All(dir string) ([]Sample, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.json"))
	if err != nil {
		return nil, err
	}
	var out []Sample
	for _, path := range paths {
		name := strings.TrimSuffix(path, ".json")
		if strings.HasSuffix(name, ".want") {
			continue
		}
		s := Sample{Function: filepath.Base(filepath.Dir(path)), Case: filepath.Base(name), Path: path}
		if s.Event, err = os.ReadFile(path); err != nil {
			return nil, err
		}
		if s.Event, err = Signed(s.Event, time.Now()); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if s.Want, err = os.ReadFile(name + ".want.json"); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there is no sample in %s", dir)
	}
	return out, nil
}

// Bad reports whether the sample is one that is refused: with a problem, or by failing.
func (s Sample) Bad() bool {
	var w struct {
		StatusCode   int
		ErrorMessage any
	}
	return json.Unmarshal(s.Want, &w) == nil && (w.StatusCode >= 400 || w.ErrorMessage != nil)
}

// Why is the reason that a sample gives for what it wants, "" for none.
func (s Sample) Why() string {
	var w map[string]any
	_ = json.Unmarshal(s.Want, &w)
	why, _ := w["$why"].(string)
	return why
}

// Match compares an answer with what is wanted. An object may hold more than is wanted, a list may not;
// "*" wants any value that is not empty, {"$match": "expression"} a text that fits it from end to end, and
// null wants nothing there. Where an object is wanted and a text is there, as with an API response's body, the
// text is read as JSON. Headers are named without regard to case. Beside them, "$why" is for readers and
// "$absent" lists what must stand nowhere in the answer.
func Match(want, got []byte) error {
	var w, g any
	if err := json.Unmarshal(want, &w); err != nil {
		return fmt.Errorf("what is wanted is no JSON: %w", err)
	}
	if m, ok := w.(map[string]any); ok {
		list, _ := m["$absent"].([]any)
		for _, text := range list {
			if text, ok := text.(string); !ok || strings.Contains(string(got), text) {
				return fmt.Errorf("the answer holds %v", text)
			}
		}
		delete(m, "$absent")
		delete(m, "$why")
	}
	if err := json.Unmarshal(got, &g); err != nil {
		return fmt.Errorf("the answer is no JSON: %.300s", got)
	}
	return errors.Join(match("", w, g)...)
}

func match(at string, want, got any) []error {
	differ := func() []error {
		w, _ := json.Marshal(want)
		g, _ := json.Marshal(got)
		return []error{fmt.Errorf("%s: wanted %s, not %.300s", strings.TrimPrefix(at, "."), w, g)}
	}
	if want == "*" {
		if got == nil || got == "" {
			return differ()
		}
		return nil
	}
	switch w := want.(type) {
	case map[string]any:
		if expression, ok := w["$match"].(string); ok {
			text, isText := got.(string)
			if fits, err := regexp.MatchString("(?s)^(?:"+expression+")$", text); err != nil || !isText || !fits {
				return differ()
			}
			return nil
		}
		if text, ok := got.(string); ok {
			var inside any
			if json.Unmarshal([]byte(text), &inside) != nil {
				return differ()
			}
			got = inside
		}
		g, ok := got.(map[string]any)
		if !ok {
			return differ()
		}
		if strings.HasSuffix(at, ".headers") {
			lower := map[string]any{}
			for k, v := range g {
				lower[strings.ToLower(k)] = v
			}
			g = lower
		}
		var all []error
		for _, k := range slices.Sorted(maps.Keys(w)) {
			all = append(all, match(at+"."+k, w[k], g[k])...)
		}
		return all
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return differ()
		}
		var all []error
		for i := range w {
			all = append(all, match(fmt.Sprintf("%s.%d", at, i), w[i], g[i])...)
		}
		return all
	}
	if want != got {
		return differ()
	}
	return nil
}
