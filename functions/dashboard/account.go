package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// changeAccount says whether every member needs a second factor. An owner without one would shut
// themselves out.
func (h *handlers) changeAccount(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in struct {
		RequireSecondFactor *bool `json:"requireSecondFactor"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	var p connect.Problems
	switch {
	case in.RequireSecondFactor == nil:
		p.Add("requireSecondFactor", "This is needed.")
	case *in.RequireSecondFactor && !who.SecondFactor:
		p.Add("requireSecondFactor", "Add a second factor to your own login first.")
	}
	if err := p.Err(); err != nil {
		return err
	}
	said := "second factor not required"
	if *in.RequireSecondFactor {
		said = "second factor required"
	}
	if err := h.store.RequireFactor(r.Context(), who.Account, *in.RequireSecondFactor, h.cdn.Event(r, who, connect.AccountChanged, said)); err != nil {
		return err
	}
	return web.NoContent(w)
}

// restoreAccount undoes the closing of an account while its data is there.
func (h *handlers) restoreAccount(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	account, err := h.store.Account(r.Context(), who.Account)
	if err != nil {
		return err
	}
	if err := h.store.Restore(r.Context(), account, h.cdn.Event(r, who, connect.AccountRestored, "")); err != nil {
		return err
	}
	return web.NoContent(w)
}
