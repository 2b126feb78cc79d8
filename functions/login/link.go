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

// mailLink mails a link that logs in from a device that is not known yet, for people whose password budget
// others have used up. The answer is the same for an unknown address, and so is the work.
func (h *handlers) mailLink(w http.ResponseWriter, r *http.Request) error {
	return h.mailToken(w, r, store.PurposeLogin, store.MailLoginLink)
}

// mailToken issues a token for the person whose address it is, and has it mailed.
func (h *handlers) mailToken(w http.ResponseWriter, r *http.Request, purpose string, kind store.MessageKind) error {
	var in struct {
		Email string `json:"email"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
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
	life := map[string]time.Duration{store.PurposeLogin: connect.LoginLinkLife, store.PurposeReset: connect.ResetLife, store.PurposeRecover: connect.RecoveryLinkLife}[purpose]
	now := web.Now(r)
	t := connect.OneTimeToken{ID: token.NewID(), Purpose: purpose, User: user, Generation: generation, Email: email, ExpiresAt: now.Add(life)}
	if err := h.store.IssueToken(r.Context(), t, now, kind); err != nil {
		return err
	}
	return web.JSON(w, http.StatusAccepted, struct{}{})
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

// openLink logs in by a mailed link; an active second factor is asked for all the same, and the link stays
// good until it is given.
func (h *handlers) openLink(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Token string `json:"token"`
		Code  string `json:"code"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	t, err := h.mailedToken(r, store.PurposeLogin, in.Token)
	if err != nil {
		return err
	}
	// The address may have become somebody else's since.
	if now, err := h.store.UserByEmail(r.Context(), t.Email); err != nil || now != t.User {
		return orInvalid(err)
	}
	after, err := h.secondFactor(r, t.User, in.Code, budget{connect.LinkCodes, string(t.User)})
	if err != nil {
		return err
	}
	err = h.startSession(w, r, t.User, store.Login{Factors: after, Token: &t}, "link")
	if err == connect.ErrLoginRefused {
		return connect.ErrLinkInvalid
	}
	return err
}

func orInvalid(err error) error {
	if err != nil {
		return err
	}
	return connect.ErrLinkInvalid
}
