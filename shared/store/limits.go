package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// counted is where what a plan limits is kept in an account's partition, and the attribute of the account's
// item that counts its additions.
var counted = map[connect.Limited]struct{ prefix, additions string }{
	connect.SiteLimit:   {sitePrefix, "sitesAdded"},
	connect.MemberLimit: {memberPrefix, "membersAdded"},
	connect.ClientLimit: {clientPrefix, "clientsAdded"},
}

// countLimited counts what is there of a thing.
func (s *client) countLimited(ctx context.Context, id connect.AccountID, thing connect.Limited) (int, error) {
	items, err := s.query(ctx, s.accounts, accountKey(id), counted[thing].prefix, true)
	return len(items), err
}

// addWithinLimit makes the writes that add one thing to an account, if the plan allows one more.
func (s *client) addWithinLimit(
	ctx context.Context, id connect.AccountID, thing connect.Limited, plan connect.Entitlement,
	writes []types.TransactWriteItem,
) error {
	return s.writeWithinLimit(ctx, id, thing, writes, func() error {
		have, err := s.countLimited(ctx, id, thing)
		if err != nil {
			return err
		}
		return plan.MayAdd(thing, have)
	})
}

// inviteWithinLimit is within for an invitation to one more: those that wait keep a place, too.
func (s *client) inviteWithinLimit(
	ctx context.Context, id connect.AccountID, thing connect.Limited, plan connect.Entitlement,
	waiting func() (int, error), writes []types.TransactWriteItem,
) error {
	return s.writeWithinLimit(ctx, id, thing, writes, func() error {
		have, err := s.countLimited(ctx, id, thing)
		if err != nil {
			return err
		}
		asked, err := waiting()
		if err != nil {
			return err
		}
		return plan.MayAdd(thing, have+asked)
	})
}

// errClosed refuses to add to an account that is closed.
var errClosed = &connect.Error{
	Kind: connect.Conflict, Code: connect.ErrAccountClosing.Code,
	Message: "This account is closed. Restore it before you add anything.",
}

// writeWithinLimit makes writes that add to an account if allowed says so, on condition that nothing was added
// since it looked. Every addition moves a count in the account's item that it was read with, so that of many
// at once no more succeed than there is room for. Besides what allowed returns, it returns
// connect.ErrNotFound for an account that is not there, ErrAccountClosing for one that is closed, and the error of
// the writes, counted from 0.
func (s *client) writeWithinLimit(
	ctx context.Context, id connect.AccountID, thing connect.Limited, writes []types.TransactWriteItem,
	allowed func() error,
) error {
	additions := counted[thing].additions
	return again(ctx, 12, func() (bool, error) {
		account, err := s.get(ctx, s.accounts, accountKey(id), skAccount, true)
		if err != nil {
			return false, err
		}
		if account == nil {
			return false, connect.ErrNotFound
		}
		if account["closingAt"] != nil {
			return false, errClosed
		}
		if err := allowed(); err != nil {
			return false, err
		}
		was := integer(account, additions)
		count := types.TransactWriteItem{Update: &types.Update{
			TableName: s.accounts, Key: key(accountKey(id), skAccount), UpdateExpression: aws.String("SET #n = :next"),
			ConditionExpression: aws.String("attribute_exists(pk) AND attribute_not_exists(closingAt) AND " +
				"(#n = :was OR attribute_not_exists(#n) AND :was = :none)"),
			ExpressionAttributeNames:  map[string]string{"#n": additions},
			ExpressionAttributeValues: item{":next": num(was + 1), ":was": num(was), ":none": num(0)},
		}}
		// Last, so that the writes' own refusals are found first.
		err = s.transact(ctx, append(writes[:len(writes):len(writes)], count)...)
		return refusedAt(err) == len(writes) || contended(err), err
	})
}
