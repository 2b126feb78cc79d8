package main

import (
	"fmt"
	"strings"
	"testing"
)

// A business blocks a number and lifts it, each once in its log, which names no number.
func TestABusinessBlocksANumber(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	stranger, _ := w.owner("stranger@example.com")
	path := "/v1/sites/" + string(site.ID) + "/blocked-numbers"
	for _, step := range []struct {
		body string
		want bool
	}{
		{`{"phone":"07700900123"}`, false}, {`{"phone":"07700900123","blocked":true}`, true},
		{`{"phone":"+44 7700 900123","blocked":true}`, true}, {`{"phone":"07700900123"}`, true},
		{`{"phone":"07700900123","blocked":false}`, false}, {`{"phone":"07700900123","blocked":false}`, false},
		{`{"phone":"07700900123"}`, false},
	} {
		got := w.call(bearer, "POST", path, step.body, 200)
		if got["blocked"] != step.want || (got["by"] == "Pat Example") != step.want || (got["at"] != nil) != step.want {
			t.Errorf("%s: %v", step.body, got)
		}
	}
	w.call(bearer, "POST", path, `{"phone":"07700900123","blocked":true}`, 200)
	lifted := `{"phone":"07700900123","blocked":false}`
	if got := w.rotated().call(bearer, "POST", path, lifted, 200); got["blocked"] != false {
		t.Errorf("lifted under another key: %v", got)
	}
	w.call(stranger, "POST", path, `{"phone":"07700900123","blocked":true}`, 404)
	w.call(bearer, "POST", path, `{"phone":"x"}`, 400)
	if n := w.Count("CALLBACKS_TABLE"); n != 0 {
		t.Errorf("%d items are left", n)
	}
	log := ""
	for _, i := range w.Items("AUDIT_TABLE") {
		log += fmt.Sprint(i["action"], " ", i["target"], "; ")
	}
	if strings.Count(log, "number.blocked Shop") != 2 || strings.Count(log, "number.unblocked Shop") != 2 ||
		strings.Contains(log, "7700") {
		t.Error(log)
	}
}
