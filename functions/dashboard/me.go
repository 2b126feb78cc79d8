package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

type accountJSON struct {
	ID   connect.AccountID `json:"id"`
	Name string            `json:"name"`
	Role string            `json:"role,omitempty"`
}

func (h *handlers) me(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	ctx := r.Context()
	user, err := h.store.User(ctx, who.User)
	if err != nil {
		return err
	}
	account, err := h.store.Account(ctx, who.Account)
	if err != nil {
		return err
	}
	members, err := h.store.Memberships(ctx, who.User)
	if err != nil {
		return err
	}
	type userJSON struct {
		ID    connect.UserID `json:"id"`
		Email connect.Email  `json:"email"`
		Name  string         `json:"name"`
	}
	type planJSON struct {
		ID   connect.PlanID `json:"id"`
		Name string         `json:"name"`
	}
	e, err := h.store.Entitlement(ctx, who.Account, web.Now(r))
	if err != nil {
		return err
	}
	type billingJSON struct {
		Access string         `json:"access"`
		Notice connect.Notice `json:"notice"`
	}
	out := struct {
		User     userJSON      `json:"user"`
		Account  accountJSON   `json:"account"`
		Role     string        `json:"role"`
		Plan     planJSON      `json:"plan"`
		Billing  billingJSON   `json:"billing"`
		Accounts []accountJSON `json:"accounts"`
	}{
		User:    userJSON{user.ID, user.Email, user.Name},
		Account: accountJSON{ID: account.ID, Name: account.Name}, Role: who.Role.String(), Plan: planJSON{e.Plan.ID, e.Plan.Name},
		Billing: billingJSON{e.Access.String(), e.Notice},
	}
	for _, m := range members {
		out.Accounts = append(out.Accounts, accountJSON{m.Account, m.AccountName, m.Role.String()})
	}
	return web.JSON(w, http.StatusOK, out)
}
