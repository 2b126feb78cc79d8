package main

import (
	"encoding/json"
	"testing"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// A refused login stands in the log of each of the person's accounts, once, for as long as its plan keeps it;
// of nobody's it stands nowhere.
func TestARefusedLogin(t *testing.T) {
	w := apitest.New(t)
	pat, eve := w.Person("pat@example.com"), w.Person("eve@example.com")
	w.Member(pat, eve.Account, connect.Viewer)
	w.Subscribe(eve.Account, connect.Billing{Status: connect.Active, Plan: "starter"})
	at := w.Clock.Now()
	for _, user := range []connect.UserID{pat.Token.User, ""} {
		if err := w.Store.QueueLoginRefusal(
			t.Context(),
			connect.AuditEntry{
				At: at, Actor: user, Target: "password", Client: connect.ClientInfo{Location: "GB", Browser: "Firefox on Linux"},
			},
		); err != nil {
			t.Fatal(err)
		}
	}
	logs := func() (out []connect.AuditEntry) {
		for _, account := range []connect.AccountID{pat.Account, eve.Account} {
			list, _, err := w.Store.AuditLog(t.Context(), account, store.AuditFilter{Action: "login.", Limit: 10}, w.Clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, list...)
		}
		return out
	}
	f := &refusals{store: open(w.DB), log: w.Logger(), clock: w.Clock.Now}
	var records []any
	for _, i := range w.Items("OUTBOX_TABLE") {
		records = append(records, map[string]any{
			"eventName": "INSERT",
			"dynamodb":  map[string]any{"SequenceNumber": "7", "NewImage": map[string]any{"pk": map[string]any{"S": i["pk"]}}},
		})
	}
	event, _ := json.Marshal(map[string]any{"Records": records})
	for range 2 { // the stream may deliver a record again
		if out, err := lambdahttp.Records(f.batch).Invoke(t.Context(), event); err != nil ||
			string(out) != `{"batchItemFailures":[]}` {
			t.Fatalf("%s, %v", out, err)
		}
	}
	list := logs()
	if len(list) != 2 {
		t.Fatalf("%+v", list)
	}
	for _, e := range list {
		if e.Action != connect.LoginRefused || e.Actor != pat.Token.User || e.Target != "password" ||
			e.Client.Location != "GB" || !e.At.Equal(at) {
			t.Errorf("%+v", e)
		}
	}
	w.Clock.Forward(connect.AuditLife(connect.Free.ID))
	if list := logs(); len(list) != 1 || list[0].Account != eve.Account {
		t.Errorf("past the free plan's time: %+v", list)
	}
}
