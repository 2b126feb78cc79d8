package streams_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/streams"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// source is a table with a stream on the real engine.
type source struct {
	t      *testing.T
	db     *dynamodb.Client
	table  string
	stream string
	runner streams.Runner
	said   *localtest.Said

	mu    sync.Mutex
	calls []call
	fail  func(call) (string, error) // the function
}

type call struct {
	raw     map[string]any
	keys    []string
	numbers []string
}

func newSource(t *testing.T) *source {
	t.Helper()
	server := localtest.Server(t)
	s := &source{
		t: t, db: server.Client, said: &localtest.Said{},
		table: fmt.Sprintf("%s-%d", strings.ReplaceAll(t.Name(), "/", "-"), time.Now().UnixNano()),
	}
	table := template.Table{ID: "Things", Name: s.table, Properties: map[string]any{
		"AttributeDefinitions": []any{map[string]any{"AttributeName": "pk", "AttributeType": "S"}},
		"KeySchema":            []any{map[string]any{"AttributeName": "pk", "KeyType": "HASH"}},
		"StreamSpecification":  map[string]any{"StreamViewType": "NEW_AND_OLD_IMAGES"}}}
	var err error
	if s.stream, err = dynamo.Ensure(context.Background(), s.db, table); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s.runner = streams.Runner{
		Client: dynamodbstreams.New(dynamodbstreams.Options{
			Region: template.Region, BaseEndpoint: &server.Endpoint, Credentials: dynamo.Credentials,
		}),
		Say: s.said.Say, Dir: filepath.Join(dir, "streams"), Queues: filepath.Join(dir, "queues"),
		Poll: 10 * time.Millisecond, Backoff: 5 * time.Millisecond,
		Invoke: s.invoke,
	}
	return s
}

