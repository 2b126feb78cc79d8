package streams_test

import (
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/streams"
)

func TestFilterPatterns(t *testing.T) {
	record := map[string]any{"eventName": "INSERT", "dynamodb": map[string]any{"NewImage": map[string]any{"type": map[string]any{"S": "mail"}}, "SizeBytes": 12.0},
		"tags": []any{"x", "y"}}
	for pattern, want := range map[string]bool{
		`{"eventName":["INSERT","MODIFY"]}`:                           true,
		`{"eventName":["REMOVE"]}`:                                    false,
		`{"eventName":[{"anything-but":["REMOVE"]}]}`:                 true,
		`{"eventName":[{"anything-but":{"prefix":"INS"}}]}`:           false,
		`{"eventName":[{"equals-ignore-case":"insert"}]}`:             true,
		`{"eventName":[{"suffix":"ERT"}]}`:                            true,
		`{"dynamodb":{"NewImage":{"type":{"S":["mail"]}}}}`:           true,
		`{"dynamodb":{"NewImage":{"type":{"S":[{"exists":true}]}}}}`:  true,
		`{"dynamodb":{"NewImage":{"gone":{"S":[{"exists":false}]}}}}`: true,
		`{"dynamodb":{"NewImage":{"gone":{"S":["x"]}}}}`:              false,
		`{"dynamodb":{"SizeBytes":[{"numeric":[">",10,"<=",12]}]}}`:   true,
		`{"dynamodb":{"SizeBytes":[{"numeric":["<",10]}]}}`:           false,
		`{"tags":["y"]}`: true,
		`{"$or":[{"eventName":["REMOVE"]},{"tags":["x"]}]}`: true,
		`{"eventName":["INSERT"],"tags":["z"]}`:             false,
	} {
		f, err := streams.ParseFilter(map[string]any{"Filters": []any{map[string]any{"Pattern": pattern}}})
		if err != nil || f.Passes(record) != want {
			t.Errorf("%s: %v, want %v (%v)", pattern, !want, want, err)
		}
	}
	for _, pattern := range []string{`{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":"b"}`, `{`} {
		if _, err := streams.ParseFilter(map[string]any{"Filters": []any{map[string]any{"Pattern": pattern}}}); err == nil {
			t.Errorf("%s is accepted", pattern)
		}
	}
}
