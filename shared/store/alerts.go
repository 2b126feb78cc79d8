package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// siteSet reads a set of sites: DynamoDB has no empty one, and drops the attribute with its last member.
func siteSet(i item, name string) (out []connect.SiteID) {
	if v, ok := i[name].(*types.AttributeValueMemberSS); ok {
		for _, id := range v.Value {
			out = append(out, connect.SiteID(id))
		}
	}
	return out
}

// alertDepartments reads Member.AlertDepartments.
func alertDepartments(i item) map[connect.SiteID][]string {
	v, ok := i["departments"].(*types.AttributeValueMemberM)
	if !ok {
		return nil
	}
	out := map[connect.SiteID][]string{}
	for site := range v.Value {
		out[connect.SiteID(site)] = list(v.Value, site)
	}
	return out
}

func alertTimes(i item) connect.AlertTimes {
	t := connect.AlertTimes{Zone: text(i, "alertZone"), Daily: connect.DefaultDaily}
	if t.Zone == "" {
		return t
	}
	t.Daily, t.Quiet = int(integer(i, "alertDaily")), i["quietFrom"] != nil
	t.From, t.To = int(integer(i, "quietFrom")), int(integer(i, "quietTo"))
	return t
}

// ChooseAlertTimes stores when a person may be told. It returns connect.ErrNotFound when their login is gone.
func (s Profile) ChooseAlertTimes(ctx context.Context, user connect.UserID, t connect.AlertTimes) error {
	expression := "SET alertZone = :zone, alertDaily = :daily"
	values := item{":zone": str(t.Zone), ":daily": num(int64(t.Daily))}
	if t.Quiet {
		expression += ", quietFrom = :from, quietTo = :to"
		values[":from"], values[":to"] = num(int64(t.From)), num(int64(t.To))
	} else {
		expression += " REMOVE quietFrom, quietTo"
	}
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: s.accounts, Key: key(userKey(user), skUser), UpdateExpression: aws.String(expression),
		ConditionExpression: aws.String("attribute_exists(pk)"), ExpressionAttributeValues: values,
	})
	if refused(err) {
		return connect.ErrNotFound
	}
	return err
}

// alertSets are the attributes of a member that hold the sites of each choice.
var alertSets = map[connect.RequestAlert]string{
	connect.AlertAtOnce: "alerted", connect.AlertDaily: "alertedDaily", connect.AlertOff: "unalerted",
}

// ChooseRequestAlert stores how a member of an account hears of a site's requests: of the account's own, or of a
// client's. It returns connect.ErrNotFound when they are no member any more.
func (s Profile) ChooseRequestAlert(
	ctx context.Context, account connect.AccountID, user connect.UserID, site connect.SiteID, c connect.AlertChoice,
) error {
	var others []string
	for choice, set := range alertSets {
		if choice != c.Requests {
			others = append(others, set+" :site")
		}
	}
	slices.Sort(others)
	return again(ctx, 6, func() (bool, error) {
		i, err := s.get(ctx, s.accounts, accountKey(account), memberPrefix+string(user), true)
		if err != nil {
			return false, err
		}
		if i == nil {
			return false, connect.ErrNotFound
		}
		// The departments of all sites are one value: it is replaced if it is as it was read.
		values := item{":site": &types.AttributeValueMemberSS{Value: []string{string(site)}}}
		condition, set := "attribute_exists(pk) AND attribute_not_exists(departments)", item{}
		if was, ok := i["departments"].(*types.AttributeValueMemberM); ok {
			condition, values[":was"] = "departments = :was", was
			set = maps.Clone(was.Value)
		}
		delete(set, string(site))
		if len(c.Departments) > 0 {
			set[string(site)] = strs(c.Departments)
		}
		expression := "ADD " + alertSets[c.Requests] + " :site DELETE " + strings.Join(others, ", ")
		if len(set) > 0 {
			expression += " SET departments = :departments"
			values[":departments"] = &types.AttributeValueMemberM{Value: set}
		} else {
			expression += " REMOVE departments"
		}
		_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: s.accounts, Key: key(accountKey(account), memberPrefix+string(user)),
			UpdateExpression: aws.String(expression), ConditionExpression: aws.String(condition),
			ExpressionAttributeValues: values,
		})
		return refused(err), err
	})
}

// RequestReader is somebody who is told of a site's requests, and how.
type RequestReader struct {
	User   connect.UserID
	Choice connect.AlertChoice
}

