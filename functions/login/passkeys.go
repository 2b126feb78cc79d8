package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/mi-telecom/mi-connect/functions/login/factors"
	"github.com/mi-telecom/mi-connect/functions/login/guard"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// ceremony stores a challenge in t for one use, and returns its options.
func (h *handlers) ceremony(
	r *http.Request, t connect.OneTimeToken, options any, challenge string,
) (*api.PasskeyChallenge, error) {
	now := web.Now(r)
	t.ID, t.Data, t.ExpiresAt = token.NewID(), challenge, now.Add(connect.TokenLife(t.Purpose))
	if err := h.store.IssueToken(r.Context(), t, now); err != nil {
		return nil, err
	}
	return &api.PasskeyChallenge{Ceremony: t.ID, Options: options}, nil
}

// challenge returns a ceremony that was begun and not finished, or connect.ErrPasskey.
func (h *handlers) challenge(
	r *http.Request, purpose, id string, user connect.UserID,
) (connect.OneTimeToken, error) {
	t, err := h.store.OneTimeToken(r.Context(), purpose, id, web.Now(r))
	if err != nil && connect.KindOf(err) == connect.Internal {
		return t, err
	}
	if err != nil || t.Used || t.User != user {
		return t, connect.ErrPasskey
	}
	return t, nil
}

// holder reads a person and their factors.
func (h *handlers) holder(ctx context.Context, id connect.UserID) (connect.User, *connect.Factors, error) {
	user, err := h.store.User(ctx, id)
	if err != nil {
		return user, nil, err
	}
	f, err := h.store.Factors(ctx, id)
	return user, f, err
}

// beginPasskey asks for the password first: a stolen session must not be able to add its own key.
func (h *handlers) beginPasskey(
	r *http.Request, who connect.Identity, in *api.PasswordConfirmation,
) (*api.PasskeyChallenge, error) {
	generation, err := h.store.CredentialGeneration(r.Context(), who.User)
	if err != nil {
		return nil, err
	}
	if err := h.reauthenticateOnly(r, who, in); err != nil {
		return nil, err
	}
	user, f, err := h.holder(r.Context(), who.User)
	if err != nil {
		return nil, err
	}
	options, challenge, err := h.passkeys.BeginAdd(user, f)
	if err != nil {
		return nil, err
	}
	t := connect.OneTimeToken{Purpose: connect.ChallengePasskey, User: who.User, Generation: generation}
	return h.ceremony(r, t, options, challenge)
}

func (h *handlers) addPasskey(r *http.Request, who connect.Identity, in *api.NewPasskey) (*api.PasskeyAdded, error) {
	var problems connect.Problems
	name := problems.Line("name", in.Name, 60)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	t, err := h.challenge(r, connect.ChallengePasskey, in.Ceremony, who.User)
	if err != nil {
		return nil, passkeyNotAdded(err)
	}
	user, f, err := h.holder(r.Context(), who.User)
	if err != nil {
		return nil, err
	}
	id, err := h.passkeys.Add(user, f, t.Data, in.Credential, name, web.Now(r))
	if err != nil {
		return nil, err
	}
	out := &api.PasskeyAdded{ID: id, RecoveryCodes: factors.FirstRecoveryCodes(f, who.User)}
	if err := h.saveFactors(r, who, f, &t, connect.FactorAdded, "passkey "+name); err != nil {
		return nil, passkeyNotAdded(err)
	}
	return out, nil
}

// passkeyNotAdded is factors.ErrNew for a ceremony that was used, or overtaken by another change.
func passkeyNotAdded(err error) error {
	if connect.KindOf(err) == connect.Internal {
		return err
	}
	return factors.ErrNew
}

func (h *handlers) removePasskey(r *http.Request, who connect.Identity, id string, in *api.PasswordConfirmation) error {
	f, err := h.ownFactors(r, who, in)
	if err != nil {
		return err
	}
	name, err := factors.RemovePasskey(f, id)
	if err != nil {
		return err
	}
	return h.saveFactors(r, who, f, nil, connect.FactorRemoved, "passkey "+name)
}

// passkeyOptions begins a login by passkey.
func (h *handlers) passkeyOptions(r *http.Request) (*api.PasskeyChallenge, error) {
	caller := web.CallerOf(r)
	if err := h.guard.Spend(r.Context(), caller, guard.From(connect.PasskeysFromPrefix, caller)); err != nil {
		return nil, err
	}
	options, challenge, err := h.passkeys.BeginLogin()
	if err != nil {
		return nil, err
	}
	return h.ceremony(r, connect.OneTimeToken{Purpose: connect.ChallengeLogin}, options, challenge)
}

// passkeyLogin is a complete login: having the key and unlocking it are two factors. A challenge is good for one try,
// however it ends.
func (h *handlers) passkeyLogin(r *http.Request, in *api.PasskeyLogin) (*api.NewSession, error) {
	ctx, caller := r.Context(), web.CallerOf(r)
	try := guard.From(connect.PasskeyTries, caller)
	if err := h.guard.Spend(ctx, caller, try); err != nil {
		return nil, err
	}
	t, err := h.challenge(r, connect.ChallengeLogin, in.Ceremony, "")
	if err != nil {
		return nil, err
	}
	if err := h.store.ConsumeToken(ctx, t, caller.At); err != nil {
		return nil, passkeyRefused(err)
	}
	find := func(id connect.UserID) (connect.User, *connect.Factors, error) { return h.holder(ctx, id) }
	user, f, err := h.passkeys.Login(t.Data, in.Credential, caller.At, find)
	if errors.Is(err, factors.ErrInvalid) {
		caller.Note("passkey", "invalid")
		if user == "" {
			return nil, connect.ErrPasskey
		}
		return nil, h.guard.RefuseSome(ctx, caller, user, "passkey", connect.ErrPasskey)
	}
	if errors.Is(err, factors.ErrCopied) {
		return nil, h.guard.RefuseSome(ctx, caller, user, "passkey: its counter went back", connect.ErrPasskey)
	}
	if err != nil {
		return nil, err
	}
	if err := h.guard.Refund(ctx, caller, try); err != nil {
		return nil, err
	}
	out, err := h.startSession(ctx, caller, h.guard.Device(caller, user), store.Login{Factors: f}, "passkey")
	return out, passkeyRefused(err)
}

// passkeyRefused is connect.ErrPasskey for a challenge or factors that were used in the meantime.
func passkeyRefused(err error) error {
	if errors.Is(err, connect.ErrLoginRefused) || errors.Is(err, connect.ErrLinkInvalid) {
		return connect.ErrPasskey
	}
	return err
}
