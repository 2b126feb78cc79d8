package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// ErrKeysChanged says that a table exists with other keys than the template declares.
var ErrKeysChanged = errors.New("its keys are not those of the template")

// declaration is what CloudFormation and the API call by the same names.
type declaration struct {
	AttributeDefinitions   []types.AttributeDefinition
	KeySchema              []types.KeySchemaElement
	GlobalSecondaryIndexes []types.GlobalSecondaryIndex
	LocalSecondaryIndexes  []types.LocalSecondaryIndex
	StreamSpecification    *types.StreamSpecification
	TimeToLive             *types.TimeToLiveSpecification
}

func declared(t template.Table) (declaration, error) {
	// Capacity is on demand here, whatever the template buys.
	keep := map[string]any{"TimeToLive": t.Properties["TimeToLiveSpecification"]}
	for _, name := range []string{"AttributeDefinitions", "KeySchema", "StreamSpecification"} {
		keep[name] = t.Properties[name]
	}
	for _, name := range []string{"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} {
		var indexes []any
		for _, index := range template.List(t.Properties[name]) {
			m := template.Map(index)
			indexes = append(indexes, map[string]any{
				"IndexName": m["IndexName"], "KeySchema": m["KeySchema"], "Projection": m["Projection"],
			})
		}
		keep[name] = indexes
	}
	text, err := json.Marshal(keep)
	if err != nil {
		return declaration{}, err
	}
	var d declaration
	if err := json.Unmarshal(text, &d); err != nil {
		return declaration{}, fmt.Errorf("table %s: %w", t.ID, err)
	}
	if d.StreamSpecification != nil {
		yes := true
		d.StreamSpecification.StreamEnabled = &yes
	}
	return d, nil
}

// Ensure makes the table if it is not there, and brings its stream, expiry and indexes to what the
// template declares if it is. It gives the stream's ARN, "" for none, or ErrKeysChanged.
func Ensure(ctx context.Context, db *dynamodb.Client, t template.Table) (stream string, err error) {
	d, err := declared(t)
	if err != nil {
		return "", err
	}
	fail := func(err error) (string, error) { return "", fmt.Errorf("table %s: %w", t.ID, err) }
	_, err = db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.Name})
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		_, err = db.CreateTable(ctx, &dynamodb.CreateTableInput{
			TableName: &t.Name, BillingMode: types.BillingModePayPerRequest,
			AttributeDefinitions: d.AttributeDefinitions, KeySchema: d.KeySchema,
			GlobalSecondaryIndexes: d.GlobalSecondaryIndexes, LocalSecondaryIndexes: d.LocalSecondaryIndexes,
			StreamSpecification: d.StreamSpecification,
		})
	}
	if err != nil {
		return fail(err)
	}
	table, err := active(ctx, db, t.Name)
	if err != nil {
		return fail(err)
	}
	if err := alter(ctx, db, t.Name, table, d); err != nil {
		return fail(err)
	}
	if err := expire(ctx, db, t.Name, d.TimeToLive); err != nil {
		return fail(err)
	}
	if d.StreamSpecification == nil {
		return "", nil
	}
	if table, err = active(ctx, db, t.Name); err != nil {
		return fail(err)
	}
	if table.LatestStreamArn == nil {
		return fail(errors.New("has no stream"))
	}
	return *table.LatestStreamArn, nil
}

// active waits until the table and its indexes can be used.
func active(ctx context.Context, db *dynamodb.Client, name string) (*types.TableDescription, error) {
	for {
		out, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
		if err != nil {
			return nil, err
		}
		ready := out.Table.TableStatus == types.TableStatusActive
		for _, index := range out.Table.GlobalSecondaryIndexes {
			ready = ready && index.IndexStatus == types.IndexStatusActive
		}
		if ready {
			return out.Table, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// alter brings an existing table to its declaration, one change at a time as the API demands.
func alter(ctx context.Context, db *dynamodb.Client, name string, table *types.TableDescription, d declaration) error {
	if keys(table.KeySchema, table.AttributeDefinitions) != keys(d.KeySchema, d.AttributeDefinitions) {
		return ErrKeysChanged
	}
	update := func(in *dynamodb.UpdateTableInput) error {
		in.TableName = &name
		if _, err := db.UpdateTable(ctx, in); err != nil {
			return err
		}
		_, err := active(ctx, db, name)
		return err
	}
	want := map[string]types.GlobalSecondaryIndex{}
	for _, index := range d.GlobalSecondaryIndexes {
		want[*index.IndexName] = index
	}
	have := map[string]bool{}
	for _, index := range table.GlobalSecondaryIndexes {
		w, ok := want[*index.IndexName]
		same := ok && keys(index.KeySchema, table.AttributeDefinitions) == keys(w.KeySchema, d.AttributeDefinitions) &&
			projection(index.Projection) == projection(w.Projection)
		if have[*index.IndexName] = same; same {
			continue
		}
		err := update(&dynamodb.UpdateTableInput{GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{
			{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: index.IndexName}}}})
		if err != nil {
			return err
		}
	}
	for _, index := range d.GlobalSecondaryIndexes {
		if have[*index.IndexName] {
			continue
		}
		err := update(&dynamodb.UpdateTableInput{AttributeDefinitions: d.AttributeDefinitions,
			GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
				IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: index.Projection}}}})
		if err != nil {
			return err
		}
	}
	before, after := table.StreamSpecification, d.StreamSpecification
	if before != nil && (after == nil || before.StreamViewType != after.StreamViewType) {
		no := false
		if err := update(&dynamodb.UpdateTableInput{
			StreamSpecification: &types.StreamSpecification{StreamEnabled: &no},
		}); err != nil {
			return err
		}
		before = nil
	}
	if before == nil && after != nil {
		return update(&dynamodb.UpdateTableInput{StreamSpecification: after})
	}
	return nil
}

// expire sets the attribute by which items expire.
func expire(ctx context.Context, db *dynamodb.Client, name string, want *types.TimeToLiveSpecification) error {
	now, err := db.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	if err != nil {
		return err
	}
	have := ""
	if s := now.TimeToLiveDescription.TimeToLiveStatus; s == types.TimeToLiveStatusEnabled ||
		s == types.TimeToLiveStatusEnabling {
		have = *now.TimeToLiveDescription.AttributeName
	}
	on := want != nil && want.Enabled != nil && *want.Enabled
	if on && have == *want.AttributeName || !on && have == "" {
		return nil
	}
	if have != "" {
		no := false
		_, err := db.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &name,
			TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &have, Enabled: &no}})
		if err != nil {
			return err
		}
	}
	if !on {
		return nil
	}
	_, err = db.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &name, TimeToLiveSpecification: want})
	return err
}

// keys writes a key as text: "pk S HASH, sk S RANGE".
func keys(schema []types.KeySchemaElement, attributes []types.AttributeDefinition) string {
	var parts []string
	for _, k := range schema {
		for _, a := range attributes {
			if *a.AttributeName == *k.AttributeName {
				parts = append(parts, fmt.Sprintf("%s %s %s", *k.AttributeName, a.AttributeType, k.KeyType))
			}
		}
	}
	return strings.Join(parts, ", ")
}

func projection(p *types.Projection) string {
	if p == nil {
		return "ALL"
	}
	names := slices.Sorted(slices.Values(p.NonKeyAttributes))
	return string(p.ProjectionType) + " " + strings.Join(names, ",")
}
