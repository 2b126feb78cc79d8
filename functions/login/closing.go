package main

import (
	"errors"
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// closeAccount begins the 30 days after which the account is deleted, together with those of its clients that nobody
// else can enter. Their widgets stop at once. Until the 30 days are over, function dashboard can undo it.
func (h *handlers) closeAccount(
	r *http.Request, who connect.Identity, in *api.PasswordConfirmation,
) (*api.AccountClosing, error) {
	if err := h.reauthenticateOnly(r, who, in); err != nil {
		return nil, err
	}
	at := web.Now(r).Add(connect.ClosingGrace).UTC().Truncate(time.Second)
	sub, err := h.store.Subscription(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	// Nobody may keep paying for a deleted account.
	if sub.Status.Billable() && (sub.EndsAt.IsZero() || sub.EndsAt.After(at)) {
		return nil, errSubscribed
	}
	members, err := h.store.Members(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	var tell []connect.Message
	for _, m := range members[:min(len(members), 50)] {
		tell = append(tell, connect.Message{Kind: connect.MailAccountClosing, User: m.User, Account: who.Account})
	}
	e := web.AuditEntry(r, who, connect.AccountClosing, "")
	if err := h.store.CloseAccount(r.Context(), who.Account, at, tell, e); errors.Is(err, connect.ErrClosing) {
		// Already closed. The earlier request may have been cut off, so close the clients all the same.
		account, err := h.store.Account(r.Context(), who.Account)
		if err != nil {
			return nil, err
		}
		if account.ClosingAt.IsZero() {
			return nil, connect.ErrClosing
		}
		at = account.ClosingAt
	} else if err != nil {
		return nil, err
	}
	if err := h.store.CloseClients(r.Context(), connect.Account{ID: who.Account, ClosingAt: at}, e); err != nil {
		return nil, err
	}
	return &api.AccountClosing{ClosingAt: at}, nil
}

var errSubscribed = &connect.Error{
	Kind: connect.Conflict, Code: "subscribed",
	Message: "This account has a subscription. Cancel it under Billing first. " +
		"You can use what you've paid for until it ends.",
}
