package main

import (
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// client opens an account for a client of an agency's, with a site.
func client(t *testing.T, w *apitest.World, agency apitest.Person, name string) *connect.Site {
	t.Helper()
	c := connect.Client{
		Agency: agency.Account, AgencyName: "Agency", Account: connect.NewAccountID(), Name: name, Payer: connect.AgencyPays,
		Since: w.Clock.Now(),
	}
	if err := w.Store.AddClient(t.Context(), c, apitest.Roomy); err != nil {
		t.Fatal(err)
	}
	return w.Site(c.Account, name, "Europe/London", connect.Origin("https://"+name+".example"))
}

// When an agency is gone, a client with people of its own continues and is told; one that nobody else could enter
// goes, too, and takes no visitor's data from the moment the agency is closed.
func TestAnAgencysClients(t *testing.T) {
	w := apitest.New(t)
	ctx := t.Context()
	agency, owner := w.Person("agency@example.com"), w.Person("owner@example.com")
	nobodys, owned, members := client(t, w, agency, "nobodys"), client(t, w, agency, "owned"),
		client(t, w, agency, "members")
	w.Member(owner, owned.Account, connect.Owner)
	agent := w.Person("agent@example.com")
	w.Member(agent, members.Account, connect.Agent)
	runs := func(what string, site *connect.Site, want bool) {
		t.Helper()
		if _, got, err := w.Store.WidgetStatus(ctx, site, w.Clock.Now()); err != nil || got != want {
			t.Errorf("%s: %s runs: %v, %v", what, site.Name, got, err)
		}
	}
	e := connect.AuditEntry{Account: agency.Account, At: w.Clock.Now(), Action: connect.AccountClosing}
	closeIt := func() {
		t.Helper()
		e.At = w.Clock.Now()
		if err := w.Store.CloseAccount(
			ctx, agency.Account, e.At.Add(connect.ClosingGrace).Truncate(time.Second), nil, e,
		); err != nil {
			t.Fatal(err)
		}
	}
	// A crash came before its clients were closed: the next run sees to it, and to its undoing.
	closeIt()
	runs("before the run", nobodys, true)
	if sum, err := purger(w, nil).run(ctx); err != nil || sum != (Summary{}) {
		t.Fatalf("%+v, %v", sum, err)
	}
	runs("closed", nobodys, false)
	runs("closed", owned, true)
	runs("closed", members, true)
	account, err := w.Store.Account(ctx, agency.Account)
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(time.Hour)
	e.At = w.Clock.Now()
	if err := w.Store.ReopenAccount(ctx, account, e); err != nil {
		t.Fatal(err)
	}
	if sum, err := purger(w, nil).run(ctx); err != nil || sum != (Summary{}) {
		t.Fatalf("%+v, %v", sum, err)
	}
	runs("restored", nobodys, true)

	closeIt()
	if err := w.Store.CloseClients(
		ctx, connect.Account{ID: agency.Account, ClosingAt: e.At.Add(connect.ClosingGrace).Truncate(time.Second)}, e,
	); err != nil {
		t.Fatal(err)
	}
	runs("closed again", nobodys, false)
	w.Clock.Forward(connect.ClosingGrace + time.Second)
	if sum, err := purger(w, nil).run(ctx); err != nil || sum.Accounts != 2 || sum.People != 1 || sum.Failed != 0 {
		t.Fatalf("%+v, %v", sum, err)
	}
	traces(t, w, string(agency.Account), agency.Email, string(nobodys.Account), string(nobodys.ID))
	runs("gone", owned, true)
	runs("gone", members, true)
	told := map[connect.UserID]bool{}
	for _, i := range w.Items("OUTBOX_TABLE") {
		if i["kind"] == string(connect.MailAgencyEnded) {
			told[connect.UserID(i["user"].(string))] = true
		}
	}
	if !told[owner.Token.User] || !told[agent.Token.User] || len(told) != 2 {
		t.Errorf("told: %v", told)
	}
	// Where nobody was the owner somebody is now: an account needs one.
	if m, err := w.Store.Member(ctx, members.Account, agent.Token.User); err != nil || m.Role != connect.Owner {
		t.Errorf("%+v, %v", m, err)
	}
}

// Who is in no account for 30 days goes; who joined one in the meantime stays, also when they left it again.
func TestAPersonInNoAccountGoes(t *testing.T) {
	w := apitest.New(t)
	ctx := t.Context()
	boss, pat, eve := w.Person("boss@example.com"), w.Person("pat@example.com"), w.Person("eve@example.com")
	leave := func(p apitest.Person, account connect.AccountID) {
		t.Helper()
		m, err := w.Store.Member(ctx, account, p.Token.User)
		if err != nil {
			t.Fatal(err)
		}
		e := connect.AuditEntry{Account: account, At: w.Clock.Now(), Action: connect.MemberRemoved, Actor: boss.Token.User}
		if err := w.Store.RemoveMember(ctx, m, e); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []apitest.Person{pat, eve} {
		w.Member(p, boss.Account, connect.Viewer)
		w.Member(boss, p.Account, connect.Owner)
		leave(p, p.Account)
		leave(p, boss.Account)
	}
	w.Clock.Forward(connect.AloneGrace - time.Hour)
	w.Member(eve, boss.Account, connect.Viewer)
	w.Clock.Forward(time.Minute)
	leave(eve, boss.Account)
	if sum, err := purger(w, nil).run(ctx); err != nil || sum != (Summary{}) {
		t.Fatalf("too early: %+v, %v", sum, err)
	}
	w.Clock.Forward(time.Hour)
	if sum, err := purger(w, nil).run(ctx); err != nil || sum.People != 1 || sum.Failed != 0 {
		t.Fatalf("%+v, %v", sum, err)
	}
	for _, table := range []string{"ACCOUNTS_TABLE", "CREDENTIALS_TABLE", "SESSIONS_TABLE"} {
		for _, i := range w.Items(table) {
			if i["pk"] == "U#"+string(pat.Token.User) || i["pk"] == "E#"+pat.Email {
				t.Errorf("%s still holds %v %v", table, i["pk"], i["sk"])
			}
		}
	}
	if _, err := w.Store.User(ctx, eve.Token.User); err != nil {
		t.Errorf("who joined and left again an hour ago: %v", err)
	}
	w.Clock.Forward(connect.AloneGrace)
	if sum, err := purger(w, nil).run(ctx); err != nil || sum.People != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
}
