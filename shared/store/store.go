// Package store keeps the product's things in DynamoDB and is the only user of its SDK. A failed condition
// becomes one of package connect's errors; every write may be repeated.
package store

import (
	"context"
	"errors"
	"net/http"
	"os"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// DB is an open database, which doors are opened from.
type DB struct{ *client }

// client is safe for concurrent use. A function's environment names only the tables it may use; the names
// of the others are empty, and so is its permission.
type client struct {
	db          *dynamodb.Client
	accounts    *string
	credentials *string
	sessions    *string
	marks       *string
	visits      *string
	stats       *string
	callbacks   *string
	outbox      *string
	complaints  *string
	consents    *string
	audit       *string
	due         *string
}

// Open returns the database of the tables and credentials that the environment names. The client is built by
// hand: loading the SDK's shared configuration would cost every cold start a millisecond and 2 MB.
func Open(getenv func(string) string) DB { return OpenThrough(getenv, nil) }

// OpenThrough is Open with another way to DynamoDB, nil for the SDK's own: tests count, fail or answer
// requests there.
func OpenThrough(getenv func(string) string, transport http.RoundTripper) DB {
	o := dynamodb.Options{
		Region: getenv("AWS_REGION"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID: getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"),
				SessionToken: getenv("AWS_SESSION_TOKEN"), Source: "environment",
			}, nil
		}),
	}
	if endpoint := getenv("AWS_ENDPOINT_URL_DYNAMODB"); endpoint != "" {
		o.BaseEndpoint = aws.String(endpoint)
	}
	if transport != nil {
		o.HTTPClient = &http.Client{Transport: transport}
	}
	return DB{&client{
		db:          dynamodb.New(o),
		accounts:    aws.String(getenv("ACCOUNTS_TABLE")),
		credentials: aws.String(getenv("CREDENTIALS_TABLE")),
		sessions:    aws.String(getenv("SESSIONS_TABLE")),
		marks:       aws.String(getenv("MARKS_TABLE")),
		visits:      aws.String(getenv("VISITS_TABLE")),
		stats:       aws.String(getenv("STATS_TABLE")),
		callbacks:   aws.String(getenv("CALLBACKS_TABLE")),
		outbox:      aws.String(getenv("OUTBOX_TABLE")),
		complaints:  aws.String(getenv("COMPLAINTS_TABLE")),
		consents:    aws.String(getenv("CONSENTS_TABLE")),
		audit:       aws.String(getenv("AUDIT_TABLE")),
		due:         aws.String(getenv("DUE_TABLE")),
	}}
}

// warm makes one cheap read, so that the connection's handshake happens while the environment starts and
// not in somebody's first request. A failure shows itself in that request instead.
func (s *client) warm(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	switch {
	case *s.accounts != "":
		_, _ = s.get(ctx, s.accounts, "warm", "warm", false)
	case *s.stats != "":
		_, _ = s.get(ctx, s.stats, "warm", "warm", false)
	case *s.consents != "":
		_, _ = s.get(ctx, s.consents, "warm", "warm", false)
	}
}

// FromEnvironment is Open on the process's own environment, warmed up.
func FromEnvironment() DB {
	db := Open(os.Getenv)
	db.warm(context.Background())
	return db
}

// get reads one item, nil when it is not there. sk is "" for tables without one.
func (s *client) get(ctx context.Context, table *string, pk, sk string, consistent bool) (item, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: table, Key: key(pk, sk), ConsistentRead: aws.Bool(consistent),
	})
	if err != nil {
		return nil, err
	}
	if len(out.Item) == 0 {
		return nil, nil
	}
	return out.Item, nil
}

func key(pk, sk string) item {
	if sk == "" {
		return item{"pk": str(pk)}
	}
	return item{"pk": str(pk), "sk": str(sk)}
}

// Writes in a transaction, again while others' transactions touch the same items: then its conditions decide.
func (s *client) transact(ctx context.Context, writes ...types.TransactWriteItem) error {
	in := &dynamodb.TransactWriteItemsInput{TransactItems: writes}
	return again(ctx, 5, func() (bool, error) {
		_, err := s.db.TransactWriteItems(ctx, in)
		return contended(err), err
	})
}

