package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// The function gets the whole stream, although it fails at first and although the site keeps being visited.
func TestReplay(t *testing.T) {
	server := localtest.Server(t)
	_, env := localtest.Dynamo(t)
	t.Chdir(localtest.Root(t))
	table := env["VISITS_TABLE"]
	put := func(n int) {
		_, err := server.Client.PutItem(
			context.Background(),
			&dynamodb.PutItemInput{
				TableName: &table, Item: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: fmt.Sprint(n)}},
			},
		)
		if err != nil {
			t.Error(err)
		}
	}
	for n := range 30 {
		put(n)
	}
	client := dynamodbstreams.New(dynamodbstreams.Options{
		Region: template.Region, BaseEndpoint: &server.Endpoint, Credentials: dynamo.Credentials,
	})
	list, err := client.ListStreams(t.Context(), &dynamodbstreams.ListStreamsInput{TableName: &table})
	if err != nil || len(list.Streams) != 1 {
		t.Fatal(list, err)
	}
	time.Sleep(2 * time.Millisecond)
	ctx, visit := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() {
		for n := 30; ctx.Err() == nil; n++ {
			put(n)
			time.Sleep(20 * time.Millisecond)
		}
	})
	var mu sync.Mutex
	calls, seen := 0, map[string]bool{}
	var out bytes.Buffer
	err = replay(t.Context(), client, *list.Streams[0].StreamArn, "rollup", 3*time.Second, &out,
		func(_ context.Context, event []byte) ([]byte, error) {
			mu.Lock()
			defer mu.Unlock()
			if calls++; calls < 3 {
				return nil, errors.New("not yet")
			}
			var e struct {
				ShardID string `json:"shardId"`
				Records []struct {
					DynamoDB struct{ Keys map[string]struct{ S string } }
				}
			}
			if err := json.Unmarshal(event, &e); err != nil || e.ShardID == "" {
				t.Errorf("%v: %.200s", err, event)
			}
			for _, r := range e.Records {
				seen[r.DynamoDB.Keys["pk"].S] = true
			}
			return []byte(`{"batchItemFailures":[]}`), nil
		})
	visit()
	wait.Wait()
	if err != nil || !strings.Contains(out.String(), "records given to rollup") {
		t.Errorf("%v: %s", err, out.String())
	}
	for n := range 30 {
		if !seen[fmt.Sprint(n)] {
			t.Errorf("record %d was not given", n)
		}
	}
}

func TestCopyRefusesAnotherTable(t *testing.T) {
	_, env := localtest.Dynamo(t)
	var out bytes.Buffer
	c := &copier{db: localtest.Server(t).Client, out: &out}
	if err := c.run(t.Context(), env["STATS_TABLE"], env["VISITS_TABLE"]); err == nil ||
		!strings.Contains(err.Error(), "not the same table") {
		t.Errorf("other keys: %v", err)
	}
	// What was restored to before anything was there would take everything away.
	if err := c.run(t.Context(), env["STATS_TABLE"], env["AUDIT_TABLE"]); err == nil ||
		!strings.Contains(err.Error(), "is empty") {
		t.Errorf("empty: %v", err)
	}
}