func (s *source) invoke(_ context.Context, _ string, event []byte) ([]byte, error) {
	c := call{}
	if err := json.Unmarshal(event, &c.raw); err != nil {
		return nil, err
	}
	for _, r := range template.List(c.raw["Records"]) {
		change := template.Map(template.Map(r)["dynamodb"])
		c.keys = append(c.keys, template.String(template.Map(template.Map(change["Keys"])["pk"])["S"]))
		c.numbers = append(c.numbers, template.String(change["SequenceNumber"]))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
	if s.fail == nil {
		return []byte(`{"batchItemFailures":[]}`), nil
	}
	answer, err := s.fail(c)
	return []byte(answer), err
}

func (s *source) put(keys ...string) {
	s.t.Helper()
	for _, key := range keys {
		_, err := s.db.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: &s.table,
			Item: map[string]types.AttributeValue{
				"pk": &types.AttributeValueMemberS{Value: key}, "n": &types.AttributeValueMemberN{Value: "7"}, "b": &types.AttributeValueMemberB{Value: []byte("hello")}}})
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// run feeds the function until the calls are as wanted, and gives them.
func (s *source) run(m streams.Mapping, until func([]call) bool) []call {
	s.t.Helper()
	m.Function, m.ID, m.Stream = "Worker", "Things", s.stream
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() { s.runner.Run(ctx, m) })
	deadline := time.Now().Add(8 * time.Second)
	for {
		s.mu.Lock()
		calls := slices.Clone(s.calls)
		s.mu.Unlock()
		if until(calls) {
			time.Sleep(50 * time.Millisecond) // what must not come would come now
			break
		}
		if time.Now().After(deadline) {
			s.t.Errorf("after %d calls it is not as wanted: %v", len(calls), batches(calls))
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	wait.Wait()
	return s.calls
}

func batches(calls []call) []string {
	var out []string
	for _, c := range calls {
		out = append(out, strings.Join(c.keys, " "))
	}
	return out
}

func ended(key string) func([]call) bool {
	return func(calls []call) bool {
		return len(calls) > 0 && slices.Contains(calls[len(calls)-1].keys, key)
	}
}

func (s *source) want(calls []call, want ...string) {
	s.t.Helper()
	if got := batches(calls); !slices.Equal(got, want) {
		s.t.Errorf("calls\n got %q\nwant %q", got, want)
	}
}

func (s *source) queue() string {
	text, _ := os.ReadFile(filepath.Join(s.runner.Queues, "Failed.jsonl"))
	return string(text)
}

const failed = "arn:aws:sqs:eu-west-2:000000000000:mi-connect-local-Failed"

func TestRecordsAsLambdaGivesThem(t *testing.T) {
	s := newSource(t)
	s.put("a", "a")
	calls := s.run(streams.Mapping{BatchSize: 10}, func(c []call) bool { return len(c) == 1 })
	records := template.List(calls[0].raw["Records"])
	if len(records) != 1 {
		t.Errorf("%d records; writing the same again is no change", len(records))
	}
	r := template.Map(records[0])
	d := template.Map(r["dynamodb"])
	item := map[string]any{
		"pk": map[string]any{"S": "a"}, "n": map[string]any{"N": "7"}, "b": map[string]any{"B": "aGVsbG8="},
	}
	if r["eventName"] != "INSERT" || r["eventSource"] != "aws:dynamodb" || r["awsRegion"] != "eu-west-2" ||
		r["eventSourceARN"] != s.stream || r["eventVersion"] == "" || r["eventID"] == "" {
		t.Errorf("record %v", r)
	}
	if at, ok := d["ApproximateCreationDateTime"].(float64); !ok || time.Since(time.Unix(int64(at), 0)) > time.Minute {
		t.Errorf("created at %v", d["ApproximateCreationDateTime"])
	}
	if !reflect.DeepEqual(d["NewImage"], item) || !reflect.DeepEqual(d["Keys"], map[string]any{"pk": item["pk"]}) ||
		d["OldImage"] != nil ||
		d["StreamViewType"] != "NEW_AND_OLD_IMAGES" || template.Int(d["SizeBytes"], 0) == 0 {
		t.Errorf("change %v", d)
	}
	if _, named := calls[0].raw["shardId"]; named {
		t.Error("the shard is named without a tumbling window")
	}
}

func TestBatchesInOrderAndGoingOnAfterARestart(t *testing.T) {
	s := newSource(t)
	s.put("a", "b", "c", "d", "e")
	s.want(s.run(streams.Mapping{BatchSize: 2}, ended("e")), "a b", "c d", "e")
	s.calls = nil
	s.put("f")
	s.want(s.run(streams.Mapping{BatchSize: 2}, ended("f")), "f")
	// Progress of a table that is no more does not hold for a new one.
	path := filepath.Join(s.runner.Dir, "Worker-Things.json")
	text, _ := os.ReadFile(path)
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), s.stream, "arn:another")), 0o600); err != nil {
		t.Fatal(err)
	}
	s.calls = nil
	s.want(s.run(streams.Mapping{BatchSize: 9}, ended("f")), "a b c d e f")
}

func TestWindowCollects(t *testing.T) {
	s := newSource(t)
	s.put("a")
	time.AfterFunc(200*time.Millisecond, func() { s.put("b") })
	began := time.Now()
	s.want(s.run(streams.Mapping{BatchSize: 10, Window: 600 * time.Millisecond}, ended("b")), "a b")
	if took := time.Since(began); took < 600*time.Millisecond || took > 1500*time.Millisecond {
		t.Errorf("a window of 600 ms took %v", took)
	}
}

func TestPartialAnswer(t *testing.T) {
	s := newSource(t)
	tries := 0
	s.fail = func(c call) (string, error) {
		if i := slices.Index(c.keys, "c"); i >= 0 && tries < 2 {
			tries++
			return fmt.Sprintf(
				`{"batchItemFailures":[{"itemIdentifier":%q},{"itemIdentifier":%q}]}`, c.numbers[len(c.numbers)-1], c.numbers[i],
			), nil
		}
		return `{"batchItemFailures":[]}`, nil
	}
	s.put("a", "b", "c", "d")
	s.want(
		s.run(streams.Mapping{BatchSize: 10, Retries: 5, Partial: true}, func(c []call) bool { return len(c) == 3 }),
		"a b c d", "c d", "c d",
	)
}

