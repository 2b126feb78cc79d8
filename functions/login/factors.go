package main

import (
	"crypto/rand"
	"encoding/base32"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// secondFactor checks the second factor of a login, if the person has one. It returns their factors as they are
// after it, to be stored with the session: whatever was used cannot be used again. Each try is counted
// before it is compared, so that many at once are no more than the budget.
func (h *handlers) secondFactor(r *http.Request, user connect.UserID, code string, b budget) (*connect.Factors, error) {
	f, err := h.store.Factors(r.Context(), user)
	if err != nil || !f.Active() {
		return nil, err
	}
	if strings.TrimSpace(code) == "" {
		return nil, connect.ErrCodeNeeded
	}
	if err := h.throttle(r, b); err != nil {
		return nil, err
	}
	ok, err := h.useCode(f, user, code, web.Now(r))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, h.logRefusal(r, user, "code", connect.ErrCodeRefused)
	}
	return f, h.unthrottle(r, b)
}

// useCode takes an authenticator or recovery code out of f.
func (h *handlers) useCode(f *connect.Factors, user connect.UserID, code string, now time.Time) (bool, error) {
	code = plainCode(code)
	if len(code) == 6 && f.TOTP != "" {
		secret, err := h.links.Unseal(sealTOTP, f.TOTP)
		if err != nil {
			return false, connect.ErrFactorLost
		}
		step, ok := totpStep(secret, code, f.Step, now)
		if ok {
			f.Step = step
		}
		if ok && h.links.Stale(f.TOTP) {
			f.TOTP = h.links.Seal(sealTOTP, secret)
		}
		return ok, nil
	}
	if len(code) != recoveryLength {
		return false, nil
	}
	at := password.IndexCode(f.Recovery, string(user)+code)
	if at < 0 {
		return false, nil
	}
	f.Recovery = slices.Delete(f.Recovery, at, at+1)
	return true, nil
}

// sealTOTP is the purpose under which the secrets of authenticators are sealed.
const sealTOTP = store.SealTOTP

// totpUnreadable reports whether a person's authenticator cannot be read any more: its key was dropped.
func (h *handlers) totpUnreadable(f *connect.Factors) bool {
	if f.TOTP == "" {
		return false
	}
	_, err := h.links.Unseal(sealTOTP, f.TOTP)
	return err != nil
}

// plainCode drops what people and apps put between the characters.
func plainCode(s string) string {
	if len(s) > 64 {
		return ""
	}
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(s))
}

const recoveryLength = 16 // 80 bits

var recoveryAlphabet = base32.NewEncoding("abcdefghjkmnpqrstuvwxyz023456789").WithPadding(base32.NoPadding)

// recoveryCodes makes a set and the hashes that are stored of it. They depend on no key of ours: codes on paper
// outlive it, and nobody could hash them again under another.
func (h *handlers) recoveryCodes(user connect.UserID) (shown *[]string, hashes []string) {
	var codes, plain []string
	for range connect.RecoveryCodes {
		b := make([]byte, 10)
		rand.Read(b)
		code := recoveryAlphabet.EncodeToString(b)
		codes = append(codes, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:])
		plain = append(plain, string(user)+code)
	}
	return &codes, password.HashCodes(plain)
}

func (h *handlers) listFactors(r *http.Request, who connect.Identity) (*api.Factors, error) {
	f, err := h.store.Factors(r.Context(), who.User)
	if err != nil {
		return nil, err
	}
	running, err := h.store.Recovery(r.Context(), who.User, web.Now(r))
	if err != nil {
		return nil, err
	}
	out := &api.Factors{
		Totp: f.TOTP != "", TotpLost: h.totpUnreadable(f), RecoveryCodes: len(f.Recovery), Passkeys: []api.Passkey{}, RecoveryAt: api.OptionalTime(running),
	}
	for _, p := range f.Passkeys {
		out.Passkeys = append(out.Passkeys, api.Passkey{ID: p.ID, Name: p.Name, CreatedAt: p.CreatedAt, LastUsedAt: api.OptionalTime(p.LastUsedAt)})
	}
	return out, nil
}

// reauthenticateOnly asks a person who is logged in for their password again.
func (h *handlers) reauthenticateOnly(r *http.Request, who connect.Identity, in *api.PasswordConfirmation) error {
	_, err := h.reauthenticate(r, who, "password", in.Password)
	return err
}

