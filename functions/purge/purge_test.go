package main

import (
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

func TestAfterThirtyDaysNothingIsLeft(t *testing.T) {
	w := apitest.New(t)
	ctx := t.Context()
	pat, eve := w.Person("pat@example.com"), w.Person("eve@example.com")
	kept, lost := w.Site(eve.Account, "Kept", "Europe/London", "https://kept.example"),
		w.Site(pat.Account, "Lost", "Europe/London", "https://lost.example")
	removed := w.Site(pat.Account, "Removed", "Europe/London", "https://removed.example")
	now := w.Clock.Now()
	for _, s := range []*connect.Site{kept, lost, removed} {
		c := &connect.Callback{ID: connect.NewCallbackID(now), Site: s.ID, SiteName: s.Name, Name: "Vera " + s.Name,
			Phone: "+447700900123", Status: connect.StatusNew,
			CreatedAt: now, UpdatedAt: now, ExpiresAt: now.Add(90 * 24 * time.Hour)}
		if _, err := w.Store.AddCallback(ctx, c, "key-"+s.Name, "digest", now); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Store.RemoveSite(ctx, removed); err != nil {
		t.Fatal(err)
	}
	// Eve is a member of Pat's account too: she stays, being in her own.
	w.Member(eve, pat.Account, connect.Admin)
	e := connect.AuditEntry{Account: pat.Account, At: now, Action: connect.AccountClosing}
	at := now.Add(connect.ClosingGrace)
	if err := w.Store.CloseAccount(ctx, pat.Account, at, nil, e); err != nil {
		t.Fatal(err)
	}
	p := purger(w, nil)
	w.Clock.Forward(connect.ClosingGrace - time.Second)
	before := w.Dump()
	if gone, err := p.run(ctx); gone != (Summary{}) || err != nil || w.Dump() != before {
		t.Fatalf("a second early: %+v, %v", gone, err)
	}
	// Opened again, and closed again.
	account, err := w.Store.Account(ctx, pat.Account)
	if err != nil {
		t.Fatal(err)
	}
	e.At = w.Clock.Now()
	if err := w.Store.ReopenAccount(ctx, account, e); err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(time.Hour)
	if gone, err := p.run(ctx); gone != (Summary{}) || err != nil {
		t.Fatalf("an account that was opened again: %+v, %v", gone, err)
	}
	e.At = w.Clock.Now()
	if err := w.Store.CloseAccount(ctx, pat.Account, w.Clock.Now().Add(connect.ClosingGrace), nil, e); err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(connect.ClosingGrace + time.Second)
	for round := range 2 {
		if gone, err := p.run(ctx); gone.Accounts != 1-round || gone.People != 1-round || gone.Failed != 0 || err != nil {
			t.Fatalf("round %d: %+v, %v", round, gone, err)
		}
	}
	traces(
		t, w, string(pat.Account), string(pat.Token.User), pat.Email, string(lost.ID), string(removed.ID), "Vera Lost",
		"Vera Removed",
	)
	if _, err := w.Store.User(ctx, eve.Token.User); err != nil {
		t.Errorf("who is in another account: %v", err)
	}
	if page, _, err := w.Store.Callbacks(ctx, kept.ID, "", "", now); err != nil || len(page) != 1 {
		t.Errorf("another account's requests: %v, %v", page, err)
	}
}
