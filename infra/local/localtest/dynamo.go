// Package localtest gives tests the real things that infra/local runs.
package localtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// Root is the project's folder, found upwards from the test's.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "template.yaml")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("template.yaml is in no folder above this test")
		}
		dir = up
	}
}

var shared struct {
	sync.Mutex
	server *dynamo.Server
}

// Server is the DynamoDB of this test binary: dynoxide in memory, or AWS's DynamoDB Local when
// TEST_DYNAMODB=dynamodb-local. It ends with the test binary.
func Server(t testing.TB) *dynamo.Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil {
		return shared.server
	}
	var engine dynamo.Engine
	var err error
	switch which := os.Getenv("TEST_DYNAMODB"); which {
	case "":
		engine, err = dynamo.Find(Root(t))
	case "dynamodb-local":
		engine, err = dynamo.DynamoDBLocal(Root(t))
	default:
		t.Fatalf("TEST_DYNAMODB=%s: only dynamodb-local is known", which)
	}
	if err != nil {
		t.Fatal(err)
	}
	shared.server, err = dynamo.Start(
		context.Background(), engine, "", func(line string) { fmt.Fprintln(os.Stderr, line) },
	)
	if err != nil {
		t.Fatal(err)
	}
	return shared.server
}

// Dynamo makes the template's tables under names of their own, so that no two calls see each other's
// items. env holds what the functions are given: each variable that names a table (ACCOUNTS_TABLE, ...),
// and the region, credentials and endpoint.
func Dynamo(t testing.TB) (endpoint string, env map[string]string) {
	t.Helper()
	server := Server(t)
	// What a parameter says does not matter for tables, but each must have a value.
	tpl, err := template.Load(filepath.Join(Root(t), "template.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := tpl.Tables()
	if err != nil {
		t.Fatal(err)
	}
	unique := make([]byte, 6)
	_, _ = rand.Read(unique)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	names := map[string]bool{}
	for _, table := range tables {
		table.Name = "test-" + hex.EncodeToString(unique) + "-" + table.ID
		names[table.Name] = true
		tpl.SetRef(table.ID, table.Name)
		stream, err := dynamo.Ensure(ctx, server.Client, table)
		if err != nil {
			t.Fatal(err)
		}
		if stream != "" {
			tpl.SetAttribute(table.ID, "StreamArn", stream)
		}
	}
	functions, problems, err := tpl.Functions()
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	env = map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": server.Endpoint,
		"AWS_REGION":                template.Region,
		"AWS_ACCESS_KEY_ID":         dynamo.AccessKey,
		"AWS_SECRET_ACCESS_KEY":     dynamo.AccessKey,
	}
	for _, f := range functions {
		for k, v := range f.Env {
			if names[v] {
				env[k] = v
			}
		}
	}
	return server.Endpoint, env
}
