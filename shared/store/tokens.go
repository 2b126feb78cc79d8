package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func (s *client) putToken(t connect.OneTimeToken) types.TransactWriteItem {
	i := item{
		"pk": str(tokenKey(t.ID)), "sk": str(skToken), "purpose": str(t.Purpose), "user": str(string(t.User)),
		"expiresAt": epoch(t.ExpiresAt),
	}
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

// IssueToken keeps a token and asks for the mails that carry it.
func (s Tokens) IssueToken(
	ctx context.Context, t connect.OneTimeToken, now time.Time, mails ...connect.MessageKind,
) error {
	writes := []types.TransactWriteItem{s.putToken(t)}
	for _, kind := range mails {
		writes = append(writes, s.messagePut(connect.Message{Kind: kind, TokenID: t.ID}, now))
	}
	return s.transact(ctx, writes...)
}

// OneTimeToken returns connect.ErrLinkInvalid for one that expired, never was, or is for something else. A used
// one is returned and says so: a mail about its use still needs to know whom to write to. Whether it is still of
// its person's generation, its use decides.
func (s Links) OneTimeToken(ctx context.Context, purpose, id string, now time.Time) (connect.OneTimeToken, error) {
	if len(id) > maxTokenID {
		return connect.OneTimeToken{}, connect.ErrLinkInvalid
	}
	i, err := s.get(ctx, s.sessions, tokenKey(id), skToken, true)
	if err != nil {
		return connect.OneTimeToken{}, err
	}
	if !unexpired(i, now) || purpose != "" && text(i, "purpose") != purpose {
		return connect.OneTimeToken{}, connect.ErrLinkInvalid
	}
	return connect.OneTimeToken{
		ID: id, Purpose: text(i, "purpose"), User: connect.UserID(text(i, "user")), Generation: integer(i, "generation"),
		Email: connect.Email(text(i, "email")), OldEmail: connect.Email(text(i, "oldEmail")), Data: text(i, "data"),
		ReadyAt:   moment(i, "readyAt"),
		ExpiresAt: time.Unix(integer(i, "expiresAt"), 0).UTC(), Used: i["usedAt"] != nil,
	}, nil
}

// maxTokenID is more than any id of ours has: longer text would be refused by the table as a key, as a fault.
const maxTokenID = 64

// consumeToken is the write by which a token is used: of any number at once, one succeeds.
func (s *client) consumeToken(t connect.OneTimeToken, now time.Time) types.TransactWriteItem {
	return update(s.sessions, tokenKey(t.ID), skToken, "SET usedAt = :now",
		"attribute_exists(pk) AND attribute_not_exists(usedAt) AND purpose = :purpose AND expiresAt > :seconds",
		item{":now": when(now), ":purpose": str(t.Purpose), ":seconds": epoch(now)})
}

// ConsumeToken uses a token by itself.
func (s Tokens) ConsumeToken(ctx context.Context, t connect.OneTimeToken, now time.Time) error {
	u := s.consumeToken(t, now).Update
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression, ConditionExpression: u.ConditionExpression,
		ExpressionAttributeValues: u.ExpressionAttributeValues,
	})
	if refused(err) {
		return connect.ErrLinkInvalid
	}
	return err
}
