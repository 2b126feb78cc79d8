package main

import (
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// login answers an unknown address exactly as a wrong password: same reads, same hashing, same words.
func (h *handlers) login(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	ctx := r.Context()
	email, _ := connect.ParseEmail(in.Email) // what is no address is nobody's address
	user, err := h.store.UserByEmail(ctx, email)
	if err != nil {
		return err
	}
	hash, err := h.store.PasswordHash(ctx, user)
	if err != nil {
		return err
	}
	ok, stale, err := password.Verify(hash, in.Password)
	if err != nil {
		return err
	}
	if !ok {
		return connect.ErrLoginRefused
	}
	if stale {
		if err := h.store.ReplacePasswordHash(ctx, user, hash, password.Hash(in.Password)); err != nil {
			return err
		}
	}
	t, session := newSession(user, r.UserAgent(), web.Now(r))
	if err := h.store.StartSession(ctx, t, session); err != nil {
		return err
	}
	return answerToken(w, t, session)
}

func newSession(user connect.UserID, userAgent string, now time.Time) (token.Session, connect.Session) {
	s := connect.Session{
		User: user, Device: connect.DeviceName(userAgent), CreatedAt: now, LastSeenAt: now,
		ExpiresAt: now.Add(connect.SessionLife).Truncate(time.Second),
	}
	t := token.NewSession(user, s.ExpiresAt)
	s.ID = t.ID()
	return t, s
}

func answerToken(w http.ResponseWriter, t token.Session, s connect.Session) error {
	return web.JSON(w, http.StatusOK, struct {
		Token     string    `json:"token"`
		ExpiresAt time.Time `json:"expiresAt"`
	}{t.Text, s.ExpiresAt.UTC()})
}
