package apitest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Tables are the environment's names for them.
func (w *World) Tables() []string {
	return slices.DeleteFunc(
		slices.Sorted(maps.Keys(w.Env)), func(k string) bool { return !strings.HasSuffix(k, "_TABLE") },
	)
}

// Items reads a whole table, "VISITS_TABLE", as plain values.
func (w *World) Items(table string) []map[string]any {
	w.T.Helper()
	name := w.Env[table]
	if name == "" {
		w.T.Fatalf("no table %s", table)
	}
	var out []map[string]any
	in := &dynamodb.ScanInput{TableName: &name}
	for {
		page, err := w.db.Scan(context.Background(), in)
		if err != nil {
			w.T.Fatal(err)
		}
		for _, i := range page.Items {
			out = append(out, plain(i))
		}
		if in.ExclusiveStartKey = page.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
			return out
		}
	}
}

// SetText writes one attribute of an item past the store, for what no call can do yet.
func (w *World) SetText(table, pk, sk, name, value string) {
	w.T.Helper()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	key := map[string]types.AttributeValue{"pk": text(pk)}
	if sk != "" {
		key["sk"] = text(sk)
	}
	in, set, exists := w.Env[table], "SET #n = :v", "attribute_exists(pk)"
	_, err := w.db.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
		TableName: &in, Key: key, UpdateExpression: &set, ConditionExpression: &exists,
		ExpressionAttributeNames:  map[string]string{"#n": name},
		ExpressionAttributeValues: map[string]types.AttributeValue{":v": text(value)},
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// Fill puts n items into a partition past the store, which has no call for so many.
func (w *World) Fill(table, pk string, n int) {
	w.T.Helper()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	for done := 0; done < n; {
		var puts []types.WriteRequest
		for ; done < n && len(puts) < 25; done++ {
			i := map[string]types.AttributeValue{"pk": text(pk), "sk": text(fmt.Sprintf("c_%08d", done))}
			puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: i}})
		}
		in := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{w.Env[table]: puts}}
		if _, err := w.db.BatchWriteItem(context.Background(), in); err != nil {
			w.T.Fatal(err)
		}
	}
}

// Throttled is how much of a budget was used.
func (w *World) Throttled(t connect.Throttle, whose string) int {
	w.T.Helper()
	for _, i := range w.Items("MARKS_TABLE") {
		if i["pk"] == "L#"+t.Name+"#"+whose {
			used, _ := i["used"].(json.Number).Int64()
			return int(used)
		}
	}
	return 0
}

// Count is how many items a table holds.
func (w *World) Count(table string) int { return len(w.Items(table)) }

// Sizes is the number of items by table: what a refused call must leave as it was.
func (w *World) Sizes() map[string]int {
	out := map[string]int{}
	for _, t := range w.Tables() {
		out[t] = w.Count(t)
	}
	return out
}

// Dump is all that all tables hold, as text.
func (w *World) Dump() string {
	var b strings.Builder
	for _, t := range w.Tables() {
		for _, i := range w.Items(t) {
			line, _ := json.Marshal(i)
			b.WriteString(t + " " + string(line) + "\n")
		}
	}
	return b.String()
}

func plain(i map[string]types.AttributeValue) map[string]any {
	out := map[string]any{}
	for k, v := range i {
		out[k] = plainValue(v)
	}
	return out
}

func plainValue(v types.AttributeValue) any {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return json.Number(v.Value)
	case *types.AttributeValueMemberSS:
		return v.Value
	case *types.AttributeValueMemberBOOL:
		return v.Value
	case *types.AttributeValueMemberM:
		return plain(v.Value)
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for n, e := range v.Value {
			list[n] = plainValue(e)
		}
		return list
	}
	return v
}
