package samples

import "testing"

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		name, want, got string
		ok              bool
	}{
		{"the same", `{"a":1}`, `{"a":1}`, true},
		{"more than wanted", `{"a":1}`, `{"a":1,"b":2}`, true},
		{"less than wanted", `{"a":1,"b":2}`, `{"a":1}`, false},
		{"another number", `{"a":1}`, `{"a":2}`, false},
		{"a text is no number", `{"a":1}`, `{"a":"1"}`, false},
		{"a body is read", `{"body":{"id":"x"}}`, `{"body":"{\"id\":\"x\",\"at\":1}"}`, true},
		{"a body with another value", `{"body":{"id":"x"}}`, `{"body":"{\"id\":\"y\"}"}`, false},
		{"a body that is no JSON", `{"body":{"id":"x"}}`, `{"body":"<html>"}`, false},
		{"a text body", `{"body":""}`, `{"body":""}`, true},
		{"anything", `{"a":"*"}`, `{"a":"x"}`, true},
		{"anything is not nothing", `{"a":"*"}`, `{}`, false},
		{"anything is not empty", `{"a":"*"}`, `{"a":""}`, false},
		{"nothing wanted", `{"a":null}`, `{}`, true},
		{"nothing wanted, something there", `{"a":null}`, `{"a":1}`, false},
		{"a list", `{"a":[1,{"b":2}]}`, `{"a":[1,{"b":2,"c":3}]}`, true},
		{"a longer list", `{"a":[]}`, `{"a":[1]}`, false},
		{
			"headers in any case", `{"headers":{"content-type":"text/plain"}}`, `{"headers":{"Content-Type":"text/plain"}}`,
			true,
		},
		{"a text that fits", `{"a":{"$match":"c_[0-9]+"}}`, `{"a":"c_12"}`, true},
		{"a text that fits in part", `{"a":{"$match":"c_[0-9]"}}`, `{"a":"c_12"}`, false},
		{"what is no text", `{"a":{"$match":".*"}}`, `{"a":1}`, false},
		{"an expression that is none", `{"a":{"$match":"("}}`, `{"a":"("}`, false},
		{"what must not be there", `{"$why":"x","$absent":["secret"],"a":1}`, `{"a":1,"b":"a secret"}`, false},
		{"what is not there", `{"$why":"x","$absent":["secret"],"a":1}`, `{"a":1}`, true},
		{"nothing at all", `null`, `null`, true},
		{"no JSON", `{}`, `Internal Server Error`, false},
	} {
		if err := Match([]byte(c.want), []byte(c.got)); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
