package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Tally is a site's day together with what has been applied to it: per shard of the stream of visits the
// last sequence number. Both are written at once on condition of the version, so applying a record again
// changes nothing, wherever an earlier attempt was cut off.
type Tally struct {
	*connect.Day
	version int64
	applied map[string]string
}

// Applied reports whether a record of shard with that sequence number is in the counts.
func (t *Tally) Applied(shard, sequence string) bool {
	last, ok := t.applied[shardName(shard)]
	return ok && !after(sequence, last)
}

// SetApplied notes that all records of shard up to that sequence number are in the counts.
func (t *Tally) SetApplied(shard, sequence string) { t.applied[shardName(shard)] = sequence }

// after compares sequence numbers as the decimal numbers of no fixed length that they are.
func after(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}

// shardName is short because every day's item carries one for each shard.
func shardName(shard string) string {
	sum := sha256.Sum256([]byte(shard))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// Tally reads a site's day, an empty one when nothing was counted yet.
func (s *Store) Tally(ctx context.Context, site connect.SiteID, d connect.Date) (*Tally, error) {
	i, err := s.get(ctx, s.stats, siteKey(site), dayPrefix+string(d), true)
	if err != nil {
		return nil, err
	}
	t := &Tally{Day: dayOf(d, i), version: integer(i, "version"), applied: map[string]string{}}
	if m, ok := i["applied"].(*types.AttributeValueMemberM); ok {
		for shard := range m.Value {
			t.applied[shard] = text(m.Value, shard)
		}
	}
	return t, nil
}

// SaveTally answers connect.ErrConflict when the day was written since it was read.
func (s *Store) SaveTally(ctx context.Context, site connect.SiteID, t *Tally) error {
	applied := item{}
	for shard, sequence := range t.applied {
		applied[shard] = str(sequence)
	}
	i := dayItem(t.Day)
	i["pk"], i["sk"] = str(siteKey(site)), str(dayPrefix+string(t.Date))
	i["version"], i["applied"] = num(t.version+1), &types.AttributeValueMemberM{Value: applied}
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: s.stats, Item: i, ConditionExpression: aws.String("attribute_not_exists(pk) OR version = :was"),
		ExpressionAttributeValues: item{":was": num(t.version)},
	})
	if refused(err) {
		return connect.ErrConflict
	}
	return err
}

// Days reads the days from from to to on which something was counted, in order: a bounded number of items
// whatever the number of visits.
func (s *Store) Days(ctx context.Context, site connect.SiteID, from, to connect.Date) ([]*connect.Day, error) {
	in := &dynamodb.QueryInput{
		TableName: s.stats, KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{":pk": str(siteKey(site)), ":from": str(dayPrefix + string(from)), ":to": str(dayPrefix + string(to))},
	}
	var days []*connect.Day
	for {
		out, err := s.db.Query(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, i := range out.Items {
			days = append(days, dayOf(connect.Date(strings.TrimPrefix(text(i, "sk"), dayPrefix)), i))
		}
		if len(out.LastEvaluatedKey) == 0 {
			return days, nil
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

// A count is stored as "impressions,opens,submits": a year's dashboard reads 365 of these items, and three
// numbers of their own would make each twice as large.

func countText(c connect.Count) types.AttributeValue {
	return str(fmt.Sprintf("%d,%d,%d", c.Impressions, c.Opens, c.Submits))
}

func countOf(i item, name string) connect.Count {
	var c connect.Count
	parts := strings.Split(text(i, name), ",")
	if len(parts) == 3 {
		c.Impressions, _ = strconv.ParseInt(parts[0], 10, 64)
		c.Opens, _ = strconv.ParseInt(parts[1], 10, 64)
		c.Submits, _ = strconv.ParseInt(parts[2], 10, 64)
	}
	return c
}

func breakdown(m map[string]connect.Count) types.AttributeValue {
	out := item{}
	for name, c := range m {
		out[name] = countText(c)
	}
	return &types.AttributeValueMemberM{Value: out}
}

func breakdownOf(i item, name string, into map[string]connect.Count) {
	if m, ok := i[name].(*types.AttributeValueMemberM); ok {
		for k := range m.Value {
			into[k] = countOf(m.Value, k)
		}
	}
}

func dayItem(d *connect.Day) item {
	hours, filtered := item{}, item{}
	for h, c := range d.Hours {
		hours[strconv.Itoa(h)] = countText(c)
	}
	for reason, n := range d.Filtered {
		filtered[string(reason)] = num(n)
	}
	return item{
		"total": countText(d.Total), "hours": &types.AttributeValueMemberM{Value: hours}, "filtered": &types.AttributeValueMemberM{Value: filtered},
		"pages": breakdown(d.Pages), "sources": breakdown(d.Sources), "devices": breakdown(d.Devices),
	}
}

func dayOf(date connect.Date, i item) *connect.Day {
	d := connect.NewDay(date)
	d.Total = countOf(i, "total")
	breakdownOf(i, "pages", d.Pages)
	breakdownOf(i, "sources", d.Sources)
	breakdownOf(i, "devices", d.Devices)
	if m, ok := i["hours"].(*types.AttributeValueMemberM); ok {
		for h := range m.Value {
			if n, err := strconv.Atoi(h); err == nil {
				d.Hours[n] = countOf(m.Value, h)
			}
		}
	}
	if m, ok := i["filtered"].(*types.AttributeValueMemberM); ok {
		for reason := range m.Value {
			d.Filtered[connect.FilterReason(reason)] = integer(m.Value, reason)
		}
	}
	return d
}
