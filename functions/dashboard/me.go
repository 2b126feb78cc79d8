package main

import (
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

type accountJSON struct {
	ID   connect.AccountID `json:"id"`
	Name string            `json:"name"`
	Role string            `json:"role,omitempty"`
	// Agency is the name of the agency through which the person comes; absent for members.
	Agency string `json:"agency,omitempty"`
	// What follows is said of the current account only.
	ClosingAt            *time.Time `json:"closingAt,omitempty"`
	RequiresSecondFactor bool       `json:"requiresSecondFactor,omitempty"`
}

// me also answers a person who is in no account (any more), or who still lacks the second factor that the
// account asks for: the pages tell them what to do.
func (h *handlers) me(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	ctx := r.Context()
	var account connect.Account
	if who.Account != "" {
		var err error
		if account, err = h.store.Account(ctx, who.Account); err != nil {
			return err
		}
	}
	type userJSON struct {
		ID           connect.UserID `json:"id"`
		Email        connect.Email  `json:"email"`
		Name         string         `json:"name"`
		SecondFactor bool           `json:"secondFactor"`
		// DeletesAt is when the login of a person goes who is in no account.
		DeletesAt *time.Time `json:"deletesAt,omitempty"`
	}
	type planJSON struct {
		ID   connect.PlanID `json:"id"`
		Name string         `json:"name"`
	}
	// Of no account, too: it is then the free plan's.
	e, err := h.store.Entitlement(ctx, who.Account, web.Now(r))
	if err != nil {
		return err
	}
	type billingJSON struct {
		Access string         `json:"access"`
		Notice connect.Notice `json:"notice"`
		PaidBy string         `json:"paidBy,omitempty"`
	}
	out := struct {
		User     userJSON      `json:"user"`
		Account  *accountJSON  `json:"account"`
		Role     string        `json:"role"`
		Plan     planJSON      `json:"plan"`
		Billing  billingJSON   `json:"billing"`
		Accounts []accountJSON `json:"accounts"`
		// LacksSecondFactor says that nothing of the account can be used until the person adds one.
		LacksSecondFactor bool `json:"lacksSecondFactor"`
	}{
		User: userJSON{ID: who.User, Email: who.Email, Name: who.Name, SecondFactor: who.SecondFactor},
		Role: who.Role.String(), Plan: planJSON{e.Plan.ID, e.Plan.Name}, Billing: billingJSON{e.Access.String(), e.Notice, e.PaidBy}, Accounts: []accountJSON{}, LacksSecondFactor: who.LacksFactor,
	}
	if len(who.Members) == 0 {
		user, err := h.store.User(ctx, who.User)
		if err != nil {
			return err
		}
		if !user.LeftAt.IsZero() {
			at := user.LeftAt.Add(connect.AloneGrace)
			out.User.DeletesAt = &at
		}
	}
	if who.Account != "" {
		out.Account = &accountJSON{ID: account.ID, Name: account.Name, RequiresSecondFactor: account.SecondFactor}
		if !account.ClosingAt.IsZero() {
			out.Account.ClosingAt = &account.ClosingAt
		}
	}
	own := map[connect.AccountID]bool{}
	for _, m := range who.Members {
		out.Accounts = append(out.Accounts, accountJSON{ID: m.Account, Name: m.AccountName, Role: m.Role.String()})
		own[m.Account] = true
	}
	for _, m := range who.Members {
		clients, err := h.store.Clients(ctx, m.Account)
		if err != nil {
			return err
		}
		for _, c := range clients {
			if !own[c.Account] {
				out.Accounts = append(out.Accounts, accountJSON{ID: c.Account, Name: c.Name, Role: m.Role.ForClients().String(), Agency: c.AgencyName})
				own[c.Account] = true
			}
		}
	}
	return web.JSON(w, http.StatusOK, out)
}
