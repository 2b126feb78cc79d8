package main

import (
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// Who changes their name is seen under it at once, by all their accounts; a name that could dress up as something
// else is refused, and writes nothing.
func TestChangingOnesName(t *testing.T) {
	f := start(t)
	f.Member(f.eve, f.pat.Account, connect.Agent)
	before := f.Sizes()
	for name, body := range map[string]any{
		"none": map[string]any{}, "null": `{"name":null}`, "empty": map[string]any{"name": " "},
		"two lines":        map[string]any{"name": "Pat\nExample"},
		"too long":         map[string]any{"name": strings.Repeat("x", 101)},
		"turned round":     map[string]any{"name": "Pat\u202eelpmaxE"},
		"more than a name": map[string]any{"name": "Pat", "email": "other@example.com"},
		"a number":         map[string]any{"name": 7},
	} {
		if a := f.as(f.eve, "PATCH", "/v1/me", body); a.Status != 400 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if a := f.as(f.eve, "PATCH", "/v1/me", map[string]any{"name": "Pat Example"}); a.Status != 204 { // the same as it is
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if got := f.Sizes(); len(got) != len(before) || got["audit"] != before["audit"] {
		t.Errorf("written: %v, before %v", got, before)
	}
	for range 2 { // sent again, it changes nothing more
		if a := f.as(f.eve, "PATCH", "/v1/me", map[string]any{"name": "  Eve King "}); a.Status != 204 {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	if a := f.as(f.eve, "GET", "/v1/me", nil); !strings.Contains(a.Body, `"name":"Eve King"`) {
		t.Error(a.Body)
	}
	if a := f.as(f.pat, "GET", "/v1/members", nil); !strings.Contains(a.Body, "Eve King") {
		t.Error(a.Body)
	}
	for _, account := range []connect.AccountID{f.pat.Account, f.eve.Account} {
		log, _, err := f.Store.AuditLog(
			t.Context(), account, store.AuditFilter{Action: string(connect.MemberRenamed), Limit: 10}, f.Clock.Now(),
		)
		if err != nil || len(log) != 1 || log[0].Target != "Pat Example to Eve King" || log[0].ActorName != "Pat Example" {
			t.Errorf("%s: %+v, %v", account, log, err)
		}
	}
}
