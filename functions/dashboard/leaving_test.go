package main

import (
	"testing"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// told counts the messages of a kind to somebody.
func (f *fixture) told(kind connect.MessageKind, p apitest.Person) (n int) {
	f.T.Helper()
	for _, i := range f.Items("OUTBOX_TABLE") {
		if i["kind"] == string(kind) && i["user"] == string(p.Token.User) {
			n++
		}
	}
	return n
}

// An agency that ends the work for a client leaves nobody's account behind: one with people of its own has an
// owner who is told, and one that nobody else can enter is closed, takes nothing, and can be opened again.
func TestEndingTheWorkForAClient(t *testing.T) {
	f := start(t)
	f.Subscribe(f.pat.Account, connect.Billing{Status: connect.Active, Plan: "agency"})
	add := func(name string) (connect.AccountID, *connect.Site) {
		t.Helper()
		a := f.as(f.pat, "POST", "/v1/clients", map[string]any{"name": name, "payer": "agency"})
		if a.Status != 201 {
			t.Fatal(a)
		}
		id := connect.AccountID(a.Text("id"))
		return id, f.Site(id, name, "Europe/London", "https://client.example")
	}
	runs := func(site *connect.Site) bool {
		t.Helper()
		_, runs, err := f.Store.WidgetStatus(t.Context(), site, f.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return runs
	}
	owned, hers := add("Owned")
	f.Member(f.eve, owned, connect.Owner)
	agents, theirs := add("Agents")
	agent := f.Person("agent@example.com")
	f.Member(agent, agents, connect.Agent)
	nobodys, its := add("Nobodys")

	if a := f.as(f.pat, "DELETE", "/v1/clients/"+string(owned), nil); a.Status != 200 || a.JSON()["closingAt"] != nil ||
		!runs(hers) {
		t.Errorf("one with an owner: %d %s", a.Status, a.Body)
	}
	if n := f.told(connect.MailAgencyEnded, f.eve); n != 1 {
		t.Errorf("its owner was told %d times", n)
	}
	if a := f.as(f.pat, "DELETE", "/v1/clients/"+string(agents), nil); a.Status != 200 || a.JSON()["closingAt"] != nil ||
		!runs(theirs) {
		t.Errorf("one with a member: %d %s", a.Status, a.Body)
	}
	if m, err := f.Store.Member(t.Context(), agents, agent.Token.User); err != nil || m.Role != connect.Owner {
		t.Errorf("an account without an owner: %+v, %v", m, err)
	}
	first := f.as(f.pat, "DELETE", "/v1/clients/"+string(nobodys), nil)
	again := f.as(f.pat, "DELETE", "/v1/clients/"+string(nobodys), nil)
	if first.Status != 200 || first.Text("closingAt") == "" || again.Body != first.Body || runs(its) {
		t.Errorf("one that nobody else can enter: %d %s, then %d %s", first.Status, first.Body, again.Status, again.Body)
	}
	if a := f.in(f.pat, nobodys, "POST", "/v1/sites", shop(nil)); a.Status != 409 {
		t.Errorf("a site in a closed account: %d %s", a.Status, a.Body)
	}
	if a := f.in(f.pat, nobodys, "POST", "/v1/account/restore", nil); a.Status != 204 || !runs(its) {
		t.Errorf("opened again: %d %s", a.Status, a.Body)
	}
	if a := f.in(f.eve, owned, "DELETE", "/v1/members/me", nil); a.Status != 409 || a.Code() != "last-owner" {
		t.Errorf("the last owner leaves: %d %s", a.Status, a.Body)
	}
}

// Everybody may leave but the last owner; they are told, and when their login goes.
func TestLeavingAnAccount(t *testing.T) {
	f := start(t)
	f.Member(f.eve, f.pat.Account, connect.Viewer)
	f.Member(f.pat, f.eve.Account, connect.Owner)
	if a := f.in(f.eve, f.pat.Account, "DELETE", "/v1/members/me", nil); a.Status != 204 {
		t.Errorf("a viewer leaves: %d %s", a.Status, a.Body)
	}
	if a := f.as(f.eve, "GET", "/v1/me", nil); a.Status != 200 || a.JSON()["user"].(map[string]any)["deletesAt"] != nil {
		t.Errorf("still in their own account: %s", a.Body)
	}
	if a := f.in(f.pat, f.eve.Account, "DELETE", "/v1/members/"+string(f.eve.Token.User), nil); a.Status != 204 {
		t.Errorf("removed: %d %s", a.Status, a.Body)
	}
	if n := f.told(connect.MailMembershipEnded, f.eve); n != 2 {
		t.Errorf("told %d times", n)
	}
	if a := f.as(f.eve, "GET", "/v1/me", nil); a.Status != 200 || a.JSON()["user"].(map[string]any)["deletesAt"] == nil {
		t.Errorf("in no account: %d %s", a.Status, a.Body)
	}
	if a := f.as(f.pat, "DELETE", "/v1/members/me", nil); a.Status != 409 || a.Code() != "last-owner" {
		t.Errorf("the last owner: %d %s", a.Status, a.Body)
	}
}
