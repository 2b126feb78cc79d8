package localtest_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
)

func TestDynamoCallsAreApart(t *testing.T) {
	endpoint, first := localtest.Dynamo(t)
	again, second := localtest.Dynamo(t)
	if endpoint != again {
		t.Errorf("two servers in one test binary: %s, %s", endpoint, again)
	}
	for _, name := range []string{
		"ACCOUNTS_TABLE", "CREDENTIALS_TABLE", "SESSIONS_TABLE", "MARKS_TABLE", "VISITS_TABLE", "STATS_TABLE",
		"CALLBACKS_TABLE", "OUTBOX_TABLE",
	} {
		if first[name] == "" || first[name] == second[name] {
			t.Errorf("%s is %q and then %q", name, first[name], second[name])
		}
	}
	db, ctx := localtest.Server(t).Client, context.Background()
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "x"}}
	table, other := first["VISITS_TABLE"], second["VISITS_TABLE"]
	if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: key}); err != nil {
		t.Fatal(err)
	}
	out, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &other, Key: key})
	if err != nil || out.Item != nil {
		t.Errorf("the other call's table has %v, %v", out.Item, err)
	}
	ttl, err := db.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &table})
	if err != nil || ttl.TimeToLiveDescription.TimeToLiveStatus != types.TimeToLiveStatusEnabled {
		t.Errorf("expiry is %v, %v", ttl, err)
	}
}
