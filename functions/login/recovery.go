package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/mi-telecom/mi-connect/functions/login/guard"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// Somebody who has lost every factor requests a link, opens it, waits three days, and opens it again with their
// password. The first opening notifies them and the admins of all their accounts; any session of theirs can cancel it.

func (h *handlers) mailRecovery(r *http.Request, in *api.EmailAddress) error {
	return h.mailToken(r, in, connect.PurposeRecover, connect.MailRecovery)
}

func (h *handlers) openRecovery(r *http.Request, in *api.LinkToken) (*api.RecoveryWait, error) {
	ctx, caller := r.Context(), web.CallerOf(r)
	t, err := h.mailedToken(ctx, caller, connect.PurposeRecover, in.Token)
	if err != nil {
		return nil, err
	}
	f, err := h.store.Factors(ctx, t.User)
	if err != nil {
		return nil, err
	}
	if !f.Active() {
		return nil, errNothingLost
	}
	running, err := h.store.Recovery(ctx, t.User, caller.At)
	if err != nil {
		return nil, err
	}
	if !t.ReadyAt.IsZero() && running.IsZero() {
		return nil, connect.ErrLinkInvalid // cancelled
	}
	ready := t.ReadyAt
	if ready.IsZero() {
		admins, err := h.adminsOver(ctx, t.User)
		if err != nil {
			return nil, err
		}
		entries, err := h.auditPersonal(ctx, caller, t.User, connect.RecoveryStarted, "")
		if err != nil {
			return nil, err
		}
		if ready, err = h.store.WaitForRecovery(ctx, t, admins, entries, caller.At); err != nil {
			return nil, err
		}
	}
	return &api.RecoveryWait{ReadyAt: ready.UTC(), Ready: !caller.At.Before(ready)}, nil
}

// adminsOver returns the messages to the admins of every account that user is in, 50 at most.
func (h *handlers) adminsOver(ctx context.Context, user connect.UserID) (tell []connect.Message, err error) {
	members, err := h.store.Memberships(ctx, user)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		admins, err := h.store.Admins(ctx, m.Account)
		if err != nil {
			return nil, err
		}
		for _, a := range admins {
			if a.User != user && len(tell) < 50 {
				tell = append(tell, connect.Message{
					Kind: connect.MailRecoveryOfMember, User: a.User, About: user, Account: m.Account,
				})
			}
		}
	}
	return tell, nil
}

var (
	errNothingLost = &connect.Error{
		Kind: connect.Conflict, Code: "no-factor",
		Message: "Your login has no second factor. You can log in with your password.",
	}
	errTooEarly = &connect.Error{Kind: connect.Conflict, Code: "too-early", Message: "The wait isn't over yet."}
)

func (h *handlers) finishRecovery(r *http.Request, in *api.RecoveryFinish) error {
	ctx, caller := r.Context(), web.CallerOf(r)
	t, err := h.mailedToken(ctx, caller, connect.PurposeRecover, in.Token)
	if err != nil {
		return err
	}
	if t.ReadyAt.IsZero() || caller.At.Before(t.ReadyAt) {
		return errTooEarly
	}
	b := guard.Of(connect.OwnPassword, t.User)
	if err := h.guard.Spend(ctx, caller, b); err != nil {
		return err
	}
	hash, _, err := h.checkPassword(ctx, t.User, in.Password)
	if errors.Is(err, errWrongPassword) {
		var p connect.Problems
		p.Add("password", "Wrong password. If you reset it by email, the 72-hour wait starts again.")
		return p.Err()
	}
	if err != nil {
		return err
	}
	entries, err := h.auditPersonal(ctx, caller, t.User, connect.RecoveryDone, "")
	if err != nil {
		return err
	}
	if err := h.store.FinishRecovery(ctx, t, hash, entries, caller.At); err != nil {
		return err
	}
	return h.guard.Refund(ctx, caller, b)
}

func (h *handlers) cancelRecovery(r *http.Request, who connect.Identity) error {
	entries, err := h.auditPersonal(r.Context(), web.CallerOf(r), who.User, connect.RecoveryCancelled, "")
	if err != nil {
		return err
	}
	return h.store.CancelRecovery(r.Context(), who.User, entries)
}
