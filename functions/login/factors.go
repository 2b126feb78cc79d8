package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/functions/login/factors"
	"github.com/mi-telecom/mi-connect/functions/login/guard"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

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
		Totp: f.TOTP != "", TotpLost: factors.TOTPLost(h.links, f), RecoveryCodes: len(f.Recovery),
		Passkeys: []api.Passkey{}, RecoveryAt: api.OptionalTime(running),
	}
	for _, p := range f.Passkeys {
		out.Passkeys = append(out.Passkeys, api.Passkey{
			ID: p.ID, Name: p.Name, CreatedAt: p.CreatedAt, LastUsedAt: api.OptionalTime(p.LastUsedAt),
		})
	}
	return out, nil
}

// beginTotp makes a secret and stores it, sealed, until the app's first code confirms it.
func (h *handlers) beginTotp(
	r *http.Request, who connect.Identity, in *api.PasswordConfirmation,
) (*api.TotpSecret, error) {
	ctx, now := r.Context(), web.Now(r)
	generation, err := h.store.CredentialGeneration(ctx, who.User)
	if err != nil {
		return nil, err
	}
	f, err := h.ownFactors(r, who, in)
	if err != nil {
		return nil, err
	}
	secret, uri := factors.BeginTOTP(h.links, f, who.Email, generation, now)
	if err := h.store.SaveFactors(ctx, who.User, f, nil, false, nil, now); err != nil {
		return nil, err
	}
	return &api.TotpSecret{Secret: secret, URI: uri}, nil
}

// confirmTotp activates the pending secret once a code proves that the app has it.
func (h *handlers) confirmTotp(r *http.Request, who connect.Identity, in *api.TotpCode) (*api.RecoveryCodes, error) {
	ctx, caller := r.Context(), web.CallerOf(r)
	b := guard.Of(connect.OwnPassword, who.User)
	if err := h.guard.Spend(ctx, caller, b); err != nil {
		return nil, err
	}
	f, err := h.store.Factors(ctx, who.User)
	if err != nil {
		return nil, err
	}
	if err := factors.ConfirmTOTP(h.links, f, in.Code, caller.At); err != nil {
		return nil, err
	}
	out := &api.RecoveryCodes{RecoveryCodes: factors.FirstRecoveryCodes(f, who.User)}
	// A set-up begun before the password was changed may be a thief's: it has to start again.
	begun := &connect.OneTimeToken{Generation: f.PendingGeneration}
	if err := h.saveFactors(r, who, f, begun, connect.FactorAdded, "authenticator"); err != nil {
		return nil, err
	}
	return out, h.guard.Refund(ctx, caller, b)
}

// ownFactors returns a person's factors once they have confirmed their password.
func (h *handlers) ownFactors(
	r *http.Request, who connect.Identity, in *api.PasswordConfirmation,
) (*connect.Factors, error) {
	if err := h.reauthenticateOnly(r, who, in); err != nil {
		return nil, err
	}
	return h.store.Factors(r.Context(), who.User)
}

// saveFactors stores changed factors, mails the person, and audits the change in each of their accounts.
func (h *handlers) saveFactors(
	r *http.Request, who connect.Identity, f *connect.Factors, of *connect.OneTimeToken,
	action connect.AuditAction, target string,
) error {
	if !f.Active() {
		f.Recovery = nil
	}
	ctx, caller := r.Context(), web.CallerOf(r)
	entries, err := h.auditPersonal(ctx, caller, who.User, action, target)
	if err != nil {
		return err
	}
	return h.store.SaveFactors(ctx, who.User, f, of, true, entries, caller.At)
}

func (h *handlers) removeTotp(r *http.Request, who connect.Identity, in *api.PasswordConfirmation) error {
	f, err := h.ownFactors(r, who, in)
	if err != nil {
		return err
	}
	if f.TOTP == "" {
		return connect.ErrNotFound
	}
	f.TOTP, f.Step = "", 0
	return h.saveFactors(r, who, f, nil, connect.FactorRemoved, "authenticator")
}

var errNoFactor = &connect.Error{
	Kind: connect.Conflict, Code: "no-factor",
	Message: "Set up two-factor authentication before you create recovery codes.",
}

// newRecoveryCodes replaces the set.
func (h *handlers) newRecoveryCodes(
	r *http.Request, who connect.Identity, in *api.PasswordConfirmation,
) (*api.RecoveryCodes, error) {
	f, err := h.ownFactors(r, who, in)
	if err != nil {
		return nil, err
	}
	if !f.Active() {
		return nil, errNoFactor
	}
	out := &api.RecoveryCodes{RecoveryCodes: factors.NewRecoveryCodes(f, who.User)}
	if err := h.saveFactors(r, who, f, nil, connect.RecoveryCodesMade, ""); err != nil {
		return nil, err
	}
	return out, nil
}
