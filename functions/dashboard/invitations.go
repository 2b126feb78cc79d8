package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/address"
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
	email := address.Email(&p, in.Email)
	role := parseRole(&p, in.Role)
	if err := p.Err(); err != nil {
		return err
	}
	ctx, now := r.Context(), web.Now(r).UTC().Truncate(time.Millisecond)
	members, err := h.store.Members(ctx, who.Account)
	if err != nil {
		return err
	}
	if !who.Role.MayGive(role) && !(who.Agency != "" && !hasOwner(members)) {
		return connect.ErrForbidden
	}
	plan, err := h.store.Entitlement(ctx, who.Account, now)
	if err != nil {
		return err
	}
	account, err := h.store.Account(ctx, who.Account)
	if err != nil {
		return err
	}
	v := connect.Invitation{
		ID: connect.NewInvitationID(), Account: who.Account, AccountName: account.Name, Email: email, Role: role, By: who.Name,
		Inviter: who.User, Via: who.Agency, CreatedAt: now, ExpiresAt: now.Add(connect.InvitationLife).Truncate(time.Second),
	}
	// An invitation that waits keeps a seat. Accepting it decides, for the plan may be another one by then.
	err = h.counted(ctx, who.Account, now, func() error {
		return h.store.Invite(ctx, v, plan, h.cdn.Event(r, who, connect.MemberInvited, string(email)+" as "+role.String()))
	})
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusCreated, inviteJSON(v))
}

// counted sends an invitation within the day's budget. One that the plan has no room for is given back: no
// mail has left.
func (h *handlers) counted(ctx context.Context, account connect.AccountID, now time.Time, send func() error) error {
	if err := h.store.Take(ctx, connect.Invitations, string(account), now); err != nil {
		return err
	}
	err := send()
	if err == nil {
		return nil
	}
	return errors.Join(err, h.store.GiveBack(ctx, connect.Invitations, string(account), now))
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
