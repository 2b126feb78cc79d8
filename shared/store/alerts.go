package store

import (
	"context"
	"slices"
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

// ChooseRequestAlert stores how a member of an account hears of a site's requests: of the account's own, or of a
// client's. It returns connect.ErrNotFound when they are no member any more.
func (s Profile) ChooseRequestAlert(
	ctx context.Context, account connect.AccountID, user connect.UserID, site connect.SiteID, alert connect.RequestAlert,
) error {
	expression := "ADD alerted :site DELETE unalerted :site"
	if alert == connect.AlertOff {
		expression = "ADD unalerted :site DELETE alerted :site"
	}
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: s.accounts, Key: key(accountKey(account), memberPrefix+string(user)),
		UpdateExpression: aws.String(expression), ConditionExpression: aws.String("attribute_exists(pk)"),
		ExpressionAttributeValues: item{":site": &types.AttributeValueMemberSS{Value: []string{string(site)}}},
	})
	if refused(err) {
		return connect.ErrNotFound
	}
	return err
}

// RequestReaders returns who is told of a request to a site of an account: its members, and those of its agencies,
// who want it. Each once.
func (s Team) RequestReaders(
	ctx context.Context, account connect.AccountID, site connect.SiteID,
) ([]connect.UserID, error) {
	members, err := s.Members(ctx, account)
	if err != nil {
		return nil, err
	}
	staffed := connect.Staffed(members)
	var readers []connect.UserID
	own := map[connect.UserID]bool{}
	for _, m := range members {
		own[m.User] = true
		if m.RequestAlert(site) == connect.AlertAtOnce {
			readers = append(readers, m.User)
		}
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
			if !own[m.User] && m.ClientRequestAlert(site, staffed) == connect.AlertAtOnce {
				readers = append(readers, m.User)
			}
		}
	}
	slices.Sort(readers)
	return slices.Compact(readers), nil
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

// WaitingRequests counts a site's requests that nobody has dealt with, to 99; more says that there are more.
func (s Backlog) WaitingRequests(
	ctx context.Context, site connect.SiteID, now time.Time,
) (n int, more bool, err error) {
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: s.callbacks, IndexName: aws.String("byStatus"), Limit: aws.Int32(maxWaiting + 1),
		KeyConditionExpression: aws.String("inbox = :new"), FilterExpression: aws.String("expiresAt > :now"),
		ScanIndexForward: aws.Bool(false), Select: types.SelectCount,
		ExpressionAttributeValues: item{":new": str(inboxKey(site, connect.StatusNew)), ":now": epoch(now)},
	})
	if err != nil {
		return 0, false, err
	}
	return min(int(out.Count), maxWaiting), out.Count > maxWaiting, nil
}
