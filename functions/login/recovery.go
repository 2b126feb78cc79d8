package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// Whoever lost every factor asks for a link, opens it, waits three days, and opens it again with the
// password. Opening it tells them and the admins of all their accounts; any session of theirs cancels it.

func (h *handlers) mailRecovery(r *http.Request, in *api.EmailAddress) error {
	return h.mailToken(r, in, connect.PurposeRecover, store.MailRecovery)
}

func (h *handlers) openRecovery(r *http.Request, in *api.LinkToken) (*api.RecoveryWait, error) {
	t, err := h.mailedToken(r, connect.PurposeRecover, in.Token)
	if err != nil {
		return nil, err
	}
	ctx, now := r.Context(), web.Now(r)
	f, err := h.store.Factors(ctx, t.User)
	if err != nil {
		return nil, err
	}
	if !f.Active() {
		return nil, &connect.Error{Kind: connect.Conflict, Code: "no-factor", Message: "Your login has no second factor. You can log in with your password."}
	}
	running, err := h.store.Recovery(ctx, t.User, now)
	if err != nil {
		return nil, err
	}
	if !t.ReadyAt.IsZero() && running.IsZero() {
		return nil, connect.ErrLinkInvalid // cancelled
	}
	ready := t.ReadyAt
	if ready.IsZero() {
		var admins []store.Message
		members, err := h.store.Memberships(ctx, t.User)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			others, err := h.store.Admins(ctx, m.Account)
			if err != nil {
				return nil, err
			}
			for _, o := range others {
				if o.User != t.User && len(admins) < 50 {
					admins = append(admins, store.Message{Kind: store.MailRecoveryOfMember, User: o.User, About: t.User, Account: m.Account})
				}
			}
		}
		events, err := h.auditPersonal(r, t.User, connect.RecoveryStarted, "")
		if err != nil {
			return nil, err
		}
		if ready, err = h.store.WaitForRecovery(ctx, t, admins, events, now); err != nil {
			return nil, err
		}
	}
	return &api.RecoveryWait{ReadyAt: ready.UTC(), Ready: !now.Before(ready)}, nil
}

func (h *handlers) finishRecovery(r *http.Request, in *api.RecoveryFinish) error {
	t, err := h.mailedToken(r, connect.PurposeRecover, in.Token)
	if err != nil {
		return err
	}
	now := web.Now(r)
	if t.ReadyAt.IsZero() || now.Before(t.ReadyAt) {
		return &connect.Error{Kind: connect.Conflict, Code: "too-early", Message: "The wait isn't over yet."}
	}
	b := budget{connect.OwnPassword, string(t.User)}
	if err := h.throttle(r, b); err != nil {
		return err
	}
	hash, err := h.store.PasswordHash(r.Context(), t.User)
	if err != nil {
		return err
	}
	ok, _, err := password.Verify(hash, in.Password)
	if err != nil {
		return err
	}
	if !ok {
		var p connect.Problems
		p.Add("password", "Wrong password. If you reset it by email, the 72-hour wait starts again.")
		return p.Err()
	}
	events, err := h.auditPersonal(r, t.User, connect.RecoveryDone, "")
	if err != nil {
		return err
	}
	if err := h.store.FinishRecovery(r.Context(), t, hash, events, now); err != nil {
		return err
	}
	return h.unthrottle(r, b)
}

func (h *handlers) cancelRecovery(r *http.Request, who connect.Identity) error {
	events, err := h.auditPersonal(r, who.User, connect.RecoveryCancelled, "")
	if err != nil {
		return err
	}
	return h.store.CancelRecovery(r.Context(), who.User, events)
}
