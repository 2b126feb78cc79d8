package main

import (
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

type clientJSON struct {
	ID    connect.AccountID `json:"id"`
	Name  string            `json:"name"`
	Payer connect.Payer     `json:"payer"`
	Since time.Time         `json:"since"`
}

type askJSON struct {
	ID        string        `json:"id"`
	Email     connect.Email `json:"email"`
	Payer     connect.Payer `json:"payer"`
	By        string        `json:"by"`
	CreatedAt time.Time     `json:"createdAt"`
	ExpiresAt time.Time     `json:"expiresAt"`
}

func (h *handlers) listClients(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	clients, err := h.store.Clients(r.Context(), who.Account)
	if err != nil {
		return err
	}
	asks, err := h.store.ClientInvitations(r.Context(), who.Account, web.Now(r))
	if err != nil {
		return err
	}
	out := struct {
		Clients     []clientJSON `json:"clients"`
		Invitations []askJSON    `json:"invitations"`
	}{[]clientJSON{}, []askJSON{}}
	for _, c := range clients {
		out.Clients = append(out.Clients, clientJSON{c.Account, c.Name, c.Payer, c.Since})
	}
	for _, v := range asks {
		out.Invitations = append(out.Invitations, askJSON{v.ID, v.Email, v.Payer, v.By, v.CreatedAt, v.ExpiresAt})
	}
	return web.JSON(w, http.StatusOK, out)
}

// payer adds a problem for what is none.
func payer(p *connect.Problems, text string) connect.Payer {
	v := connect.Payer(text)
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
func (h *handlers) addClient(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in struct {
		Name  string `json:"name"`
		Payer string `json:"payer"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	if err := agencyOnly(who); err != nil {
		return err
	}
	var p connect.Problems
	name := p.Line("name", in.Name, 100)
	pays := payer(&p, in.Payer)
	if err := p.Err(); err != nil {
		return err
	}
	agency, plan, err := h.roomForClient(r, who)
	if err != nil {
		return err
	}
	now := web.Now(r).UTC().Truncate(time.Millisecond)
	c := connect.Client{Agency: who.Account, AgencyName: agency.Name, Account: connect.NewAccountID(), Name: name, Payer: pays, Since: now}
	theirs := h.cdn.Event(r, who, connect.AccountOpened, name+", by the agency "+agency.Name)
	theirs.Account, theirs.Plan = c.Account, connect.Free.ID
	if err := h.store.AddClient(r.Context(), c, plan, h.cdn.Event(r, who, connect.ClientAdded, name), theirs); err != nil {
		return err
	}
	return web.JSON(w, http.StatusCreated, clientJSON{c.Account, c.Name, c.Payer, c.Since})
}

// roomForClient answers the agency and its plan. Clients that were asked keep a place, too.
func (h *handlers) roomForClient(r *http.Request, who connect.Identity) (connect.Account, connect.Entitlement, error) {
	ctx, now := r.Context(), web.Now(r)
	plan, err := h.store.Entitlement(ctx, who.Account, now)
	if err != nil {
		return connect.Account{}, plan, err
	}
	clients, err := h.store.Clients(ctx, who.Account)
	if err != nil {
		return connect.Account{}, plan, err
	}
	asked, err := h.store.ClientInvitations(ctx, who.Account, now)
	if err != nil {
		return connect.Account{}, plan, err
	}
	if err := plan.MayAdd(connect.ClientLimit, len(clients)+len(asked)); err != nil {
		return connect.Account{}, plan, err
	}
	agency, err := h.store.Account(ctx, who.Account)
	return agency, plan, err
}

// inviteClient asks the owner of an existing account.
func (h *handlers) inviteClient(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in struct {
		Email string `json:"email"`
		Payer string `json:"payer"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	if err := agencyOnly(who); err != nil {
		return err
	}
	var p connect.Problems
	email := p.Email(in.Email)
	pays := payer(&p, in.Payer)
	if err := p.Err(); err != nil {
		return err
	}
	agency, _, err := h.roomForClient(r, who)
	if err != nil {
		return err
	}
	now := web.Now(r).UTC().Truncate(time.Millisecond)
	if err := h.store.Take(r.Context(), connect.Invitations, string(who.Account), now); err != nil {
		return err
	}
	v := connect.ClientInvitation{
		ID: connect.NewInvitationID(), Agency: who.Account, AgencyName: agency.Name, Email: email, Payer: pays, By: who.Name,
		CreatedAt: now, ExpiresAt: now.Add(connect.InvitationLife).Truncate(time.Second),
	}
	if err := h.store.AskClient(r.Context(), v, h.cdn.Event(r, who, connect.ClientInvited, string(email))); err != nil {
		return err
	}
	return web.JSON(w, http.StatusCreated, askJSON{v.ID, v.Email, v.Payer, v.By, v.CreatedAt, v.ExpiresAt})
}

func (h *handlers) withdrawClient(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	id := r.PathValue("id")
	if err := agencyOnly(who); err != nil {
		return err
	}
	if !connect.ValidID("i_", id) {
		return connect.ErrNotFound
	}
	v, err := h.store.ClientInvitation(r.Context(), who.Account, id, web.Now(r))
	if err != nil {
		return gone(err)
	}
	if err := h.store.WithdrawClient(r.Context(), v, h.cdn.Event(r, who, connect.ClientWithdrawn, string(v.Email))); err != nil {
		return err
	}
	return web.NoContent(w)
}

// endClient is the agency's end of the link. An account that it opened and that never got a person of its
// own would be nobody's: it is closed.
func (h *handlers) endClient(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	if err := agencyOnly(who); err != nil {
		return err
	}
	id := connect.AccountID(r.PathValue("id"))
	if !connect.ValidID("a_", string(id)) {
		return connect.ErrNotFound
	}
	return h.endLink(w, r, who, who.Account, id)
}

func (h *handlers) listAgencies(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	agencies, err := h.store.Agencies(r.Context(), who.Account)
	if err != nil {
		return err
	}
	out := struct {
		Agencies []clientJSON `json:"agencies"`
	}{[]clientJSON{}}
	for _, c := range agencies {
		out.Agencies = append(out.Agencies, clientJSON{c.Agency, c.AgencyName, c.Payer, c.Since})
	}
	return web.JSON(w, http.StatusOK, out)
}

// endAgency is the client's end of the link.
func (h *handlers) endAgency(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	id := connect.AccountID(r.PathValue("id"))
	if !connect.ValidID("a_", string(id)) {
		return connect.ErrNotFound
	}
	return h.endLink(w, r, who, id, who.Account)
}

func (h *handlers) endLink(w http.ResponseWriter, r *http.Request, who connect.Identity, agency, client connect.AccountID) error {
	ctx := r.Context()
	clients, err := h.store.Clients(ctx, agency)
	if err != nil {
		return err
	}
	var link *connect.Client
	for n := range clients {
		if clients[n].Account == client {
			link = &clients[n]
		}
	}
	if link == nil {
		return connect.ErrNotFound
	}
	var events []connect.Event
	for id, said := range map[connect.AccountID]string{agency: link.Name, client: "agency " + link.AgencyName} {
		plan, err := h.store.Entitlement(ctx, id, web.Now(r))
		if err != nil {
			return err
		}
		e := h.cdn.Event(r, who, connect.ClientEnded, said)
		e.Account, e.Plan = id, plan.Plan.ID
		events = append(events, e)
	}
	members, err := h.store.Members(ctx, client)
	if err != nil {
		return err
	}
	if len(members) == 0 {
		e := h.cdn.Event(r, who, connect.AccountClosing, "its agency left, and it has no members")
		e.Account = client
		if err := h.store.Close(ctx, client, web.Now(r).Add(connect.ClosingGrace).Truncate(time.Second), nil, e); err != nil && err != store.ErrClosing {
			return err
		}
	}
	if err := h.store.EndClient(ctx, agency, client, events...); err != nil {
		return err
	}
	return web.NoContent(w)
}
