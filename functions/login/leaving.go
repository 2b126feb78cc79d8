package main

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/mi-telecom/mi-connect/functions/login/factors"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// deleteLogin removes a person from all their accounts and deletes whatever names them or lets them in. A stolen
// session is not enough: it asks for the password and, if there is one, the second factor.
func (h *handlers) deleteLogin(r *http.Request, who connect.Identity, in *api.LoginDeletion) error {
	hash, err := h.reauthenticate(r, who, "password", in.Password)
	if err != nil {
		return err
	}
	if err := h.reauthenticateCode(r, who, api.Value(in.Code)); err != nil {
		return err
	}
	ctx, caller := r.Context(), web.CallerOf(r)
	members, err := h.store.Memberships(ctx, who.User)
	if err != nil {
		return err
	}
	held, err := h.store.OnlyOwnerOf(ctx, members)
	if err != nil {
		return err
	}
	if len(held) > 0 {
		return errOnlyOwner(held)
	}
	ends := map[connect.AccountID]connect.AuditEntry{}
	for _, m := range members {
		plan, err := h.store.Entitlement(ctx, m.Account, caller.At)
		if err != nil {
			return err
		}
		in := connect.Identity{User: who.User, Name: who.Name, Account: m.Account, Plan: plan.Plan.ID}
		ends[m.Account] = caller.AuditEntry(in, connect.MemberRemoved, who.Name+", with their login")
	}
	return h.store.DeleteLogin(ctx, who.User, hash, ends, caller.At)
}

// reauthenticateCode asks a person who is logged in for their second factor, if they have one.
func (h *handlers) reauthenticateCode(r *http.Request, who connect.Identity, code string) error {
	ctx, caller := r.Context(), web.CallerOf(r)
	f, err := h.store.Factors(ctx, who.User)
	if err != nil || !f.Active() {
		return err
	}
	var p connect.Problems
	if strings.TrimSpace(code) == "" {
		p.Add("code", "Enter the code from your authenticator app, or a recovery code.")
		return p.Err()
	}
	b := h.guard.Device(caller, who.User).Known(connect.KnownCodes)
	if err := h.guard.Spend(ctx, caller, b); err != nil {
		return err
	}
	ok, err := factors.Use(h.links, f, who.User, code, caller.At)
	if err != nil {
		return err
	}
	if !ok {
		p.Add("code", "This code is wrong or has already been used.")
		return p.Err()
	}
	return h.guard.Refund(ctx, caller, b)
}

// errOnlyOwner names the accounts that somebody cannot leave, and what to do about it.
func errOnlyOwner(held []connect.Member) error {
	names := make([]string, min(len(held), 5))
	for n := range names {
		names[n] = held[n].AccountName
	}
	said := strings.Join(names, ", ")
	if more := len(held) - len(names); more > 0 {
		said += fmt.Sprintf(" and %d more", more)
	}
	return &connect.Error{
		Kind: connect.Conflict, Code: "last-owner",
		Message: "You are the only owner of " + said + ". Make someone else an owner first, or close the account: " +
			"the logins of its members who are in no other account are deleted with it.",
	}
}
