package store

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// pager is one of the SDK's paginators.
type pager[Page any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*dynamodb.Options)) (Page, error)
}

// A queryPage and a scanPage are the client's method of the same name, as the SDK's paginators take them. Not the
// client itself: where a program finds methods by name, as the phone numbers' library does, the linker keeps every
// method of what becomes an interface, or is in it: a megabyte and a half of DynamoDB's operations.
type (
	queryPage func(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	scanPage  func(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
)

func (q queryPage) Query(
	ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	return q(ctx, in, o...)
}

func (s scanPage) Scan(
	ctx context.Context, in *dynamodb.ScanInput, o ...func(*dynamodb.Options),
) (*dynamodb.ScanOutput, error) {
	return s(ctx, in, o...)
}

// pages are what a paginator brings, one read after another, for as long as they are asked for. An error is the last.
func pages[Page any](ctx context.Context, p pager[Page]) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		for p.HasMorePages() {
			page, err := p.NextPage(ctx)
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// items are those of a query, read page by page: who stops has read no more than one page too much.
func (s *client) items(ctx context.Context, in *dynamodb.QueryInput) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for page, err := range pages(ctx, dynamodb.NewQueryPaginator(queryPage(s.db.Query), in)) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, i := range page.Items {
				if !yield(i, nil) {
					return
				}
			}
		}
	}
}

// each calls do for every one of them.
func each(items iter.Seq2[item, error], do func(item) error) error {
	for i, err := range items {
		if err == nil {
			err = do(i)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// all are a query's items at once. Only for what a rule bounds: an account's members, sites and clients by its plan, a
// person's sessions and accounts by their budgets, a month's counts by usageShards, a site's days by the range.
func (s *client) all(ctx context.Context, in *dynamodb.QueryInput) (out []item, err error) {
	for i, err := range s.items(ctx, in) {
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, nil
}

// query reads all items of a partition whose sk starts with prefix. The bound is as with all.
func (s *client) query(ctx context.Context, table *string, pk, prefix string, consistent bool) ([]item, error) {
	return s.all(ctx, &dynamodb.QueryInput{
		TableName: table, ConsistentRead: aws.Bool(consistent),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{":pk": str(pk), ":sk": str(prefix)},
	})
}

// partition reads all items of a partition. The bound is as with all.
func (s *client) partition(ctx context.Context, table *string, pk string) ([]item, error) {
	return s.all(ctx, &dynamodb.QueryInput{
		TableName: table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": str(pk)},
	})
}
