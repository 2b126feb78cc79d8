package store

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Budget is how many items may still be deleted, so that nobody's many keep the others waiting.
type Budget struct{ Items int }

func (b *Budget) Spent() bool { return b.Items <= 0 }

// queued lists a page of a queue whose time has come by now, and where the next begins ("" for none).
func (s *client) queued(ctx context.Context, queue string, now time.Time, after string) ([]item, string, error) {
	in := &dynamodb.QueryInput{
		TableName: s.accounts, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND sk < :now"),
		ExpressionAttributeValues: item{":pk": str(queue), ":now": str(now.UTC().Format(auditTime) + "~")},
		Limit:                     aws.Int32(100),
	}
	if after != "" {
		in.ExclusiveStartKey = key(queue, after)
	}
	out, err := s.db.Query(ctx, in)
	if err != nil {
		return nil, "", err
	}
	return out.Items, text(out.LastEvaluatedKey, "sk"), nil
}

// Closing is a closed account, by its place in the queue.
type Closing struct {
	Account connect.AccountID
	sk      string
}

// DueClosings lists the accounts whose data is to go by a time, as Leavings lists people.
func (s Purge) DueClosings(ctx context.Context, by time.Time, after string) ([]Closing, string, error) {
	items, next, err := s.queued(ctx, pkClosing, by, after)
	var out []Closing
	for _, i := range items {
		out = append(out, Closing{connect.AccountID(text(i, "account")), text(i, "sk")})
	}
	return out, next, err
}

// PurgeAccount removes what there is of an account whose time has come, as far as the budget goes, and
// reports whether nothing is left to do, and whether the account is gone. What names the rest goes last, so
// that it may be cut off anywhere and done again, also by two at once. For one whose time is still to come, or
// that was opened again, it only makes sure that its clients are as it is.
func (s Purge) PurgeAccount(ctx context.Context, c Closing, now time.Time, b *Budget) (over, gone bool, err error) {
	i, err := s.get(ctx, s.accounts, accountKey(c.Account), skAccount, true)
	if err != nil {
		return false, false, err
	}
	account := accountOf(c.Account, i)
	if i != nil {
		if account.ClosingAt.IsZero() || c.sk != closingKey(c.Account, account.ClosingAt) {
			return true, false, s.delete(ctx, s.accounts, pkClosing, c.sk) // of an earlier closing
		}
		if again, err := s.reopenWithAgency(ctx, account, now); err != nil || again {
			return again, false, err
		}
		if now.Before(account.ClosingAt) {
			return true, false, Leaving(s).CloseClients(ctx, account, connect.AuditEntry{At: now})
		}
	}
	// Nobody pays for an account that is gone: function reconcile ends its subscription first.
	if costs, err := s.mayStillCharge(ctx, c.Account); err != nil || costs {
		return true, false, err
	}
	pk := accountKey(c.Account)
	for _, step := range []func() error{
		func() error { return s.purgeSites(ctx, c.Account, b) },
		func() error { return s.purgeMembers(ctx, c.Account, now, b) },
		func() error { return s.purgeLinks(ctx, c.Account, now, b) },
		func() error { return s.deletePartition(ctx, s.audit, pk, "", b) },
		func() error { return s.deletePartition(ctx, s.accounts, pk, skAccount, b) },
	} {
		if err := step(); err != nil || b.Spent() {
			return false, false, err
		}
	}
	if err := s.delete(ctx, s.accounts, pk, skAccount); err != nil {
		return false, false, err
	}
	return true, true, s.delete(ctx, s.accounts, pkClosing, c.sk)
}

// reopenWithAgency opens an account again that was closed with its agency, when that is open and a crash came
// in between.
func (s *client) reopenWithAgency(ctx context.Context, a connect.Account, now time.Time) (bool, error) {
	if a.ClosedWith == "" || !now.Before(a.ClosingAt) {
		return false, nil
	}
	i, err := s.get(ctx, s.accounts, accountKey(a.ClosedWith), skAccount, true)
	if err != nil || i == nil || i["closingAt"] != nil {
		return false, err
	}
	return true, Reopening{s}.ReopenClients(ctx, a.ClosedWith, connect.AuditEntry{At: now})
}

// firstItems reads the first few items of a partition with a prefix: what is done with them takes them away.
func (s *client) firstItems(ctx context.Context, pk, prefix string) ([]item, error) {
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: s.accounts, ConsistentRead: aws.Bool(true), Limit: aws.Int32(25),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{":pk": str(pk), ":sk": str(prefix)},
	})
	if err != nil {
		return nil, err
	}
	return out.Items, nil
}

// eachOf does something with all items of an account that have a prefix, until the budget is spent. It must
// take each item away.
func (s *client) eachOf(
	ctx context.Context, account connect.AccountID, prefix string, b *Budget, do func(item) error,
) error {
	for !b.Spent() {
		items, err := s.firstItems(ctx, accountKey(account), prefix)
		if err != nil || len(items) == 0 {
			return err
		}
		for _, i := range items {
			if err := do(i); err != nil || b.Spent() {
				return err
			}
			b.Items--
		}
	}
	return nil
}

