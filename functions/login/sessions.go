package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func (h *handlers) logout(r *http.Request, who connect.Identity) error {
	_, err := h.store.EndSessions(r.Context(), who.User, func(id string) bool { return id == who.SessionID })
	return err
}

func (h *handlers) listSessions(r *http.Request, who connect.Identity) (*api.SessionList, error) {
	sessions, err := h.store.Sessions(r.Context(), who.User, web.Now(r))
	if err != nil {
		return nil, err
	}
	out := &api.SessionList{Sessions: []api.Session{}}
	for _, s := range sessions {
		out.Sessions = append(out.Sessions, api.Session{
			ID: s.ID, CreatedAt: s.CreatedAt, LastSeenAt: s.LastSeenAt, Device: s.Browser, Current: s.ID == who.SessionID,
		})
	}
	return out, nil
}

// endSession responds 404 for a session that is not the caller's or has ended.
func (h *handlers) endSession(r *http.Request, who connect.Identity, id string) error {
	ended, err := h.store.EndSessions(r.Context(), who.User, func(one string) bool { return one == id })
	if err != nil {
		return err
	}
	if ended == 0 {
		return connect.ErrNotFound
	}
	return h.auditEnded(r, who, "one device")
}

func (h *handlers) endOtherSessions(r *http.Request, who connect.Identity) error {
	_, err := h.store.EndSessions(r.Context(), who.User, func(id string) bool { return id != who.SessionID })
	if err != nil {
		return err
	}
	return h.auditEnded(r, who, "all other devices")
}

func (h *handlers) auditEnded(r *http.Request, who connect.Identity, which string) error {
	entries, err := h.auditPersonal(r.Context(), web.CallerOf(r), who.User, connect.SessionsEnded, which)
	if err != nil {
		return err
	}
	return h.store.Audit(r.Context(), entries...)
}
