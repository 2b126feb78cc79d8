package main

import (
	"errors"
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// changeAccount renames an account, and says whether every member needs a second factor. An owner without one would
// shut themselves out.
func (h *handlers) changeAccount(r *http.Request, who connect.Identity, in *api.AccountChange) error {
	var p connect.Problems
	switch {
	case in.RequireSecondFactor == nil && in.Name == nil:
		p.Add("name", "Give a name, or say whether a second factor is required.")
	case api.Value(in.RequireSecondFactor) && !who.SecondFactor:
		p.Add("requireSecondFactor", "Set up two-factor authentication on your own login first.")
	}
	name := ""
	if in.Name != nil {
		name = p.Line("name", *in.Name, 100)
	}
	if err := p.Err(); err != nil {
		return err
	}
	if name != "" {
		account, err := h.store.Account(r.Context(), who.Account)
		if err != nil {
			return err
		}
		entry := web.AuditEntry(r, who, connect.AccountChanged, account.Name+" is now "+name)
		if err := h.store.RenameAccount(r.Context(), account, name, entry); err != nil {
			return err
		}
	}
	if in.RequireSecondFactor == nil {
		return nil
	}
	said := "second factor not required"
	if *in.RequireSecondFactor {
		said = "second factor required"
	}
	return h.store.RequireFactor(
		r.Context(), who.Account, *in.RequireSecondFactor, web.AuditEntry(r, who, connect.AccountChanged, said),
	)
}

// restoreAccount undoes the closing of an account while its data is there, and with it that of the clients
// that were closed with it. An agency may do so for a client that nobody else can enter.
func (h *handlers) restoreAccount(r *http.Request, who connect.Identity) error {
	ctx := r.Context()
	if who.Role < connect.Owner {
		members, err := h.store.Members(ctx, who.Account)
		if err != nil {
			return err
		}
		if who.Agency == "" || len(members) > 0 {
			return connect.ErrForbidden
		}
	}
	account, err := h.store.Account(ctx, who.Account)
	if err != nil {
		return err
	}
	e := web.AuditEntry(r, who, connect.AccountRestored, "")
	restored := h.store.ReopenAccount(ctx, account, e)
	if restored != nil && !errors.Is(restored, connect.ErrClosing) {
		return restored
	}
	// Also when it is open already: the request before may have been cut off here.
	if account.ClosingAt.IsZero() || restored == nil {
		if err := h.store.ReopenClients(ctx, account.ID, e); err != nil {
			return err
		}
	}
	if restored != nil {
		return restored
	}
	return nil
}
