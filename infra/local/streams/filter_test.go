package streams_test

import (
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/streams"
)

func TestFilterPatterns(t *testing.T) {
	record := map[string]any{
		"eventName": "INSERT",
		"dynamodb":  map[string]any{"NewImage": map[string]any{"type": map[string]any{"S": "mail"}}, "SizeBytes": 12.0},
	}
	parse := func(pattern string) (streams.Filter, error) {
		return streams.ParseFilter(map[string]any{"Filters": []any{map[string]any{"Pattern": pattern}}})
	}
	for pattern, want := range map[string]bool{
		`{"eventName":["INSERT","MODIFY"]}`:                                     true,
		`{"eventName":["REMOVE"]}`:                                              false,
		`{"eventName":[{"anything-but":["REMOVE"]}]}`:                           true,
		`{"eventName":[{"anything-but":["REMOVE","INSERT"]}]}`:                  false,
		`{"gone":[{"anything-but":["x"]}]}`:                                     false,
		`{"dynamodb":{"NewImage":{"type":{"S":["mail"]}}}}`:                     true,
		`{"dynamodb":{"NewImage":{"type":{"S":[{"exists":true}]}}}}`:            true,
		`{"dynamodb":{"NewImage":{"type":[{"exists":true}]}}}`:                  false,
		`{"dynamodb":{"NewImage":{"gone":{"S":[{"exists":false}]}}}}`:           true,
		`{"dynamodb":{"NewImage":{"gone":{"S":["x"]}}}}`:                        false,
		`{"eventName":["INSERT"],"dynamodb":{"NewImage":{"type":{"S":["x"]}}}}`: false,
		`{"dynamodb":{"SizeBytes":[12]}}`:                                       true,
	} {
		f, err := parse(pattern)
		if err != nil || f.Passes(record) != want {
			t.Errorf("%s: %v, want %v (%v)", pattern, !want, want, err)
		}
	}
	// What AWS knows and the template does not use is refused, not guessed.
	for _, pattern := range []string{
		`{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":"b"}`, `{`, `{"a":[{"prefix":"x"}]}`, `{"a":[{"suffix":"x"}]}`,
		`{"a":[{"numeric":[">",1]}]}`,
		`{"a":[{"equals-ignore-case":"x"}]}`, `{"a":[{"anything-but":{"prefix":"x"}}]}`, `{"a":[{"anything-but":"x"}]}`,
		`{"a":[{"anything-but":[1]}]}`,
		`{"a":[{"exists":"yes"}]}`, `{"a":[{"exists":true,"anything-but":["x"]}]}`, `{"$or":[{"a":["x"]},{"b":["y"]}]}`,
	} {
		if _, err := parse(pattern); err == nil {
			t.Errorf("%s is accepted", pattern)
		}
	}
}
