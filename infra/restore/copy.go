package main

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// item is an item or a key.
type item = map[string]types.AttributeValue

type copier struct {
	db  *dynamodb.Client
	out io.Writer
}

// run makes to what from is. Nobody else may write either meanwhile.
func (c *copier) run(ctx context.Context, from, to string) error {
	names, err := c.keys(ctx, from)
	if err != nil {
		return err
	}
	other, err := c.keys(ctx, to)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(names, other) {
		return fmt.Errorf("%s has the keys %v and %s %v: they are not the same table", from, names, to, other)
	}
	copied, err := c.scan(ctx, from, 25, func(items []item) (int, error) {
		writes := make([]types.WriteRequest, len(items))
		for i, it := range items {
			writes[i].PutRequest = &types.PutRequest{Item: it}
		}
		return len(items), c.write(ctx, to, writes)
	})
	if err != nil {
		return err
	}
	if copied == 0 {
		return fmt.Errorf("%s is empty: nothing was removed from %s", from, to)
	}
	removed, err := c.scan(ctx, to, 25, func(items []item) (int, error) {
		missing, err := c.missing(ctx, from, names, items)
		if err != nil {
			return 0, err
		}
		writes := make([]types.WriteRequest, len(missing))
		for i, key := range missing {
			writes[i].DeleteRequest = &types.DeleteRequest{Key: key}
		}
		return len(missing), c.write(ctx, to, writes)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%d items copied, %d removed that %s does not have\n", copied, removed, from)
	return nil
}

func (c *copier) keys(ctx context.Context, table string) (names []string, err error) {
	out, err := c.db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		return nil, err
	}
	for _, k := range out.Table.KeySchema {
		names = append(names, aws.ToString(k.AttributeName))
	}
	return names, nil
}

// scan gives a table's items to each, at most size at a time, and returns the sum of what each returned.
func (c *copier) scan(ctx context.Context, table string, size int, each func([]item) (int, error)) (n int, err error) {
	pages := dynamodb.NewScanPaginator(c.db, &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return n, err
		}
		for from := 0; from < len(page.Items); from += size {
			m, err := each(page.Items[from:min(from+size, len(page.Items))])
			n += m
			if err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// missing are the keys of items that table does not have.
func (c *copier) missing(ctx context.Context, table string, names []string, items []item) (out []item, err error) {
	for _, it := range items {
		key := item{}
		for _, name := range names {
			key[name] = it[name]
		}
		got, err := c.db.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: &table, Key: key, ConsistentRead: aws.Bool(true), ProjectionExpression: &names[0],
		})
		if err != nil {
			return nil, err
		}
		if len(got.Item) == 0 {
			out = append(out, key)
		}
	}
	return out, nil
}

// write repeats what DynamoDB did not get to.
func (c *copier) write(ctx context.Context, table string, writes []types.WriteRequest) error {
	for wait := 50 * time.Millisecond; len(writes) > 0; wait = min(2*wait, 5*time.Second) {
		out, err := c.db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{table: writes},
		})
		if err != nil {
			return err
		}
		if writes = out.UnprocessedItems[table]; len(writes) == 0 {
			break
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
