package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"sort"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// model is the table of visits as store.RecordVisit leaves it, an item's attributes by name. Steps and
// expiry are text too.
type model map[string]map[string]string

// record writes a beacon and returns the item before and after, as a stream's record has them.
func (m model) record(b beacon) (old, new map[string]string) {
	v := b.visit
	pk := string(v.Site) + "#" + string(v.ID)
	if v.Reason != "" {
		pk += "#" + string(v.Reason)
	}
	old = m[pk]
	new = maps.Clone(old)
	if old == nil || old["expiresAt"] <= fmt.Sprint(b.at.Unix()) {
		new = map[string]string{
			"pk": pk, "n": string(v.Site), "h": string(v.Hour), "p": v.Page, "r": v.Referrer, "d": string(v.Device),
			"f": string(v.Reason), "expiresAt": fmt.Sprint(v.ExpiresAt.Unix()),
		}
	}
	for _, step := range []string{"i", "o", "s"}[:v.Reached] {
		new[step] = "true"
	}
	m[pk] = new
	return old, new
}

func image(item map[string]string) lambdahttp.Image {
	if item == nil {
		return nil
	}
	out := lambdahttp.Image{}
	for name, value := range item {
		switch name {
		case "i", "o", "s":
			out[name] = events.NewBooleanAttribute(true)
		case "expiresAt":
			out[name] = events.NewNumberAttribute(value)
		default:
			out[name] = events.NewStringAttribute(value)
		}
	}
	return out
}

// realStream reads everything the table of visits has streamed, in order.
func realStream(t *testing.T, w *apitest.World) []types.Record {
	t.Helper()
	ctx := context.Background()
	server := localtest.Server(t)
	client := dynamodbstreams.New(dynamodbstreams.Options{
		Region: "eu-west-2", BaseEndpoint: &server.Endpoint, Credentials: dynamo.Credentials,
	})
	table := w.Env["VISITS_TABLE"]
	list, err := client.ListStreams(ctx, &dynamodbstreams.ListStreamsInput{TableName: &table})
	if err != nil || len(list.Streams) != 1 {
		t.Fatal(list, err)
	}
	described, err := client.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{
		StreamArn: list.Streams[0].StreamArn,
	})
	if err != nil {
		t.Fatal(err)
	}
	var out []types.Record
	for _, shard := range described.StreamDescription.Shards {
		it, err := client.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{
			StreamArn: list.Streams[0].StreamArn, ShardId: shard.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
		})
		if err != nil {
			t.Fatal(err)
		}
		for next := it.ShardIterator; next != nil; {
			page, err := client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: next})
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Records) == 0 {
				break
			}
			out, next = append(out, page.Records...), page.NextShardIterator
		}
	}
	return out
}

func flat(item map[string]types.AttributeValue) map[string]string {
	if len(item) == 0 {
		return nil
	}
	out := map[string]string{}
	for name, v := range item {
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			out[name] = v.Value
		case *types.AttributeValueMemberN:
			out[name] = v.Value
		case *types.AttributeValueMemberBOOL:
			out[name] = fmt.Sprint(v.Value)
		}
	}
	return out
}

// The same beacons through store.RecordVisit and through the model stream the same images, and rollup
// counts the real ones to the truth.
func TestTheModelIsTheTable(t *testing.T) {
	w := apitest.New(t)
	list := beacons(rand.New(rand.NewPCG(7, 7)), 500)
	table := model{}
	type pair struct{ old, new map[string]string }
	var want []pair
	for _, b := range list {
		if err := w.Store.RecordVisit(t.Context(), &b.visit, b.at); err != nil {
			t.Fatal(err)
		}
		if old, new := table.record(b); !maps.Equal(old, new) {
			want = append(want, pair{old, new})
		}
	}
	var got []pair
	batch := lambdahttp.Batch{Shard: "shardId-real"}
	for _, r := range realStream(t, w) {
		p := pair{flat(r.Dynamodb.OldImage), flat(r.Dynamodb.NewImage)}
		if maps.Equal(p.old, p.new) {
			continue // changed nothing
		}
		got = append(got, p)
		batch.Records = append(batch.Records, lambdahttp.Record{
			Sequence: *r.Dynamodb.SequenceNumber, Old: image(p.old), New: image(p.new),
		})
	}
	if len(got) != len(want) {
		t.Fatalf("the table has streamed %d changes of %d beacons, the model %d", len(got), len(list), len(want))
	}
	// A stream keeps the order of a key; of different keys it promises none.
	for _, l := range [][]pair{got, want} {
		sort.SliceStable(l, func(i, j int) bool { return l[i].new["pk"] < l[j].new["pk"] })
	}
	for i := range got {
		if !maps.Equal(got[i].old, want[i].old) || !maps.Equal(got[i].new, want[i].new) {
			t.Fatalf("change %d\n is %v\n not %v", i, got[i], want[i])
		}
	}
	r := &rollup{store: store.Counts(w.DB), log: w.Logger(), now: time.Now}
	for from := 0; from < len(batch.Records); from += 100 {
		part := lambdahttp.Batch{Shard: batch.Shard, Records: batch.Records[from:min(from+100, len(batch.Records))]}
		for range 2 {
			if failed, err := r.apply(t.Context(), part); failed != "" || err != nil {
				t.Fatal(failed, err)
			}
		}
	}
	for name, day := range truth(list) {
		site, date, _ := strings.Cut(name, " ")
		days, err := w.Store.Days(t.Context(), connect.SiteID(site), connect.Date(date), connect.Date(date))
		if err != nil || len(days) != 1 {
			t.Fatalf("%s: %d, %v", name, len(days), err)
		}
		for _, line := range differences(name, day, days[0]) {
			t.Error(line)
		}
	}
}

// mode is how a call of a rollup goes wrong.
type mode int

const (
	killedBefore mode = iota // the process dies, the call never leaves
	killedAfter              // the call takes effect, the process dies before it knows
	killedLate               // the process dies, and its call arrives while the next one is at work
	answerLost               // only the answer is lost: the SDK tries again
	modes
)

// faults is a rollup's way to DynamoDB. It fails at one call; a process that was killed makes no other.
type faults struct {
	kill   context.CancelFunc
	failAt int64
	mode   mode
	delay  time.Duration
	next   http.RoundTripper // nil for the usual one
	calls  atomic.Int64
	fired  atomic.Bool
}

func (f *faults) open(w *apitest.World) store.DB {
	return store.OpenThrough(func(k string) string { return w.Env[k] }, f)
}

var errKilled = errors.New("this process is dead")

// RoundTrip implements http.RoundTripper.
func (f *faults) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.fired.Load() && f.mode != answerLost {
		return nil, errKilled
	}
	next := f.next
	if next == nil {
		next = http.DefaultTransport
	}
	if f.calls.Add(1)-1 != f.failAt {
		return next.RoundTrip(r)
	}
	f.fired.Store(true)
	if f.mode == killedBefore {
		f.kill()
		return nil, errKilled
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	send := func() error {
		again := r.Clone(context.WithoutCancel(r.Context()))
		again.Body = io.NopCloser(strings.NewReader(string(body)))
		answer, err := next.RoundTrip(again)
		if err == nil {
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
		return err
	}
	if f.mode == killedLate {
		time.AfterFunc(f.delay, func() { _ = send() })
		f.kill()
		return nil, errKilled
	}
	if err := send(); err != nil {
		return nil, err
	}
	if f.mode == answerLost {
		return nil, io.ErrUnexpectedEOF
	}
	f.kill()
	return nil, errKilled
}
