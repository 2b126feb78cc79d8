package main

import (
	"testing"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// The log record of a refusal names who was refused and in which account, by ids; one of what was allowed, nobody.
func TestARefusalsRecordNamesWhoAsked(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	viewer := w.Person("viewer@example.com")
	w.Member(viewer, site.Account, connect.Viewer)
	path := "/v1/sites/" + string(site.ID)
	in := map[string]string{"mi-account": string(site.Account)}
	refused := w.Do(apitest.Request{
		Method: "POST", Path: path + "/erase", Body: `{"phone":"07700900123"}`, Bearer: viewer.Token.Text, Header: in,
	})
	if refused.Status != 403 || refused.Record["user"] != string(viewer.Token.User) ||
		refused.Record["account"] != string(site.Account) {
		t.Errorf("%d, recorded as %v", refused.Status, refused.Record)
	}
	allowed := w.Do(apitest.Request{Method: "GET", Path: path + "/erasures", Bearer: bearer})
	if allowed.Status != 200 || allowed.Record["user"] != nil || allowed.Record["account"] != nil {
		t.Errorf("%d, recorded as %v", allowed.Status, allowed.Record)
	}
	// Another account's: who is known, and which account they asked for, though they are in none of it.
	stranger := w.Person("stranger@example.com")
	other := w.Do(apitest.Request{Method: "GET", Path: path + "/erasures", Bearer: stranger.Token.Text, Header: in})
	if other.Status != 403 || other.Record["user"] != string(stranger.Token.User) ||
		other.Record["account"] != string(site.Account) {
		t.Errorf("a stranger: %d, recorded as %v", other.Status, other.Record)
	}
}
