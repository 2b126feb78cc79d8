package main

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

type eventJSON struct {
	ID     string         `json:"id"`
	At     time.Time      `json:"at"`
	Action connect.Action `json:"action"`
	Actor  connect.UserID `json:"actor,omitempty"`
	Name   string         `json:"name"`
	Target string         `json:"target"`
	Place  string         `json:"place"`
	Device string         `json:"device"`
}

func auditJSON(e connect.Event) eventJSON {
	return eventJSON{e.ID, e.At, e.Action, e.Actor, e.Name, e.Target, e.Where.Place, e.Where.Device}
}

const auditPage = 100

// audit answers ?action= (a whole action, or a group such as "login."), ?actor=, ?from= and ?to=
// (yyyy-mm-dd, UTC, inclusive) and ?cursor=.
func (h *handlers) audit(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	q := r.URL.Query()
	f := store.AuditFilter{Action: q.Get("action"), Actor: connect.UserID(q.Get("actor")), After: q.Get("cursor"), Limit: auditPage}
	var p connect.Problems
	if f.Action != "" && !slices.ContainsFunc(connect.Actions, func(a connect.Action) bool {
		group, _, _ := strings.Cut(string(a), ".")
		return string(a) == f.Action || group+"." == f.Action
	}) {
		p.Add("action", "There is no such action.")
	}
	if f.Actor != "" && !connect.ValidID("u_", string(f.Actor)) {
		p.Add("actor", "There is no such person.")
	}
	day := func(name string, into *time.Time, plus time.Duration) {
		if v := q.Get(name); v != "" {
			t, err := time.Parse(time.DateOnly, v)
			if err != nil {
				p.Add(name, "This is not a date such as 2026-11-23.")
				return
			}
			*into = t.Add(plus)
		}
	}
	day("from", &f.From, 0)
	day("to", &f.To, 24*time.Hour)
	if f.After != "" && !validCursor(f.After) {
		p.Add("cursor", "This is not a cursor of ours.")
	}
	if err := p.Err(); err != nil {
		return err
	}
	events, next, err := h.store.Audit(r.Context(), who.Account, f, web.Now(r))
	if err != nil {
		return err
	}
	out := struct {
		Items []eventJSON `json:"items"`
		Next  *string     `json:"next"`
	}{[]eventJSON{}, nil}
	for _, e := range events {
		out.Items = append(out.Items, auditJSON(e))
	}
	if next != "" {
		out.Next = &next
	}
	return web.JSON(w, http.StatusOK, out)
}

// validCursor keeps a cursor to the characters of our sort keys.
func validCursor(s string) bool {
	return len(s) <= 80 && !strings.ContainsFunc(s, func(c rune) bool {
		return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.ContainsRune("-_:.#", c))
	})
}
