package main

import (
	"net/http"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// login treats an unknown address exactly like a wrong password: same budgets, same reads, same hashing,
// same writes, same words.
func (h *handlers) login(r *http.Request, in *api.Credentials) (*api.NewSession, error) {
	ctx := r.Context()
	email, _ := connect.ParseEmail(address.ASCII(in.Email)) // what is no address is nobody's address
	user, err := h.store.UserByEmail(ctx, email)
	if err != nil {
		return nil, err
	}
	budgets, known, err := h.passwordBudgets(r, strings.ToLower(strings.TrimSpace(in.Email)), user)
	if err != nil {
		return nil, err
	}
	if err := h.throttle(r, budgets...); err != nil {
		return nil, err
	}
	hash, err := h.store.PasswordHash(ctx, user)
	if err != nil {
		return nil, err
	}
	ok, stale, err := password.Verify(hash, in.Password)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, h.logRefusal(r, user, "password", connect.ErrLoginRefused)
	}
	if err := h.unthrottle(r, budgets...); err != nil {
		return nil, err
	}
	if stale {
		fresh := password.Hash(in.Password)
		if err := h.store.ReplacePasswordHash(ctx, user, hash, fresh); err != nil {
			return nil, err
		}
		hash = fresh
	}
	after, err := h.secondFactor(r, user, api.Value(in.Code), h.codeBudget(r, user, known))
	if err != nil {
		return nil, err
	}
	return h.startSession(r, user, store.Login{Hash: hash, Factors: after}, "password")
}

// startSession logs the browser in and returns its token.
func (h *handlers) startSession(r *http.Request, user connect.UserID, l store.Login, by string) (*api.NewSession, error) {
	events, err := h.auditPersonal(r, user, connect.LoggedIn, by)
	if err != nil {
		return nil, err
	}
	l.Audit = events
	t, s := h.newSession(r, user)
	if err := h.store.StartSession(r.Context(), t, s, l, web.Now(r)); err != nil {
		return nil, err
	}
	return newSession(t, s), nil
}

func (h *handlers) newSession(r *http.Request, user connect.UserID) (token.Bearer, connect.LoginSession) {
	now := web.Now(r)
	s := connect.LoginSession{
		User: user, Browser: connect.BrowserName(r.UserAgent()), CreatedAt: now, LastSeenAt: now,
		ExpiresAt: now.Add(connect.SessionLife).Truncate(time.Second), KnownDevice: h.knownDeviceDigests(r, user)[0], Client: h.cdn.ClientInfo(r),
	}
	t := token.NewBearer(user, s.ExpiresAt)
	s.ID = t.ID()
	return t, s
}

func newSession(t token.Bearer, s connect.LoginSession) *api.NewSession {
	return &api.NewSession{Token: t.Text, ExpiresAt: s.ExpiresAt.UTC()}
}
