package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// ParkedVisit is a record of the stream of visits that could not be counted: what it says, without whose visit
// it is of, until somebody has found out why and counts it.
type ParkedVisit struct {
	Shard, Sequence string
	Visit           *connect.Visit
	Before          connect.Step // what the visit had reached already
}

// parkedKey sorts the records of a shard as their sequence numbers do.
func parkedKey(shard, sequence string) string {
	sequence = strings.TrimLeft(sequence, "0")
	return shard + "#" + strings.Repeat("0", max(0, 40-len(sequence))) + sequence
}

// ParkedSequences returns those of a shard's records, from one sequence number to another, that are parked or were
// counted from there. The stream's reader leaves them alone.
func (s Counts) ParkedSequences(ctx context.Context, shard, from, to string) (map[string]bool, error) {
	items, err := s.parked(ctx, &dynamodb.QueryInput{
		KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		FilterExpression:       aws.String("attribute_exists(visit)"),
		ExpressionAttributeValues: item{
			":pk": str(pkParked), ":from": str(parkedKey(shard, from)), ":to": str(parkedKey(shard, to)),
		},
	})
	found := make(map[string]bool, len(items))
	for _, i := range items {
		found[text(i, "sequence")] = true
	}
	return found, err
}

// ParkedVisits returns what waits to be counted, in order.
func (s Parked) ParkedVisits(ctx context.Context, now time.Time) ([]ParkedVisit, error) {
	items, err := s.parked(ctx, &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk"),
		FilterExpression:          aws.String("attribute_exists(visit) AND attribute_not_exists(countedAt)"),
		ExpressionAttributeValues: item{":pk": str(pkParked)},
	})
	var out []ParkedVisit
	for _, i := range items {
		if unexpired(i, now) {
			out = append(out, parkedOf(i))
		}
	}
	return out, err
}

func (s *client) parked(ctx context.Context, in *dynamodb.QueryInput) (items []item, err error) {
	in.TableName, in.ConsistentRead = s.stats, aws.Bool(true)
	return s.all(ctx, in)
}

// CountAttempt notes another attempt at a record and returns how many there were.
func (s Counts) CountAttempt(ctx context.Context, shard, sequence string, now time.Time) (int, error) {
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: s.stats, Key: key(pkParked, parkedKey(shard, sequence)), ReturnValues: types.ReturnValueUpdatedNew,
		UpdateExpression:          aws.String("SET expiresAt = :end ADD tries :one"),
		ExpressionAttributeValues: item{":one": num(1), ":end": epoch(now.Add(connect.CountedLife))},
	})
	if err != nil {
		return 0, err
	}
	return int(integer(out.Attributes, "tries")), nil
}

// ParkVisit sets a record aside that is not in t. It returns connect.ErrConflict when the day was written since it
// was read. The day's version rises in the same transaction, so that no write of a process that was given
// up, and still arrives, counts the record after all.
func (s Counts) ParkVisit(ctx context.Context, t *DayCounts, p ParkedVisit, now time.Time) error {
	v := p.Visit
	day := update(s.stats, siteKey(v.Site), dayPrefix+string(t.Date), "SET version = :next",
		"attribute_not_exists(version) OR version = :was", item{":was": num(t.version), ":next": num(t.version + 1)})
	record := update(s.stats, pkParked, parkedKey(p.Shard, p.Sequence),
		"SET #sequence = :s, #shard = :h, visit = :v, expiresAt = :e",
		"attribute_not_exists(visit)", item{":s": str(p.Sequence), ":h": str(p.Shard),
			":e": epoch(now.Add(connect.ParkedLife)),
			":v": &types.AttributeValueMemberM{Value: item{
				"site": str(string(v.Site)), "hour": str(string(v.Hour)), "page": str(v.Page), "source": str(v.Referrer),
				"device": str(string(v.Device)),
				"reason": str(string(v.Reason)), "before": num(int64(p.Before)), "reached": num(int64(v.Reached)),
			}}})
	err := s.transact(ctx, day, record)
	if refusedAt(err) == 1 {
		return nil // it is parked already
	}
	return outcome(err, connect.ErrConflict)
}

func parkedOf(i item) ParkedVisit {
	var m item
	if v, ok := i["visit"].(*types.AttributeValueMemberM); ok {
		m = v.Value
	}
	return ParkedVisit{
		Shard: text(i, "shard"), Sequence: text(i, "sequence"), Before: connect.Step(integer(m, "before")),
		Visit: &connect.Visit{
			Site: connect.SiteID(text(m, "site")), Hour: connect.Hour(text(m, "hour")), Page: text(m, "page"),
			Referrer: text(m, "source"),
			Device:   connect.Device(text(m, "device")), Reason: connect.FilterReason(text(m, "reason")),
			Reached: connect.Step(integer(m, "reached")),
		},
	}
}

// CountParkedVisit counts a parked record, once however often it is called or cut off: the day and the note that
// it was counted are one transaction. It returns false for one that was counted before.
func (s Parked) CountParkedVisit(ctx context.Context, p ParkedVisit, now time.Time) (bool, error) {
	counted := false
	err := again(ctx, 10, func() (bool, error) {
		t, err := Counts(s).DayCounts(ctx, p.Visit.Site, p.Visit.Hour.Date())
		if err != nil {
			return false, err
		}
		t.Apply(p.Visit, p.Before)
		writes := s.lateDay(p.Visit.Site, t)
		if !t.Date.Month().Late(now) {
			writes = writes[:1]
		}
		note := update(s.stats, pkParked, parkedKey(p.Shard, p.Sequence),
			"SET countedAt = :now, visit = :none, expiresAt = :e",
			"attribute_exists(visit) AND attribute_not_exists(countedAt)",
			item{
				":now": when(now), ":none": &types.AttributeValueMemberM{Value: item{}}, ":e": epoch(now.Add(connect.CountedLife)),
			})
		err = s.transact(ctx, append(writes, note)...)
		if refusedAt(err) == len(writes) {
			return false, nil
		}
		counted = err == nil
		return refusedAt(err) == 0 || contended(err), err
	})
	return counted, err
}

// Unwritable reports whether DynamoDB will refuse a write however often it is repeated.
func Unwritable(err error) bool {
	if e, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return slices.ContainsFunc(e.CancellationReasons, func(r types.CancellationReason) bool {
			return aws.ToString(r.Code) == "ValidationError"
		})
	}
	var e interface{ ErrorCode() string }
	return errors.As(err, &e) && e.ErrorCode() == "ValidationException"
}
