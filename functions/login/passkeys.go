package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// passkeyUser is a person towards package webauthn.
type passkeyUser struct {
	user    connect.User
	factors *connect.Factors
}

func (u passkeyUser) WebAuthnID() []byte          { return []byte(u.user.ID) }
func (u passkeyUser) WebAuthnName() string        { return string(u.user.Email) }
func (u passkeyUser) WebAuthnDisplayName() string { return u.user.Name }
func (u passkeyUser) WebAuthnCredentials() []webauthn.Credential {
	var out []webauthn.Credential
	for _, p := range u.factors.Passkeys {
		var c webauthn.Credential
		if json.Unmarshal([]byte(p.Credential), &c) == nil {
			out = append(out, c)
		}
	}
	return out
}

// ceremony returns a challenge's options, and keeps the challenge for one use.
func (h *handlers) ceremony(
	r *http.Request, purpose string, user connect.UserID, generation int64, options any, session *webauthn.SessionData,
) (*api.PasskeyChallenge, error) {
	data, err := json.Marshal(session)
	if err != nil {
		return nil, err
	}
	now := web.Now(r)
	t := connect.OneTimeToken{
		ID: token.NewID(), Purpose: purpose, User: user, Generation: generation, Data: string(data), ExpiresAt: now.Add(connect.TokenLife(purpose)),
	}
	if err := h.store.IssueToken(r.Context(), t, now); err != nil {
		return nil, err
	}
	return &api.PasskeyChallenge{Ceremony: t.ID, Options: options}, nil
}

// challenge finds a ceremony that was begun and not finished.
func (h *handlers) challenge(r *http.Request, purpose, id string, user connect.UserID) (connect.OneTimeToken, webauthn.SessionData, error) {
	var session webauthn.SessionData
	t, err := h.store.OneTimeToken(r.Context(), purpose, id, web.Now(r))
	if err != nil || t.Used || t.User != user {
		if connect.KindOf(err) == connect.Internal && err != nil {
			return t, session, err
		}
		return t, session, connect.ErrPasskey
	}
	return t, session, json.Unmarshal([]byte(t.Data), &session)
}

// beginPasskey asks for the password first: a stolen session must not be able to add its own key.
func (h *handlers) beginPasskey(r *http.Request, who connect.Identity, in *api.PasswordConfirmation) (*api.PasskeyChallenge, error) {
	generation, err := h.store.CredentialGeneration(r.Context(), who.User)
	if err != nil {
		return nil, err
	}
	if err := h.reauthenticateOnly(r, who, in); err != nil {
		return nil, err
	}
	u, err := h.passkeyUser(r, who.User)
	if err != nil {
		return nil, err
	}
	if len(u.factors.Passkeys) >= connect.MaxPasskeys {
		return nil, &connect.Error{Kind: connect.Conflict, Code: "too-many-passkeys", Message: "You can have up to ten passkeys. Remove one first."}
	}
	var known []protocol.CredentialDescriptor
	for _, c := range u.WebAuthnCredentials() {
		known = append(known, c.Descriptor())
	}
	required := true
	options, session, err := h.passkeys.BeginRegistration(u, webauthn.WithExclusions(known), webauthn.WithConveyancePreference(protocol.PreferNoAttestation),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: &required, UserVerification: protocol.VerificationRequired,
		}))
	if err != nil {
		return nil, err
	}
	return h.ceremony(r, connect.ChallengePasskey, who.User, generation, options.Response, session)
}

func (h *handlers) passkeyUser(r *http.Request, id connect.UserID) (passkeyUser, error) {
	user, err := h.store.User(r.Context(), id)
	if err != nil {
		return passkeyUser{}, err
	}
	f, err := h.store.Factors(r.Context(), id)
	return passkeyUser{user, f}, err
}

// errPasskeyNew is ErrPasskey for somebody who is logged in.
var errPasskeyNew = &connect.Error{Kind: connect.Invalid, Code: "passkey-refused", Message: "This passkey couldn't be added. Start again."}

func (h *handlers) addPasskey(r *http.Request, who connect.Identity, in *api.NewPasskey) (*api.PasskeyAdded, error) {
	var problems connect.Problems
	name := problems.Line("name", in.Name, 60)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	t, session, err := h.challenge(r, connect.ChallengePasskey, in.Ceremony, who.User)
	if err != nil {
		return nil, newPasskey(err)
	}
	u, err := h.passkeyUser(r, who.User)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBody(bytes.NewReader(in.Credential))
	if err != nil {
		return nil, errPasskeyNew
	}
	c, err := h.passkeys.CreateCredential(u, session, parsed)
	if err != nil {
		return nil, errPasskeyNew
	}
	now := web.Now(r)
	p, err := passkeyOf(c)
	if err != nil {
		return nil, err
	}
	p.Name, p.CreatedAt = name, now
	if len(u.factors.Passkeys) >= connect.MaxPasskeys || slices.ContainsFunc(u.factors.Passkeys, func(o connect.Passkey) bool { return o.ID == p.ID }) {
		return nil, errPasskeyNew
	}
	u.factors.Passkeys = append(u.factors.Passkeys, p)
	out := &api.PasskeyAdded{ID: p.ID}
	if len(u.factors.Recovery) == 0 {
		out.RecoveryCodes, u.factors.Recovery = h.recoveryCodes(who.User)
	}
	if err := h.saveFactors(r, who, u.factors, &t, connect.FactorAdded, "passkey "+name); err != nil {
		return nil, newPasskey(err)
	}
	return out, nil
}

