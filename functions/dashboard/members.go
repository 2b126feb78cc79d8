package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func (h *handlers) listMembers(r *http.Request, who connect.Identity) (*api.MemberList, error) {
	members, err := h.store.Members(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	out := &api.MemberList{Members: []api.Member{}}
	for _, m := range members {
		user, err := h.store.User(r.Context(), m.User)
		if err != nil && connect.KindOf(err) != connect.NotFound {
			return nil, err
		}
		out.Members = append(out.Members, api.Member{
			ID: m.User, Name: user.Name, Email: string(user.Email), Role: api.Role(m.Role.String()), Since: m.Since,
			SecondFactor: user.SecondFactor,
			You:          m.User == who.User,
		})
	}
	return out, nil
}

func (h *handlers) member(r *http.Request, who connect.Identity, id string) (connect.Member, error) {
	if id == "me" {
		id = string(who.User)
	}
	if !connect.ValidID("u_", id) {
		return connect.Member{}, connect.ErrNotFound
	}
	return h.store.Member(r.Context(), who.Account, connect.UserID(id))
}

// parseRole adds a problem for what is no role.
func parseRole(p *connect.Problems, named api.Role) connect.Role {
	role := connect.ParseRole(string(named))
	if role == connect.NoRole {
		p.Add("role", "Choose viewer, agent, admin or owner.")
	}
	return role
}

func (h *handlers) changeMember(r *http.Request, who connect.Identity, id string, in *api.RoleChange) error {
	var p connect.Problems
	role := parseRole(&p, in.Role)
	if err := p.Err(); err != nil {
		return err
	}
	m, err := h.member(r, who, id)
	if err != nil {
		return err
	}
	if !who.Role.MayGive(role) || !who.Role.MayGive(m.Role) {
		return connect.ErrForbidden
	}
	if role != m.Role {
		target, err := h.named(r, m, " from "+m.Role.String()+" to "+role.String())
		if err != nil {
			return err
		}
		if err := h.store.SetRole(r.Context(), m, role, web.AuditEntry(r, who, connect.MemberRole, target)); err != nil {
			return err
		}
	}
	return nil
}

// named is a member for the audit log.
func (h *handlers) named(r *http.Request, m connect.Member, more string) (string, error) {
	user, err := h.store.User(r.Context(), m.User)
	if connect.KindOf(err) == connect.NotFound {
		return string(m.User) + more, nil
	}
	return user.Name + more, err
}

// removeMember ends a membership; everybody may end their own.
func (h *handlers) removeMember(r *http.Request, who connect.Identity, id string) error {
	if id != "me" && id != string(who.User) && who.Role < connect.Admin {
		return connect.ErrForbidden
	}
	m, err := h.member(r, who, id)
	if err != nil {
		return err
	}
	if m.User != who.User && !who.Role.MayGive(m.Role) {
		return connect.ErrForbidden
	}
	target, err := h.named(r, m, "")
	if err != nil {
		return err
	}
	return h.store.RemoveMember(r.Context(), m, web.AuditEntry(r, who, connect.MemberRemoved, target))
}
