package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/functions/login/factors"
	"github.com/mi-telecom/mi-connect/functions/login/guard"
	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// login treats an unknown address exactly like a wrong password: same budgets, same reads, same hashing,
// same writes, same response.
func (h *handlers) login(r *http.Request, in *api.Credentials) (*api.NewSession, error) {
	ctx, caller := r.Context(), web.CallerOf(r)
	email, _ := connect.ParseEmail(address.ASCII(in.Email)) // what is no address is nobody's address
	user, err := h.store.UserByEmail(ctx, email)
	if err != nil {
		return nil, err
	}
	device := h.guard.Device(caller, user)
	tries, err := h.guard.Tries(ctx, caller, device, in.Email)
	if err != nil {
		return nil, err
	}
	if err := h.guard.Spend(ctx, caller, tries.Password...); err != nil {
		return nil, err
	}
	hash, stale, err := h.checkPassword(ctx, user, in.Password)
	if errors.Is(err, errWrongPassword) {
		return nil, h.guard.Refuse(ctx, caller, user, "password", connect.ErrLoginRefused)
	}
	if err != nil {
		return nil, err
	}
	if err := h.guard.Refund(ctx, caller, tries.Password...); err != nil {
		return nil, err
	}
	if stale {
		old := hash
		hash = password.Hash(in.Password)
		if err := h.store.ReplacePasswordHash(ctx, user, old, hash); err != nil {
			return nil, err
		}
	}
	after, err := h.checkFactor(ctx, caller, user, api.Value(in.Code), tries.Code)
	if err != nil {
		return nil, err
	}
	return h.startSession(ctx, caller, device, store.Login{Hash: hash, Factors: after}, "password")
}

var errWrongPassword = errors.New("login: wrong password")

// checkPassword returns the stored hash of a correct password, and whether its parameters are out of date. It returns
// errWrongPassword, after the same work, for a wrong password and for an unknown person.
func (h *handlers) checkPassword(
	ctx context.Context, user connect.UserID, given string,
) (hash string, stale bool, err error) {
	hash, err = h.store.PasswordHash(ctx, user)
	if err != nil {
		return "", false, err
	}
	ok, stale, err := password.Verify(hash, given)
	if err == nil && !ok {
		err = errWrongPassword
	}
	return hash, stale, err
}

// checkFactor checks the second factor of a login, if the person has one. It returns their factors without what was
// used, to be stored with the session, so that it cannot be used again.
func (h *handlers) checkFactor(
	ctx context.Context, caller *web.Caller, user connect.UserID, code string, b guard.Budget,
) (*connect.Factors, error) {
	f, err := h.store.Factors(ctx, user)
	if err != nil || !f.Active() {
		return nil, err
	}
	if strings.TrimSpace(code) == "" {
		return nil, connect.ErrCodeNeeded
	}
	if err := h.guard.Spend(ctx, caller, b); err != nil {
		return nil, err
	}
	ok, err := factors.Use(h.links, f, user, code, caller.At)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, h.guard.Refuse(ctx, caller, user, "code", connect.ErrCodeRefused)
	}
	return f, h.guard.Refund(ctx, caller, b)
}

// startSession logs the browser in and returns its token.
func (h *handlers) startSession(
	ctx context.Context, caller *web.Caller, d guard.Device, l store.Login, by string,
) (*api.NewSession, error) {
	entries, err := h.auditPersonal(ctx, caller, d.User, connect.LoggedIn, by)
	if err != nil {
		return nil, err
	}
	l.Audit = entries
	t, s := newSession(caller, d)
	if err := h.store.StartSession(ctx, t, s, l, caller.At); err != nil {
		return nil, err
	}
	return &api.NewSession{Token: t.Text, ExpiresAt: s.ExpiresAt}, nil
}

// newSession makes a session for the device's user, to be stored.
func newSession(caller *web.Caller, d guard.Device) (token.Bearer, connect.LoginSession) {
	s := connect.LoginSession{
		User: d.User, Browser: caller.Client.Browser, CreatedAt: caller.At, LastSeenAt: caller.At,
		ExpiresAt:   caller.At.Add(connect.SessionLife).Truncate(time.Second).UTC(),
		KnownDevice: d.Digest, Client: caller.Client,
	}
	t := token.NewBearer(d.User, s.ExpiresAt)
	s.ID = t.ID()
	return t, s
}

// auditPersonal returns an audit entry for each account that the person is in.
func (h *handlers) auditPersonal(
	ctx context.Context, caller *web.Caller, user connect.UserID, action connect.AuditAction, target string,
) ([]connect.AuditEntry, error) {
	return h.store.AuditInEveryAccount(ctx, caller.AuditEntry(connect.Identity{User: user}, action, target))
}
