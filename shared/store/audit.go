package store

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// auditTime sorts as text.
const auditTime = "2006-01-02T15:04:05.000Z"

func (s *client) auditItem(e connect.AuditEntry) item {
	if e.ID == "" {
		e.ID = connect.NewAuditID()
	}
	return item{
		"pk": str(accountKey(e.Account)), "sk": str(e.At.UTC().Format(auditTime) + "#" + e.ID),
		"action": str(string(e.Action)),
		"actor":  str(string(e.Actor)), "name": str(e.ActorName), "target": str(e.Target), "place": str(e.Client.Location),
		"device":    str(e.Client.Browser),
		"expiresAt": epoch(e.At.Add(connect.AuditLife(e.Plan))),
	}
}

// auditPut is the write of an audit entry, for the transaction of what it tells of.
func (s *client) auditPut(e connect.AuditEntry) types.TransactWriteItem {
	return put(s.audit, s.auditItem(e), "")
}

func (s *client) auditPuts(list []connect.AuditEntry) []types.TransactWriteItem {
	var out []types.TransactWriteItem
	for _, e := range list {
		out = append(out, s.auditPut(e))
	}
	return out
}

// Audit stores entries that tell of no write.
func (s AuditWriter) Audit(ctx context.Context, list ...connect.AuditEntry) error {
	for _, e := range list {
		if _, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: s.audit, Item: s.auditItem(e)}); err != nil {
			return err
		}
	}
	return nil
}

// AuditInEveryAccount is e in every account its actor is a member of: the log of each tells who of its people did
// what.
func (s AuditWriter) AuditInEveryAccount(ctx context.Context, e connect.AuditEntry) ([]connect.AuditEntry, error) {
	items, err := s.partition(ctx, s.accounts, userKey(e.Actor))
	if err != nil {
		return nil, err
	}
	var out []connect.AuditEntry
	for _, i := range items {
		switch sk := text(i, "sk"); {
		case sk == skUser:
			e.ActorName = text(i, "name")
		case strings.HasPrefix(sk, memberPrefix) && len(out) < maxPersonal:
			in := e
			in.Account = connect.AccountID(text(i, "account"))
			out = append(out, in)
		}
	}
	for n := range out {
		plan, err := Plans(s).Entitlement(ctx, out[n].Account, e.At)
		if err != nil {
			return nil, err
		}
		out[n].ActorName, out[n].Plan = e.ActorName, plan.Plan.ID
	}
	return out, nil
}

// QueueLoginRefusal leaves a refused login for the logs of the person's accounts. How many those are must not be seen
// in the time the answer takes, nor whether there are any: it is one write, also for nobody.
func (s Logins) QueueLoginRefusal(ctx context.Context, e connect.AuditEntry) error {
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: s.outbox, Item: outboxItem(connect.Message{
		Kind: connect.AuditLoginRefused, User: e.Actor, Detail: e.Target, At: e.At, Client: e.Client,
	}, e.At)})
	return err
}

// maxPersonal bounds what one login writes.
const maxPersonal = 20

// AuditFilter chooses entries of one account's log.
type AuditFilter struct {
	Action string // a whole action, or its first word and the dot
	Actor  connect.UserID
	From   time.Time // inclusive
	To     time.Time // exclusive
	After  string    // where the page before ended
	Limit  int
}

// AuditLog returns a page of an account's log, newest first, and where the next begins ("" for none).
func (s AuditReader) AuditLog(
	ctx context.Context, account connect.AccountID, f AuditFilter, now time.Time,
) ([]connect.AuditEntry, string, error) {
	from, to := "0", "~"
	if !f.From.IsZero() {
		from = f.From.UTC().Format(auditTime)
	}
	if !f.To.IsZero() {
		to = f.To.UTC().Format(auditTime)
	}
	if f.After != "" && f.After < to {
		to = f.After
	}
	if to < from {
		return nil, "", nil
	}
	in := &dynamodb.QueryInput{
		TableName: s.audit, KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{
			":pk": str(accountKey(account)), ":from": str(from), ":to": str(to), ":now": epoch(now),
		},
		ScanIndexForward: aws.Bool(false), ConsistentRead: aws.Bool(true), Limit: aws.Int32(200),
	}
	conditions := []string{"expiresAt > :now"}
	if f.Action != "" {
		conditions = append(conditions, "begins_with(#action, :action)")
		in.ExpressionAttributeNames = map[string]string{"#action": "action"}
		in.ExpressionAttributeValues[":action"] = str(f.Action)
	}
	if f.Actor != "" {
		conditions = append(conditions, "actor = :actor")
		in.ExpressionAttributeValues[":actor"] = str(string(f.Actor))
	}
	in.FilterExpression = aws.String(strings.Join(conditions, " AND "))
	var out []connect.AuditEntry
	// A filter that finds little must not read a whole year at once: a page may come short, with a next.
	reads, read := 0, ""
	for page, err := range pages(ctx, dynamodb.NewQueryPaginator(queryPage(s.db.Query), in)) {
		if err != nil {
			return nil, "", err
		}
		for _, i := range page.Items {
			sk := text(i, "sk")
			if sk == f.After || sk == to {
				continue
			}
			if len(out) == f.Limit {
				return out, out[f.Limit-1].ID, nil
			}
			at, _ := time.Parse(auditTime, strings.SplitN(sk, "#", 2)[0])
			out = append(out, connect.AuditEntry{
				ID: sk, Account: account, At: at, Action: connect.AuditAction(text(i, "action")),
				Actor:     connect.UserID(text(i, "actor")),
				ActorName: text(i, "name"), Target: text(i, "target"),
				Client: connect.ClientInfo{Location: text(i, "place"), Browser: text(i, "device")},
			})
		}
		if read = text(page.LastEvaluatedKey, "sk"); reads == 9 {
			break
		}
		reads++
	}
	return out, read, nil
}