func newPasskey(err error) error {
	if connect.KindOf(err) == connect.Internal {
		return err
	}
	return errPasskeyNew
}

// passkeyOf is what is stored of a credential: the public key and its counter. What the authenticator attested
// is not asked for and not kept.
func passkeyOf(c *webauthn.Credential) (connect.Passkey, error) {
	c.Attestation = webauthn.CredentialAttestation{}
	data, err := json.Marshal(c)
	return connect.Passkey{ID: base64.RawURLEncoding.EncodeToString(c.ID), Credential: string(data)}, err
}

func (h *handlers) removePasskey(r *http.Request, who connect.Identity, id string, in *api.PasswordConfirmation) error {
	if err := h.reauthenticateOnly(r, who, in); err != nil {
		return err
	}
	f, err := h.store.Factors(r.Context(), who.User)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(f.Passkeys, func(p connect.Passkey) bool { return p.ID == id })
	if at < 0 {
		return connect.ErrNotFound
	}
	name := f.Passkeys[at].Name
	f.Passkeys = slices.Delete(f.Passkeys, at, at+1)
	return h.saveFactors(r, who, f, nil, connect.FactorRemoved, "passkey "+name)
}

// passkeyOptions begins a login by passkey. It asks for no address: the passkey says whose it is.
func (h *handlers) passkeyOptions(r *http.Request) (*api.PasskeyChallenge, error) {
	if err := h.throttle(r, budget{connect.PasskeysFromPrefix, h.cdn.Prefix(r)}); err != nil {
		return nil, err
	}
	options, session, err := h.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, err
	}
	return h.ceremony(r, connect.ChallengeLogin, "", 0, options.Response, session)
}

// passkeyLogin is a whole login: having the key and unlocking it are two factors. A challenge is good for one try,
// whatever happens to it.
func (h *handlers) passkeyLogin(r *http.Request, in *api.PasskeyLogin) (*api.NewSession, error) {
	try := budget{connect.PasskeyTries, h.cdn.Prefix(r)}
	if err := h.throttle(r, try); err != nil {
		return nil, err
	}
	t, session, err := h.challenge(r, connect.ChallengeLogin, in.Ceremony, "")
	if err != nil {
		return nil, err
	}
	if err := h.store.ConsumeToken(r.Context(), t, web.Now(r)); err != nil {
		return nil, passkeyRefused(err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBody(bytes.NewReader(in.Credential))
	if err != nil {
		return nil, connect.ErrPasskey
	}
	var u passkeyUser
	_, c, err := h.passkeys.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		if !connect.ValidID("u_", string(handle)) {
			return nil, connect.ErrPasskey
		}
		u, err = h.passkeyUser(r, connect.UserID(handle))
		return u, err
	}, session, parsed)
	if err != nil {
		web.Note(r, "passkey", "invalid")
		if u.user.ID != "" {
			return nil, h.logPasskeyRefusal(r, u.user.ID, "passkey")
		}
		return nil, connect.ErrPasskey
	}
	// A counter that did not go forward is a copy of the key.
	if c.Authenticator.CloneWarning {
		return nil, h.logPasskeyRefusal(r, u.user.ID, "passkey: its counter went back")
	}
	p, err := passkeyOf(c)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(u.factors.Passkeys, func(o connect.Passkey) bool { return o.ID == p.ID })
	if at < 0 {
		return nil, connect.ErrPasskey
	}
	u.factors.Passkeys[at].Credential, u.factors.Passkeys[at].LastUsedAt = p.Credential, web.Now(r)
	if err := h.unthrottle(r, try); err != nil {
		return nil, err
	}
	out, err := h.startSession(r, u.user.ID, store.Login{Factors: u.factors}, "passkey")
	return out, passkeyRefused(err)
}

// passkeyRefused says of what was used or changed in the meantime that the passkey was not accepted.
func passkeyRefused(err error) error {
	if err == connect.ErrLoginRefused || err == connect.ErrLinkInvalid {
		return connect.ErrPasskey
	}
	return err
}

// logPasskeyRefusal is refused, but nobody who knows a person's id can fill their logs.
func (h *handlers) logPasskeyRefusal(r *http.Request, user connect.UserID, why string) error {
	err := h.store.Throttle(r.Context(), connect.LoggedRefusals, string(user), web.Now(r))
	if errors.Is(err, connect.ErrTooMany) {
		web.Count(r, "RefusedLogins")
		return connect.ErrPasskey
	}
	if err != nil {
		return err
	}
	return h.logRefusal(r, user, why, connect.ErrPasskey)
}
