package main

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/mi-telecom/mi-connect/functions/login/guard"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// forgot mails a link by which a new password can be set.
func (h *handlers) forgot(r *http.Request, in *api.EmailAddress) error {
	return h.mailToken(r, in, connect.PurposeReset, connect.MailResetPassword)
}

// reauthenticate checks the password of a person who is logged in, and returns its stored hash.
func (h *handlers) reauthenticate(r *http.Request, who connect.Identity, field, given string) (string, error) {
	ctx, caller := r.Context(), web.CallerOf(r)
	b := guard.Of(connect.OwnPassword, who.User)
	if err := h.guard.Spend(ctx, caller, b); err != nil {
		return "", err
	}
	hash, _, err := h.checkPassword(ctx, who.User, given)
	if errors.Is(err, errWrongPassword) {
		var p connect.Problems
		p.Add(field, "Wrong password.")
		return "", p.Err()
	}
	if err != nil {
		return "", err
	}
	return hash, h.guard.Refund(ctx, caller, b)
}

// reauthenticateOnly is reauthenticate without the hash.
func (h *handlers) reauthenticateOnly(r *http.Request, who connect.Identity, in *api.PasswordConfirmation) error {
	_, err := h.reauthenticate(r, who, "password", in.Password)
	return err
}

// reset sets a password by a mailed link and ends every session. Second factors stay and, without a code of theirs, so
// do the sessions: somebody who can only read the person's mail must not end the sessions that could stop them.
func (h *handlers) reset(r *http.Request, in *api.PasswordReset) error {
	ctx, caller := r.Context(), web.CallerOf(r)
	t, err := h.tokenOfOwner(ctx, caller, connect.PurposeReset, in.Token)
	if err != nil {
		return err
	}
	if err := h.checkNewPassword(ctx, t.User, in.Password); err != nil {
		return err
	}
	entries, err := h.auditPersonal(ctx, caller, t.User, connect.PasswordReset, "")
	if err != nil {
		return err
	}
	change := store.PasswordChange{User: t.User, New: password.Hash(in.Password), Token: &t, Audit: entries}
	code, tries := api.Value(in.Code), guard.Of(connect.LinkCodes, t.User)
	if strings.TrimSpace(code) == "" {
		f, err := h.store.Factors(ctx, t.User)
		if err != nil {
			return err
		}
		change.Sessions = f.Active()
	} else if change.Factors, err = h.checkFactor(ctx, caller, t.User, code, tries); err != nil {
		return err
	}
	return h.store.ChangePassword(ctx, change, caller.At)
}

// changePassword needs the current one; the other sessions end.
func (h *handlers) changePassword(r *http.Request, who connect.Identity, in *api.PasswordChange) error {
	ctx, caller := r.Context(), web.CallerOf(r)
	if err := h.checkNewPassword(ctx, who.User, in.Password); err != nil {
		return err
	}
	old, err := h.reauthenticate(r, who, "current", in.Current)
	if err != nil {
		return err
	}
	entries, err := h.auditPersonal(ctx, caller, who.User, connect.PasswordChanged, "")
	if err != nil {
		return err
	}
	change := store.PasswordChange{
		User: who.User, Old: old, New: password.Hash(in.Password), Keep: who.SessionID, Audit: entries,
	}
	return h.store.ChangePassword(ctx, change, caller.At)
}

// checkNewPassword refuses what is easy to guess about this person.
func (h *handlers) checkNewPassword(ctx context.Context, id connect.UserID, text string) error {
	user, err := h.store.User(ctx, id)
	if err != nil {
		return err
	}
	about := []string{user.Name, user.Email.Local()}
	members, err := h.store.Memberships(ctx, id)
	if err != nil {
		return err
	}
	for _, m := range members {
		about = append(about, m.AccountName)
	}
	var p connect.Problems
	if err := password.CheckNew(text, about...); err != nil {
		p.Add("password", err.Error())
	}
	return p.Err()
}
