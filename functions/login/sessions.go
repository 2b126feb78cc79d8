package main

import (
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func (h *handlers) logout(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	if _, err := h.store.EndSessions(r.Context(), who.User, func(id string) bool { return id == who.SessionID }); err != nil {
		return err
	}
	return web.NoContent(w)
}

func (h *handlers) listSessions(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	sessions, err := h.store.Sessions(r.Context(), who.User, web.Now(r))
	if err != nil {
		return err
	}
	type device struct {
		ID         string    `json:"id"`
		CreatedAt  time.Time `json:"createdAt"`
		LastSeenAt time.Time `json:"lastSeenAt"`
		Device     string    `json:"device"`
		Current    bool      `json:"current"`
	}
	out := struct {
		Sessions []device `json:"sessions"`
	}{[]device{}}
	for _, s := range sessions {
		out.Sessions = append(out.Sessions, device{s.ID, s.CreatedAt, s.LastSeenAt, s.Browser, s.ID == who.SessionID})
	}
	return web.JSON(w, http.StatusOK, out)
}

// endSession responds 404 for a session that is not the caller's or has ended.
func (h *handlers) endSession(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	ended, err := h.store.EndSessions(r.Context(), who.User, func(id string) bool { return id == r.PathValue("id") })
	if err != nil {
		return err
	}
	if ended == 0 {
		return connect.ErrNotFound
	}
	if err := h.ended(r, who, "one device"); err != nil {
		return err
	}
	return web.NoContent(w)
}

func (h *handlers) endOtherSessions(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	if _, err := h.store.EndSessions(r.Context(), who.User, func(id string) bool { return id != who.SessionID }); err != nil {
		return err
	}
	if err := h.ended(r, who, "all other devices"); err != nil {
		return err
	}
	return web.NoContent(w)
}

func (h *handlers) ended(r *http.Request, who connect.Identity, which string) error {
	events, err := h.auditPersonal(r, who.User, connect.SessionsEnded, which)
	if err != nil {
		return err
	}
	return h.store.Audit(r.Context(), events...)
}
