package store

import (
	"cmp"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// queueStep is how many requests QueueSite puts into the inbox at once.
const queueStep = 100

// QueueSite puts requests from before an account had one inbox into it, the newest first, some at a time: whoever
// opens the inbox calls it until site.InQueue. It may be cut off and repeated.
func (s Sites) QueueSite(ctx context.Context, site *connect.Site, now time.Time) error {
	before := cmp.Or(site.QueuedTo, string(connect.FirstCallbackID(now.Add(time.Hour))))
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: s.callbacks, ScanIndexForward: aws.Bool(false), Limit: aws.Int32(queueStep),
		KeyConditionExpression:    aws.String("pk = :p AND sk < :before"),
		ExpressionAttributeValues: item{":p": str(siteKey(site.ID)), ":before": str(before)},
	})
	if err != nil {
		return err
	}
	last := ""
	for _, i := range out.Items {
		last = text(i, "sk")
		if i["queue"] != nil || !unexpired(i, now) {
			continue
		}
		c := callbackOf(site.ID, i)
		c.Account = site.Account
		_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: s.callbacks, Key: key(siteKey(site.ID), last),
			UpdateExpression:    aws.String("SET account = :account, queue = :queue, turn = :turn"),
			ConditionExpression: aws.String("updatedAt = :was"),
			ExpressionAttributeValues: item{
				":account": str(string(c.Account)), ":queue": str(queueKey(c.Account, c.Queue())), ":turn": str(c.Turn()),
				":was": i["updatedAt"],
			},
		})
		if refused(err) { // erased, or changed by its visitor: it is read again
			last, err = "", errBusy
		}
		if err != nil {
			return err
		}
	}
	return s.queuedTo(ctx, site, last, len(out.LastEvaluatedKey) == 0)
}

func (s *client) queuedTo(ctx context.Context, site *connect.Site, to string, all bool) error {
	set := "SET queuedTo = :to"
	values := item{":to": str(to)}
	if all {
		set, values = "SET inQueue = :all REMOVE queuedTo", item{":all": boolean(true)}
	}
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: s.accounts, Key: key(accountKey(site.Account), sitePrefix+string(site.ID)),
		UpdateExpression: aws.String(set), ConditionExpression: aws.String("attribute_exists(pk)"),
		ExpressionAttributeValues: values,
	})
	if err == nil {
		site.QueuedTo, site.InQueue = to, all
	}
	return err
}
