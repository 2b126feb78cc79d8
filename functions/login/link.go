package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// mailLoginLink mails a link that logs in from a device that is not known yet, for people whose password budget
// others have used up. The answer is the same for an unknown address, and so is the work.
func (h *handlers) mailLoginLink(r *http.Request, in *api.EmailAddress) error {
	return h.mailToken(r, in, connect.PurposeLogin, store.MailLoginLink)
}

// mailToken issues a token for the person whose address it is, and has it mailed.
func (h *handlers) mailToken(r *http.Request, in *api.EmailAddress, purpose string, kind store.MessageKind) error {
	var p connect.Problems
	email := address.Email(&p, in.Email)
	if err := p.Err(); err != nil {
		return err
	}
	user, err := h.store.UserByEmail(r.Context(), email)
	if err != nil {
		return err
	}
	allowed, err := h.mayMail(r, purpose, email, user)
	if err != nil {
		return err
	}
	if !allowed {
		kind = store.MailNothing
	}
	generation, err := h.store.CredentialGeneration(r.Context(), user)
	if err != nil {
		return err
	}
	now := web.Now(r)
	t := connect.OneTimeToken{ID: token.NewID(), Purpose: purpose, User: user, Generation: generation, Email: email, ExpiresAt: now.Add(connect.TokenLife(purpose))}
	return h.store.IssueToken(r.Context(), t, now, kind)
}

// mailedToken opens a mailed link. A used one is as good as none, and so is one from before the person last changed
// what they log in with.
func (h *handlers) mailedToken(r *http.Request, purpose, link string) (connect.OneTimeToken, error) {
	id, ok := h.links.Open(purpose, link)
	if !ok {
		return connect.OneTimeToken{}, connect.ErrLinkInvalid
	}
	t, err := h.store.OneTimeToken(r.Context(), purpose, id, web.Now(r))
	if err != nil {
		return t, err
	}
	generation, err := h.store.CredentialGeneration(r.Context(), t.User)
	if err == nil && (t.Used || t.User == "" || t.Generation != generation) {
		err = connect.ErrLinkInvalid
	}
	return t, err
}

// openLoginLink logs in by a mailed link; an active second factor is asked for all the same, and the link stays
// good until it is given.
func (h *handlers) openLoginLink(r *http.Request, in *api.LoginLink) (*api.NewSession, error) {
	t, err := h.mailedToken(r, connect.PurposeLogin, in.Token)
	if err != nil {
		return nil, err
	}
	// The address may have become somebody else's since.
	if now, err := h.store.UserByEmail(r.Context(), t.Email); err != nil || now != t.User {
		return nil, orInvalid(err)
	}
	after, err := h.secondFactor(r, t.User, api.Value(in.Code), budget{connect.LinkCodes, string(t.User)})
	if err != nil {
		return nil, err
	}
	out, err := h.startSession(r, t.User, store.Login{Factors: after, Token: &t}, "link")
	if err == connect.ErrLoginRefused {
		return nil, connect.ErrLinkInvalid
	}
	return out, err
}

func orInvalid(err error) error {
	if err != nil {
		return err
	}
	return connect.ErrLinkInvalid
}
