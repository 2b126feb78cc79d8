package web

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestRecordsNameTheirInvocation(t *testing.T) {
	t.Cleanup(func() { current.Store(nil) })
	for name, value := range map[string]string{
		"AWS_LAMBDA_FUNCTION_NAME": "stack-Events", "AWS_LAMBDA_FUNCTION_VERSION": "7", "BUILD": "abcdef0123",
	} {
		t.Setenv(name, value)
	}
	var out bytes.Buffer
	log := Logger(&out)
	record := func() map[string]any {
		t.Helper()
		out.Reset()
		log.With("a", 1).Info("done", "b", 2)
		var m map[string]any
		if err := json.Unmarshal(out.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	if m := record(); m["function"] != "stack-Events" || m["version"] != "7" || m["build"] != "abcdef0123" ||
		m["invocation"] != nil || m["a"] != 1.0 || m["message"] != "done" {
		t.Errorf("before a call: %v", m)
	}
	BeginInvocation("id-1", "Root=1-6565-abc;Parent=def;Sampled=0")
	if m := record(); m["invocation"] != "id-1" || m["trace"] != "1-6565-abc" || m["coldStart"] != true || m["b"] != 2.0 {
		t.Errorf("the first call: %v", m)
	}
	BeginInvocation("id-2", "")
	m := record()
	_, traced := m["trace"]
	if _, cold := m["coldStart"]; m["invocation"] != "id-2" || traced || cold {
		t.Errorf("the second call: %v", m)
	}
}
