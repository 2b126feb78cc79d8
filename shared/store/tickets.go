package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func (s *Store) ticket(t connect.Ticket) types.TransactWriteItem {
	i := item{"pk": str(ticketKey(t.ID)), "sk": str(skTicket), "purpose": str(t.Purpose), "user": str(string(t.User)), "expiresAt": epoch(t.ExpiresAt)}
	for name, v := range map[string]string{"email": string(t.Email), "oldEmail": string(t.OldEmail), "data": t.Data} {
		if v != "" {
			i[name] = str(v)
		}
	}
	return put(s.sessions, i, absent)
}

// Issue keeps a ticket and asks for the mails that carry it.
func (s *Store) Issue(ctx context.Context, t connect.Ticket, now time.Time, mails ...MessageKind) error {
	writes := []types.TransactWriteItem{s.ticket(t)}
	for _, kind := range mails {
		writes = append(writes, s.send(Message{Kind: kind, Ticket: t.ID}, now))
	}
	return s.transact(ctx, "", writes...)
}

// Ticket answers connect.ErrLinkInvalid for one that expired, never was, or is for something else. A used
// one is returned and says so: a mail about its use still needs to know whom to write to.
func (s *Store) Ticket(ctx context.Context, purpose, id string, now time.Time) (connect.Ticket, error) {
	i, err := s.get(ctx, s.sessions, ticketKey(id), skTicket, true)
	if err != nil {
		return connect.Ticket{}, err
	}
	if !live(i, now) || purpose != "" && text(i, "purpose") != purpose {
		return connect.Ticket{}, connect.ErrLinkInvalid
	}
	return connect.Ticket{
		ID: id, Purpose: text(i, "purpose"), User: connect.UserID(text(i, "user")), Email: connect.Email(text(i, "email")),
		OldEmail: connect.Email(text(i, "oldEmail")), Data: text(i, "data"), ReadyAt: moment(i, "readyAt"),
		ExpiresAt: time.Unix(integer(i, "expiresAt"), 0).UTC(), Used: i["usedAt"] != nil,
	}, nil
}

// use is the write by which a ticket is used: of any number at once, one succeeds.
func (s *Store) use(t connect.Ticket, now time.Time) types.TransactWriteItem {
	return update(s.sessions, ticketKey(t.ID), skTicket, "SET usedAt = :now",
		"attribute_exists(pk) AND attribute_not_exists(usedAt) AND purpose = :purpose AND expiresAt > :seconds",
		item{":now": when(now), ":purpose": str(t.Purpose), ":seconds": epoch(now)})
}

// Use uses a ticket by itself.
func (s *Store) Use(ctx context.Context, t connect.Ticket, now time.Time) error {
	u := s.use(t, now).Update
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression, ConditionExpression: u.ConditionExpression,
		ExpressionAttributeValues: u.ExpressionAttributeValues,
	})
	if refused(err) {
		return connect.ErrLinkInvalid
	}
	return err
}

// ChangeEmail gives the ticket's user the ticket's address, if nobody has it yet and the user still has the
// old one, and tells the old one. It answers connect.ErrLinkInvalid otherwise.
func (s *Store) ChangeEmail(ctx context.Context, t connect.Ticket, events []connect.Event, now time.Time) error {
	writes := append([]types.TransactWriteItem{
		s.use(t, now),
		put(s.accounts, item{"pk": str(emailKey(t.Email)), "sk": str(skEmail), "user": str(string(t.User))}, absent),
		remove(s.accounts, emailKey(t.OldEmail), skEmail, "attribute_exists(pk)"),
		update(s.accounts, userKey(t.User), skUser, "SET email = :new", "email = :old", item{":new": str(string(t.Email)), ":old": str(string(t.OldEmail))}),
		s.send(Message{Kind: EmailWas, Ticket: t.ID}, now),
	}, s.events(events)...)
	return outcome(s.transact(ctx, "", writes...), connect.ErrLinkInvalid)
}

// WaitForRecovery starts the wait after which a recovery link may be finished. It keeps the first time it
// was asked, and answers when the wait ends.
func (s *Store) WaitForRecovery(ctx context.Context, t connect.Ticket, admins []Message, events []connect.Event, now time.Time) (time.Time, error) {
	if !t.ReadyAt.IsZero() {
		return t.ReadyAt, nil
	}
	ready := now.Add(connect.RecoveryWait)
	writes := []types.TransactWriteItem{
		update(s.sessions, ticketKey(t.ID), skTicket, "SET readyAt = :ready", "attribute_exists(pk) AND attribute_not_exists(usedAt) AND attribute_not_exists(readyAt)",
			item{":ready": when(ready)}),
		update(s.accounts, userKey(t.User), skUser, "SET recovery = :ticket, recoveryAt = :ready", "attribute_exists(pk)",
			item{":ticket": str(t.ID), ":ready": when(ready)}),
		s.send(Message{Kind: RecoveryBegun, User: t.User}, now),
	}
	for _, m := range admins {
		writes = append(writes, s.send(m, now))
	}
	err := s.transact(ctx, "", append(writes, s.events(events)...)...)
	if refusedAt(err) >= 0 {
		again, err := s.Ticket(ctx, t.Purpose, t.ID, now)
		if err != nil || again.Used || again.ReadyAt.IsZero() {
			return time.Time{}, connect.ErrLinkInvalid
		}
		return again.ReadyAt, nil
	}
	return ready, err
}

// Recovery returns when a person's running recovery may be finished; zero when there is none.
func (s *Store) Recovery(ctx context.Context, user connect.UserID, now time.Time) (time.Time, error) {
	i, err := s.get(ctx, s.accounts, userKey(user), skUser, true)
	if err != nil || text(i, "recovery") == "" {
		return time.Time{}, err
	}
	if ready := moment(i, "recoveryAt"); now.Before(ready.Add(connect.RecoveryLinkLife - connect.RecoveryWait)) {
		return ready, nil
	}
	return time.Time{}, nil
}

// CancelRecovery ends a running recovery: its link never works again. It answers connect.ErrNotFound when
// there is none.
func (s *Store) CancelRecovery(ctx context.Context, user connect.UserID, events []connect.Event) error {
	writes := append([]types.TransactWriteItem{
		update(s.accounts, userKey(user), skUser, "REMOVE recovery, recoveryAt", "attribute_exists(recovery)", nil),
	}, s.events(events)...)
	err := s.transact(ctx, "", writes...)
	if refusedAt(err) >= 0 {
		return connect.ErrNotFound
	}
	return err
}

// FinishRecovery takes all of a person's factors away and ends their sessions, if the wait that t began is
// over and was not cancelled.
func (s *Store) FinishRecovery(ctx context.Context, t connect.Ticket, hash string, events []connect.Event, now time.Time) error {
	writes := append([]types.TransactWriteItem{
		s.use(t, now),
		update(s.accounts, userKey(t.User), skUser, "SET sessionsFrom = :now REMOVE recovery, recoveryAt, secondFactor, sessionKept",
			"recovery = :ticket AND recoveryAt <= :now", item{":now": when(now), ":ticket": str(t.ID)}),
		check(s.credentials, userKey(t.User), skPassword, "#hash = :hash", item{":hash": str(hash)}),
		remove(s.credentials, userKey(t.User), skFactors, ""),
		s.send(Message{Kind: FactorsWere, User: t.User}, now),
	}, s.events(events)...)
	if err := outcome(s.transact(ctx, "", writes...), connect.ErrLinkInvalid); err != nil {
		return err
	}
	_, err := s.EndSessions(ctx, t.User, func(string) bool { return true })
	return err
}
