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
	list, err := h.store.Invitations(r.Context(), who.Account, connect.MemberLimit, web.Now(r))
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
	e := web.AuditEntry(r, who, connect.MemberInvited, string(email)+" as "+role.String())
	v, err := h.send(ctx, who, account, connect.Invitation{Email: email, Grant: connect.Grant{Role: role}}, plan, e)
	if err != nil {
		return nil, err
	}
	sent := invitation(v)
	return &sent, nil
}

// send invites in the name of who. An invitation that waits keeps a place; accepting it decides, for the plan may be
// another one by then.
func (h *handlers) send(
	ctx context.Context, who connect.Identity, from connect.Account, v connect.Invitation, plan connect.Entitlement,
	e connect.AuditEntry,
) (connect.Invitation, error) {
	now := e.At.UTC().Truncate(time.Millisecond)
	v.ID, v.Account, v.AccountName, v.By = connect.NewInvitationID(), who.Account, from.Name, who.Name
	v.Inviter, v.Via = who.User, who.Agency
	v.CreatedAt, v.ExpiresAt = now, now.Add(connect.InvitationLife).Truncate(time.Second)
	return v, h.counted(ctx, who.Account, now, func() error { return h.store.Invite(ctx, v, plan, e) })
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
	return h.withdraw(r, who, id, connect.MemberLimit, connect.InvitationWithdrawn)
}

// withdraw makes the link of an invitation to become one of something useless.
func (h *handlers) withdraw(
	r *http.Request, who connect.Identity, id string, of connect.Limited, said connect.AuditAction,
) error {
	if !connect.ValidID("i_", id) {
		return connect.ErrNotFound
	}
	v, err := h.store.Invitation(r.Context(), who.Account, id, web.Now(r))
	if errors.Is(err, connect.ErrLinkInvalid) || err == nil && v.Limit() != of {
		return connect.ErrNotFound
	}
	if err != nil {
		return err
	}
	return h.store.WithdrawInvitation(r.Context(), v, web.AuditEntry(r, who, said, string(v.Email)))
}
