package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// changeEmail asks the new address for confirmation and tells the old one. Whether the new one is somebody
// else's is not said here.
func (h *handlers) changeEmail(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	var p connect.Problems
	email := p.Email(in.Email)
	if email == who.Email {
		p.Add("email", "This is your address already.")
	}
	if err := p.Err(); err != nil {
		return err
	}
	if _, err := h.own(r, who, "password", in.Password); err != nil {
		return err
	}
	allowed, err := h.mails(r, email)
	if err != nil {
		return err
	}
	kinds := []store.MessageKind{store.ConfirmEmail, store.EmailAsked}
	if !allowed {
		kinds = []store.MessageKind{store.Nothing, store.Nothing}
	}
	now := web.Now(r)
	t := connect.Ticket{
		ID: token.NewID(), Purpose: store.PurposeEmail, User: who.User, Email: email, OldEmail: who.Email, ExpiresAt: now.Add(connect.EmailChangeLife),
	}
	if err := h.store.Issue(r.Context(), t, now, kinds...); err != nil {
		return err
	}
	return web.JSON(w, http.StatusAccepted, struct{}{})
}

// confirmEmail follows the link in the new address's mail.
func (h *handlers) confirmEmail(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Token string `json:"token"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	t, err := h.ticket(r, store.PurposeEmail, in.Token)
	if err != nil {
		return err
	}
	events, err := h.personal(r, t.User, connect.EmailChanged, "")
	if err != nil {
		return err
	}
	if err := h.store.ChangeEmail(r.Context(), t, events, web.Now(r)); err != nil {
		return err
	}
	return web.NoContent(w)
}