// beginTotp makes a secret and keeps it, sealed, until its first code is seen.
func (h *handlers) beginTotp(r *http.Request, who connect.Identity, in *api.PasswordConfirmation) (*api.TotpSecret, error) {
	generation, err := h.store.CredentialGeneration(r.Context(), who.User)
	if err != nil {
		return nil, err
	}
	if err := h.reauthenticateOnly(r, who, in); err != nil {
		return nil, err
	}
	f, err := h.store.Factors(r.Context(), who.User)
	if err != nil {
		return nil, err
	}
	now := web.Now(r)
	secret := newTOTPSecret()
	f.Pending, f.PendingUntil, f.PendingGeneration = h.links.Seal(sealTOTP, secret), now.Add(connect.FactorSetupLife), generation
	if err := h.store.SaveFactors(r.Context(), who.User, f, nil, false, nil, now); err != nil {
		return nil, err
	}
	return &api.TotpSecret{Secret: secret, URI: totpURI(secret, string(who.Email))}, nil
}

// confirmTotp makes the pending secret the person's, once its first code proves that the app has it.
func (h *handlers) confirmTotp(r *http.Request, who connect.Identity, in *api.TotpCode) (*api.RecoveryCodes, error) {
	b := budget{connect.OwnPassword, string(who.User)}
	if err := h.throttle(r, b); err != nil {
		return nil, err
	}
	f, err := h.store.Factors(r.Context(), who.User)
	if err != nil {
		return nil, err
	}
	now := web.Now(r)
	var p connect.Problems
	// What cannot be unsealed any more has waited too long as well.
	secret, err := h.links.Unseal(sealTOTP, f.Pending)
	if err != nil || !now.Before(f.PendingUntil) {
		p.Add("code", "This took too long. Start again.")
		return nil, p.Err()
	}
	step, ok := totpStep(secret, plainCode(in.Code), 0, now)
	if !ok {
		p.Add("code", "This code doesn't match. Check that your device's clock is correct.")
		return nil, p.Err()
	}
	f.TOTP, f.Step, f.Pending, f.PendingUntil = f.Pending, step, "", time.Time{}
	out := &api.RecoveryCodes{}
	if len(f.Recovery) == 0 {
		out.RecoveryCodes, f.Recovery = h.recoveryCodes(who.User)
	}
	// Begun before the password was changed, it is somebody else's by now: it must be begun again.
	begun := &connect.OneTimeToken{Generation: f.PendingGeneration}
	if err := h.saveFactors(r, who, f, begun, connect.FactorAdded, "authenticator"); err != nil {
		return nil, err
	}
	if err := h.unthrottle(r, b); err != nil {
		return nil, err
	}
	return out, nil
}

// saveFactors stores what a person changed, tells them by mail and the logs of their accounts.
func (h *handlers) saveFactors(r *http.Request, who connect.Identity, f *connect.Factors, of *connect.OneTimeToken, action connect.AuditAction, target string) error {
	if !f.Active() {
		f.Recovery = nil
	}
	events, err := h.auditPersonal(r, who.User, action, target)
	if err != nil {
		return err
	}
	return h.store.SaveFactors(r.Context(), who.User, f, of, true, events, web.Now(r))
}

func (h *handlers) removeTotp(r *http.Request, who connect.Identity, in *api.PasswordConfirmation) error {
	if err := h.reauthenticateOnly(r, who, in); err != nil {
		return err
	}
	f, err := h.store.Factors(r.Context(), who.User)
	if err != nil {
		return err
	}
	if f.TOTP == "" {
		return connect.ErrNotFound
	}
	f.TOTP, f.Step = "", 0
	return h.saveFactors(r, who, f, nil, connect.FactorRemoved, "authenticator")
}

// newRecoveryCodes replaces the set.
func (h *handlers) newRecoveryCodes(r *http.Request, who connect.Identity, in *api.PasswordConfirmation) (*api.RecoveryCodes, error) {
	if err := h.reauthenticateOnly(r, who, in); err != nil {
		return nil, err
	}
	f, err := h.store.Factors(r.Context(), who.User)
	if err != nil {
		return nil, err
	}
	if !f.Active() {
		return nil, &connect.Error{Kind: connect.Conflict, Code: "no-factor", Message: "Set up two-factor authentication before you create recovery codes."}
	}
	out := &api.RecoveryCodes{}
	out.RecoveryCodes, f.Recovery = h.recoveryCodes(who.User)
	if err := h.saveFactors(r, who, f, nil, connect.RecoveryCodesMade, ""); err != nil {
		return nil, err
	}
	return out, nil
}
