package keyring

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var one, two, three = strings.Repeat("1", 32), strings.Repeat("2", 32), strings.Repeat("3", 32)

func parse(t *testing.T, text string) *Ring {
	t.Helper()
	r, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestParse(t *testing.T) {
	now := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	later := now.Add(time.Minute).Format(time.RFC3339)
	for text, want := range map[string]string{
		one: "[1]",
		`{"current":1,"keys":{"1":"` + one + `"}}`:                                                               "[1]",
		`{"current":2,"keys":{"1":"` + one + `","2":"` + two + `"}}`:                                             "[2 1]",
		`{"current":2,"since":"` + later + `","keys":{"1":"` + one + `","2":"` + two + `"}}`:                     "[1 2]",
		`{"current":3,"since":"` + later + `","keys":{"1":"` + one + `","2":"` + two + `","3":"` + three + `"}}`: "[2 3 1]",
		`{"current":2,"since":"` + later + `","keys":{"2":"` + two + `"}}`:                                       "[2]",
	} {
		r := parse(t, text)
		if got := fmt.Sprint(r.Versions(now)); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		if again := parse(t, r.Text()); !slices.Equal(again.Versions(now), r.Versions(now)) ||
			!bytes.Equal(again.Key(r.current, "x"), r.Key(r.current, "x")) {
			t.Errorf("%s is not what it was after it was written: %s", text, r.Text())
		}
	}
	for name, text := range map[string]string{
		"nothing": "", "short": one[1:], "no keys": `{"current":1}`,
		"not the current":            `{"current":3,"keys":{"1":"` + one + `"}}`,
		"a short version":            `{"current":1,"keys":{"1":"` + one + `","2":"x"}}`,
		"version nought":             `{"current":0,"keys":{"0":"` + one + `"}}`,
		"a version in two spellings": `{"current":1,"keys":{"1":"` + one + `","01":"` + one + `"}}`,
		"half":                       `{"current":1,"keys":{"1":"` + one,
		"too many":                   `{"current":1,"keys":{"1":"` + one + `"` + many(8) + `}}`,
	} {
		if _, err := Parse(text); err == nil || strings.Contains(err.Error(), one) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func many(n int) (text string) {
	for v := range n {
		text += fmt.Sprintf(`,"%d":%q`, v+2, two)
	}
	return text
}

// A key depends on the version and on the purpose, and on nothing else.
func TestKeysAreApart(t *testing.T) {
	r := parse(t, `{"current":2,"keys":{"1":"`+one+`","2":"`+two+`"}}`)
	seen := map[string]string{}
	for _, v := range []int{1, 2} {
		for _, purpose := range []string{"link a", "link b", "seal a", ""} {
			key := string(r.Key(v, purpose))
			if len(key) != 32 || seen[key] != "" || key == one || key == two {
				t.Errorf("version %d for %q is that of %s", v, purpose, seen[key])
			}
			seen[key] = fmt.Sprint(v, purpose)
		}
	}
	if r.Key(3, "link a") != nil {
		t.Error("a key of a version that is not there")
	}
	if alone := parse(t, one); !bytes.Equal(alone.Key(1, "link a"), r.Key(1, "link a")) {
		t.Error("a version's key changes when another is added")
	}
}

func TestAddAndDrop(t *testing.T) {
	now := time.Now()
	r, err := parse(t, one).Add(two, now.Add(time.Hour))
	if err != nil || r.Writing(now) != 1 || r.Writing(now.Add(2*time.Hour)) != 2 {
		t.Fatal(r, err)
	}
	if d := r.Drop(); d.Key(1, "x") != nil || d.Key(2, "x") == nil || d.Writing(now) != 2 {
		t.Error("dropping leaves the wrong version")
	}
	if _, err := r.Add("short", now); err == nil {
		t.Error("a short secret was added")
	}
}

// source is a secret that changes; again is what a fresh read finds.
type source struct {
	text, again string
	asked       int
}

func (s *source) Text() string { return s.text }
func (s *source) Again() string {
	s.asked++
	s.text = s.again
	return s.text
}

// An instance that knows version 1 meets what another made with version 2.
func TestAnUnknownVersionIsLookedFor(t *testing.T) {
	both := `{"current":2,"keys":{"1":"` + one + `","2":"` + two + `"}}`
	s := &source{text: one, again: both}
	k, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	if k.Key(1, "x") == nil || s.asked != 0 {
		t.Error("a known version was looked for")
	}
	if k.Key(2, "x") == nil || s.asked != 1 {
		t.Errorf("version 2 was not found, after %d reads", s.asked)
	}
	if v, _ := k.Writing("x"); v != 2 {
		t.Errorf("writes with %d", v)
	}
	// Somebody stores what is no ring: what was valid stays in use.
	s.text, s.again = "{", "{"
	if k.Key(2, "x") == nil || k.Key(9, "x") != nil {
		t.Error("the ring was lost")
	}
}

func TestMark(t *testing.T) {
	for marked, want := range map[string]int{
		"1~x": 1, "12~": 12, "x": 0, "~x": 0, "0~x": 0, "-1~x": 0, "+1~x": 0, "01~x": 0, "": 0, "99999999999999999999~x": 0,
	} {
		v, _, ok := Unmark(marked)
		if ok != (want > 0) || ok && v != want {
			t.Errorf("%q is version %d, %v", marked, v, ok)
		}
	}
	if v, text, ok := Unmark(Mark(3, "a~b")); v != 3 || text != "a~b" || !ok {
		t.Error(v, text, ok)
	}
}
