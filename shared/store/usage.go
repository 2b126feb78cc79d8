package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// usageShards is in how many items the callbacks of an account's month are counted. A transaction is refused when
// another one holds one of its items, so many requests of one account at once must not all meet in one.
const usageShards = 16

func usageShard(month string, n int) string { return fmt.Sprintf("%s%s#%02d", usagePrefix, month, n) }

// countCallback is the write that counts a request, for the transaction that stores it.
func (s *client) countCallback(account connect.AccountID, now time.Time) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: s.accounts, Key: key(accountKey(account), usageShard(connect.Month(now), rand.IntN(usageShards))),
		UpdateExpression: aws.String("ADD callbacks :one"), ExpressionAttributeValues: item{":one": num(1)},
	}}
}

// usedCallbacks reads how many requests a month had, and at which limit the owners were told.
func (s *client) usedCallbacks(
	ctx context.Context, account connect.AccountID, month string,
) (used, toldAt int64, told bool, err error) {
	items, err := s.query(ctx, s.accounts, accountKey(account), usagePrefix+month, true)
	for _, i := range items {
		used += integer(i, "callbacks")
		if i["toldAt"] != nil {
			toldAt, told = integer(i, "toldAt"), true
		}
	}
	return used, toldAt, told, err
}

// QueueOverLimitAlert asks for the mail that says that this month's requests are more than limit, once. A request that
// was sent again asks again, so that a crash between storing and telling loses no mail. It is not part of storing the
// request: no visitor's request may fail for it.
func (s Intake) QueueOverLimitAlert(ctx context.Context, account connect.AccountID, limit int64, now time.Time) error {
	month := connect.Month(now)
	used, toldAt, told, err := s.usedCallbacks(ctx, account, month)
	if err != nil || used <= limit || told && toldAt >= limit {
		return err
	}
	// A larger plan during the month moves the limit: then it can be passed, and told, once more.
	err = s.transact(ctx, types.TransactWriteItem{Update: &types.Update{
		TableName: s.accounts, Key: key(accountKey(account), usagePrefix+month),
		UpdateExpression:          aws.String("SET toldAt = :limit"),
		ConditionExpression:       aws.String("attribute_not_exists(toldAt) OR toldAt < :limit"),
		ExpressionAttributeValues: item{":limit": num(limit)},
	}}, s.messagePut(connect.Message{Kind: connect.MailOverLimit, Account: account, Detail: month}, now))
	if refusedAt(err) == 0 || contended(err) {
		return nil // told by another, or by the next one
	}
	return err
}

// Usage reads what an account has used.
func (s Plans) Usage(ctx context.Context, account connect.AccountID, now time.Time) (connect.Usage, error) {
	var u connect.Usage
	sites, err := s.query(ctx, s.accounts, accountKey(account), sitePrefix, true)
	if err != nil {
		return u, err
	}
	members, err := s.query(ctx, s.accounts, accountKey(account), memberPrefix, true)
	if err != nil {
		return u, err
	}
	clients, err := s.query(ctx, s.accounts, accountKey(account), clientPrefix, true)
	if err != nil {
		return u, err
	}
	u.Sites, u.Members, u.Clients = len(sites), len(members), len(clients)
	u.Callbacks, _, _, err = s.usedCallbacks(ctx, account, connect.Month(now))
	return u, err
}

// Owners returns the people who answer for an account.
func (s Team) Owners(ctx context.Context, account connect.AccountID) ([]connect.User, error) {
	items, err := s.query(ctx, s.accounts, accountKey(account), memberPrefix, true)
	if err != nil {
		return nil, err
	}
	var owners []connect.User
	for _, i := range items {
		if connect.ParseRole(text(i, "role")) != connect.Owner {
			continue
		}
		u, err := Accounts(s).User(ctx, connect.UserID(text(i, "user")))
		if err != nil {
			return nil, err
		}
		owners = append(owners, u)
	}
	return owners, nil
}
