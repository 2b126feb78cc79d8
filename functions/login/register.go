package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// register keeps the sign-up and answers the same, after the same work, whether or not the address is
// known. What the mail says depends on that, and only its reader learns it. The versions of the terms that
// the page showed are recorded.
func (h *handlers) register(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Email    string `json:"email"`
		Password string `json:"password"`
		Name     string `json:"name"`
		Company  string `json:"company"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	var p connect.Problems
	now := web.Now(r)
	reg := connect.Registration{
		ID: token.NewID(), ExpiresAt: now.Add(connect.VerificationLife), Terms: connect.TermsVersion, Processing: connect.ProcessingVersion,
	}
	var err error
	reg.Email = p.Email(in.Email)
	if err := password.CheckNew(in.Password, in.Company, in.Name, reg.Email.Local()); err != nil {
		p.Add("password", err.Error())
	}
	reg.Name = p.Line("name", in.Name, 100)
	reg.Company = p.Line("company", in.Company, 100)
	if err := p.Err(); err != nil {
		return err
	}
	allowed, err := h.mails(r, reg.Email)
	if err != nil {
		return err
	}
	reg.Unmailed = !allowed
	if err := h.store.Register(r.Context(), reg, password.Hash(in.Password), now); err != nil {
		return err
	}
	return web.JSON(w, http.StatusAccepted, struct{}{})
}

// resends is how many sign-ups of one address are looked through, always with that many hashings.
const resends = 3

// resend mails the link of a sign-up again to whoever knows its password: anybody else could have the
// reader confirm a sign-up that is not theirs.
func (h *handlers) resend(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	var p connect.Problems
	email := p.Email(in.Email)
	if err := p.Err(); err != nil {
		return err
	}
	allowed, err := h.mails(r, email)
	if err != nil {
		return err
	}
	ctx, now := r.Context(), web.Now(r)
	ids, hashes, err := h.store.Pending(ctx, email, resends, now)
	if err != nil {
		return err
	}
	found := ""
	for n := range resends {
		hash := ""
		if n < len(hashes) {
			hash = hashes[n]
		}
		ok, _, err := password.Verify(hash, in.Password)
		if err != nil {
			return err
		}
		if ok && found == "" {
			found = ids[n]
		}
	}
	if err := h.store.Resend(ctx, found, allowed, now); err != nil {
		return err
	}
	return web.JSON(w, http.StatusAccepted, struct{}{})
}

// verify follows the mailed link: the registration becomes an account and the browser is logged in.
func (h *handlers) verify(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Token string `json:"token"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	id, ok := h.links.Open(store.PurposeVerify, in.Token)
	if !ok {
		return connect.ErrLinkInvalid
	}
	now := web.Now(r)
	reg, err := h.store.Registration(r.Context(), id, now)
	if err != nil {
		return err
	}
	t, s := h.newSession(r, connect.NewUserID())
	if err := h.store.Verify(r.Context(), reg, t, s, now); err != nil {
		return err
	}
	return answerToken(w, t, s)
}