// RequestReaders returns who is told of a request to a site of an account: its members, and those of its agencies,
// who want it. Each once, by id.
func (s Team) RequestReaders(
	ctx context.Context, account connect.AccountID, site connect.SiteID,
) ([]RequestReader, error) {
	members, err := s.Members(ctx, account)
	if err != nil {
		return nil, err
	}
	staffed := connect.Staffed(members)
	var readers []RequestReader
	add := func(user connect.UserID, c connect.AlertChoice) {
		if c.Requests != connect.AlertOff {
			readers = append(readers, RequestReader{user, c})
		}
	}
	own := map[connect.UserID]bool{}
	for _, m := range members {
		own[m.User] = true
		add(m.User, m.RequestAlert(site))
	}
	agencies, err := s.Agencies(ctx, account)
	if err != nil {
		return nil, err
	}
	for _, a := range agencies {
		people, err := s.Members(ctx, a.Agency)
		if err != nil {
			return nil, err
		}
		for _, m := range people {
			if !own[m.User] {
				add(m.User, m.ClientRequestAlert(site, staffed))
			}
		}
	}
	// Of somebody who works for two agencies, the sooner of their choices.
	slices.SortFunc(readers, func(a, b RequestReader) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Choice.Requests, b.Choice.Requests))
	})
	return slices.CompactFunc(readers, func(a, b RequestReader) bool { return a.User == b.User }), nil
}

// hourMessage is the id of the message that tells of the requests to a site in a clock hour that were not told one by
// one. Its item counts those that were. Reminders are counted apart: they keep nobody from hearing of a new request.
func hourMessage(m connect.Message, now time.Time) string {
	id := "o_hour-"
	if m.Kind == connect.MailPromiseAtRisk {
		id = "o_risk-"
	}
	return id + string(m.Site) + "-" + now.UTC().Format("2006-01-02T15")
}

// TellOneByOne reports whether the request that m is about is among the first of its site's hour, which are told one
// by one. The others are told together: the message of the hour is then due when the hour is over. Repeated for the
// same m it counts once.
func (s Outbox) TellOneByOne(ctx context.Context, m connect.Message, now time.Time) (bool, error) {
	id, over := hourMessage(m, now), now.UTC().Truncate(time.Hour).Add(time.Hour+hourMargin)
	of := item{
		":one": &types.AttributeValueMemberSS{Value: []string{m.ID}}, ":id": str(m.ID),
		":most": num(connect.RequestMailsPerHour), ":kind": str(string(connect.MailCallbacksWaiting)),
		":counting": str(string(connect.PhaseCounting)),
		":account":  str(string(m.Account)), ":site": str(string(m.Site)), ":expires": epoch(now.Add(connect.OutboxLife)),
	}
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: s.outbox, Key: key(id, ""),
		UpdateExpression: aws.String("ADD told :one " +
			"SET kind = :kind, account = :account, site = :site, expiresAt = :expires, phase = if_not_exists(phase, :counting)"),
		ConditionExpression:       aws.String("attribute_not_exists(told) OR size(told) < :most OR contains(told, :id)"),
		ExpressionAttributeValues: of,
	})
	if !refused(err) {
		return err == nil, err
	}
	return false, s.updateMessage(ctx, id, "SET phase = :waiting, retryAt = :over", " AND phase = :counting", item{
		":waiting": str(string(connect.PhaseWaiting)), ":counting": str(string(connect.PhaseCounting)),
		":over": when(over),
	})
}

// hourMargin is more than the clocks of two functions differ by: nobody counts in an hour whose message has gone.
const hourMargin = 30 * time.Second

// Request returns connect.ErrNotFound for one that is erased, expired or another site's.
func (s Backlog) Request(
	ctx context.Context, site connect.SiteID, id connect.CallbackID, now time.Time,
) (*connect.Callback, error) {
	return s.callback(ctx, site, id, now)
}

// maxWaiting is how many waiting requests are counted; beyond it they are "more than".
const maxWaiting = 99

// WaitingRequests counts a site's requests that nobody has dealt with, of the departments that covers says, to 99;
// more says that there are more.
func (s Backlog) WaitingRequests(
	ctx context.Context, site connect.SiteID, covers func(department string) bool, now time.Time,
) (n int, more bool, err error) {
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: s.callbacks, IndexName: aws.String("byStatus"), Limit: aws.Int32(maxWaiting + 1),
		KeyConditionExpression: aws.String("inbox = :new"), FilterExpression: aws.String("expiresAt > :now"),
		ScanIndexForward: aws.Bool(false), ProjectionExpression: aws.String("department"),
		ExpressionAttributeValues: item{":new": str(inboxKey(site, connect.StatusNew)), ":now": epoch(now)},
	})
	if err != nil {
		return 0, false, err
	}
	for _, i := range out.Items {
		if covers(text(i, "department")) {
			n++
		}
	}
	return min(n, maxWaiting), n > maxWaiting, nil
}
