package store

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// What a version of the token key has made is made again with the newest one, so that the old one can be dropped.
// A pass reads a table page by page and writes only what is not of the newest version: cut off, it is run again.

// Rekeyed is what one pass has done.
type Rekeyed struct {
	Read, Written int
	Lost          int // authenticators that no version can read: they have to be set up again
}

// RekeyCallbacks gives visitors' requests their digests under the newest version. They are made from the number and
// address of the request itself: no old version is needed for it.
func (s Rekey) RekeyCallbacks(
	ctx context.Context, digest func(purpose, text string) string, progress func(Rekeyed),
) (Rekeyed, error) {
	in := &dynamodb.ScanInput{
		ProjectionExpression: aws.String("pk, sk, phone, email, phoneKey, emailKey"),
		FilterExpression:     aws.String("attribute_exists(phone)"),
	}
	return s.rekey(ctx, s.callbacks, in, progress, func(i item) (*dynamodb.UpdateItemInput, bool) {
		site := connect.SiteID(text(i, "pk")[len(siteKey("")):])
		set := "SET phoneKey = :phone"
		values := item{":was": str(text(i, "phone")), ":phone": str(visitorKey(site, digest(DigestPhone, text(i, "phone"))))}
		stale := text(values, ":phone") != text(i, "phoneKey")
		if e := text(i, "email"); e != "" {
			values[":email"] = str(visitorKey(site, digest(DigestEmail, e)))
			set += ", emailKey = :email"
			stale = stale || text(values, ":email") != text(i, "emailKey")
		}
		if !stale {
			return nil, false
		}
		return &dynamodb.UpdateItemInput{
			UpdateExpression: aws.String(set), ConditionExpression: aws.String("phone = :was"),
			ExpressionAttributeValues: values,
		}, false
	})
}

// RekeyFactors seals the secrets of authenticators with the newest version. reseal returns the secret as it is to
// be stored, the same where nothing is to do, and false for one that it cannot read.
func (s Rekey) RekeyFactors(
	ctx context.Context, reseal func(sealed string) (string, bool), progress func(Rekeyed),
) (Rekeyed, error) {
	in := &dynamodb.ScanInput{
		ProjectionExpression:      aws.String("pk, sk, totp"),
		FilterExpression:          aws.String("sk = :factors AND totp > :none"),
		ExpressionAttributeValues: item{":factors": str(skFactors), ":none": str(" ")},
	}
	return s.rekey(ctx, s.credentials, in, progress, func(i item) (*dynamodb.UpdateItemInput, bool) {
		was := text(i, "totp")
		fresh, ok := reseal(was)
		if !ok || fresh == was {
			return nil, !ok
		}
		// A login that writes the factors at the same time seals the secret again itself.
		return &dynamodb.UpdateItemInput{
			UpdateExpression: aws.String("SET totp = :fresh"), ConditionExpression: aws.String("totp = :was"),
			ExpressionAttributeValues: item{":fresh": str(fresh), ":was": str(was)},
		}, false
	})
}

const (
	rekeyPage   = 500
	rekeyWrites = 8 // at once
)

// rekey scans a table and writes what change returns for an item. progress is told after each page.
func (s *client) rekey(
	ctx context.Context, table *string, in *dynamodb.ScanInput, progress func(Rekeyed),
	change func(item) (*dynamodb.UpdateItemInput, bool),
) (Rekeyed, error) {
	var done Rekeyed
	in.TableName, in.Limit, in.ConsistentRead = table, aws.Int32(rekeyPage), aws.Bool(true)
	for page, err := range pages(ctx, dynamodb.NewScanPaginator(scanPage(s.db.Scan), in)) {
		if err != nil {
			return done, err
		}
		var updates []*dynamodb.UpdateItemInput
		for _, i := range page.Items {
			u, lost := change(i)
			if lost {
				done.Lost++
			}
			if u != nil {
				u.TableName, u.Key = table, key(text(i, "pk"), text(i, "sk"))
				updates = append(updates, u)
			}
		}
		written, err := s.updateAll(ctx, updates)
		done.Read, done.Written = done.Read+int(page.ScannedCount), done.Written+written
		progress(done)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// updateAll makes updates, some at a time. One whose item has changed or gone is passed over.
func (s *client) updateAll(ctx context.Context, updates []*dynamodb.UpdateItemInput) (written int, failed error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, rekeyWrites)
	for _, u := range updates {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			_, err := s.db.UpdateItem(ctx, u)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				written++
			case !refused(err):
				failed = err
			}
		})
	}
	wg.Wait()
	return written, failed
}
