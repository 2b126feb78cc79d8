package main

import (
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func (h *handlers) listMembers(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	members, err := h.store.Members(r.Context(), who.Account)
	if err != nil {
		return err
	}
	type memberJSON struct {
		ID           connect.UserID `json:"id"`
		Name         string         `json:"name"`
		Email        connect.Email  `json:"email"`
		Role         string         `json:"role"`
		Since        time.Time      `json:"since"`
		SecondFactor bool           `json:"secondFactor"`
		You          bool           `json:"you"`
	}
	out := struct {
		Members []memberJSON `json:"members"`
	}{[]memberJSON{}}
	for _, m := range members {
		user, err := h.store.User(r.Context(), m.User)
		if err != nil && connect.KindOf(err) != connect.NotFound {
			return err
		}
		out.Members = append(out.Members, memberJSON{m.User, user.Name, user.Email, m.Role.String(), m.Since, user.SecondFactor, m.User == who.User})
	}
	return web.JSON(w, http.StatusOK, out)
}

func (h *handlers) member(r *http.Request, who connect.Identity) (connect.Member, error) {
	id := r.PathValue("id")
	if id == "me" {
		id = string(who.User)
	}
	if !connect.ValidID("u_", id) {
		return connect.Member{}, connect.ErrNotFound
	}
	return h.store.Member(r.Context(), who.Account, connect.UserID(id))
}

// parseRole adds a problem for what is no role.
func parseRole(p *connect.Problems, text string) connect.Role {
	role := connect.ParseRole(text)
	if role == connect.NoRole {
		p.Add("role", "Choose viewer, agent, admin or owner.")
	}
	return role
}

func (h *handlers) changeMember(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in struct {
		Role string `json:"role"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	var p connect.Problems
	role := parseRole(&p, in.Role)
	if err := p.Err(); err != nil {
		return err
	}
	m, err := h.member(r, who)
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
		if err := h.store.SetRole(r.Context(), m, role, h.cdn.Event(r, who, connect.MemberRole, target)); err != nil {
			return err
		}
	}
	return web.NoContent(w)
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
func (h *handlers) removeMember(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	if id := r.PathValue("id"); id != "me" && id != string(who.User) && who.Role < connect.Admin {
		return connect.ErrForbidden
	}
	m, err := h.member(r, who)
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
	if err := h.store.RemoveMember(r.Context(), m, h.cdn.Event(r, who, connect.MemberRemoved, target)); err != nil {
		return err
	}
	return web.NoContent(w)
}
