// Package streams feeds functions from DynamoDB streams as Lambda's event source mappings do: batches in
// order per shard, retries, bisecting, partial answers, filters, tumbling windows, and a place for what
// could not be processed.
package streams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// Mapping is one event source mapping.
type Mapping struct {
	Function  string // logical id
	ID        string // of the event
	Stream    string // ARN
	BatchSize int
	Window    time.Duration // to wait for a full batch
	Tumbling  time.Duration // 0 for none
	Retries   int           // -1 for no end
	MaxAge    time.Duration // 0 for no end
	Bisect    bool
	Partial   bool // ReportBatchItemFailures
	Filter    Filter
	OnFailure string // ARN of where failed batches are reported
}

// Mappings gives the stream mappings of the functions' events, and what of them cannot run.
func Mappings(functions []template.Function) (out []Mapping, problems []string) {
	for _, f := range functions {
		for _, e := range f.EventSources {
			if e.Type != "DynamoDB" {
				continue
			}
			p := e.Properties
			if v, ok := p["Enabled"]; ok && !template.Bool(v) {
				continue
			}
			seconds := func(name string) time.Duration {
				return time.Duration(max(0, template.Int(p[name], 0))) * time.Second
			}
			m := Mapping{
				Function: f.ID, ID: e.ID, Stream: template.String(p["Stream"]),
				BatchSize: template.Int(p["BatchSize"], 100),
				Window:    seconds("MaximumBatchingWindowInSeconds"),
				Tumbling:  seconds("TumblingWindowInSeconds"),
				Retries:   template.Int(p["MaximumRetryAttempts"], -1),
				MaxAge:    seconds("MaximumRecordAgeInSeconds"),
				Bisect:    template.Bool(p["BisectBatchOnFunctionError"]),
				OnFailure: template.String(template.Map(template.Map(p["DestinationConfig"])["OnFailure"])["Destination"]),
			}
			for _, kind := range template.Strings(p["FunctionResponseTypes"]) {
				m.Partial = m.Partial || kind == "ReportBatchItemFailures"
			}
			var err error
			if m.Filter, err = ParseFilter(p["FilterCriteria"]); err != nil {
				problems = append(problems, fmt.Sprintf("%s.%s: %v", f.ID, e.ID, err))
				continue
			}
			if at := template.String(p["StartingPosition"]); at != "TRIM_HORIZON" {
				problems = append(
					problems, fmt.Sprintf("%s.%s: starting position %q is not known here (TRIM_HORIZON is)", f.ID, e.ID, at),
				)
				continue
			}
			if !strings.Contains(m.Stream, "/stream/") {
				problems = append(problems, fmt.Sprintf("%s.%s: %q is not a table's stream", f.ID, e.ID, m.Stream))
				continue
			}
			out = append(out, m)
		}
	}
	return out, problems
}

// Runner runs mappings.
type Runner struct {
	Client *dynamodbstreams.Client
	Invoke func(ctx context.Context, function string, event []byte) ([]byte, error)
	Say    func(string)
	Dir    string // where it keeps how far it got
	Queues string // where failed batches are written, one file per destination
	// Shards is in how many shards the engine's one is split, 0 and 1 for none. Each is divided, or followed by
	// another, every SplitEvery sequence numbers.
	Shards, SplitEvery int
	// Poll is the pause after an empty read, Backoff the first pause before a retry. 0 takes the usual ones.
	Poll, Backoff time.Duration
}

