package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// A month that is over is kept as one item: what its days add up to. It is never counted up but made of the days as
// they are, so nothing that is repeated or cut off makes it differ from them, and where there is none the days are
// read. The item "months" of a site says which month is next. A count that comes later than Month.Late is one
// transaction with a mark on its month, and with a new version of "months", which a sum of the days before must meet.

const monthsAtOnce = 6

// SaveLateDay is SaveDayCounts for a day whose month may have been added up.
func (s Counts) SaveLateDay(ctx context.Context, site connect.SiteID, t *DayCounts) error {
	err := s.transact(ctx, s.lateDay(site, t)...)
	if refusedAt(err) == 0 || contended(err) {
		return connect.ErrConflict
	}
	return err
}

// lateDay writes a day, as its first write, and says that its month is to be added up again.
func (s *client) lateDay(site connect.SiteID, t *DayCounts) []types.TransactWriteItem {
	m := t.Date.Month()
	return []types.TransactWriteItem{
		{Put: s.putDayCounts(site, t)},
		{Update: &types.Update{
			TableName: s.stats, Key: key(siteKey(site), monthPrefix+string(m)),
			UpdateExpression: aws.String("SET stale = :yes"), ExpressionAttributeValues: item{":yes": boolean(true)},
		}},
		{Update: &types.Update{
			TableName: s.stats, Key: key(siteKey(site), skMonths), UpdateExpression: aws.String("ADD version :one, late :month"),
			ExpressionAttributeValues: item{":one": num(1), ":month": texts(m)},
		}},
	}
}

// CloseMonths adds up those months of a site that are over and were not added up since they last changed, the oldest
// first; at most monthsAtOnce of them, the rest with the next call.
func (s Counts) CloseMonths(ctx context.Context, site connect.SiteID, now time.Time) error {
	for range monthsAtOnce {
		months, err := s.get(ctx, s.stats, siteKey(site), skMonths, true)
		if err != nil {
			return err
		}
		version, next := integer(months, "version"), connect.YearMonth(text(months, "next"))
		m := next
		if late, ok := months["late"].(*types.AttributeValueMemberSS); ok {
			for _, text := range late.Value {
				if late := connect.YearMonth(text); late < m && late.Closed(now) {
					m = late
				}
			}
		}
		if m != "" && !m.Closed(now) {
			return nil
		}
		days, err := s.firstMonth(ctx, site, m)
		if err != nil || len(days) == 0 || !days[0].Date.Month().Closed(now) {
			return err
		}
		if m < next && m != "" && days[0].Date.Month() != m {
			days = nil // a late month's days were taken away
		} else {
			m = days[0].Date.Month()
		}
		err = s.closeMonth(ctx, site, connect.AddUp(m, days), version, max(next, m.Next()))
		if err != nil && refusedAt(err) < 0 {
			return err
		}
	}
	return nil
}

// texts is a set of one, of which another can be taken away.
func texts(m connect.YearMonth) types.AttributeValue {
	return &types.AttributeValueMemberSS{Value: []string{string(m)}}
}

// firstMonth returns the days of the first month, from m on, that has any.
func (s Counts) firstMonth(
	ctx context.Context, site connect.SiteID, m connect.YearMonth,
) (days []*connect.Day, err error) {
	in := func(from, to string) *dynamodb.QueryInput {
		return &dynamodb.QueryInput{
			TableName: s.stats, ConsistentRead: aws.Bool(true),
			KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
			ExpressionAttributeValues: item{
				":pk": str(siteKey(site)), ":from": str(dayPrefix + from), ":to": str(dayPrefix + to),
			},
		}
	}
	if m == "" {
		m = "2020-01"
	}
	for range 2 {
		err = each(s.items(ctx, in(string(m.First()), string(m.Last()))), func(i item) error {
			days = append(days, dayOf(connect.Date(strings.TrimPrefix(text(i, "sk"), dayPrefix)), i))
			return nil
		})
		if err != nil || len(days) > 0 {
			return days, err
		}
		first := in(string(m.Next().First()), "9")
		first.Limit = aws.Int32(1)
		out, err := s.db.Query(ctx, first)
		if err != nil || len(out.Items) == 0 {
			return nil, err
		}
		m = connect.Date(strings.TrimPrefix(text(out.Items[0], "sk"), dayPrefix)).Month()
	}
	return days, nil
}

