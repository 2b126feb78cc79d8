package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// The names of a visit's attributes are short: the item is written on every beacon and read by nothing but
// package rollup. Each step is an attribute of its own that is set once, so that a repeated, late or
// reordered beacon changes nothing.
//
//	i, o, s    the steps impression, open, submit
//	h          hour of the first event on the site's own clock, "2006-01-02T15"
//	p, r, d    page, referrer, device
//	f          reason for counting it apart
//	n          the site's id

var setOnce = map[connect.Step]*string{
	connect.Impression: aws.String(visitUpdate + ", i = if_not_exists(i, :y)"),
	connect.Open:       aws.String(visitUpdate + ", i = if_not_exists(i, :y), o = if_not_exists(o, :y)"),
	connect.Submit: aws.String(
		visitUpdate + ", i = if_not_exists(i, :y), o = if_not_exists(o, :y), s = if_not_exists(s, :y)",
	),
}

const visitUpdate = "SET n = :n, h = if_not_exists(h, :h), p = if_not_exists(p, :p), " +
	"r = if_not_exists(r, :r), d = if_not_exists(d, :d), f = if_not_exists(f, :f), expiresAt = " +
	"if_not_exists(expiresAt, :e)"

var (
	yes         types.AttributeValue = &types.AttributeValueMemberBOOL{Value: true}
	liveOrNew                        = aws.String("attribute_not_exists(pk) OR expiresAt > :now")
	expiredOnly                      = aws.String("attribute_not_exists(pk) OR expiresAt <= :now")
)

// RecordVisit notes how far a visit has come, with one write. An item that expired but is still there is
// another, older visit of the same browser session: it is replaced.
func (s Visits) RecordVisit(ctx context.Context, v *connect.Visit, now time.Time) error {
	pk := string(v.Site) + "#" + string(v.ID)
	if v.Reason != "" {
		// Apart from the real visit, so that a foreign page cannot spoil what it guesses the id of.
		pk += "#" + string(v.Reason)
	}
	values := item{
		":n": str(string(v.Site)), ":h": str(string(v.Hour)), ":p": str(v.Page), ":r": str(v.Referrer),
		":d": str(string(v.Device)), ":f": str(string(v.Reason)), ":e": epoch(v.ExpiresAt), ":y": yes, ":now": epoch(now),
	}
	update := &dynamodb.UpdateItemInput{
		TableName: s.visits, Key: item{"pk": str(pk)}, UpdateExpression: setOnce[v.Reached],
		ConditionExpression: liveOrNew, ExpressionAttributeValues: values,
	}
	var err error
	// A second round is needed when the old item expires, or another beacon replaces it, in between.
	for range 3 {
		if _, err = s.db.UpdateItem(ctx, update); !refused(err) {
			return err
		}
		fresh := item{
			"pk": str(pk), "n": values[":n"], "h": values[":h"], "p": values[":p"], "r": values[":r"], "d": values[":d"],
			"f": values[":f"], "expiresAt": values[":e"],
		}
		for step, name := range map[connect.Step]string{connect.Impression: "i", connect.Open: "o", connect.Submit: "s"} {
			if step <= v.Reached {
				fresh[name] = yes
			}
		}
		_, err = s.db.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: s.visits, Item: fresh, ConditionExpression: expiredOnly,
			ExpressionAttributeValues: item{":now": values[":now"]},
		})
		if !refused(err) {
			return err
		}
	}
	return err
}
