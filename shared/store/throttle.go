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

func throttleKey(t connect.Throttle, whose string) string { return "L#" + t.Name + "#" + whose }

// Throttle counts one use of a budget before it is known whether it was well spent, so that no number of
// requests at once gets past the limit. When the budget is used up it returns the throttle's refusal, with
// when to come back, and counts nothing.
func (s Throttles) Throttle(ctx context.Context, t connect.Throttle, whose string, now time.Time) error {
	k := key(throttleKey(t, whose), "")
	for {
		_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: s.marks, Key: k,
			UpdateExpression:                    aws.String("SET used = used + :one"),
			ConditionExpression:                 aws.String("expiresAt > :now AND used < :limit"),
			ExpressionAttributeValues:           item{":one": num(1), ":now": epoch(now), ":limit": num(int64(t.Limit))},
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		})
		failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
		if !ok {
			return err
		}
		if unexpired(failed.Item, now) {
			return t.Exceeded(time.Unix(integer(failed.Item, "expiresAt"), 0).Sub(now))
		}
		_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: s.marks, Key: k,
			UpdateExpression:          aws.String("SET used = :one, expiresAt = :end"),
			ConditionExpression:       aws.String("attribute_not_exists(pk) OR expiresAt <= :now"),
			ExpressionAttributeValues: item{":one": num(1), ":now": epoch(now), ":end": epoch(now.Add(t.Window))},
		})
		if !refused(err) {
			return err
		}
		// Somebody else began the window just now: count in it.
	}
}

// ThrottleNetworks is Take for a caller's networks, narrowest first: what one of them is refused does not use up what
// its neighbours share with it.
func (s Throttles) ThrottleNetworks(
	ctx context.Context, t connect.Throttle, caller []connect.Prefix, now time.Time,
) error {
	for _, p := range caller {
		if err := s.Throttle(ctx, t.Times(p.Share), p.Text, now); err != nil {
			return err
		}
	}
	return nil
}

// Unthrottle returns a use that turned out to be no misuse.
func (s Throttles) Unthrottle(ctx context.Context, t connect.Throttle, whose string, now time.Time) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: s.marks, Key: key(throttleKey(t, whose), ""),
		UpdateExpression:          aws.String("SET used = used - :one"),
		ConditionExpression:       aws.String("expiresAt > :now AND used > :none"),
		ExpressionAttributeValues: item{":one": num(1), ":none": num(0), ":now": epoch(now)},
	})
	if refused(err) {
		return nil // the window has ended
	}
	return err
}