// closeMonth stores a month on condition that no late count came since "months" had that version.
func (s *client) closeMonth(
	ctx context.Context, site connect.SiteID, c *connect.MonthCounts, version int64, next connect.YearMonth,
) error {
	i := monthItem(c)
	i["pk"], i["sk"] = str(siteKey(site)), str(monthPrefix+string(c.Month))
	return s.transact(ctx, put(s.stats, i, ""),
		update(s.stats, siteKey(site), skMonths, "SET version = :next, #next = :month DELETE late :done",
			"attribute_not_exists(version) OR version = :was", item{
				":was": num(version), ":next": num(version + 1), ":month": str(string(next)), ":done": texts(c.Month),
			}))
}

// Counted returns what was counted from from to to: whole months as one where they are kept, and the days of the rest.
func (s Stats) Counted(
	ctx context.Context, site connect.SiteID, from, to connect.Date,
) (months []*connect.MonthCounts, days []*connect.Day, err error) {
	first, last := from.Add(-1).Month().Next(), to.Add(1).Month().Before()
	if first <= last {
		err = each(s.items(ctx, &dynamodb.QueryInput{
			TableName: s.stats, KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
			ExpressionAttributeValues: item{
				":pk": str(siteKey(site)), ":from": str(monthPrefix + string(first)), ":to": str(monthPrefix + string(last)),
			},
		}), func(i item) error {
			if !truth(i, "stale") {
				months = append(months, monthOf(i))
			}
			return nil
		})
	}
	for _, m := range append(slices.Clip(months), nil) {
		end := to
		if m != nil {
			end = m.Month.First().Add(-1)
		}
		if from <= end && err == nil {
			var some []*connect.Day
			some, err = s.Days(ctx, site, from, end)
			days = append(days, some...)
		}
		if m != nil {
			from = m.Month.Next().First()
		}
	}
	return months, days, err
}

func monthItem(c *connect.MonthCounts) item {
	days, filtered := item{}, item{}
	for n, count := range c.Days {
		days[strconv.Itoa(n)] = countText(count)
	}
	for reason, n := range c.Filtered {
		filtered[string(reason)] = num(n)
	}
	week := make([]string, 0, len(c.Week))
	for _, hours := range c.Week {
		day := make([]string, 0, len(hours))
		for _, count := range hours {
			day = append(day, countText(count).(*types.AttributeValueMemberS).Value)
		}
		week = append(week, strings.Join(day, " "))
	}
	return item{
		"total": countText(c.Total), "week": str(strings.Join(week, ",")),
		"days": &types.AttributeValueMemberM{Value: days}, "filtered": &types.AttributeValueMemberM{Value: filtered},
		"pages": breakdown(c.Pages.Breakdown), "sources": breakdown(c.Referrers.Breakdown),
		"devices": breakdown(c.Devices.Breakdown),
		"unnamed": &types.AttributeValueMemberM{Value: item{
			"pages": unnamedText(c.Pages), "sources": unnamedText(c.Referrers), "devices": unnamedText(c.Devices),
		}},
	}
}

func unnamedText(s connect.Summary) types.AttributeValue {
	return countText(connect.Count{Impressions: s.Unnamed, Opens: s.Discount})
}

func monthOf(i item) *connect.MonthCounts {
	c := &connect.MonthCounts{
		Month: connect.YearMonth(strings.TrimPrefix(text(i, "sk"), monthPrefix)), Total: countOf(i, "total"),
		Days: map[int]connect.Count{}, Filtered: map[connect.FilterReason]int64{},
	}
	if m, ok := i["days"].(*types.AttributeValueMemberM); ok {
		for name := range m.Value {
			n, _ := strconv.Atoi(name)
			c.Days[n] = countOf(m.Value, name)
		}
	}
	if m, ok := i["filtered"].(*types.AttributeValueMemberM); ok {
		for reason := range m.Value {
			c.Filtered[connect.FilterReason(reason)] = integer(m.Value, reason)
		}
	}
	for weekday, day := range strings.SplitN(text(i, "week"), ",", len(c.Week)) {
		for hour, count := range strings.SplitN(day, " ", len(c.Week[weekday])) {
			c.Week[weekday][hour] = parseCount(count)
		}
	}
	unnamed, _ := i["unnamed"].(*types.AttributeValueMemberM)
	for name, s := range map[string]*connect.Summary{"pages": &c.Pages, "sources": &c.Referrers, "devices": &c.Devices} {
		s.Breakdown = connect.Breakdown{}
		breakdownOf(i, name, s.Breakdown)
		if unnamed != nil {
			u := countOf(unnamed.Value, name)
			s.Unnamed, s.Discount = u.Impressions, u.Opens
		}
	}
	return c
}