var placeholder = regexp.MustCompile(`#\w+`)

// names are the attribute names behind "#role" and its like: words that DynamoDB keeps for itself may not
// stand in an expression as they are.
func names(expressions ...string) map[string]string {
	var out map[string]string
	for _, e := range expressions {
		for _, p := range placeholder.FindAllString(e, -1) {
			if out == nil {
				out = map[string]string{}
			}
			out[p] = p[1:]
		}
	}
	return out
}

// update is a write that sets attributes of an item; condition may not be empty.
func update(table *string, pk, sk, expression, condition string, values item) types.TransactWriteItem {
	u := &types.Update{
		TableName: table, Key: key(pk, sk), UpdateExpression: aws.String(expression),
		ConditionExpression: aws.String(condition),
	}
	u.ExpressionAttributeNames = names(expression, condition)
	if len(values) > 0 {
		u.ExpressionAttributeValues = values
	}
	return types.TransactWriteItem{Update: u}
}

func check(table *string, pk, sk, condition string, values item) types.TransactWriteItem {
	c := &types.ConditionCheck{TableName: table, Key: key(pk, sk), ConditionExpression: aws.String(condition)}
	c.ExpressionAttributeNames = names(condition)
	if len(values) > 0 {
		c.ExpressionAttributeValues = values
	}
	return types.TransactWriteItem{ConditionCheck: c}
}

const absent = "attribute_not_exists(pk)"

func put(table *string, i item, condition string) types.TransactWriteItem {
	p := &types.Put{TableName: table, Item: i}
	if condition != "" {
		p.ConditionExpression = aws.String(condition)
	}
	return types.TransactWriteItem{Put: p}
}

func remove(table *string, pk, sk, condition string) types.TransactWriteItem {
	d := &types.Delete{TableName: table, Key: key(pk, sk)}
	if condition != "" {
		d.ConditionExpression = aws.String(condition)
		d.ExpressionAttributeNames = names(condition)
	}
	return types.TransactWriteItem{Delete: d}
}

// refused reports whether err is a failed condition of a single write.
func refused(err error) bool {
	_, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	return ok
}

// refusedAt returns which write of a transaction failed its condition, -1 for none. A conflict with
// another transaction is no failed condition: contended tells it.
func refusedAt(err error) int {
	if e, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		for i, r := range e.CancellationReasons {
			if aws.ToString(r.Code) == "ConditionalCheckFailed" {
				return i
			}
		}
	}
	return -1
}

// contended reports whether a transaction was cancelled only for the moment: another touched its items, or a table
// was at its ceiling.
func contended(err error) bool {
	if e, ok := errors.AsType[*types.TransactionCanceledException](err); ok && refusedAt(err) < 0 {
		for _, r := range e.CancellationReasons {
			if aws.ToString(r.Code) == "TransactionConflict" {
				return true
			}
		}
	}
	_, ok := errors.AsType[*types.TransactionConflictException](err)
	return ok || refusedAt(err) < 0 && throttled(err)
}

// throttled reports whether a transaction was cancelled because a table was at its ceiling.
func throttled(err error) bool {
	if e, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return slices.ContainsFunc(e.CancellationReasons, func(r types.CancellationReason) bool {
			code := aws.ToString(r.Code)
			return code == "ThrottlingError" || code == "ProvisionedThroughputExceeded"
		})
	}
	return false
}

// outcome is what a transaction returns: refusal for a failed condition, that it is busy when others kept
// at its items through all tries.
func outcome(err, refusal error) error {
	switch {
	case refusedAt(err) >= 0:
		return refusal
	case contended(err):
		return errBusy
	}
	return err
}

var errBusy = &connect.Error{
	Kind: connect.Unavailable, Code: "busy", Message: "Someone else is changing this. Try again.", RetryAfter: time.Second,
}
