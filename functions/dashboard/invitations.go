package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func invitation(v connect.Invitation) api.Invitation {
	return api.Invitation{
		ID: v.ID, Email: v.Email, Role: api.Role(v.Role.String()), By: v.By, CreatedAt: v.CreatedAt, ExpiresAt: v.ExpiresAt,
	}
}

func (h *handlers) listInvitations(r *http.Request, who connect.Identity) (*api.InvitationList, error) {
	list, err := h.store.Invitations(r.Context(), who.Account, web.Now(r))
	if err != nil {
		return nil, err
	}
	out := &api.InvitationList{Invitations: []api.Invitation{}}
	for _, v := range list {
		out.Invitations = append(out.Invitations, invitation(v))
	}
	return out, nil
}

// invite responds the same whether or not the address has a login; what the mail says depends on it. An
// agency may invite the first owner of an account that it opened for a client.
func (h *handlers) invite(r *http.Request, who connect.Identity, in *api.NewInvitation) (*api.Invitation, error) {
	var p connect.Problems
	email := address.Email(&p, in.Email)
	role := parseRole(&p, in.Role)
	if err := p.Err(); err != nil {
		return nil, err
	}
	ctx, now := r.Context(), web.Now(r).UTC().Truncate(time.Millisecond)
	members, err := h.store.Members(ctx, who.Account)
	if err != nil {
		return nil, err
	}
	if !who.Role.MayGive(role) && !(who.Agency != "" && !hasOwner(members)) {
		return nil, connect.ErrForbidden
	}
	plan, err := h.store.Entitlement(ctx, who.Account, now)
	if err != nil {
		return nil, err
	}
	account, err := h.store.Account(ctx, who.Account)
	if err != nil {
		return nil, err
	}
	v := connect.Invitation{
		ID: connect.NewInvitationID(), Account: who.Account, AccountName: account.Name, Email: email, Role: role, By: who.Name,
		Inviter: who.User, Via: who.Agency, CreatedAt: now, ExpiresAt: now.Add(connect.InvitationLife).Truncate(time.Second),
	}
	// An invitation that waits keeps a seat. Accepting it decides, for the plan may be another one by then.
	err = h.counted(ctx, who.Account, now, func() error {
		return h.store.InviteMember(ctx, v, plan, web.AuditEntry(r, who, connect.MemberInvited, string(email)+" as "+role.String()))
	})
	if err != nil {
		return nil, err
	}
	sent := invitation(v)
	return &sent, nil
}

// counted sends an invitation within the day's budget. One that the plan has no room for is given back: no
// mail has left.
func (h *handlers) counted(ctx context.Context, account connect.AccountID, now time.Time, send func() error) error {
	if err := h.store.Throttle(ctx, connect.Invitations, string(account), now); err != nil {
		return err
	}
	err := send()
	if err == nil {
		return nil
	}
	return errors.Join(err, h.store.Unthrottle(ctx, connect.Invitations, string(account), now))
}

func hasOwner(members []connect.Member) bool {
	for _, m := range members {
		if m.Role == connect.Owner {
			return true
		}
	}
	return false
}

func (h *handlers) withdrawInvitation(r *http.Request, who connect.Identity, id string) error {
	if !connect.ValidID("i_", id) {
		return connect.ErrNotFound
	}
	v, err := h.store.Invitation(r.Context(), who.Account, id, web.Now(r))
	if err != nil {
		return gone(err)
	}
	return h.store.WithdrawInvitation(r.Context(), v, web.AuditEntry(r, who, connect.InvitationWithdrawn, string(v.Email)))
}

// gone is what an invitation that cannot be found is towards who manages it.
func gone(err error) error {
	if errors.Is(err, connect.ErrLinkInvalid) {
		return connect.ErrNotFound
	}
	return err
}
