package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// me also serves a person who is in no account (any more), or who still lacks the second factor that the
// account asks for: the pages tell them what to do.
func (h *handlers) me(r *http.Request, who connect.Identity) (*api.Me, error) {
	ctx := r.Context()
	var account connect.Account
	if who.Account != "" {
		var err error
		if account, err = h.store.Account(ctx, who.Account); err != nil {
			return nil, err
		}
	}
	// Of no account, too: it is then the free plan's.
	e, err := h.store.Entitlement(ctx, who.Account, web.Now(r))
	if err != nil {
		return nil, err
	}
	out := &api.Me{
		User: api.Person{ID: who.User, Email: who.Email, Name: who.Name, SecondFactor: who.SecondFactor},
		Role: api.MeRole(who.Role.String()), Plan: api.PlanName{ID: e.Plan.ID, Name: e.Plan.Name},
		Billing: api.BillingSummary{
			Access: api.Access(e.Access.String()), Notice: api.BillingNotice(e.Alert), PaidBy: api.Optional(e.PaidBy),
		},
		Accounts: []api.AccountChoice{}, LacksSecondFactor: who.LacksFactor,
	}
	if len(who.Members) == 0 {
		user, err := h.store.User(ctx, who.User)
		if err != nil {
			return nil, err
		}
		if !user.LeftAt.IsZero() {
			at := user.LeftAt.Add(connect.AloneGrace)
			out.User.DeletesAt = &at
		}
	}
	if who.Account != "" {
		out.Account = &api.CurrentAccount{
			ID: account.ID, Name: account.Name, RequiresSecondFactor: api.Optional(account.SecondFactor),
			ClosingAt: api.OptionalTime(account.ClosingAt),
		}
	}
	own := map[connect.AccountID]bool{}
	for _, m := range who.Members {
		out.Accounts = append(out.Accounts, api.AccountChoice{
			ID: m.Account, Name: m.AccountName, Role: api.Role(m.Role.String()),
		})
		own[m.Account] = true
	}
	for _, m := range who.Members {
		clients, err := h.store.Clients(ctx, m.Account)
		if err != nil {
			return nil, err
		}
		for _, c := range clients {
			if !own[c.Account] {
				out.Accounts = append(out.Accounts, api.AccountChoice{
					ID: c.Account, Name: c.Name, Role: api.Role(m.Role.ForClients().String()), Agency: api.Optional(c.AgencyName),
				})
				own[c.Account] = true
			}
		}
	}
	return out, nil
}

// changeMe changes a person's own name.
func (h *handlers) changeMe(r *http.Request, who connect.Identity, in *api.PersonChange) error {
	var p connect.Problems
	name := p.Line("name", in.Name, 100)
	if err := p.Err(); err != nil || name == who.Name {
		return err
	}
	e := web.AuditEntry(r, who, connect.MemberRenamed, who.Name+" to "+name)
	entries, err := h.store.AuditInEveryAccount(r.Context(), e)
	if err != nil {
		return err
	}
	return h.store.Rename(r.Context(), who.User, name, entries)
}
