package main

import (
	"errors"
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func clientInvitation(v connect.Invitation) *api.ClientInvitation {
	return &api.ClientInvitation{
		ID: v.ID, Email: v.Email, Payer: v.Payer, By: v.By, CreatedAt: v.CreatedAt, ExpiresAt: v.ExpiresAt,
	}
}

func (h *handlers) listClients(r *http.Request, who connect.Identity) (*api.ClientList, error) {
	clients, err := h.store.Clients(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	asks, err := h.store.Invitations(r.Context(), who.Account, connect.ClientLimit, web.Now(r))
	if err != nil {
		return nil, err
	}
	out := &api.ClientList{Clients: []api.Client{}, Invitations: []api.ClientInvitation{}}
	for _, c := range clients {
		out.Clients = append(out.Clients, api.Client{ID: c.Account, Name: c.Name, Payer: c.Payer, Since: c.Since})
	}
	for _, v := range asks {
		out.Invitations = append(out.Invitations, *clientInvitation(v))
	}
	return out, nil
}

// payer adds a problem for what is none.
func payer(p *connect.Problems, v connect.Payer) connect.Payer {
	if !v.Valid() {
		p.Add("payer", "Choose who pays: agency or client.")
	}
	return v
}

// agencyOnly keeps somebody who acts in a client's account from handing it on to clients of its own.
func agencyOnly(who connect.Identity) error {
	if who.Agency != "" {
		return connect.ErrForbidden
	}
	return nil
}

// addClient opens an account for a client.
func (h *handlers) addClient(r *http.Request, who connect.Identity, in *api.NewClient) (*api.Client, error) {
	if err := agencyOnly(who); err != nil {
		return nil, err
	}
	var p connect.Problems
	name := p.Line("name", in.Name, 100)
	pays := payer(&p, in.Payer)
	if err := p.Err(); err != nil {
		return nil, err
	}
	agency, plan, err := h.agency(r, who)
	if err != nil {
		return nil, err
	}
	now := web.Now(r).UTC().Truncate(time.Millisecond)
	c := connect.Client{
		Agency: who.Account, AgencyName: agency.Name, Account: connect.NewAccountID(), Name: name, Payer: pays, Since: now,
	}
	theirs := web.AuditEntry(r, who, connect.AccountOpened, name+", by the agency "+agency.Name)
	theirs.Account, theirs.Plan = c.Account, connect.Free.ID
	if err := h.store.AddClient(
		r.Context(), c, plan, web.AuditEntry(r, who, connect.ClientAdded, name), theirs,
	); err != nil {
		return nil, err
	}
	return &api.Client{ID: c.Account, Name: c.Name, Payer: c.Payer, Since: c.Since}, nil
}

// agency returns the agency and its plan.
func (h *handlers) agency(r *http.Request, who connect.Identity) (connect.Account, connect.Entitlement, error) {
	plan, err := h.store.Entitlement(r.Context(), who.Account, web.Now(r))
	if err != nil {
		return connect.Account{}, plan, err
	}
	agency, err := h.store.Account(r.Context(), who.Account)
	return agency, plan, err
}

// inviteClient asks the owner of an existing account.
func (h *handlers) inviteClient(
	r *http.Request, who connect.Identity, in *api.NewClientInvitation,
) (*api.ClientInvitation, error) {
	if err := agencyOnly(who); err != nil {
		return nil, err
	}
	var p connect.Problems
	email := address.Email(&p, in.Email)
	pays := payer(&p, in.Payer)
	if err := p.Err(); err != nil {
		return nil, err
	}
	agency, plan, err := h.agency(r, who)
	if err != nil {
		return nil, err
	}
	e := web.AuditEntry(r, who, connect.ClientInvited, string(email))
	ask := connect.Invitation{Email: email, Grant: connect.Grant{Payer: pays}}
	v, err := h.send(r.Context(), who, agency, ask, plan, e)
	if err != nil {
		return nil, err
	}
	return clientInvitation(v), nil
}

func (h *handlers) withdrawClient(r *http.Request, who connect.Identity, id string) error {
	if err := agencyOnly(who); err != nil {
		return err
	}
	return h.withdraw(r, who, id, connect.ClientLimit, connect.ClientWithdrawn)
}

// endClient is the agency's end of the link. An account that nobody else can enter would be nobody's: it is
// closed, and the agency can open it again until it goes.
func (h *handlers) endClient(r *http.Request, who connect.Identity, id string) (*api.ClientEnded, error) {
	if err := agencyOnly(who); err != nil {
		return nil, err
	}
	if !connect.ValidID("a_", id) {
		return nil, connect.ErrNotFound
	}
	link, err := h.link(r, who.Account, connect.AccountID(id))
	if err != nil {
		return nil, err
	}
	closingAt, err := h.endLink(r, who, link)
	if err != nil && (!errors.Is(err, connect.ErrClosing) || closingAt.IsZero()) { // repeated, it is closed already
		return nil, err
	}
	return &api.ClientEnded{ClosingAt: api.OptionalTime(closingAt)}, nil
}

func (h *handlers) listAgencies(r *http.Request, who connect.Identity) (*api.AgencyList, error) {
	agencies, err := h.store.Agencies(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	out := &api.AgencyList{Agencies: []api.Client{}}
	for _, c := range agencies {
		out.Agencies = append(out.Agencies, api.Client{ID: c.Agency, Name: c.AgencyName, Payer: c.Payer, Since: c.Since})
	}
	return out, nil
}

// endAgency is the client's end of the link.
func (h *handlers) endAgency(r *http.Request, who connect.Identity, id string) error {
	if !connect.ValidID("a_", id) {
		return connect.ErrNotFound
	}
	link, err := h.link(r, connect.AccountID(id), who.Account)
	if err != nil {
		return err
	}
	if _, err := h.endLink(r, who, link); err != nil {
		return err
	}
	return nil
}

// link is a client of an agency's.
func (h *handlers) link(r *http.Request, agency, client connect.AccountID) (connect.Client, error) {
	clients, err := h.store.Clients(r.Context(), agency)
	if err != nil {
		return connect.Client{}, err
	}
	for _, c := range clients {
		if c.Account == client {
			return c, nil
		}
	}
	return connect.Client{}, connect.ErrNotFound
}

// endLink ends the link of an agency and its client, with an entry in both logs.
func (h *handlers) endLink(
	r *http.Request, who connect.Identity, link connect.Client,
) (closingAt time.Time, err error) {
	ctx, now := r.Context(), web.Now(r)
	l := store.EndedClientLink{Client: link, Tell: who.Account == link.Agency, At: now}
	for id, said := range map[connect.AccountID]string{link.Agency: link.Name, link.Account: "agency " + link.AgencyName} {
		plan, err := h.store.Entitlement(ctx, id, now)
		if err != nil {
			return time.Time{}, err
		}
		e := web.AuditEntry(r, who, connect.ClientEnded, said)
		e.Account, e.Plan = id, plan.Plan.ID
		l.Audit = append(l.Audit, e)
	}
	return h.store.EndClientLink(ctx, l)
}
