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

// within makes the writes that add one thing to an account, if the plan allows one more. Every addition
// moves a count in the account's item that it was read with, so that of many at once no more succeed than
// there is room for. Besides what Entitlement.MayAdd answers, it answers connect.ErrNotFound for an account
// that is not there, and the error of the writes, counted from 0.
func (s *Store) within(ctx context.Context, id connect.AccountID, thing connect.Limited, plan connect.Entitlement, writes []types.TransactWriteItem) error {
	where := counted[thing]
	for range 8 {
		account, err := s.get(ctx, s.accounts, accountKey(id), skAccount, true)
		if err != nil {
			return err
		}
		if account == nil {
			return connect.ErrNotFound
		}
		have, err := s.query(ctx, s.accounts, accountKey(id), where.prefix, true)
		if err != nil {
			return err
		}
		if err := plan.MayAdd(thing, len(have)); err != nil {
			return err
		}
		was := integer(account, where.additions)
		count := types.TransactWriteItem{Update: &types.Update{
			TableName: s.accounts, Key: key(accountKey(id), skAccount), UpdateExpression: aws.String("SET #n = :next"),
			ConditionExpression:       aws.String("attribute_exists(pk) AND (#n = :was OR attribute_not_exists(#n) AND :was = :none)"),
			ExpressionAttributeNames:  map[string]string{"#n": where.additions},
			ExpressionAttributeValues: item{":next": num(was + 1), ":was": num(was), ":none": num(0)},
		}}
		// Last, so that the writes' own refusals are found first.
		err = s.transact(ctx, "", append(writes[:len(writes):len(writes)], count)...)
		if refusedAt(err) != len(writes) && !contended(err) {
			return err
		}
	}
	return errBusy
}
