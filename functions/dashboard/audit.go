package main

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func auditEntry(e connect.AuditEntry) api.AuditEntry {
	return api.AuditEntry{
		ID: e.ID, At: e.At, Action: string(e.Action), Actor: api.Optional(e.Actor), Name: e.ActorName, Target: e.Target,
		Place:  e.Client.Location,
		Device: e.Client.Browser,
	}
}

const auditPage = 100

// audit takes ?action= (a whole action, or a group such as "login."), ?actor=, ?from= and ?to=
// (yyyy-mm-dd, UTC, inclusive) and ?cursor=.
func (h *handlers) audit(r *http.Request, who connect.Identity, query auditQuery) (*api.AuditPage, error) {
	f := store.AuditFilter{Action: query.Action, Actor: connect.UserID(query.Actor), After: query.Cursor, Limit: auditPage}
	var p connect.Problems
	if f.Action != "" && !slices.ContainsFunc(connect.AuditActions, func(a connect.AuditAction) bool {
		group, _, _ := strings.Cut(string(a), ".")
		return string(a) == f.Action || group+"." == f.Action
	}) {
		p.Add("action", "Unknown action.")
	}
	if f.Actor != "" && !connect.ValidID("u_", string(f.Actor)) {
		p.Add("actor", "Unknown person.")
	}
	day := func(name, v string, into *time.Time, plus time.Duration) {
		if v != "" {
			t, err := time.Parse(time.DateOnly, v)
			if err != nil {
				p.Add(name, "Enter a date such as 2026-11-23.")
				return
			}
			*into = t.Add(plus)
		}
	}
	day("from", query.From, &f.From, 0)
	day("to", query.To, &f.To, 24*time.Hour)
	if f.After != "" && !validCursor(f.After) {
		p.Add("cursor", "Invalid cursor.")
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	events, next, err := h.store.AuditLog(r.Context(), who.Account, f, web.Now(r))
	if err != nil {
		return nil, err
	}
	out := &api.AuditPage{Items: []api.AuditEntry{}, Next: api.Optional(next)}
	for _, e := range events {
		out.Items = append(out.Items, auditEntry(e))
	}
	return out, nil
}

// validCursor keeps a cursor to the characters of our sort keys.
func validCursor(s string) bool {
	return len(s) <= 80 && !strings.ContainsFunc(s, func(c rune) bool {
		return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.ContainsRune("-_:.#", c))
	})
}
