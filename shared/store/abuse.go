package store

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func siteRateKey(site connect.SiteID) string            { return "Q#" + string(site) }
func puzzleKey(site connect.SiteID, salt string) string { return "P#" + string(site) + "#" + salt }
func duplicateKey(site connect.SiteID, digest string) string {
	return "D#" + string(site) + "#" + digest
}

// SiteRate returns how many requests a site has had in now's hour, and has in an average one.
func (s Intake) SiteRate(ctx context.Context, site connect.SiteID, now time.Time) (connect.SiteRate, error) {
	rate, _, err := s.siteRate(ctx, site, now)
	return rate, err
}

func (s *client) siteRate(
	ctx context.Context, site connect.SiteID, now time.Time,
) (rate connect.SiteRate, stored item, err error) {
	stored, err = s.get(ctx, s.marks, siteRateKey(site), "", true)
	if unexpired(stored, now) {
		rate = connect.SiteRate{
			Hour: moment(stored, "begins"), Count: int(integer(stored, "requests")),
			Usual: float64(integer(stored, "usual")) / 1000,
		}
	}
	return rate.At(now), stored, err
}

// CountSiteRequest counts a request that was stored in its site's rate.
func (s Intake) CountSiteRequest(ctx context.Context, site connect.SiteID, now time.Time) error {
	return again(ctx, 6, func() (bool, error) {
		_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: s.marks, Key: key(siteRateKey(site), ""),
			UpdateExpression:    aws.String("SET requests = requests + :one, expiresAt = :end"),
			ConditionExpression: aws.String("begins = :begins"),
			ExpressionAttributeValues: item{
				":one": num(1), ":begins": when(now.Truncate(time.Hour)), ":end": epoch(now.Add(connect.SiteRateLife)),
			},
		})
		if !refused(err) {
			return false, err
		}
		rate, was, err := s.siteRate(ctx, site, now)
		if err != nil {
			return false, err
		}
		if rate.Hour.After(now) {
			return false, nil // another instance's clock is in the next hour
		}
		// The first of an hour.
		in := &dynamodb.UpdateItemInput{
			TableName: s.marks, Key: key(siteRateKey(site), ""),
			UpdateExpression:    aws.String("SET begins = :begins, requests = :one, usual = :usual, expiresAt = :end"),
			ConditionExpression: aws.String("attribute_not_exists(pk)"),
			ExpressionAttributeValues: item{
				":begins": when(rate.Hour), ":one": num(1), ":usual": num(int64(math.Round(rate.Usual * 1000))),
				":end": epoch(now.Add(connect.SiteRateLife)),
			},
		}
		if was != nil {
			in.ConditionExpression = aws.String("begins = :was AND requests = :counted")
			in.ExpressionAttributeValues[":was"] = num(integer(was, "begins"))
			in.ExpressionAttributeValues[":counted"] = num(integer(was, "requests"))
		}
		_, err = s.db.UpdateItem(ctx, in)
		return refused(err), err
	})
}

// UsePuzzle notes that a puzzle's solution serves the request that key names, and reports whether it serves no other.
func (s Intake) UsePuzzle(
	ctx context.Context, site connect.SiteID, salt, key string, ends, now time.Time,
) (bool, error) {
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: s.marks,
		Item: item{
			"pk": str(puzzleKey(site, salt)), "for": str(key), "expiresAt": epoch(ends),
		},
		ConditionExpression:       aws.String("attribute_not_exists(pk) OR #for = :for"),
		ExpressionAttributeNames:  map[string]string{"#for": "for"},
		ExpressionAttributeValues: item{":for": str(key)},
	})
	if refused(err) {
		return false, nil
	}
	return err == nil, err
}

// Duplicate returns the request that c would be a second of, nil for none: one of the same number and department that
// still waits. It returns connect.ErrDuplicate for one that came from elsewhere, so that nobody gets the link of a
// stranger's request by their number.
func (s Intake) Duplicate(ctx context.Context, c *connect.Callback, now time.Time) (*connect.Callback, error) {
	first, _, err := s.duplicate(ctx, c, now)
	return first, err
}

// duplicate also returns the marks that it has found no request behind, by their keys.
func (s *client) duplicate(
	ctx context.Context, c *connect.Callback, now time.Time,
) (first *connect.Callback, stale map[string]connect.CallbackID, err error) {
	stale = map[string]connect.CallbackID{}
	for _, d := range c.SameDigests {
		mark, err := s.get(ctx, s.marks, duplicateKey(c.Site, d), "", true)
		if err != nil {
			return nil, nil, err
		}
		if !unexpired(mark, now) {
			continue
		}
		id := connect.CallbackID(text(mark, "callback"))
		first, err := s.callback(ctx, c.Site, id, now)
		switch {
		case err != nil && !errors.Is(err, connect.ErrNotFound):
			return nil, nil, err
		case err != nil || first.Status != connect.StatusNew:
			stale[d] = id // erased, cancelled or dealt with: whoever asks again means it
		case text(mark, "source") != c.SourceDigest:
			return nil, nil, connect.ErrDuplicate
		default:
			return first, nil, nil
		}
	}
	return nil, stale, nil
}

// markDuplicate is the write by which c is found as the first of its number and department.
func (s *client) markDuplicate(
	c *connect.Callback, stale map[string]connect.CallbackID, now time.Time,
) types.TransactWriteItem {
	d := c.SameDigests[0]
	w := put(s.marks, item{
		"pk": str(duplicateKey(c.Site, d)), "callback": str(string(c.ID)), "source": str(c.SourceDigest),
		"expiresAt": epoch(now.Add(connect.DuplicateLife)),
	}, "attribute_not_exists(pk) OR expiresAt <= :now OR callback = :stale")
	w.Put.ExpressionAttributeValues = item{":now": epoch(now), ":stale": str(string(stale[d]))}
	return w
}
