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
	if t.Generation != 0 {
		i["generation"] = num(t.Generation)
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

// Ticket returns connect.ErrLinkInvalid for one that expired, never was, or is for something else. A used
// one is returned and says so: a mail about its use still needs to know whom to write to. Whether it is still of
// its person's generation, its use decides.
func (s *Store) Ticket(ctx context.Context, purpose, id string, now time.Time) (connect.Ticket, error) {
	if len(id) > maxTicketID {
		return connect.Ticket{}, connect.ErrLinkInvalid
	}
	i, err := s.get(ctx, s.sessions, ticketKey(id), skTicket, true)
	if err != nil {
		return connect.Ticket{}, err
	}
	if !live(i, now) || purpose != "" && text(i, "purpose") != purpose {
		return connect.Ticket{}, connect.ErrLinkInvalid
	}
	return connect.Ticket{
		ID: id, Purpose: text(i, "purpose"), User: connect.UserID(text(i, "user")), Generation: integer(i, "generation"),
		Email: connect.Email(text(i, "email")), OldEmail: connect.Email(text(i, "oldEmail")), Data: text(i, "data"), ReadyAt: moment(i, "readyAt"),
		ExpiresAt: time.Unix(integer(i, "expiresAt"), 0).UTC(), Used: i["usedAt"] != nil,
	}, nil
}

// maxTicketID is more than any id of ours has: longer text would be refused by the table as a key, as a fault.
const maxTicketID = 64

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
