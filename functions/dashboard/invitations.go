package main

import (
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

type invitationJSON struct {
	ID        string        `json:"id"`
	Email     connect.Email `json:"email"`
	Role      string        `json:"role"`
	By        string        `json:"by"`
	CreatedAt time.Time     `json:"createdAt"`
	ExpiresAt time.Time     `json:"expiresAt"`
}

func inviteJSON(v connect.Invitation) invitationJSON {
	return invitationJSON{v.ID, v.Email, v.Role.String(), v.By, v.CreatedAt, v.ExpiresAt}
}

func (h *handlers) listInvitations(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	list, err := h.store.Invitations(r.Context(), who.Account, web.Now(r))
	if err != nil {
		return err
	}
	out := struct {
		Invitations []invitationJSON `json:"invitations"`
	}{[]invitationJSON{}}
	for _, v := range list {
		out.Invitations = append(out.Invitations, inviteJSON(v))
	}
	return web.JSON(w, http.StatusOK, out)
}

// invite answers the same whether or not the address has a login; what the mail says depends on it. An
// agency may invite the first owner of an account that it opened for a client.
func (h *handlers) invite(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in struct {
		Email string `json:"email"`
		Role  string `json:"role"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	var p connect.Problems
	email := p.Email(in.Email)
	role := parseRole(&p, in.Role)
	if err := p.Err(); err != nil {
		return err
	}
	ctx, now := r.Context(), web.Now(r).UTC().Truncate(time.Millisecond)
	members, err := h.store.Members(ctx, who.Account)
	if err != nil {
		return err
	}
	if !mayGive(who, role) && !(who.Agency != "" && !hasOwner(members)) {
		return connect.ErrForbidden
	}
	waiting, err := h.store.Invitations(ctx, who.Account, now)
	if err != nil {
		return err
	}
	plan, err := h.store.Entitlement(ctx, who.Account, now)
	if err != nil {
		return err
	}
	// An invitation that waits keeps a seat. Accepting it decides, for the plan may be another one by then.
	if err := plan.MayAdd(connect.MemberLimit, len(members)+len(waiting)); err != nil {
		return err
	}
	account, err := h.store.Account(ctx, who.Account)
	if err != nil {
		return err
	}
	if err := h.store.Take(ctx, connect.Invitations, string(who.Account), now); err != nil {
		return err
	}
	v := connect.Invitation{
		ID: connect.NewInvitationID(), Account: who.Account, AccountName: account.Name, Email: email, Role: role, By: who.Name,
		CreatedAt: now, ExpiresAt: now.Add(connect.InvitationLife).Truncate(time.Second),
	}
	if err := h.store.Invite(ctx, v, h.cdn.Event(r, who, connect.MemberInvited, string(email)+" as "+role.String())); err != nil {
		return err
	}
	return web.JSON(w, http.StatusCreated, inviteJSON(v))
}

func hasOwner(members []connect.Member) bool {
	for _, m := range members {
		if m.Role == connect.Owner {
			return true
		}
	}
	return false
}

func (h *handlers) withdraw(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	id := r.PathValue("id")
	if !connect.ValidID("i_", id) {
		return connect.ErrNotFound
	}
	v, err := h.store.Invitation(r.Context(), who.Account, id, web.Now(r))
	if err != nil {
		return gone(err)
	}
	if err := h.store.Withdraw(r.Context(), v, h.cdn.Event(r, who, connect.InvitationWithdrawn, string(v.Email))); err != nil {
		return err
	}
	return web.NoContent(w)
}

// gone is what an invitation that cannot be found is towards who manages it.
func gone(err error) error {
	if err == connect.ErrLinkInvalid {
		return connect.ErrNotFound
	}
	return err
}
