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

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/receipt"
	"github.com/mi-telecom/mi-connect/shared/store"
)

var book = receipt.Open([]byte("a key of thirty-two bytes or more"), 2192)

// TestManyReceipts is what `make verify-consents` shows where there is no deployment to check: 10,000
// receipts over five days, and each way to spoil them found.
func TestManyReceipts(t *testing.T) {
	_, env := localtest.Dynamo(t)
	db, table := localtest.Server(t).Client, env["CONSENTS_TABLE"]
	s := apitest.AllDoors(store.Open(func(name string) string { return env[name] }))
	ctx := context.Background()
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

	const days = 5
	total := apitest.Often(2_000, 10_000)
	all := make([]*connect.Receipt, total)
	work := make(chan int)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for n := range work {
				at := now.AddDate(0, 0, -1-n%days).Add(time.Duration(n) * time.Second / 2)
				r := &connect.Receipt{
					ID: connect.NewReceiptID(), Kind: connect.Consent, Revision: "rev", Text: "text", Choice: connect.Accepted,
					Page: "/",
				}
				if n%10 == 0 {
					r = &connect.Receipt{ID: r.ID, Kind: connect.Erasure, Site: "s_0123456789abcdef", Via: connect.ViaPhone, Count: 3}
				}
				all[n] = book.Sign(r, at)
				if err := s.AddReceipt(ctx, all[n]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range total {
		work <- n
	}
	close(work)
	wg.Wait()
	previous := ""
	for n := days; n >= 1; n-- {
		day, tree := connect.DateOf(now.AddDate(0, 0, -n)), &receipt.Tree{}
		if err := s.Receipts(ctx, day, func(r *connect.Receipt) error { tree.Add(r); return nil }); err != nil {
			t.Fatal(err)
		}
		seal := book.Seal(day, tree, previous, now)
		if err := s.AddSeal(ctx, seal); err != nil {
			t.Fatal(err)
		}
		if err := s.AddSeal(ctx, seal); !errors.Is(err, connect.ErrConflict) {
			t.Fatalf("a second seal of one day: %v", err)
		}
		previous = seal.MAC
	}
	check := func(what string, want ...string) {
		t.Helper()
		var out bytes.Buffer
		err := verify(ctx, &out, s, book, now)
		t.Logf("%s:\n%s", what, out.String())
		if (err == nil) != (len(want) == 0) || strings.Count(out.String(), "FOUND") != len(want) {
			t.Fatalf("%s: %v, want %d findings\n%s", what, err, len(want), out.String())
		}
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s: %q is not found", what, w)
			}
		}
	}
	key := func(r *connect.Receipt) map[string]types.AttributeValue {
		pk, sk := "R#"+string(r.ID), "consent"
		if r.Kind == connect.Erasure {
			pk, sk = "S#"+string(r.Site), "erasure#"+r.At.UTC().Format("2006-01-02T15:04:05.000Z")+"#"+string(r.ID)
		}
		return map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk},
		}
	}
	set := func(k map[string]types.AttributeValue, name, value string) {
		t.Helper()
		if _, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &table, Key: k, UpdateExpression: aws.String("SET #n = :v"),
			ExpressionAttributeNames:  map[string]string{"#n": name},
			ExpressionAttributeValues: map[string]types.AttributeValue{":v": &types.AttributeValueMemberS{Value: value}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	check("untouched")

	one := all[1_321]
	set(key(one), "choice", "declined")
	check("one choice changed", string(one.Day())+": changed: consent "+string(one.ID))
	set(key(one), "choice", "accepted")
	check("put back")

	// With the HMAC of another receipt instead of its own.
	set(key(one), "mac", all[1_326].MAC)
	check("one HMAC changed", "changed: consent "+string(one.ID), "not the receipts that were sealed")
	set(key(one), "mac", one.MAC)

	gone := all[1_770]
	kept, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: key(gone)})
	if err != nil || len(kept.Item) == 0 {
		t.Fatal("the receipt to remove is not there", err)
	}
	if _, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: key(gone)}); err != nil {
		t.Fatal(err)
	}
	check("one removed", fmt.Sprintf("%s: 1 of %d missing", gone.Day(), total/days))
	if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: kept.Item}); err != nil {
		t.Fatal(err)
	}

	// Whoever holds the key can write a genuine receipt, but not into a day that is closed.
	late := book.Sign(
		&connect.Receipt{ID: connect.NewReceiptID(), Kind: connect.Consent, Revision: "rev", Choice: connect.Accepted},
		one.At,
	)
	if err := s.AddReceipt(ctx, late); err != nil {
		t.Fatal(err)
	}
	check("one added later", string(one.Day())+": 1 added after the day was sealed")
	if _, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: key(late)}); err != nil {
		t.Fatal(err)
	}
	check("as before")

	var out bytes.Buffer
	if err := export(ctx, &out, s, now); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != total+days {
		t.Fatalf("%d lines exported, want %d", len(lines), total+days)
	}
	var last sealLine
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.Kind != "seal" ||
		last.Count != total/days {
		t.Errorf("the export ends with %s", lines[len(lines)-1])
	}

	// A whole day with its seal, and the newest seal alone.
	seal := func(day connect.Date) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "seals"}, "sk": &types.AttributeValueMemberS{Value: string(day)},
		}
	}
	if _, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &table, Key: seal(connect.DateOf(now.AddDate(0, 0, -3))),
	}); err != nil {
		t.Fatal(err)
	}
	check("one seal removed", "does not follow the seal of")
	if _, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &table, Key: seal(connect.DateOf(now.AddDate(0, 0, -5))),
	}); err != nil {
		t.Fatal(err)
	}
	check("the first seal removed too", "the seals before it are missing", "does not follow the seal of")
}
