package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// Register keeps a sign-up until its link is followed and asks for the mail with that link, all or
// nothing. It does not look whether the address is known: whoever asks must not be able to tell, not even
// by the time it takes. That is found out when the mail is written.
//
// One that is to stay unmailed makes as many writes, to two items that the address has once: however often a
// stranger signs an address up, what is kept of it does not grow. The link of a mailed one stays the one to resend.
func (s Registrations) Register(ctx context.Context, r connect.Registration, now time.Time) error {
	m, id, latest, condition := connect.Message{Kind: connect.MailVerifyEmail, Registration: r.ID}, r.ID, skLatest, absent
	if r.Unmailed {
		m.Kind, id, latest, condition = connect.MailNothing, string(r.Email), skUnmailed, ""
	}
	return s.transact(ctx,
		put(s.sessions, item{
			"pk": str(emailKey(r.Email)), "sk": str(latest), "registration": str(id), "expiresAt": epoch(r.ExpiresAt),
		}, ""),
		put(s.sessions, registrationItem(id, r), condition),
		s.messagePut(m, now),
	)
}

func registrationItem(id string, r connect.Registration) item {
	i := item{
		"pk": str(registrationKey(id)), "sk": str(skRegistration), "email": str(string(r.Email)), "name": str(r.Name),
		"company": str(r.Company), "terms": str(r.TermsVersion), "processing": str(r.DPAVersion),
		"expiresAt": epoch(r.ExpiresAt),
	}
	if r.Plan != "" {
		i["plan"], i["interval"] = str(string(r.Plan)), str(string(r.Interval))
	}
	return i
}

// Registration reads a sign-up that still waits. It returns connect.ErrLinkInvalid for one that does not.
func (s Links) Registration(ctx context.Context, id string, now time.Time) (connect.Registration, error) {
	i, err := s.get(ctx, s.sessions, registrationKey(id), skRegistration, true)
	if err != nil {
		return connect.Registration{}, err
	}
	if !unexpired(i, now) {
		return connect.Registration{}, connect.ErrLinkInvalid
	}
	return connect.Registration{
		ID: id, Email: connect.Email(text(i, "email")), Name: text(i, "name"), Company: text(i, "company"),
		ExpiresAt: time.Unix(integer(i, "expiresAt"), 0).UTC(), TermsVersion: text(i, "terms"),
		DPAVersion: text(i, "processing"),
		Plan:       connect.PlanID(text(i, "plan")), Interval: connect.Interval(text(i, "interval")),
	}, nil
}

// CompleteRegistration turns a registration into a user who owns an account, logs in with the password of hash, and is
// logged in by t, in one transaction: of two at once exactly one succeeds. It returns connect.ErrLinkInvalid when the
// registration is gone and when its address has become somebody's in the meantime, and that it is busy when others
// keep at it.
func (s Registrations) CompleteRegistration(
	ctx context.Context, r connect.Registration, hash string, t token.Bearer, session connect.LoginSession,
	now time.Time,
) error {
	user := connect.User{
		ID: t.User, Email: r.Email, Name: r.Name, CreatedAt: now, TermsVersion: r.TermsVersion, DPAVersion: r.DPAVersion,
	}
	account := connect.Account{ID: connect.NewAccountID(), Name: r.Company, CreatedAt: now}
	owner := connect.Member{Account: account.ID, AccountName: account.Name, User: user.ID, Role: connect.Owner, Since: now}
	followed := remove(s.sessions, registrationKey(r.ID), skRegistration, "expiresAt > :now")
	followed.Delete.ExpressionAttributeValues = item{":now": epoch(now)}
	writes := []types.TransactWriteItem{
		followed,
		remove(s.sessions, emailKey(r.Email), skLatest, ""),
		put(s.accounts, item{"pk": str(emailKey(r.Email)), "sk": str(skEmail), "user": str(string(user.ID))}, absent),
		put(s.accounts, userItem(user), absent),
		put(s.accounts, accountItem(account), absent),
		put(s.accounts, memberItem(accountKey(account.ID), memberPrefix+string(user.ID), owner), absent),
		put(s.accounts, memberItem(userKey(user.ID), memberPrefix+string(account.ID), owner), absent),
		put(s.credentials, item{"pk": str(userKey(user.ID)), "sk": str(skPassword), "hash": str(hash)}, absent),
		put(s.sessions, sessionItem(t, session), absent),
		put(s.sessions, knownDeviceItem(user.ID, session.KnownDevice, now), ""),
		s.auditPut(connect.AuditEntry{
			Account: account.ID, At: now, Action: connect.AccountOpened, Actor: user.ID, ActorName: user.Name,
			Target: account.Name, Client: session.Client, Plan: connect.Free.ID,
		}),
	}
	return outcome(s.transact(ctx, writes...), connect.ErrLinkInvalid)
}

// PendingRegistration returns the newest mailed sign-up of an address that still waits, "" when none does.
func (s Registrations) PendingRegistration(ctx context.Context, email connect.Email, now time.Time) (string, error) {
	i, err := s.get(ctx, s.sessions, emailKey(email), skLatest, true)
	if err != nil || !unexpired(i, now) {
		return "", err
	}
	return text(i, "registration"), nil
}

// ResendVerification asks for the mail of a sign-up again, "" for none.
func (s Registrations) ResendVerification(ctx context.Context, id string, mail bool, now time.Time) error {
	m := connect.Message{Kind: connect.MailVerifyEmail, Registration: id}
	if !mail || id == "" {
		m.Kind = connect.MailNothing
	}
	return s.transact(ctx, s.messagePut(m, now))
}
