package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// CountCallback counts a request that was stored, and when it is the first over limit this month asks for
// the mail that says so, once. It is not part of storing the request: the count of a busy account is one
// item, and no visitor's request may fail for it.
func (s *Store) CountCallback(ctx context.Context, account connect.AccountID, limit int64, now time.Time) error {
	month := connect.Month(now)
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: s.accounts, Key: key(accountKey(account), usagePrefix+month), UpdateExpression: aws.String("ADD callbacks :one"),
		ExpressionAttributeValues: item{":one": num(1)}, ReturnValues: types.ReturnValueAllNew,
	})
	if err != nil || integer(out.Attributes, "callbacks") <= limit || integer(out.Attributes, "toldAt") >= limit && out.Attributes["toldAt"] != nil {
		return err
	}
	// A larger plan during the month moves the limit: then it can be passed, and told, once more.
	told := types.TransactWriteItem{Update: &types.Update{
		TableName: s.accounts, Key: key(accountKey(account), usagePrefix+month), UpdateExpression: aws.String("SET toldAt = :limit"),
		ConditionExpression: aws.String("attribute_not_exists(toldAt) OR toldAt < :limit"), ExpressionAttributeValues: item{":limit": num(limit)},
	}}
	err = s.transact(ctx, "", told, s.send(Message{Kind: OverLimit, Account: account, Notice: month}, now))
	if refusedAt(err) == 0 || contended(err) {
		return nil // told by another, or by the next one
	}
	return err
}

// Usage reads what an account has used.
func (s *Store) Usage(ctx context.Context, account connect.AccountID, now time.Time) (connect.Usage, error) {
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
	i, err := s.get(ctx, s.accounts, accountKey(account), usagePrefix+connect.Month(now), true)
	u.Sites, u.Members, u.Clients, u.Callbacks = len(sites), len(members), len(clients), integer(i, "callbacks")
	return u, err
}

// Owners returns the people who answer for an account.
func (s *Store) Owners(ctx context.Context, account connect.AccountID) ([]connect.User, error) {
	items, err := s.query(ctx, s.accounts, accountKey(account), memberPrefix, true)
	if err != nil {
		return nil, err
	}
	var owners []connect.User
	for _, i := range items {
		if connect.ParseRole(text(i, "role")) != connect.Owner {
			continue
		}
		u, err := s.User(ctx, connect.UserID(text(i, "user")))
		if err != nil {
			return nil, err
		}
		owners = append(owners, u)
	}
	return owners, nil
}
