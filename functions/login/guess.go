package main

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// budget is one throttle's count for somebody.
type budget struct {
	connect.Throttle
	whose string
}

// throttle counts in every budget, or returns the first refusal and leaves what was counted before it.
func (h *handlers) throttle(r *http.Request, budgets ...budget) error {
	for _, b := range budgets {
		if err := h.store.Throttle(r.Context(), b.Throttle, b.whose, web.Now(r)); err != nil {
			if errors.Is(err, connect.ErrTooMany) {
				web.Note(r, "throttle", b.Name)
				web.Count(r, "ThrottledLogins")
			}
			return err
		}
	}
	return nil
}

func (h *handlers) unthrottle(r *http.Request, budgets ...budget) error {
	for _, b := range budgets {
		if err := h.store.Unthrottle(r.Context(), b.Throttle, b.whose, web.Now(r)); err != nil {
			return err
		}
	}
	return nil
}

// knownDeviceDigests are the digests by which a person's device is known: its network prefix and browser family,
// under this period's key and the last one's. The key turns with the calendar, so that what is stored
// says nothing for longer than it is of use. The first is the one to store.
func (h *handlers) knownDeviceDigests(r *http.Request, user connect.UserID) (all []string) {
	period := web.Now(r).Unix() / int64(connect.KnownDevicePeriod/time.Second)
	text := string(user) + "\x00" + h.cdn.Prefix(r) + "\x00" + connect.BrowserFamily(r.UserAgent())
	for _, p := range []int64{period, period - 1} {
		all = append(all, h.links.Digests("source-"+strconv.FormatInt(p, 10), text)...)
	}
	return all
}

// passwordBudgets are the budgets that a password for an address is counted in. A device that has logged in as
// that person before has its own, so that strangers cannot keep it out; the others share one per address,
// known or not, and one per network.
func (h *handlers) passwordBudgets(r *http.Request, email string, user connect.UserID) (budgets []budget, known bool, err error) {
	sources := h.knownDeviceDigests(r, user)
	if known, err = h.store.IsKnownDevice(r.Context(), user, sources, web.Now(r)); err != nil {
		return nil, false, err
	}
	if known {
		return []budget{{connect.KnownGuesses, string(user) + sources[0]}}, true, nil
	}
	return []budget{{connect.PrefixGuesses, h.cdn.Prefix(r)}, {connect.StrangerGuesses, h.links.Digest("throttle", email)}}, false, nil
}

// codeBudget is the budget that a second factor is counted in.
func (h *handlers) codeBudget(r *http.Request, user connect.UserID, known bool) budget {
	if known {
		return budget{connect.KnownCodes, string(user) + h.knownDeviceDigests(r, user)[0]}
	}
	return budget{connect.StrangerCodes, string(user)}
}

// reauthenticate asks a person who is logged in for their password again. It returns the hash that was accepted.
func (h *handlers) reauthenticate(r *http.Request, who connect.Identity, field, given string) (string, error) {
	b := budget{connect.OwnPassword, string(who.User)}
	if err := h.throttle(r, b); err != nil {
		return "", err
	}
	hash, err := h.store.PasswordHash(r.Context(), who.User)
	if err != nil {
		return "", err
	}
	ok, _, err := password.Verify(hash, given)
	if err != nil {
		return "", err
	}
	if !ok {
		var p connect.Problems
		p.Add(field, "Wrong password.")
		return "", p.Err()
	}
	return hash, h.unthrottle(r, b)
}

// mayMail counts a mail of a kind that anybody may cause to an address, which is user's or, with "", nobody's. It
// returns a refusal for a network that asks for too many; false for an address that has had its share, which is
// not to be told. A device that has logged in as that person before has a share of its own, so that strangers
// cannot use up the mail that lets the owner in.
func (h *handlers) mayMail(r *http.Request, kind string, email connect.Email, user connect.UserID) (bool, error) {
	if err := h.throttle(r, budget{connect.MailsFromPrefix, h.cdn.Prefix(r)}); err != nil {
		return false, err
	}
	sources, now := h.knownDeviceDigests(r, user), web.Now(r)
	known, err := h.store.IsKnownDevice(r.Context(), user, sources, now)
	if err != nil {
		return false, err
	}
	share := budget{connect.MailsToAddress, kind + "#" + h.links.Digest("throttle", email.Mailbox())}
	if known {
		share = budget{connect.MailsToKnown, kind + "#" + string(user) + sources[0]}
	}
	err = h.store.Throttle(r.Context(), share.Throttle, share.whose, now)
	if errors.Is(err, connect.ErrTooMany) {
		return false, nil
	}
	return err == nil, err
}

// mustMail is mayMail for somebody who is told when nothing is sent.
func (h *handlers) mustMail(r *http.Request, kind string, email connect.Email, user connect.UserID) error {
	allowed, err := h.mayMail(r, kind, email, user)
	if err == nil && !allowed {
		return connect.MailsToAddress.Exceeded(connect.MailsToAddress.Window)
	}
	return err
}

// What kinds of mail anybody may cause, besides the purposes of tokens.
const (
	signUpMail = "sign-up"
	resendMail = "resend"
)

// auditPersonal is an entry in the log of every account the person is in.
func (h *handlers) auditPersonal(r *http.Request, user connect.UserID, action connect.AuditAction, target string) ([]connect.AuditEntry, error) {
	return h.store.AuditInEveryAccount(r.Context(), connect.AuditEntry{At: web.Now(r), Action: action, Actor: user, Target: target, Client: h.cdn.ClientInfo(r)})
}

// logRefusal logs a refusal where the person's accounts see it, and counts it for the alarm.
func (h *handlers) logRefusal(r *http.Request, user connect.UserID, why string, answer error) error {
	web.Count(r, "RefusedLogins")
	if err := h.store.QueueLoginRefusal(r.Context(), connect.AuditEntry{At: web.Now(r), Actor: user, Target: why, Client: h.cdn.ClientInfo(r)}); err != nil {
		return err
	}
	return answer
}