func TestWholeBatchFails(t *testing.T) {
	for name, answer := range map[string]string{
		"empty identifier":   `{"batchItemFailures":[{"itemIdentifier":""}]}`,
		"no identifier":      `{"batchItemFailures":[{}]}`,
		"unknown identifier": `{"batchItemFailures":[{"itemIdentifier":"999999"}]}`,
		"not an answer":      `[1]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSource(t)
			s.fail = func(c call) (string, error) {
				if len(s.calls) == 1 {
					return answer, nil
				}
				return `null`, nil
			}
			s.put("a", "b")
			s.want(
				s.run(streams.Mapping{BatchSize: 10, Retries: 5, Partial: true}, func(c []call) bool { return len(c) == 2 }), "a b",
				"a b",
			)
		})
	}
}

func TestBisectingFindsTheBadOne(t *testing.T) {
	s := newSource(t)
	s.fail = func(c call) (string, error) {
		if slices.Contains(c.keys, "c") {
			return "", errors.New("broken by c")
		}
		return "", nil
	}
	s.put("a", "b", "c", "d")
	calls := s.run(streams.Mapping{BatchSize: 10, Retries: 2, Bisect: true, OnFailure: failed}, ended("d"))
	s.want(calls, "a b c d", "a b", "c d", "c", "c", "c", "d")
	var reported struct {
		DDBStreamBatchInfo map[string]any
		RequestContext     map[string]any
	}
	if err := json.Unmarshal([]byte(s.queue()), &reported); err != nil {
		t.Fatalf("%v in %q", err, s.queue())
	}
	if i := reported.DDBStreamBatchInfo; i["startSequenceNumber"] != calls[3].numbers[0] || i["batchSize"] != 1.0 ||
		i["streamArn"] != s.stream {
		t.Errorf("reported %v", i)
	}
	if reported.RequestContext["condition"] != "RetryAttemptsExhausted" || strings.Contains(s.queue(), "hello") {
		t.Errorf("reported %s", s.queue())
	}
	if !strings.Contains(s.said.String(), "gave up 1 record(s)") {
		t.Errorf("said %q", s.said)
	}
}

func TestRetriesEnd(t *testing.T) {
	s := newSource(t)
	s.fail = func(c call) (string, error) {
		if slices.Contains(c.keys, "a") {
			return "", errors.New("broken")
		}
		return "", nil
	}
	s.put("a", "b", "c")
	s.want(s.run(streams.Mapping{BatchSize: 2, Retries: 1, OnFailure: failed}, ended("c")), "a b", "a b", "c")
}

func TestStoppedBetweenRetriesNothingIsLost(t *testing.T) {
	s := newSource(t)
	s.fail = func(c call) (string, error) { return "", errors.New("down") }
	s.put("a")
	s.run(streams.Mapping{BatchSize: 2, Retries: -1}, func(c []call) bool { return len(c) > 3 })
	s.fail, s.calls = nil, nil
	s.want(s.run(streams.Mapping{BatchSize: 2, Retries: -1}, ended("a")), "a")
}

func TestOldRecordsAreGivenUp(t *testing.T) {
	if os.Getenv("TEST_DYNAMODB") != "" {
		t.Skip("AWS's DynamoDB Local dates records by the minute")
	}
	s := newSource(t)
	s.put("a")
	time.Sleep(2100 * time.Millisecond) // the engine dates records in seconds
	s.put("b")
	s.want(s.run(streams.Mapping{BatchSize: 2, Retries: -1, MaxAge: 2 * time.Second, OnFailure: failed}, ended("b")), "b")
	if !strings.Contains(s.queue(), "RecordAgeExceeded") {
		t.Errorf("reported %q", s.queue())
	}
}

func TestFilteredRecordsAreSkipped(t *testing.T) {
	s := newSource(t)
	filter, err := streams.ParseFilter(map[string]any{
		"Filters": []any{map[string]any{"Pattern": `{"eventName":["INSERT"],"dynamodb":{"Keys":{"pk":{"S":["x1","x2"]}}}}`}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.put("a", "x1", "b", "x2")
	_, err = s.db.DeleteItem(
		context.Background(),
		&dynamodb.DeleteItemInput{
			TableName: &s.table, Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "x1"}},
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	s.want(s.run(streams.Mapping{BatchSize: 10, Filter: filter}, ended("x2")), "x1 x2")
}

func TestTumblingWindow(t *testing.T) {
	s := newSource(t)
	s.fail = func(c call) (string, error) {
		state := template.Map(c.raw["state"])
		return fmt.Sprintf(`{"state":{"sum":%d}}`, template.Int(state["sum"], 0)+len(c.keys)), nil
	}
	s.put("a", "b")
	m := streams.Mapping{BatchSize: 1, Tumbling: time.Second}
	calls := s.run(m, func(c []call) bool { return len(c) > 0 && c[len(c)-1].raw["isFinalInvokeForWindow"] == true })
	last := calls[len(calls)-1]
	if len(last.keys) != 0 || last.raw["isWindowTerminatedEarly"] != false {
		t.Errorf("the last call is %v", last.raw)
	}
	for _, c := range calls {
		w := template.Map(c.raw["window"])
		start, err := time.Parse(time.RFC3339, template.String(w["start"]))
		end, err2 := time.Parse(time.RFC3339, template.String(w["end"]))
		if err != nil || err2 != nil || end.Sub(start) != time.Second || c.raw["shardId"] == "" ||
			c.raw["eventSourceARN"] != s.stream {
			t.Errorf("call %v", c.raw)
		}
	}
	// Both records may have come in one second or in two.
	if sum := template.Map(last.raw["state"])["sum"]; sum != 2.0 && sum != 1.0 {
		t.Errorf("the state at the end is %v", last.raw["state"])
	}
	if len(calls[0].keys) != 1 || len(template.Map(calls[0].raw["state"])) != 0 {
		t.Errorf("the first call is %v", calls[0].raw)
	}
}

func TestGoesOnWithTheOldestWhenItsPlaceIsTrimmed(t *testing.T) {
	s := newSource(t)
	s.put("a")
	s.run(streams.Mapping{BatchSize: 2}, ended("a"))
	// The engine here keeps everything; this stands in for one that has let go of our place.
	asked := 0
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "GetShardIterator") &&
			strings.Contains(string(body), "AFTER_SEQUENCE_NUMBER") {
			asked++
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"__type":"com.amazonaws.dynamodb.v20120810#TrimmedDataAccessException","message":"gone"}`)
			return
		}
		again, _ := http.NewRequest(r.Method, localtest.Server(t).Endpoint+r.URL.Path, bytes.NewReader(body))
		again.Header = r.Header
		resp, err := http.DefaultTransport.RoundTrip(again)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		for name := range resp.Header {
			w.Header().Set(name, resp.Header.Get(name))
		}
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body)
	}))
	defer front.Close()
	s.runner.Client = dynamodbstreams.New(dynamodbstreams.Options{
		Region: template.Region, BaseEndpoint: &front.URL, Credentials: dynamo.Credentials,
	})
	s.calls = nil
	s.put("b")
	s.want(s.run(streams.Mapping{BatchSize: 2}, ended("b")), "a b")
	if asked == 0 || !strings.Contains(s.said.String(), "older than the stream keeps") {
		t.Errorf("asked %d times, said %q", asked, s.said)
	}
}
