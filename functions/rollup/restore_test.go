package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	mapping "github.com/mi-telecom/mi-connect/infra/local/streams"
	"github.com/mi-telecom/mi-connect/infra/local/template"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// rehearsal is a site whose visits are counted, and what of its tables can be lost.
type rehearsal struct {
	t       *testing.T
	w       *apitest.World
	db      *dynamodb.Client
	command string               // infra/restore
	reached map[int]connect.Step // the truth: how far each visit came
}

const restoredSite = connect.SiteID("s_restored00000001")

// visits lets visits from one number to another come as far as reached.
func (r *rehearsal) visits(from, to int, reached connect.Step) {
	r.t.Helper()
	for n := from; n < to; n++ {
		v := &connect.Visit{
			Site: restoredSite, ID: connect.VisitID(fmt.Sprintf("restore-%014d", n)), Page: fmt.Sprintf("/page-%d", n%7),
			Device: connect.Phone, Reached: reached,
		}
		v.Begin(time.Now(), 0, time.UTC)
		if err := r.w.Store.RecordVisit(r.t.Context(), v, time.Now()); err != nil {
			r.t.Fatal(err)
		}
		r.reached[n] = max(r.reached[n], reached)
	}
}

func (r *rehearsal) truth() (c connect.Count) {
	for _, step := range r.reached {
		c.Impressions++
		if step >= connect.Open {
			c.Opens++
		}
		if step >= connect.Submit {
			c.Submits++
		}
	}
	return c
}

func (r *rehearsal) counted() (c connect.Count) {
	r.t.Helper()
	today := connect.DateOf(time.Now().UTC())
	days, err := r.w.Store.Days(r.t.Context(), restoredSite, today.Add(-1), today.Add(1))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, d := range days {
		c = c.Plus(d.Total)
	}
	return c
}

// count has the stream of visits counted from its beginning until all is as it is in truth.
func (r *rehearsal) count(what string) {
	r.t.Helper()
	counter := &rollup{store: store.Counts(r.w.DB), log: r.w.Logger(), now: time.Now}
	stop := mappedBy(r.t, r.w, counter, func(runner *mapping.Runner) {
		invoke := runner.Invoke
		runner.Invoke = func(ctx context.Context, function string, event []byte) ([]byte, error) {
			// DynamoDB promises no other name in another stream.
			return invoke(ctx, function, shardNamed.ReplaceAll(event, []byte(`"shardId":"shardId-1"`)))
		}
	})
	defer stop()
	for range 200 {
		if r.counted() == r.truth() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	r.t.Errorf("%s: counted %v, in truth %v", what, r.counted(), r.truth())
}

var shardNamed = regexp.MustCompile(`"shardId":"[^"]+"`)

// table makes one as the template declares it, with or without its stream.
func (r *rehearsal) table(id, name string, stream bool) {
	r.t.Helper()
	tpl, err := template.Load(filepath.Join(localtest.Root(r.t), "template.yaml"), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	tables, err := tpl.Tables()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, table := range tables {
		if table.ID != id {
			continue
		}
		table.Name = name
		if !stream {
			delete(table.Properties, "StreamSpecification")
		}
		if _, err := dynamo.Ensure(r.t.Context(), r.db, table); err != nil {
			r.t.Fatal(err)
		}
	}
}

// copy runs the operator's command, which is killed after a while unless that is 0.
func (r *rehearsal) copy(from, to string, after time.Duration) {
	r.t.Helper()
	ctx := r.t.Context()
	if after > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, after)
		defer cancel()
	}
	cmd := exec.CommandContext(ctx, r.command, "copy", from, to)
	for name, value := range r.w.Env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	if out, err := cmd.CombinedOutput(); err != nil && after == 0 {
		r.t.Fatalf("%v: %s", err, out)
	} else if err == nil {
		r.t.Logf("restore copy: %s", strings.TrimSpace(string(out)))
	}
}

// The runbook "Restore" of docs/operations.md, rehearsed.
func TestRestore(t *testing.T) {
	w := apitest.New(t)
	r := &rehearsal{
		t: t, w: w, db: localtest.Server(t).Client, command: filepath.Join(t.TempDir(), "restore"),
		reached: map[int]connect.Step{},
	}
	if out, err := exec.Command("go", "build", "-o", r.command, "../../infra/restore").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	stats, visits := w.Env["STATS_TABLE"], w.Env["VISITS_TABLE"]
	r.table("StatsTable", stats+"-restored", false)
	r.table("VisitsTable", visits+"-restored", false)

	// The counts are spoilt after the point to which they can be restored; the stream still holds what came since.
	r.visits(0, 60, connect.Impression)
	r.count("before anything happens")
	r.copy(stats, stats+"-restored", 0)
	point := r.counted()
	r.visits(30, 50, connect.Open)
	r.visits(60, 90, connect.Submit)
	r.count("after the point")
	for sk, total := range map[string]string{
		"day#" + string(connect.DateOf(time.Now().UTC())): "zzz", "day#2020-01-01": "1",
	} {
		_, err := r.db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &stats,
			Key: map[string]types.AttributeValue{
				"pk": &types.AttributeValueMemberS{Value: "S#" + string(restoredSite)},
				"sk": &types.AttributeValueMemberS{Value: sk},
			},
			UpdateExpression: new("SET #t = :v"), ExpressionAttributeNames: map[string]string{"#t": "total"}, ExpressionAttributeValues: map[string]types.AttributeValue{":v": &types.AttributeValueMemberS{Value: total}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	if r.counted() == r.truth() {
		t.Fatal("nothing is spoilt")
	}
	r.copy(stats+"-restored", stats, 20*time.Millisecond)
	r.copy(stats+"-restored", stats, 0)
	if got := r.counted(); got != point {
		t.Errorf("restored to %v, not %v", got, point)
	}
	r.count("counts restored, stream read again")
	old := realStream(t, w)

	// Both tables are lost and restored. A restored table has no stream; the one that it is given is another one,
	// whose numbers begin again, and streams nothing of what was restored.
	r.copy(stats, stats+"-restored", 0)
	r.copy(visits, visits+"-restored", 0)
	r.copy(stats+"-restored", stats, 0)
	r.table("VisitsTable", visits+"-restored", true)
	w.Env["VISITS_TABLE"] = visits + "-restored"
	w.DB = store.Open(func(name string) string { return w.Env[name] })
	w.Store = apitest.AllDoors(w.DB)
	r.visits(0, 10, connect.Submit)    // visits that had begun
	r.visits(90, 110, connect.Open)    // new ones
	r.visits(40, 60, connect.Submit)   // more that had begun
	r.visits(110, 130, connect.Submit) // and new ones
	first := realStream(t, w)
	t.Logf(
		"the old stream ended with number %s, the new one begins with %s", *old[len(old)-1].Dynamodb.SequenceNumber,
		*first[0].Dynamodb.SequenceNumber,
	)
	r.count("both tables restored")
	r.count("both tables restored, read again")
	t.Logf("counted %v, in truth %v", r.counted(), r.truth())
}