// Run feeds m's function until ctx ends.
func (r *Runner) Run(ctx context.Context, m Mapping) {
	if r.Poll == 0 {
		r.Poll = 200 * time.Millisecond
	}
	if r.Backoff == 0 {
		r.Backoff = 200 * time.Millisecond
	}
	progress := loadProgress(filepath.Join(r.Dir, m.Function+"-"+m.ID+".json"), m.Stream)
	running := map[string]chan struct{}{}
	from, discovery := source(r.Client), 2*time.Second
	if r.Shards > 1 {
		from = newSplit(
			r.Client, m.Stream, r.Shards, max(r.SplitEvery, 1), func(id string) bool { return progress.shard(id).Finished },
		)
		discovery = min(discovery, 3*r.Poll)
	}
	for trouble := ""; ; {
		shards, err := shardsOf(ctx, from, m.Stream)
		if err != nil && ctx.Err() == nil && err.Error() != trouble {
			trouble = err.Error()
			r.Say(fmt.Sprintf("%s.%s: the stream cannot be read: %v", m.Function, m.ID, err))
		}
		if err == nil {
			trouble = ""
			progress.keep(shards)
			for id, parent := range shards {
				if running[id] != nil || progress.shard(id).Finished {
					continue
				}
				// Records of a key continue in a child shard: its parent comes first.
				if _, known := shards[parent]; known && !progress.shard(parent).Finished {
					continue
				}
				s := &shard{runner: r, source: from, mapping: m, id: id, progress: progress, state: progress.shard(id)}
				running[id] = make(chan struct{})
				go func(done chan struct{}) {
					defer close(done)
					s.run(ctx)
				}(running[id])
			}
		}
		if !pause(ctx, discovery) {
			for _, done := range running {
				<-done
			}
			return
		}
	}
}

// shardsOf gives the stream's shards and their parents.
func shardsOf(ctx context.Context, from source, stream string) (map[string]string, error) {
	out := map[string]string{}
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &stream}
	for {
		page, err := from.DescribeStream(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, s := range page.StreamDescription.Shards {
			out[aws.ToString(s.ShardId)] = aws.ToString(s.ParentShardId)
		}
		if in.ExclusiveStartShardId = page.StreamDescription.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			return out, nil
		}
	}
}

// iterator starts after a sequence number, or at the oldest record when there is none.
func (r *Runner) iterator(ctx context.Context, from source, m Mapping, shard, after string) (*string, error) {
	in := &dynamodbstreams.GetShardIteratorInput{
		StreamArn: &m.Stream, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	}
	if after != "" {
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &after
	}
	out, err := from.GetShardIterator(ctx, in)
	var trimmed *types.TrimmedDataAccessException
	if errors.As(err, &trimmed) {
		r.Say(
			fmt.Sprintf(
				"%s.%s: the record after which to continue is older than the stream keeps; continuing with its oldest", m.Function,
				m.ID,
			),
		)
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeTrimHorizon, nil
		out, err = from.GetShardIterator(ctx, in)
	}
	if err != nil {
		return nil, err
	}
	return out.ShardIterator, nil
}

// discard reports records that are given up, as Lambda reports them to a queue: without their content.
func (r *Runner) discard(m Mapping, shard string, records []record, condition string, attempts int) {
	first, last := records[0], records[len(records)-1]
	r.Say(
		fmt.Sprintf(
			"%s.%s: gave up %d record(s), %s to %s: %s", m.Function, m.ID, len(records), first.sequence, last.sequence,
			condition,
		),
	)
	if m.OnFailure == "" {
		return
	}
	line, _ := json.Marshal(map[string]any{
		"version": "1.0", "timestamp": time.Now().UTC().Format(time.RFC3339Nano),
		"requestContext": map[string]any{
			"functionArn": m.Function, "condition": condition, "approximateInvokeCount": attempts,
		},
		"DDBStreamBatchInfo": map[string]any{
			"shardId": shard, "streamArn": m.Stream, "batchSize": len(records),
			"startSequenceNumber": first.sequence, "endSequenceNumber": last.sequence,
			"approximateArrivalOfFirstRecord": first.at.UTC().Format(time.RFC3339),
			"approximateArrivalOfLastRecord":  last.at.UTC().Format(time.RFC3339),
		},
	})
	name := m.OnFailure[strings.LastIndexAny(m.OnFailure, ":/")+1:]
	name = strings.TrimPrefix(name, template.Stack+"-")
	err := os.MkdirAll(r.Queues, 0o700)
	if err == nil {
		var f *os.File
		if f, err = os.OpenFile(
			filepath.Join(r.Queues, name+".jsonl"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600,
		); err == nil {
			_, err = f.Write(append(line, '\n'))
			err = errors.Join(err, f.Close())
		}
	}
	if err != nil {
		r.Say(fmt.Sprintf("%s: %v", name, err))
	}
}

// pause waits, and tells whether to continue.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
