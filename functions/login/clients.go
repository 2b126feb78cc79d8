package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// openClient says which agency asks, and who would pay.
func (h *handlers) openClient(r *http.Request, in *api.LinkToken) (*api.ClientOffer, error) {
	v, err := h.invitation(r, in.Token, true)
	if err != nil {
		return nil, err
	}
	return &api.ClientOffer{Agency: v.AccountName, Email: v.Email, Payer: v.Payer, By: v.By, ExpiresAt: v.ExpiresAt}, nil
}

// acceptClient lets an agency into the account that its owner acts in.
func (h *handlers) acceptClient(r *http.Request, who connect.Identity, in *api.LinkToken) error {
	v, err := h.addressed(r, who, in.Token, true)
	if err != nil {
		return err
	}
	if v.Account == who.Account {
		return errOwnClient
	}
	account, err := h.store.Account(r.Context(), who.Account)
	if err != nil {
		return err
	}
	now := web.Now(r)
	plan, err := h.store.Entitlement(r.Context(), v.Account, now)
	if err != nil {
		return err
	}
	c := connect.Client{
		Agency: v.Account, AgencyName: v.AccountName, Account: who.Account, Name: account.Name, Payer: v.Payer, Since: now,
	}
	theirs := web.AuditEntry(r, who, connect.ClientJoined, account.Name)
	theirs.Account, theirs.Plan = v.Account, plan.Plan.ID
	ours := web.AuditEntry(r, who, connect.ClientJoined, "agency "+v.AccountName)
	err = h.store.AcceptAsClient(r.Context(), v, c, plan, now, ours, theirs)
	return noRoom(err, v)
}

var errOwnClient = &connect.Error{
	Kind: connect.Conflict, Code: "own-client",
	Message: "An account can't be its own client. Switch to the account you want to add.",
}
