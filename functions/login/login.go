package main

import (
	"net/http"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// login answers an unknown address exactly as a wrong password: same budgets, same reads, same hashing,
// same writes, same words.
func (h *handlers) login(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Email    string `json:"email"`
		Password string `json:"password"`
		Code     string `json:"code"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	ctx := r.Context()
	email, _ := connect.ParseEmail(address.ASCII(in.Email)) // what is no address is nobody's address
	user, err := h.store.UserByEmail(ctx, email)
	if err != nil {
		return err
	}
	budgets, known, err := h.guesses(r, strings.ToLower(strings.TrimSpace(in.Email)), user)
	if err != nil {
		return err
	}
	if err := h.take(r, budgets...); err != nil {
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
		return h.refused(r, user, "password", connect.ErrLoginRefused)
	}
	if err := h.giveBack(r, budgets...); err != nil {
		return err
	}
	if stale {
		fresh := password.Hash(in.Password)
		if err := h.store.ReplacePasswordHash(ctx, user, hash, fresh); err != nil {
			return err
		}
		hash = fresh
	}
	after, err := h.second(r, user, in.Code, h.codes(r, user, known))
	if err != nil {
		return err
	}
	return h.start(w, r, user, store.Login{Hash: hash, Factors: after}, "password")
}

// start logs the browser in and answers its token.
func (h *handlers) start(w http.ResponseWriter, r *http.Request, user connect.UserID, l store.Login, by string) error {
	events, err := h.personal(r, user, connect.LoggedIn, by)
	if err != nil {
		return err
	}
	l.Events = events
	t, s := h.newSession(r, user)
	if err := h.store.StartSession(r.Context(), t, s, l, web.Now(r)); err != nil {
		return err
	}
	return answerToken(w, t, s)
}

func (h *handlers) newSession(r *http.Request, user connect.UserID) (token.Session, connect.Session) {
	now := web.Now(r)
	s := connect.Session{
		User: user, Device: connect.DeviceName(r.UserAgent()), CreatedAt: now, LastSeenAt: now,
		ExpiresAt: now.Add(connect.SessionLife).Truncate(time.Second), Source: h.sources(r, user)[0], Where: h.cdn.Where(r),
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
