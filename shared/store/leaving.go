package store

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
)

func leftKey(user connect.UserID, due time.Time) string {
	return due.UTC().Format(auditTime) + "#" + string(user)
}

func leftItem(user connect.UserID, at, due time.Time) item {
	return item{"pk": str(pkLeft), "sk": str(leftKey(user, due)), "user": str(string(user)), "leftAt": when(at)}
}

// leaveWrites are the writes that go with the end of a membership: if the person is in no account when due comes,
// and has joined and left none since, they go. Whether it was their last is not asked here, where two ends
// at once would each see the other's.
func (s *client) leaveWrites(user connect.UserID, at, due time.Time) []types.TransactWriteItem {
	return []types.TransactWriteItem{
		update(s.accounts, userKey(user), skUser, "SET leftAt = :left", "attribute_exists(pk)", item{":left": when(at)}),
		put(s.accounts, leftItem(user, at, due), ""),
	}
}

// stayWrite is the write that goes with a new membership: of it and the person's removal one happens.
func (s *client) stayWrite(user connect.UserID) types.TransactWriteItem {
	return update(s.accounts, userKey(user), skUser, "REMOVE leftAt", "attribute_exists(pk)", nil)
}

// deletePersonWrites are the writes by which a person ends, on condition that they left when was and joined none since:
// with them goes all that lets them in.
func (s *client) deletePersonWrites(
	user connect.UserID, email connect.Email, was types.AttributeValue, hash string,
) []types.TransactWriteItem {
	person := remove(s.accounts, userKey(user), skUser, "attribute_exists(pk) AND attribute_not_exists(leftAt)")
	if was != nil {
		person = remove(s.accounts, userKey(user), skUser, "leftAt = :was")
		person.Delete.ExpressionAttributeValues = item{":was": was}
	}
	address := remove(s.accounts, emailKey(email), skEmail, "#user = :user")
	address.Delete.ExpressionAttributeValues = item{":user": str(string(user))}
	password := remove(s.credentials, userKey(user), skPassword, "")
	if hash != "" {
		password = remove(s.credentials, userKey(user), skPassword, hashUnchanged)
		password.Delete.ExpressionAttributeValues = item{":hash": str(hash)}
	}
	return []types.TransactWriteItem{person, address, password, remove(s.credentials, userKey(user), skFactors, "")}
}

// OnlyOwnerOf lists the accounts that a person cannot leave: nobody else owns them.
func (s Leaving) OnlyOwnerOf(ctx context.Context, members []connect.Member) ([]connect.Member, error) {
	var out []connect.Member
	for _, m := range members {
		_, err := s.otherOwnerCheck(ctx, m)
		if errors.Is(err, connect.ErrLastOwner) {
			out = append(out, m)
		} else if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// DeleteLogin ends a person: first their memberships, each with the entry in its account's log, then
// themselves, on condition that hash is still their password's. It may be cut off anywhere: who is in no
// account goes anyhow. It returns ErrLastOwner when they cannot leave an account, and connect.ErrConflict
// when their password was changed or they joined an account at the same time.
func (s Leaving) DeleteLogin(
	ctx context.Context, user connect.UserID, hash string, ends map[connect.AccountID]connect.AuditEntry,
	now time.Time,
) error {
	members, err := Team(s).Memberships(ctx, user)
	if err != nil {
		return err
	}
	for _, m := range members {
		e, ok := ends[m.Account]
		if !ok {
			return connect.ErrConflict // joined since it was asked
		}
		if err := s.removeMember(ctx, m, e); err != nil {
			return err
		}
	}
	i, err := s.get(ctx, s.accounts, userKey(user), skUser, true)
	if err != nil {
		return err
	}
	if i == nil {
		return nil // by another request
	}
	u := userOf(user, i)
	t := connect.OneTimeToken{
		ID: token.NewID(), Purpose: connect.PurposeDeleted, User: user, Email: u.Email,
		ExpiresAt: now.Add(connect.TokenLife(connect.PurposeDeleted)),
	}
	writes := append(s.deletePersonWrites(user, u.Email, i["leftAt"], hash),
		s.putToken(t), s.messagePut(connect.Message{Kind: connect.MailLoginDeleted, TokenID: t.ID}, now),
		// What is left is their sessions, which are worth nothing: function purge sees to them if this stops here.
		put(s.accounts, leftItem(user, now, now), ""))
	if !u.LeftAt.IsZero() {
		writes = append(writes, remove(s.accounts, pkLeft, leftKey(user, u.LeftAt.Add(connect.AloneGrace)), ""))
	}
	if err := outcome(s.transact(ctx, writes...), connect.ErrConflict); err != nil {
		return err
	}
	if b := (Budget{Items: 1000}); s.deletePartition(ctx, s.sessions, userKey(user), "", &b) == nil {
		_ = s.delete(ctx, s.accounts, pkLeft, leftKey(user, now))
	}
	return nil
}

// Leaver is a person who left an account, and whose time has come if they are in none.
type Leaver struct {
	User connect.UserID
	sk   string
	was  types.AttributeValue
}

// DueLeavers lists whose time has come, from after on ("" for the first), and where the next page begins.
func (s Purge) DueLeavers(ctx context.Context, now time.Time, after string) ([]Leaver, string, error) {
	items, next, err := s.queued(ctx, pkLeft, now, after)
	var out []Leaver
	for _, i := range items {
		out = append(out, Leaver{connect.UserID(text(i, "user")), text(i, "sk"), i["leftAt"]})
	}
	return out, next, err
}

// PurgePerson removes a person who is in no account, and has been in none since what l tells of. What it
// reports, and how it may be cut off, is as with PurgeAccount.
func (s Purge) PurgePerson(ctx context.Context, l Leaver, b *Budget) (over, gone bool, err error) {
	items, err := s.partition(ctx, s.accounts, userKey(l.User))
	if err != nil {
		return false, false, err
	}
	stays := false
	for _, i := range items {
		if text(i, "sk") != skUser {
			stays = true // in an account
			break
		}
		u := userOf(l.User, i)
		if was, ok := l.was.(*types.AttributeValueMemberN); !ok || u.LeftAt.IsZero() ||
			was.Value != itoa(u.LeftAt.UnixMilli()) {
			stays = true // they have joined one, or left another, since: that has its own time
			break
		}
		switch err := s.transact(ctx, s.deletePersonWrites(l.User, u.Email, l.was, "")...); {
		case refusedAt(err) >= 0:
			return true, false, nil // joined just now; the next run looks again
		case err != nil:
			return false, false, err
		}
		b.Items -= 4
	}
	if !stays {
		if err := s.deletePartition(ctx, s.sessions, userKey(l.User), "", b); err != nil || b.Spent() {
			return false, false, err
		}
	}
	return true, !stays, s.delete(ctx, s.accounts, pkLeft, l.sk)
}
