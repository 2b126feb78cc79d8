package main

import (
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// A closed account takes no visitor's data, from the moment it is closed until it is open again.
func TestAClosedAccountTakesNoRequest(t *testing.T) {
	f := start(t)
	p := f.Person("pat@example.com")
	f.site = f.Site(p.Account, "The Shop", "Europe/London", shop)
	now := f.Clock.Now()
	e := connect.AuditEntry{Account: p.Account, At: now, Action: connect.AccountClosing}
	if err := f.Store.CloseAccount(t.Context(), p.Account, now.Add(connect.ClosingGrace), nil, e); err != nil {
		t.Fatal(err)
	}
	config := func() string {
		return f.Do(apitest.Request{Method: "GET", Path: "/v1/widget/" + string(f.site.Key)}).Body
	}
	if a := f.create(f.body(nil), f.key(), nil); a.Status != 403 || a.Code() != "paused" ||
		f.Count("CALLBACKS_TABLE") != 0 {
		t.Errorf("a request: %d %s", a.Status, a.Body)
	}
	if !strings.Contains(config(), `"active":false`) {
		t.Errorf("the widget's configuration: %s", config())
	}
	account, err := f.Store.Account(t.Context(), p.Account)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Store.ReopenAccount(t.Context(), account, e); err != nil {
		t.Fatal(err)
	}
	if f.link(nil); !strings.Contains(config(), `"active":true`) {
		t.Errorf("open again: %s", config())
	}
}
