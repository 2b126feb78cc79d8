package main

import (
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// Whoever lost every factor asks for a link, opens it, waits three days, and opens it again with the
// password. Opening it tells them and the admins of all their accounts; any session of theirs cancels it.

func (h *handlers) mailRecovery(w http.ResponseWriter, r *http.Request) error {
	return h.mailToken(w, r, store.PurposeRecover, store.MailRecovery)
}

func (h *handlers) openRecovery(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Token string `json:"token"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	t, err := h.mailedToken(r, store.PurposeRecover, in.Token)
	if err != nil {
		return err
	}
	ctx, now := r.Context(), web.Now(r)
	f, err := h.store.Factors(ctx, t.User)
	if err != nil {
		return err
	}
	if !f.Active() {
		return &connect.Error{Kind: connect.Conflict, Code: "no-factor", Message: "Your login has no second factor: your password is enough."}
	}
	running, err := h.store.Recovery(ctx, t.User, now)
	if err != nil {
		return err
	}
	if !t.ReadyAt.IsZero() && running.IsZero() {
		return connect.ErrLinkInvalid // cancelled
	}
	ready := t.ReadyAt
	if ready.IsZero() {
		var admins []store.Message
		members, err := h.store.Memberships(ctx, t.User)
		if err != nil {
			return err
		}
		for _, m := range members {
			others, err := h.store.Admins(ctx, m.Account)
			if err != nil {
				return err
			}
			for _, o := range others {
				if o.User != t.User && len(admins) < 50 {
					admins = append(admins, store.Message{Kind: store.MailRecoveryOfMember, User: o.User, About: t.User, Account: m.Account})
				}
			}
		}
		events, err := h.auditPersonal(r, t.User, connect.RecoveryStarted, "")
		if err != nil {
			return err
		}
		if ready, err = h.store.WaitForRecovery(ctx, t, admins, events, now); err != nil {
			return err
		}
	}
	return web.JSON(w, http.StatusOK, struct {
		ReadyAt time.Time `json:"readyAt"`
		Ready   bool      `json:"ready"`
	}{ready.UTC(), !now.Before(ready)})
}

func (h *handlers) finishRecovery(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Token    string `json:"token"`
		Password string `json:"password"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	t, err := h.mailedToken(r, store.PurposeRecover, in.Token)
	if err != nil {
		return err
	}
	now := web.Now(r)
	if t.ReadyAt.IsZero() || now.Before(t.ReadyAt) {
		return &connect.Error{Kind: connect.Conflict, Code: "too-early", Message: "The wait is not over yet."}
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
		p.Add("password", "This is not your password. If you set a new one by a mailed link, the wait of 72 hours begins anew.")
		return p.Err()
	}
	events, err := h.auditPersonal(r, t.User, connect.RecoveryDone, "")
	if err != nil {
		return err
	}
	if err := h.store.FinishRecovery(r.Context(), t, hash, events, now); err != nil {
		return err
	}
	if err := h.unthrottle(r, b); err != nil {
		return err
	}
	return web.NoContent(w)
}

func (h *handlers) cancelRecovery(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	events, err := h.auditPersonal(r, who.User, connect.RecoveryCancelled, "")
	if err != nil {
		return err
	}
	if err := h.store.CancelRecovery(r.Context(), who.User, events); err != nil {
		return err
	}
	return web.NoContent(w)
}
