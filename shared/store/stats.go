package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// DayCounts is a site's day together with what has been applied to it: per shard of the stream of visits the
// last sequence number. Both are written at once on condition of the version, so applying a record again
// changes nothing, wherever an earlier attempt was cut off.
type DayCounts struct {
	*connect.Day
	version int64
	applied map[string]string
}

// New reports whether nothing of the day was stored when it was read.
func (t *DayCounts) New() bool { return t.version == 0 }

// Applied reports whether a record of shard with that sequence number is in the counts.
func (t *DayCounts) Applied(shard, sequence string) bool {
	last, ok := t.applied[shardName(shard)]
	return ok && !after(sequence, last)
}

// SetApplied notes that all records of shard up to that sequence number are in the counts.
func (t *DayCounts) SetApplied(shard, sequence string) { t.applied[shardName(shard)] = sequence }

// SequenceAfter reports whether sequence number a comes after b.
func SequenceAfter(a, b string) bool { return after(a, b) }

// after compares sequence numbers as the decimal numbers of no fixed length that they are.
func after(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}

// A shard's name has its stream's in it. A day meets some 24 shards (an on-demand table's four partitions, each shard
// about four hours) and keeps them permanently, so both halves of an entry are short. Of 24 names of 48 bits two are
// the same once in 10¹² days.
func shardName(shard string) string {
	sum := sha256.Sum256([]byte(shard))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// packed is a sequence number in base 62, with a mark before anything that is no plain number.
func packed(sequence string) string {
	n, ok := new(big.Int).SetString(sequence, 10)
	if !ok || n.Sign() < 0 || n.String() != sequence {
		return "=" + sequence
	}
	return n.Text(62)
}

func unpacked(s string) string {
	if raw, ok := strings.CutPrefix(s, "="); ok {
		return raw
	}
	n, ok := new(big.Int).SetString(s, 62)
	if !ok {
		return ""
	}
	return n.String()
}

// DayCounts reads a site's day, an empty one when nothing was counted yet.
func (s Counts) DayCounts(ctx context.Context, site connect.SiteID, d connect.Date) (*DayCounts, error) {
	i, err := s.get(ctx, s.stats, siteKey(site), dayPrefix+string(d), true)
	if err != nil {
		return nil, err
	}
	t := &DayCounts{Day: dayOf(d, i), version: integer(i, "version"), applied: map[string]string{}}
	if m, ok := i["applied"].(*types.AttributeValueMemberM); ok {
		for shard := range m.Value {
			t.applied[shard] = unpacked(text(m.Value, shard))
		}
	}
	return t, nil
}

// SaveDayCounts returns connect.ErrConflict when the day was written since it was read.
func (s Counts) SaveDayCounts(ctx context.Context, site connect.SiteID, t *DayCounts) error {
	p := s.putDayCounts(site, t)
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: p.TableName, Item: p.Item, ConditionExpression: p.ConditionExpression,
		ExpressionAttributeValues: p.ExpressionAttributeValues,
	})
	if refused(err) || contended(err) {
		return connect.ErrConflict
	}
	return err
}

// putDayCounts writes a day on condition that it is as it was read.
func (s *client) putDayCounts(site connect.SiteID, t *DayCounts) *types.Put {
	applied := item{}
	for shard, sequence := range t.applied {
		applied[shard] = str(packed(sequence))
	}
	i := dayItem(t.Day)
	i["pk"], i["sk"] = str(siteKey(site)), str(dayPrefix+string(t.Date))
	i["version"], i["applied"] = num(t.version+1), &types.AttributeValueMemberM{Value: applied}
	return &types.Put{
		TableName: s.stats, Item: i, ConditionExpression: aws.String("attribute_not_exists(pk) OR version = :was"),
		ExpressionAttributeValues: item{":was": num(t.version)},
	}
}

// Days reads the days from from to to on which something was counted, in order: a bounded number of items
// whatever the number of visits.
func (s Stats) Days(ctx context.Context, site connect.SiteID, from, to connect.Date) ([]*connect.Day, error) {
	in := &dynamodb.QueryInput{
		TableName: s.stats, KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{
			":pk": str(siteKey(site)), ":from": str(dayPrefix + string(from)), ":to": str(dayPrefix + string(to)),
		},
	}
	var days []*connect.Day
	err := each(s.items(ctx, in), func(i item) error {
		days = append(days, dayOf(connect.Date(strings.TrimPrefix(text(i, "sk"), dayPrefix)), i))
		return nil
	})
	return days, err
}

// A count is stored as "impressions.opens.submits" in base 36, without zeros at the end: a year's dashboard
// reads 365 days with some 70 counts each, and what it costs is their size.

func countText(c connect.Count) types.AttributeValue {
	b := strconv.AppendInt(nil, c.Impressions, 36)
	if c.Opens != 0 || c.Submits != 0 {
		b = strconv.AppendInt(append(b, '.'), c.Opens, 36)
	}
	if c.Submits != 0 {
		b = strconv.AppendInt(append(b, '.'), c.Submits, 36)
	}
	return str(string(b))
}

func countOf(i item, name string) connect.Count { return parseCount(text(i, name)) }

func parseCount(entry string) connect.Count {
	var n [3]int64
	rest, _, _ := strings.Cut(entry, "+")
	more := true
	for at := 0; at < len(n) && more; at++ {
		var one string
		one, rest, more = strings.Cut(rest, ".")
		n[at], _ = strconv.ParseInt(one, 36, 64)
	}
	return connect.Count{Impressions: n[0], Opens: n[1], Submits: n[2]}
}

// An entry is its count and, where there is an error, "+" and how much was missed at most.
func breakdown(m connect.Breakdown) types.AttributeValue {
	out := item{}
	for name, e := range m {
		v := countText(e.Count)
		if e.Missed != 0 {
			v = str(v.(*types.AttributeValueMemberS).Value + "+" + strconv.FormatInt(e.Missed, 36))
		}
		out[name] = v
	}
	return &types.AttributeValueMemberM{Value: out}
}

func breakdownOf(i item, name string, into connect.Breakdown) {
	m, ok := i[name].(*types.AttributeValueMemberM)
	if !ok {
		return
	}
	for k := range m.Value {
		e := connect.Entry{Count: countOf(m.Value, k)}
		if _, missed, ok := strings.Cut(text(m.Value, k), "+"); ok {
			e.Missed, _ = strconv.ParseInt(missed, 36, 64)
		}
		into[k] = e
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
		"total": countText(d.Total), "hours": &types.AttributeValueMemberM{Value: hours},
		"filtered": &types.AttributeValueMemberM{Value: filtered},
		"pages":    breakdown(d.Pages), "sources": breakdown(d.Referrers), "devices": breakdown(d.Devices),
	}
}

func dayOf(date connect.Date, i item) *connect.Day {
	d := connect.NewDay(date)
	d.Total = countOf(i, "total")
	breakdownOf(i, "pages", d.Pages)
	breakdownOf(i, "sources", d.Referrers)
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
