package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Visitor is how a business names a visitor: by number or by address, exactly one of them. Digests are the
// keyed digests under which requests are found, one for each version of the key that they may be stored under.
type Visitor struct {
	Phone   string
	Email   connect.Email
	Digests []string
}

// Via is how the visitor is named.
func (v Visitor) Via() connect.Via {
	if v.Phone != "" {
		return connect.ViaPhone
	}
	return connect.ViaEmail
}

func (v Visitor) of(c *connect.Callback) bool {
	return v.Phone != "" && c.Phone == v.Phone || v.Email != "" && c.Email == v.Email
}

// indexLag is how far an index may be behind its table and still be made up for by reading the newest
// requests from the table itself.
const indexLag = 5 * time.Minute

// VisitorCallbacks returns all requests of a visitor at one site: one read of an index, whatever the size
// of the inbox, and a consistent one of what is too new to be in the index.
func (s *Store) VisitorCallbacks(ctx context.Context, site connect.SiteID, v Visitor, now time.Time) ([]*connect.Callback, error) {
	name, attribute := "byPhone", "phoneKey"
	if v.Via() == connect.ViaEmail {
		name, attribute = "byEmail", "emailKey"
	}
	var ids []connect.CallbackID
	seen := map[connect.CallbackID]bool{}
	for _, digest := range v.Digests {
		err := s.each(ctx, &dynamodb.QueryInput{
			TableName: s.callbacks, IndexName: aws.String(name), KeyConditionExpression: aws.String(attribute + " = :v"),
			ExpressionAttributeValues: item{":v": str(visitorKey(site, digest))},
		}, func(i item) error {
			ids = append(ids, connect.CallbackID(text(i, "sk")))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	var found []*connect.Callback
	for _, id := range ids {
		c, err := s.Callback(ctx, site, id, now)
		if connect.KindOf(err) == connect.NotFound {
			continue // erased or expired since
		}
		if err != nil {
			return nil, err
		}
		if v.of(c) && !seen[id] {
			seen[id], found = true, append(found, c)
		}
	}
	err := s.each(ctx, &dynamodb.QueryInput{
		TableName: s.callbacks, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND sk >= :since"),
		ExpressionAttributeValues: item{":pk": str(siteKey(site)), ":since": str(string(connect.FirstCallbackID(now.Add(-indexLag))))},
	}, func(i item) error {
		if c := callbackOf(site, i); live(i, now) && v.of(c) && !seen[c.ID] {
			seen[c.ID], found = true, append(found, c)
		}
		return nil
	})
	return found, err
}

// perErasure is how many requests one transaction erases beside its receipt.
const perErasure = 99

// EraseCallbacks takes requests away for good and leaves one signed receipt with their number, all or
// nothing up to perErasure of them; more are erased in several steps with a receipt each. Counts are
// elsewhere and stay. receipt makes the receipt for a number of requests.
func (s *Store) EraseCallbacks(ctx context.Context, site connect.SiteID, ids []connect.CallbackID, receipt func(count int) *connect.Receipt) ([]*connect.Receipt, error) {
	var receipts []*connect.Receipt
	for len(ids) > 0 {
		now := ids[:min(len(ids), perErasure)]
		r := receipt(len(now))
		writes := []types.TransactWriteItem{s.addReceipt(r)}
		for _, id := range now {
			writes = append(writes, remove(s.callbacks, siteKey(site), string(id), ""))
		}
		if err := s.persist(ctx, writes); err != nil {
			return receipts, err
		}
		receipts, ids = append(receipts, r), ids[len(now):]
	}
	return receipts, nil
}

// EraseCallback takes one request away and leaves a receipt. One that is gone already leaves no second.
func (s *Store) EraseCallback(ctx context.Context, site connect.SiteID, id connect.CallbackID, r *connect.Receipt) error {
	err := s.persist(ctx, []types.TransactWriteItem{
		s.addReceipt(r), remove(s.callbacks, siteKey(site), string(id), "attribute_exists(pk)"),
	})
	if refusedAt(err) == 1 {
		return nil
	}
	return err
}

// persist repeats a transaction that only met another one.
func (s *Store) persist(ctx context.Context, writes []types.TransactWriteItem) error {
	for range 4 {
		if err := s.transact(ctx, "", writes...); !contended(err) {
			return err
		}
	}
	return errBusy
}

func visitorKey(site connect.SiteID, digest string) string {
	return string(site) + "#" + digest
}
