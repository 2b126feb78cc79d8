package main

import (
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// A change of address is asked for with the password, approved by a link mailed to the current address, and
// confirmed by one mailed to the new address. Until then a press on the first link, any session of the person, and
// every change of what they log in with end it.

// changeEmail begins a change, in place of one that was begun before. Whether the new address is somebody else's
// is not said here.
func (h *handlers) changeEmail(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	var p connect.Problems
	email := address.Email(&p, in.Email)
	if email == who.Email {
		p.Add("email", "This is your address already.")
	}
	if err := p.Err(); err != nil {
		return err
	}
	// Before the password is checked: one that is changed in between must not count for what comes after.
	t, err := h.emailChangeToken(r, store.PurposeApprove, who.User, email, who.Email)
	if err != nil {
		return err
	}
	if _, err := h.reauthenticate(r, who, "password", in.Password); err != nil {
		return err
	}
	if err := h.mustMail(r, store.PurposeApprove, who.Email, who.User); err != nil {
		return err
	}
	events, err := h.auditPersonal(r, who.User, connect.EmailChangeAsked, "")
	if err != nil {
		return err
	}
	if err := h.store.RequestEmailChange(r.Context(), t, events, web.Now(r)); err != nil {
		return err
	}
	return web.JSON(w, http.StatusAccepted, struct{}{})
}

func (h *handlers) emailChangeToken(r *http.Request, purpose string, user connect.UserID, to, from connect.Email) (connect.OneTimeToken, error) {
	generation, err := h.store.CredentialGeneration(r.Context(), user)
	return connect.OneTimeToken{
		ID: token.NewID(), Purpose: purpose, User: user, Generation: generation, Email: to, OldEmail: from,
		ExpiresAt: web.Now(r).Add(connect.EmailChangeLife),
	}, err
}

// showEmail says which address the person has, and which change of it waits.
func (h *handlers) showEmail(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	change, err := h.store.EmailChange(r.Context(), who.User, web.Now(r))
	if err != nil {
		return err
	}
	type changeJSON struct {
		Email     connect.Email `json:"email"`
		Approved  bool          `json:"approved"`
		ExpiresAt time.Time     `json:"expiresAt"`
	}
	out := struct {
		Email   connect.Email `json:"email"`
		Pending *changeJSON   `json:"pending"`
	}{who.Email, nil}
	if change != nil {
		out.Pending = &changeJSON{change.To, change.Approved, change.ExpiresAt.UTC()}
	}
	return web.JSON(w, http.StatusOK, out)
}

// cancelEmail ends the change from any session of the person.
func (h *handlers) cancelEmail(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	events, err := h.auditPersonal(r, who.User, connect.EmailChangeCancelled, "")
	if err != nil {
		return err
	}
	if err := h.store.CancelEmailChange(r.Context(), who.User, "", events); err != nil {
		return err
	}
	return web.NoContent(w)
}

// approval opens the link in the current address's mail.
func (h *handlers) approval(r *http.Request) (connect.OneTimeToken, error) {
	var in struct {
		Token string `json:"token"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return connect.OneTimeToken{}, err
	}
	return h.mailedToken(r, store.PurposeApprove, in.Token)
}

// openApproval says what would be approved. It changes nothing: mail programs visit links.
func (h *handlers) openApproval(w http.ResponseWriter, r *http.Request) error {
	t, err := h.approval(r)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, struct {
		From      connect.Email `json:"from"`
		To        connect.Email `json:"to"`
		ExpiresAt time.Time     `json:"expiresAt"`
	}{t.OldEmail, t.Email, t.ExpiresAt.UTC()})
}

// approveEmail mails the new address a link that finishes the change.
func (h *handlers) approveEmail(w http.ResponseWriter, r *http.Request) error {
	t, err := h.approval(r)
	if err != nil {
		return err
	}
	if err := h.mustMail(r, store.PurposeEmail, t.Email, t.User); err != nil {
		return err
	}
	confirm, err := h.emailChangeToken(r, store.PurposeEmail, t.User, t.Email, t.OldEmail)
	if err != nil {
		return err
	}
	confirm.ExpiresAt = t.ExpiresAt // one change, one end: as long as it can be done it is shown and can be cancelled
	events, err := h.auditPersonal(r, t.User, connect.EmailChangeApproved, "")
	if err != nil {
		return err
	}
	if err := h.store.ApproveEmailChange(r.Context(), t, confirm, events, web.Now(r)); err != nil {
		return err
	}
	return web.JSON(w, http.StatusAccepted, struct{}{})
}

// refuseEmail ends the change by the link in the current address's mail, also after it was approved.
func (h *handlers) refuseEmail(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Token string `json:"token"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	id, ok := h.links.Open(store.PurposeApprove, in.Token)
	if !ok {
		return connect.ErrLinkInvalid
	}
	t, err := h.store.OneTimeToken(r.Context(), store.PurposeApprove, id, web.Now(r))
	if err != nil {
		return err
	}
	events, err := h.auditPersonal(r, t.User, connect.EmailChangeCancelled, "")
	if err != nil {
		return err
	}
	err = h.store.CancelEmailChange(r.Context(), t.User, t.ID, events)
	if err == connect.ErrNotFound {
		return connect.ErrLinkInvalid // it is over already
	}
	if err != nil {
		return err
	}
	return web.NoContent(w)
}

// confirmEmail follows the link in the new address's mail.
func (h *handlers) confirmEmail(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Token string `json:"token"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	t, err := h.mailedToken(r, store.PurposeEmail, in.Token)
	if err != nil {
		return err
	}
	events, err := h.auditPersonal(r, t.User, connect.EmailChanged, "")
	if err != nil {
		return err
	}
	if err := h.store.ChangeEmail(r.Context(), t, events, web.Now(r)); err != nil {
		return err
	}
	return web.NoContent(w)
}
