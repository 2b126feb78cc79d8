package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

const (
	// MaxAhead is how far a visitor's place is counted.
	MaxAhead = 20
	// aheadRead is how many requests of the account are looked at for it.
	aheadRead = 60
)

// Ahead returns how many requests of c's site and department wait to be called before it, MaxAhead for that many or
// more, and false where those looked at do not tell.
func (s Requests) Ahead(ctx context.Context, c *connect.Callback) (n int, known bool, err error) {
	if c.Account == "" { // made before the account's inbox had an index
		return 0, false, nil
	}
	in := &dynamodb.QueryInput{
		TableName: s.callbacks, IndexName: aws.String("byTurn"), Limit: aws.Int32(aheadRead),
		Select: types.SelectCount, ScanIndexForward: aws.Bool(false),
		KeyConditionExpression: aws.String("queue = :queue AND turn < :turn"),
		FilterExpression:       aws.String("pk = :site AND attribute_not_exists(department)"),
		ExpressionAttributeValues: item{
			":queue": str(queueKey(c.Account, connect.Waiting)), ":turn": str(c.Turn()), ":site": str(siteKey(c.Site)),
		},
	}
	if c.Department != "" {
		in.FilterExpression = aws.String("pk = :site AND department = :department")
		in.ExpressionAttributeValues[":department"] = str(c.Department)
	}
	out, err := s.db.Query(ctx, in)
	if err != nil {
		return 0, false, err
	}
	n = min(int(out.Count), MaxAhead)
	return n, n == MaxAhead || len(out.LastEvaluatedKey) == 0, nil
}
