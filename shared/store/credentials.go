package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// PasswordHash returns "" when the user has none. It reads as much for the user "" as for any other, so
// that an unknown address takes as long.
func (s Credentials) PasswordHash(ctx context.Context, id connect.UserID) (string, error) {
	i, err := s.get(ctx, s.credentials, userKey(id), skPassword, true)
	return text(i, "hash"), err
}

// ReplacePasswordHash stores a hash made with newer parameters, unless the password was changed since.
func (s Credentials) ReplacePasswordHash(ctx context.Context, id connect.UserID, old, hash string) error {
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: s.credentials, Item: item{"pk": str(userKey(id)), "sk": str(skPassword), "hash": str(hash)},
		// "hash" is a word that expressions reserve.
		ConditionExpression: aws.String("#hash = :old"), ExpressionAttributeNames: map[string]string{"#hash": "hash"},
		ExpressionAttributeValues: item{":old": str(old)},
	})
	if refused(err) {
		return nil
	}
	return err
}

// Factors returns a person's second factors; none for the user "" or one without.
func (s Credentials) Factors(ctx context.Context, user connect.UserID) (*connect.Factors, error) {
	i, err := s.get(ctx, s.credentials, userKey(user), skFactors, true)
	if err != nil {
		return nil, err
	}
	f := &connect.Factors{
		Version: integer(i, "version"), TOTP: text(i, "totp"), Step: integer(i, "step"), Pending: text(i, "pending"),
		PendingUntil: moment(i, "pendingUntil"), PendingGeneration: integer(i, "pendingGeneration"),
		Recovery: list(i, "recovery"),
	}
	if p := text(i, "passkeys"); p != "" {
		if err := json.Unmarshal([]byte(p), &f.Passkeys); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// factors writes f on condition that nothing of it has changed since it was read: so a code or a challenge
// is used once, however many try at once.
func (s *client) factors(user connect.UserID, f *connect.Factors) types.TransactWriteItem {
	passkeys, _ := json.Marshal(f.Passkeys)
	w := put(s.credentials, item{
		"pk": str(userKey(user)), "sk": str(skFactors), "version": num(f.Version + 1), "totp": str(f.TOTP),
		"step":    num(f.Step),
		"pending": str(f.Pending), "pendingUntil": when(f.PendingUntil), "pendingGeneration": num(f.PendingGeneration),
		"recovery": strs(f.Recovery), "passkeys": str(string(passkeys)),
	}, "version = :was OR (:was = :none AND attribute_not_exists(pk))")
	w.Put.ExpressionAttributeValues = item{":was": num(f.Version), ":none": num(0)}
	return w
}

// SaveFactors stores a person's factors, keeps the mark on the user in step, and with mail tells them. What was begun
// before is finished by of: the challenge that is answered, or one without an id that holds only the generation it was
// begun in. It returns connect.ErrConflict when something has changed since they were read, or since it was begun.
func (s Credentials) SaveFactors(
	ctx context.Context, user connect.UserID, f *connect.Factors, of *connect.OneTimeToken, mail bool,
	events []connect.AuditEntry, now time.Time,
) error {
	writes := append([]types.TransactWriteItem{
		s.factors(user, f),
	}, s.auditPuts(events)...)
	// What is only begun changes nothing that anybody logs in with.
	person := update(
		s.accounts, userKey(user), skUser, "SET secondFactor = :active", "attribute_exists(pk)",
		item{":active": boolean(f.Active())},
	)
	if of != nil && of.ID != "" {
		writes = append(writes, s.consumeToken(*of, now))
	}
	if mail {
		person = s.changeCredentials(
			user, "SET secondFactor = :active", "attribute_exists(pk)", item{":active": boolean(f.Active())}, of,
		)
		writes = append(writes, s.messagePut(connect.Message{Kind: connect.MailFactorsChanged, User: user}, now))
	}
	return outcome(s.transact(ctx, append(writes, person)...), connect.ErrConflict)
}

// PasswordChange says what comes with a new password.
type PasswordChange struct {
	User  connect.UserID
	Old   string                // the hash that was accepted; "" for a reset
	New   string                // hash
	Keep  string                // the session that stays; "" for none
	Token *connect.OneTimeToken // of a reset
	// Sessions says that the sessions stay: a reset without the second factor must not end those that were begun
	// with it, for they can stop whoever reads the person's mail.
	Sessions bool
	Factors  *connect.Factors // as they are after a reset's code was used; nil when none was
	Audit    []connect.AuditEntry
}

// ChangePassword stores a new hash and ends the other sessions with the same write; telling the person is
// part of it too. It returns connect.ErrLinkInvalid for a reset whose token was used, connect.ErrConflict
// when the password was changed at the same time.
func (s Credentials) ChangePassword(ctx context.Context, c PasswordChange, now time.Time) error {
	hash := put(
		s.credentials, item{"pk": str(userKey(c.User)), "sk": str(skPassword), "hash": str(c.New)}, "attribute_exists(pk)",
	)
	if c.Old != "" {
		hash.Put.ConditionExpression, hash.Put.ExpressionAttributeNames = &hashUnchanged, names(hashUnchanged)
		hash.Put.ExpressionAttributeValues = item{":hash": str(c.Old)}
	}
	set, values := "SET sessionsFrom = :now, sessionKept = :keep", item{":now": when(now), ":keep": str(c.Keep)}
	if c.Sessions {
		set, values = "", nil
	}
	writes := []types.TransactWriteItem{
		hash,
		s.changeCredentials(c.User, set, "attribute_exists(pk)", values, c.Token),
		s.messagePut(connect.Message{Kind: connect.MailPasswordChanged, User: c.User}, now),
	}
	if c.Token != nil {
		writes = append(writes, s.consumeToken(*c.Token, now))
	}
	if c.Factors != nil {
		writes = append(writes, s.factors(c.User, c.Factors))
	}
	refusal := connect.ErrConflict
	if c.Token != nil {
		refusal = connect.ErrLinkInvalid
	}
	err := outcome(s.transact(ctx, append(writes, s.auditPuts(c.Audit)...)...), refusal)
	if err != nil || c.Sessions {
		return err
	}
	_, err = Logins(s).EndSessions(ctx, c.User, func(id string) bool { return id != c.Keep })
	return err
}

var hashUnchanged = "#hash = :hash"
