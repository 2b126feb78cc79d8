package stack_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/stack"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// The template of these tests lets Front update the attribute "number" in Things, and nothing else.
func TestARightThatThePolicyLacksIsRefused(t *testing.T) {
	root, said := project(t), &localtest.Said{}
	s := localtest.StartWith(t, stack.Options{Root: root, DataDir: filepath.Join(root, "data"), Out: said})
	var told struct{ Env map[string]string }
	if _, body := request(t, "POST", s.Origin+"/_local/invoke/Front", `{}`); json.Unmarshal([]byte(body), &told) != nil {
		t.Fatal(body)
	}
	database := told.Env["AWS_ENDPOINT_URL_DYNAMODB"]
	if told.Env["AWS_ACCESS_KEY_ID"] != "Front" {
		t.Errorf("it signs as %q", told.Env["AWS_ACCESS_KEY_ID"])
	}
	client := func(function string) *dynamodb.Client {
		return dynamodb.New(dynamodb.Options{Region: template.Region, BaseEndpoint: &database, RetryMaxAttempts: 1,
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: function, SecretAccessKey: "x"}, nil
			})})
	}
	table := template.Stack + "-Things"
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "one"}}
	update := func(attribute string) *types.Update {
		return &types.Update{TableName: &table, Key: key, UpdateExpression: aws.String("ADD #n :one"),
			ExpressionAttributeNames: map[string]string{"#n": attribute}, ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}}}
	}
	single := func(function, attribute string) error {
		u := update(attribute)
		_, err := client(function).UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: u.TableName, Key: u.Key,
			UpdateExpression:         u.UpdateExpression,
			ExpressionAttributeNames: u.ExpressionAttributeNames, ExpressionAttributeValues: u.ExpressionAttributeValues})
		return err
	}
	transaction := func(items ...types.TransactWriteItem) error {
		_, err := client("Front").TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: items})
		return err
	}
	other := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "two"}}
	get := func() error {
		_, err := client("Front").GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: key})
		return err
	}
	query := func() error {
		_, err := client("Front").Query(t.Context(), &dynamodb.QueryInput{TableName: &table, IndexName: aws.String("other"),
			KeyConditionExpression:   aws.String("#b = :x"),
			ExpressionAttributeNames: map[string]string{"#b": "by"}, ExpressionAttributeValues: map[string]types.AttributeValue{":x": &types.AttributeValueMemberS{Value: "x"}}})
		return err
	}
	batch := func() error {
		_, err := client("Front").BatchGetItem(
			t.Context(),
			&dynamodb.BatchGetItemInput{
				RequestItems: map[string]types.KeysAndAttributes{table: {Keys: []map[string]types.AttributeValue{key}}},
			},
		)
		return err
	}
	for name, c := range map[string]struct {
		err  error
		lack string // of which right, "" when it may
	}{
		"what it may":       {single("Front", "number"), ""},
		"in a transaction":  {transaction(types.TransactWriteItem{Update: update("number")}), ""},
		"another attribute": {single("Front", "role"), "dynamodb:UpdateItem"},
		"another function":  {single("Back", "number"), "dynamodb:UpdateItem"},
		"nobody's function": {single("Nobody", "number"), "dynamodb:UpdateItem"},
		"a read":            {get(), "dynamodb:GetItem"},
		"an index": {
			query(),
			"dynamodb:Query on resource: arn:aws:dynamodb:eu-west-2:000000000000:table/mi-connect-local-Things/index/other",
		},
		"a batch": {batch(), "dynamodb:BatchGetItem"},
		"one of a transaction": {
			transaction(
				types.TransactWriteItem{Update: update("number")},
				types.TransactWriteItem{Delete: &types.Delete{TableName: &table, Key: other}},
			),
			"dynamodb:DeleteItem",
		},
		"a check in one": {
			transaction(
				types.TransactWriteItem{Update: update("number")},
				types.TransactWriteItem{
					ConditionCheck: &types.ConditionCheck{
						TableName: &table, Key: other, ConditionExpression: aws.String("attribute_not_exists(pk)"),
					},
				},
			),
			"dynamodb:ConditionCheckItem",
		},
		"an attribute of a check": {transaction(types.TransactWriteItem{Update: func() *types.Update {
			u := update("number")
			u.ConditionExpression = aws.String("attribute_not_exists(secret)")
			return u
		}()}), "dynamodb:UpdateItem"},
	} {
		var refused smithy.APIError
		switch {
		case c.lack == "" && c.err != nil:
			t.Errorf("%s: %v", name, c.err)
		case c.lack != "" &&
			(!errors.As(c.err, &refused) || refused.ErrorCode() != "AccessDeniedException" || !strings.Contains(refused.ErrorMessage(), c.lack)):
			t.Errorf("%s: %v", name, c.err)
		}
	}
	if !strings.Contains(said.String(), "Back is not authorized to perform: dynamodb:UpdateItem") {
		t.Errorf("nobody was told: %s", said)
	}
}
