package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/mi-telecom/mi-connect/functions/login/guard"
	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// mailLoginLink mails a link that logs in from a new device, for people whose password budget others have used up.
// Response and work are the same for an unknown address.
func (h *handlers) mailLoginLink(r *http.Request, in *api.EmailAddress) error {
	return h.mailToken(r, in, connect.PurposeLogin, connect.MailLoginLink)
}

// mailToken issues a token to the person with this address and queues its mail.
func (h *handlers) mailToken(r *http.Request, in *api.EmailAddress, purpose string, kind connect.MessageKind) error {
	var p connect.Problems
	email := address.Email(&p, in.Email)
	if err := p.Err(); err != nil {
		return err
	}
	ctx, caller := r.Context(), web.CallerOf(r)
	user, err := h.store.UserByEmail(ctx, email)
	if err != nil {
		return err
	}
	allowed, err := h.guard.MayMail(ctx, caller, purpose, email, user)
	if err != nil {
		return err
	}
	if !allowed {
		kind = connect.MailNothing
	}
	generation, err := h.store.CredentialGeneration(ctx, user)
	if err != nil {
		return err
	}
	t := connect.OneTimeToken{
		ID: token.NewID(), Purpose: purpose, User: user, Generation: generation, Email: email,
		ExpiresAt: caller.At.Add(connect.TokenLife(purpose)),
	}
	return h.store.IssueToken(ctx, t, caller.At, kind)
}

// mailedToken returns the token of a mailed link, or connect.ErrLinkInvalid for one that was used, or issued before
// the person last changed their credentials.
func (h *handlers) mailedToken(
	ctx context.Context, caller *web.Caller, purpose, link string,
) (connect.OneTimeToken, error) {
	id, ok := h.links.Open(purpose, link)
	if !ok {
		return connect.OneTimeToken{}, connect.ErrLinkInvalid
	}
	t, err := h.store.OneTimeToken(ctx, purpose, id, caller.At)
	if err != nil {
		return t, err
	}
	generation, err := h.store.CredentialGeneration(ctx, t.User)
	if err == nil && (t.Used || t.User == "" || t.Generation != generation) {
		err = connect.ErrLinkInvalid
	}
	return t, err
}

// tokenOfOwner is mailedToken for links that end when the address they were mailed to becomes somebody else's.
func (h *handlers) tokenOfOwner(
	ctx context.Context, caller *web.Caller, purpose, link string,
) (connect.OneTimeToken, error) {
	t, err := h.mailedToken(ctx, caller, purpose, link)
	if err != nil {
		return t, err
	}
	owner, err := h.store.UserByEmail(ctx, t.Email)
	if err == nil && owner != t.User {
		err = connect.ErrLinkInvalid
	}
	return t, err
}

// openLoginLink logs in by a mailed link. A second factor is asked for all the same; until it is given, the link
// stays valid.
func (h *handlers) openLoginLink(r *http.Request, in *api.LoginLink) (*api.NewSession, error) {
	ctx, caller := r.Context(), web.CallerOf(r)
	t, err := h.tokenOfOwner(ctx, caller, connect.PurposeLogin, in.Token)
	if err != nil {
		return nil, err
	}
	after, err := h.checkFactor(ctx, caller, t.User, api.Value(in.Code), guard.Of(connect.LinkCodes, t.User))
	if err != nil {
		return nil, err
	}
	device := h.guard.Device(caller, t.User)
	out, err := h.startSession(ctx, caller, device, store.Login{Factors: after, Token: &t}, "link")
	if errors.Is(err, connect.ErrLoginRefused) {
		return nil, connect.ErrLinkInvalid
	}
	return out, err
}
