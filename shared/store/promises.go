package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// What became of promises is counted in an item a site and day, in the transaction that changes the request: once,
// whatever is repeated, and without anything of the request. Erasing it leaves the count.

// promiseTexts are what a request knows of where its promise is counted, by their attributes.
func promiseTexts(c *connect.Callback) map[string]string {
	return map[string]string{"dueHour": string(c.DueHour), "dueFor": c.DueFor, "counted": c.Counted.String()}
}

// countPromises makes writes with what c means for the counts of its site. A failed condition of writes is refused at
// its place among them.
func (s *client) countPromises(ctx context.Context, c *connect.Callback, writes ...types.TransactWriteItem) error {
	days := map[connect.Date]map[string]int64{}
	for _, change := range c.PromiseChanges() {
		d := change.Hour.Date()
		if days[d] == nil {
			days[d] = map[string]int64{}
		}
		days[d][promiseName(change.PromiseCount)] += change.By
	}
	// A day is made by its first count: which it is shows when it is written.
	made := map[connect.Date]bool{}
	order := make([]connect.Date, 0, len(days))
	for d := range days {
		order, made[d] = append(order, d), true
	}
	slices.Sort(order)
	var err error
	for range 2*len(order) + 1 {
		all := slices.Clone(writes)
		for _, d := range order {
			all = append(all, s.promiseUpdate(c.Site, d, days[d], made[d]))
		}
		err = s.transact(ctx, all...)
		at := refusedAt(err) - len(writes)
		if err == nil {
			c.PromisesCounted()
		}
		if at < 0 {
			return err
		}
		made[order[at]] = !made[order[at]]
	}
	return err
}

// promiseUpdate changes a day's counts. A map's entries can be counted up only where the map is.
func (s *client) promiseUpdate(
	site connect.SiteID, d connect.Date, by map[string]int64, made bool,
) types.TransactWriteItem {
	u := &types.Update{TableName: s.stats, Key: key(siteKey(site), promisePrefix+string(d))}
	if !made {
		first := item{}
		for name, n := range by {
			first[name] = num(n)
		}
		u.UpdateExpression, u.ConditionExpression = aws.String("SET promises = :first"), aws.String(absent)
		u.ExpressionAttributeValues = item{":first": &types.AttributeValueMemberM{Value: first}}
		return types.TransactWriteItem{Update: u}
	}
	u.ExpressionAttributeNames, u.ExpressionAttributeValues = map[string]string{}, item{":none": num(0)}
	var set []string
	for name, n := range by {
		of := strconv.Itoa(len(set))
		u.ExpressionAttributeNames["#c"+of], u.ExpressionAttributeValues[":n"+of] = name, num(n)
		set = append(set, "promises.#c"+of+" = if_not_exists(promises.#c"+of+", :none) + :n"+of)
	}
	u.UpdateExpression = aws.String("SET " + strings.Join(set, ", "))
	u.ConditionExpression = aws.String("attribute_exists(pk)")
	return types.TransactWriteItem{Update: u}
}

// promiseName is a count's name within its day: hour, first letter of the state, lateness, department.
func promiseName(p connect.PromiseCount) string {
	return fmt.Sprintf("%02d %.1s %d %s", p.Hour.OfDay(), p.State, p.Late, p.Department)
}

func promiseState(letter string) connect.PromiseState {
	for _, s := range []connect.PromiseState{connect.PromiseKept, connect.PromiseBroken, connect.PromiseCancelled} {
		if strings.HasPrefix(string(s), letter) {
			return s
		}
	}
	return ""
}

// Promises calls do for each count of a site's promises that were due on the days from from to to.
func (s Stats) Promises(
	ctx context.Context, site connect.SiteID, from, to connect.Date, do func(p connect.PromiseCount, n int64),
) error {
	return each(s.items(ctx, &dynamodb.QueryInput{
		TableName: s.stats, KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{
			":pk": str(siteKey(site)), ":from": str(promisePrefix + string(from)), ":to": str(promisePrefix + string(to)),
		},
	}), func(i item) error {
		day, ok := i["promises"].(*types.AttributeValueMemberM)
		if !ok {
			return nil
		}
		for name := range day.Value {
			part := strings.SplitN(name, " ", 4)
			if n := integer(day.Value, name); n != 0 && len(part) == 4 {
				late, _ := strconv.Atoi(part[2])
				hour := connect.Hour(strings.TrimPrefix(text(i, "sk"), promisePrefix) + "T" + part[0])
				do(connect.PromiseCount{Hour: hour, State: promiseState(part[1]), Late: late, Department: part[3]}, n)
			}
		}
		return nil
	})
}