// purgeSites removes sites, those removed before too, with what visitors left there.
func (s *client) purgeSites(ctx context.Context, account connect.AccountID, b *Budget) error {
	for _, prefix := range []string{sitePrefix, removedSitePrefix} {
		err := s.eachOf(ctx, account, prefix, b, func(i item) error {
			id := connect.SiteID(text(i, "sk")[len(prefix):])
			// First its key, so that nothing more comes in.
			if k := text(i, "key"); k != "" {
				if err := s.delete(ctx, s.accounts, siteKeyKey(connect.SiteKey(k)), skKey); err != nil {
					return err
				}
			}
			for _, pk := range []string{blockedKey(id), complaintsKey(id)} {
				if err := s.deletePartition(ctx, s.callbacks, pk, "", b); err != nil || b.Spent() {
					return err
				}
			}
			for _, table := range []*string{s.callbacks, s.stats} {
				if err := s.deletePartition(ctx, table, siteKey(id), "", b); err != nil || b.Spent() {
					return err
				}
			}
			return s.delete(ctx, s.accounts, accountKey(account), text(i, "sk"))
		})
		if err != nil || b.Spent() {
			return err
		}
	}
	return nil
}

// purgeMembers ends the memberships. Whose last it was is found by their own place in the queue, at once:
// they had as long as the account to join another.
func (s *client) purgeMembers(ctx context.Context, account connect.AccountID, now time.Time, b *Budget) error {
	return s.eachOf(ctx, account, memberPrefix, b, func(i item) error {
		m := memberOf(i)
		writes := append([]types.TransactWriteItem{
			remove(s.accounts, accountKey(account), memberPrefix+string(m.User), ""),
			remove(s.accounts, userKey(m.User), memberPrefix+string(account), ""),
		}, s.leaveWrites(m.User, now, now)...)
		err := s.transact(ctx, writes...)
		if refusedAt(err) == 2 { // the person is gone
			return s.delete(ctx, s.accounts, accountKey(account), memberPrefix+string(m.User))
		}
		return err
	})
}

// purgeLinks ends the links to agencies and clients, and tells the owners of those that stay.
func (s *client) purgeLinks(ctx context.Context, account connect.AccountID, now time.Time, b *Budget) error {
	err := s.eachOf(ctx, account, clientPrefix, b, func(i item) error {
		c := clientOf(i)
		e := connect.AuditEntry{
			Account: c.Account, At: now, Action: connect.ClientEnded, Target: "agency " + c.AgencyName + ", which is gone",
			Plan: connect.Free.ID,
		}
		_, err := s.endClientLink(ctx, EndedClientLink{
			Client: c, Tell: true, Gone: true, At: now, Audit: []connect.AuditEntry{e},
		})
		if errors.Is(err, connect.ErrNotFound) { // only this half of it is left
			return s.delete(ctx, s.accounts, accountKey(account), clientPrefix+string(c.Account))
		}
		return err
	})
	if err != nil || b.Spent() {
		return err
	}
	return s.eachOf(ctx, account, agencyPrefix, b, func(i item) error {
		agency := connect.AccountID(text(i, "sk")[len(agencyPrefix):])
		return s.transact(ctx,
			remove(s.accounts, accountKey(agency), clientPrefix+string(account), ""),
			remove(s.accounts, accountKey(account), agencyPrefix+string(agency), ""))
	})
}

func (s *client) delete(ctx context.Context, table *string, pk, sk string) error {
	_, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key(pk, sk)})
	return err
}

// batchMost is how many items one BatchWriteItem takes.
const batchMost = 25

// deletePartition deletes a partition's items whose sk comes after the given one ("" for all), until the budget is
// spent.
func (s *client) deletePartition(ctx context.Context, table *string, pk, after string, b *Budget) error {
	in := &dynamodb.QueryInput{
		TableName: table, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": str(pk)}, ProjectionExpression: aws.String("pk, sk"),
	}
	if after != "" {
		in.KeyConditionExpression = aws.String("pk = :pk AND sk > :after")
		in.ExpressionAttributeValues[":after"] = str(after)
	}
	for !b.Spent() {
		in.Limit = aws.Int32(int32(min(10*batchMost, b.Items)))
		out, err := s.db.Query(ctx, in)
		if err != nil || len(out.Items) == 0 {
			return err
		}
		for n := 0; n < len(out.Items); n += batchMost {
			if err := s.deleteBatch(ctx, table, out.Items[n:min(n+batchMost, len(out.Items))]); err != nil {
				return err
			}
		}
		b.Items -= len(out.Items)
		if len(out.LastEvaluatedKey) == 0 && !b.Spent() {
			return nil
		}
	}
	return nil
}

// deleteBatch deletes at most batchMost items; what DynamoDB had no time for it asks for again.
func (s *client) deleteBatch(ctx context.Context, table *string, keys []item) error {
	requests := make([]types.WriteRequest, len(keys))
	for n, k := range keys {
		requests[n] = types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: k}}
	}
	return again(ctx, 32, func() (bool, error) {
		in := map[string][]types.WriteRequest{*table: requests}
		out, err := s.db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: in})
		if err != nil {
			return false, err
		}
		requests = out.UnprocessedItems[*table]
		return len(requests) > 0, nil
	})
}
