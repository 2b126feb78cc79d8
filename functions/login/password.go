package main

import (
	"net/http"
	"strings"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// forgot mails a link by which a new password can be set.
func (h *handlers) forgot(r *http.Request, in *api.EmailAddress) error {
	return h.mailToken(r, in, connect.PurposeReset, store.MailResetPassword)
}

// reset sets a password by a mailed link. A second factor stays. Every session ends, but where there is a second
// factor only with its code: whoever reads the person's mail must not be able to end the sessions that could stop
// what they do next.
func (h *handlers) reset(r *http.Request, in *api.PasswordReset) error {
	t, err := h.mailedToken(r, connect.PurposeReset, in.Token)
	if err != nil {
		return err
	}
	if now, err := h.store.UserByEmail(r.Context(), t.Email); err != nil || now != t.User {
		return orInvalid(err)
	}
	if err := h.checkNewPassword(r, t.User, in.Password); err != nil {
		return err
	}
	events, err := h.auditPersonal(r, t.User, connect.PasswordReset, "")
	if err != nil {
		return err
	}
	change := store.PasswordChange{User: t.User, New: password.Hash(in.Password), Token: &t, Audit: events}
	if strings.TrimSpace(api.Value(in.Code)) == "" {
		f, err := h.store.Factors(r.Context(), t.User)
		if err != nil {
			return err
		}
		change.Sessions = f.Active()
	} else if change.Factors, err = h.secondFactor(r, t.User, api.Value(in.Code), budget{connect.LinkCodes, string(t.User)}); err != nil {
		return err
	}
	return h.store.ChangePassword(r.Context(), change, web.Now(r))
}

// changePassword needs the current one; the other sessions end.
func (h *handlers) changePassword(r *http.Request, who connect.Identity, in *api.PasswordChange) error {
	if err := h.checkNewPassword(r, who.User, in.Password); err != nil {
		return err
	}
	old, err := h.reauthenticate(r, who, "current", in.Current)
	if err != nil {
		return err
	}
	events, err := h.auditPersonal(r, who.User, connect.PasswordChanged, "")
	if err != nil {
		return err
	}
	change := store.PasswordChange{User: who.User, Old: old, New: password.Hash(in.Password), Keep: who.SessionID, Audit: events}
	return h.store.ChangePassword(r.Context(), change, web.Now(r))
}

// checkNewPassword refuses what is easy to guess about this person.
func (h *handlers) checkNewPassword(r *http.Request, id connect.UserID, text string) error {
	user, err := h.store.User(r.Context(), id)
	if err != nil {
		return err
	}
	about := []string{user.Name, user.Email.Local()}
	members, err := h.store.Memberships(r.Context(), id)
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
