package main

import (
	"errors"
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// A change of address is requested with the password, approved by a link mailed to the current address, and
// confirmed by one mailed to the new address. Until then it can be cancelled by the first link or from any session,
// and every change of the person's credentials cancels it.

// changeEmail begins a change and replaces a pending one. It does not reveal whether the new address is taken.
func (h *handlers) changeEmail(r *http.Request, who connect.Identity, in *api.EmailChangeRequest) error {
	var p connect.Problems
	email := address.Email(&p, in.Email)
	if email == who.Email {
		p.Add("email", "This is already your email address.")
	}
	if err := p.Err(); err != nil {
		return err
	}
	// Read before the password is checked: a password changed in between must not vouch for this token.
	t, err := h.emailChangeToken(r, connect.PurposeApprove, who.User, email, who.Email)
	if err != nil {
		return err
	}
	if _, err := h.reauthenticate(r, who, "password", in.Password); err != nil {
		return err
	}
	ctx, caller := r.Context(), web.CallerOf(r)
	if err := h.guard.MustMail(ctx, caller, connect.PurposeApprove, who.Email, who.User); err != nil {
		return err
	}
	entries, err := h.auditPersonal(ctx, caller, who.User, connect.EmailChangeAsked, "")
	if err != nil {
		return err
	}
	return h.store.RequestEmailChange(ctx, t, entries, caller.At)
}

func (h *handlers) emailChangeToken(
	r *http.Request, purpose string, user connect.UserID, to, from connect.Email,
) (connect.OneTimeToken, error) {
	generation, err := h.store.CredentialGeneration(r.Context(), user)
	return connect.OneTimeToken{
		ID: token.NewID(), Purpose: purpose, User: user, Generation: generation, Email: to, OldEmail: from,
		ExpiresAt: web.Now(r).Add(connect.TokenLife(purpose)),
	}, err
}

// showEmail returns the person's address and a pending change of it.
func (h *handlers) showEmail(r *http.Request, who connect.Identity) (*api.EmailState, error) {
	change, err := h.store.EmailChange(r.Context(), who.User, web.Now(r))
	if err != nil {
		return nil, err
	}
	out := &api.EmailState{Email: who.Email}
	if change != nil {
		out.Pending = &api.EmailChange{Email: change.To, Approved: change.Approved, ExpiresAt: change.ExpiresAt.UTC()}
	}
	return out, nil
}

// cancelEmailChange cancels the change from any session of the person.
func (h *handlers) cancelEmailChange(r *http.Request, who connect.Identity) error {
	entries, err := h.auditPersonal(r.Context(), web.CallerOf(r), who.User, connect.EmailChangeCancelled, "")
	if err != nil {
		return err
	}
	return h.store.CancelEmailChange(r.Context(), who.User, "", entries)
}

// openEmailApproval returns what the link would approve. It changes nothing: mail programs visit links.
func (h *handlers) openEmailApproval(r *http.Request, in *api.LinkToken) (*api.EmailApproval, error) {
	t, err := h.mailedToken(r.Context(), web.CallerOf(r), connect.PurposeApprove, in.Token)
	if err != nil {
		return nil, err
	}
	return &api.EmailApproval{From: t.OldEmail, To: t.Email, ExpiresAt: t.ExpiresAt.UTC()}, nil
}

// approveEmailChange mails the new address a link that finishes the change.
func (h *handlers) approveEmailChange(r *http.Request, in *api.LinkToken) error {
	ctx, caller := r.Context(), web.CallerOf(r)
	t, err := h.mailedToken(ctx, caller, connect.PurposeApprove, in.Token)
	if err != nil {
		return err
	}
	if err := h.guard.MustMail(ctx, caller, connect.PurposeEmail, t.Email, t.User); err != nil {
		return err
	}
	confirm, err := h.emailChangeToken(r, connect.PurposeEmail, t.User, t.Email, t.OldEmail)
	if err != nil {
		return err
	}
	confirm.ExpiresAt = t.ExpiresAt // one change, one end: as long as it can be done it is shown and can be cancelled
	entries, err := h.auditPersonal(ctx, caller, t.User, connect.EmailChangeApproved, "")
	if err != nil {
		return err
	}
	return h.store.ApproveEmailChange(ctx, t, confirm, entries, caller.At)
}

// refuseEmailChange cancels the change by the link mailed to the current address, even after approval.
func (h *handlers) refuseEmailChange(r *http.Request, in *api.LinkToken) error {
	id, ok := h.links.Open(connect.PurposeApprove, in.Token)
	if !ok {
		return connect.ErrLinkInvalid
	}
	ctx, caller := r.Context(), web.CallerOf(r)
	t, err := h.store.OneTimeToken(ctx, connect.PurposeApprove, id, caller.At)
	if err != nil {
		return err
	}
	entries, err := h.auditPersonal(ctx, caller, t.User, connect.EmailChangeCancelled, "")
	if err != nil {
		return err
	}
	err = h.store.CancelEmailChange(ctx, t.User, t.ID, entries)
	if errors.Is(err, connect.ErrNotFound) {
		return connect.ErrLinkInvalid // it is over already
	}
	return err
}

// confirmEmail finishes the change by the link mailed to the new address.
func (h *handlers) confirmEmail(r *http.Request, in *api.LinkToken) error {
	ctx, caller := r.Context(), web.CallerOf(r)
	t, err := h.mailedToken(ctx, caller, connect.PurposeEmail, in.Token)
	if err != nil {
		return err
	}
	entries, err := h.auditPersonal(ctx, caller, t.User, connect.EmailChanged, "")
	if err != nil {
		return err
	}
	return h.store.ChangeEmail(ctx, t, entries, caller.At)
}
