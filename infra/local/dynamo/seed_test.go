package dynamo_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/localtest"
)

// start runs dynoxide on a file until the test's end.
func start(t *testing.T, file string) *dynamo.Server {
	t.Helper()
	engine, err := dynamo.Find(localtest.Root(t))
	if err != nil {
		t.Fatal(err)
	}
	if engine.Name != "dynoxide" {
		t.Skip("the seed is dynoxide's alone; here runs " + engine.Name)
	}
	server, err := dynamo.Start(context.Background(), engine, file, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server
}

// What dynoxide makes by itself must be in the seed word for word, or the seed is another version's.
func TestSeedIsThisVersions(t *testing.T) {
	dir := t.TempDir()
	own, seeded := filepath.Join(dir, "own.sqlite"), filepath.Join(dir, "seeded.sqlite")
	// A file that exists is left as it is, so dynoxide lays this one out.
	if err := os.WriteFile(own, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{own, seeded} {
		start(t, file).Stop()
	}
	schema := regexp.MustCompile(`CREATE TABLE _\w+ \([^)]*\)`)
	tables := schema.FindAll(whole(t, own), -1)
	if len(tables) < 3 {
		t.Fatalf("%d tables are found in dynoxide's own file: this test reads it wrongly", len(tables))
	}
	text := whole(t, seeded)
	for _, table := range tables {
		if !bytes.Contains(text, table) {
			t.Errorf("the seed has not:\n%s", table)
		}
	}
}

// whole is a database with what its log holds.
func whole(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	log, _ := os.ReadFile(file + "-wal")
	return append(text, log...)
}

// After 24 hours a stream's records go, but for each table's last.
func TestStreamRecordsAreTrimmed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trim.sqlite")
	start(t, file).Stop()
	script := `
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
def record(id, table, at):
    database.execute("INSERT INTO _stream_records (id, table_name, event_name, keys_json, sequence_number, shard_id,"
        " created_at) VALUES (?, ?, 'INSERT', '{}', ?, 's', ?)", (id, table, str(id), at))
record(1, "quiet", 1_000)
for id in range(2, 999):
    record(id, "busy", 1_000)
record(999, "busy", 90_000)
record(1000, "busy", 87_401)
print(database.execute("SELECT group_concat(id) FROM (SELECT id FROM _stream_records ORDER BY id)").fetchone()[0])
plan = database.execute("EXPLAIN QUERY PLAN SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1"
    " FROM _stream_records WHERE table_name = ?", ("busy",)).fetchall()
print(plan[0][3])
`
	python := filepath.Join(localtest.Root(t), ".tools/holidays/bin/python")
	out, err := exec.Command(python, "-c", script, file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	const want = "1,999,1000\nSEARCH _stream_records USING INDEX stream_of_table (table_name=?)\n"
	if string(out) != want {
		t.Errorf("got %swant %s", out, want)
	}
}
