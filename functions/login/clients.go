package main

import (
	"net/http"
	"strings"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func (h *handlers) clientInvitation(r *http.Request, in *api.LinkToken) (connect.ClientInvitation, error) {
	id, ok := h.links.Open(connect.PurposeClient, in.Token)
	agency, ask, cut := strings.Cut(id, "-")
	if !ok || !cut || !connect.ValidID("a_", agency) || !connect.ValidID("i_", ask) {
		return connect.ClientInvitation{}, connect.ErrLinkInvalid
	}
	return h.store.ClientInvitation(r.Context(), connect.AccountID(agency), ask, web.Now(r))
}

// openClient says which agency asks, and who would pay.
func (h *handlers) openClient(r *http.Request, in *api.LinkToken) (*api.ClientOffer, error) {
	v, err := h.clientInvitation(r, in)
	if err != nil {
		return nil, err
	}
	return &api.ClientOffer{Agency: v.AgencyName, Email: v.Email, Payer: v.Payer, By: v.By, ExpiresAt: v.ExpiresAt}, nil
}

// acceptClient lets an agency into the account that its owner acts in.
func (h *handlers) acceptClient(r *http.Request, who connect.Identity, in *api.LinkToken) error {
	v, err := h.clientInvitation(r, in)
	if err != nil {
		return err
	}
	if v.Email != who.Email {
		return errOtherAddress
	}
	if v.Agency == who.Account {
		return errOwnClient
	}
	account, err := h.store.Account(r.Context(), who.Account)
	if err != nil {
		return err
	}
	now := web.Now(r)
	plan, err := h.store.Entitlement(r.Context(), v.Agency, now)
	if err != nil {
		return err
	}
	c := connect.Client{
		Agency: v.Agency, AgencyName: v.AgencyName, Account: who.Account, Name: account.Name, Payer: v.Payer, Since: now,
	}
	theirs := web.AuditEntry(r, who, connect.ClientJoined, account.Name)
	theirs.Account, theirs.Plan = v.Agency, plan.Plan.ID
	ours := web.AuditEntry(r, who, connect.ClientJoined, "agency "+v.AgencyName)
	err = h.store.AcceptClientInvitation(r.Context(), v, c, plan, now, ours, theirs)
	return noRoom(err, v.AgencyName, v.By)
}

var errOwnClient = &connect.Error{
	Kind: connect.Conflict, Code: "own-client",
	Message: "An account can't be its own client. Switch to the account you want to add.",
}
