package main

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// invitation opens an invitation's link, "<account>-<invitation>" signed. It is one to become a client or, without
// client, a member.
func (h *handlers) invitation(r *http.Request, link string, client bool) (connect.Invitation, error) {
	id, ok := h.links.Open(connect.PurposeInvite, link)
	if !ok {
		id, ok = h.links.Open(connect.PurposeClient, link)
	}
	account, invite, cut := strings.Cut(id, "-")
	if !ok || !cut || !connect.ValidID("a_", account) || !connect.ValidID("i_", invite) {
		return connect.Invitation{}, connect.ErrLinkInvalid
	}
	v, err := h.store.Invitation(r.Context(), connect.AccountID(account), invite, web.Now(r))
	if err == nil && v.ToClient() != client {
		err = connect.ErrLinkInvalid
	}
	return v, err
}

// addressed is invitation for the person who is logged in.
func (h *handlers) addressed(
	r *http.Request, who connect.Identity, link string, client bool,
) (connect.Invitation, error) {
	v, err := h.invitation(r, link, client)
	if err == nil && v.Email != who.Email {
		err = errOtherAddress
	}
	return v, err
}

// openInvitation returns what a link invites to. Only the reader of the address's mail has the link, so it may
// reveal whether the address has a login.
func (h *handlers) openInvitation(r *http.Request, in *api.LinkToken) (*api.InvitationOffer, error) {
	v, err := h.invitation(r, in.Token, false)
	if err != nil {
		return nil, err
	}
	user, err := h.store.UserByEmail(r.Context(), v.Email)
	if err != nil {
		return nil, err
	}
	return &api.InvitationOffer{
		Account: v.AccountName, Email: v.Email, Role: api.Role(v.Role.String()), By: v.By, Known: user != "",
		ExpiresAt: v.ExpiresAt,
	}, nil
}

// accept makes the person who is logged in a member, if the invitation is for their address.
func (h *handlers) accept(r *http.Request, who connect.Identity, in *api.LinkToken) (*api.Joined, error) {
	v, err := h.addressed(r, who, in.Token, false)
	if err != nil {
		return nil, err
	}
	e, plan, err := h.joinEntry(r, v, who.User, who.Name)
	if err != nil {
		return nil, err
	}
	user := connect.User{ID: who.User, Email: who.Email}
	if err := h.store.AcceptInvitation(r.Context(), v, user, plan, e, web.Now(r)); err != nil {
		return nil, noRoom(err, v)
	}
	return &api.Joined{Account: v.Account}, nil
}

var errOtherAddress = &connect.Error{
	Kind: connect.Forbidden, Code: "other-address",
	Message: "This invitation is for a different email address from the one you're logged in with.",
}

// joinEntry returns the audit entry of somebody who joins an account, and the account's entitlement.
func (h *handlers) joinEntry(
	r *http.Request, v connect.Invitation, user connect.UserID, name string,
) (connect.AuditEntry, connect.Entitlement, error) {
	caller := web.CallerOf(r)
	plan, err := h.store.Entitlement(r.Context(), v.Account, caller.At)
	who := connect.Identity{User: user, Name: name, Account: v.Account, Plan: plan.Plan.ID}
	return caller.AuditEntry(who, connect.MemberJoined, name+" as "+v.Role.String()), plan, err
}

// noRoom explains a plan's limit to the person invited. Their invitation stays valid.
func noRoom(err error, v connect.Invitation) error {
	if connect.KindOf(err) != connect.PaymentNeeded {
		return err
	}
	said := fmt.Sprintf("%s has reached its plan's limit. Ask %s to choose a larger plan. "+
		"Your invitation stays valid.", v.AccountName, v.By)
	return &connect.Error{Kind: connect.Conflict, Code: "no-room", Message: said, Cause: err}
}

// join registers a new person by an invitation; the link has proven their address.
func (h *handlers) join(r *http.Request, in *api.Joining) (*api.NewSession, error) {
	v, err := h.invitation(r, in.Token, false)
	if err != nil {
		return nil, err
	}
	var p connect.Problems
	name := p.Line("name", in.Name, 100)
	if err := password.CheckNew(in.Password, v.AccountName, in.Name, v.Email.Local()); err != nil {
		p.Add("password", err.Error())
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	caller := web.CallerOf(r)
	user := connect.User{
		ID: connect.NewUserID(), Email: v.Email, Name: name, CreatedAt: caller.At,
		TermsVersion: connect.TermsVersion, DPAVersion: connect.DPAVersion,
	}
	e, plan, err := h.joinEntry(r, v, user.ID, name)
	if err != nil {
		return nil, err
	}
	t, s := newSession(caller, h.guard.Device(caller, user.ID))
	hash := password.Hash(in.Password)
	if err := h.store.JoinByInvitation(r.Context(), v, user, hash, plan, t, s, e, caller.At); err != nil {
		return nil, noRoom(err, v)
	}
	return &api.NewSession{Token: t.Text, ExpiresAt: s.ExpiresAt}, nil
}
