package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// WaitForRecovery starts the wait after which a recovery link may be finished. It keeps the first time it
// was asked, and it returns when the wait ends.
func (s Recoveries) WaitForRecovery(
	ctx context.Context, t connect.OneTimeToken, admins []connect.Message, events []connect.AuditEntry, now time.Time,
) (time.Time, error) {
	if !t.ReadyAt.IsZero() {
		return t.ReadyAt, nil
	}
	ready := now.Add(connect.RecoveryWait)
	writes := []types.TransactWriteItem{
		update(s.sessions, tokenKey(t.ID), skToken, "SET readyAt = :ready",
			"attribute_exists(pk) AND attribute_not_exists(usedAt) AND attribute_not_exists(readyAt)",
			item{":ready": when(ready)}),
		update(s.accounts, userKey(t.User), skUser, "SET recovery = :ticket, recoveryAt = :ready",
			"attribute_exists(pk) AND "+ofGeneration,
			generationValues(t, item{":ticket": str(t.ID), ":ready": when(ready)})),
		s.messagePut(connect.Message{Kind: connect.MailRecoveryStarted, User: t.User}, now),
	}
	for _, m := range admins {
		writes = append(writes, s.messagePut(m, now))
	}
	err := s.transact(ctx, append(writes, s.auditPuts(events)...)...)
	if refusedAt(err) >= 0 {
		again, err := Links(s).OneTimeToken(ctx, t.Purpose, t.ID, now)
		if err != nil || again.Used || again.ReadyAt.IsZero() {
			return time.Time{}, connect.ErrLinkInvalid
		}
		return again.ReadyAt, nil
	}
	return ready, err
}

// Recovery returns when a person's running recovery may be finished; zero when there is none.
func (s Links) Recovery(ctx context.Context, user connect.UserID, now time.Time) (time.Time, error) {
	i, err := s.get(ctx, s.accounts, userKey(user), skUser, true)
	if err != nil || text(i, "recovery") == "" {
		return time.Time{}, err
	}
	if ready := moment(i, "recoveryAt"); now.Before(ready.Add(connect.RecoveryLinkLife - connect.RecoveryWait)) {
		return ready, nil
	}
	return time.Time{}, nil
}

// CancelRecovery ends a running recovery: its link never works again. It returns connect.ErrNotFound when
// there is none.
func (s Recoveries) CancelRecovery(ctx context.Context, user connect.UserID, events []connect.AuditEntry) error {
	writes := append([]types.TransactWriteItem{
		update(s.accounts, userKey(user), skUser, "REMOVE recovery, recoveryAt", "attribute_exists(recovery)", nil),
	}, s.auditPuts(events)...)
	err := s.transact(ctx, writes...)
	if refusedAt(err) >= 0 {
		return connect.ErrNotFound
	}
	return err
}

// FinishRecovery takes all of a person's factors away and ends their sessions, if the wait that t began is
// over and was not cancelled.
func (s Recoveries) FinishRecovery(
	ctx context.Context, t connect.OneTimeToken, hash string, events []connect.AuditEntry, now time.Time,
) error {
	writes := append([]types.TransactWriteItem{
		s.consumeToken(t, now),
		s.changeCredentials(t.User, "SET sessionsFrom = :now, secondFactor = :none, sessionKept = :nobody",
			"recovery = :ticket AND recoveryAt <= :now",
			item{":now": when(now), ":ticket": str(t.ID), ":none": boolean(false), ":nobody": str("")}, &t),
		check(s.credentials, userKey(t.User), skPassword, "#hash = :hash", item{":hash": str(hash)}),
		remove(s.credentials, userKey(t.User), skFactors, ""),
		s.messagePut(connect.Message{Kind: connect.MailFactorsChanged, User: t.User}, now),
	}, s.auditPuts(events)...)
	if err := outcome(s.transact(ctx, writes...), connect.ErrLinkInvalid); err != nil {
		return err
	}
	_, err := Logins(s).EndSessions(ctx, t.User, func(string) bool { return true })
	return err
}
