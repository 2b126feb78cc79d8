package lambdahttp

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// Image is an item as a stream tells it: attributes by name.
type Image map[string]events.DynamoDBAttributeValue

// Text returns a string attribute, "" when it is absent or of another type.
func (m Image) Text(name string) string {
	if v, ok := m[name]; ok && v.DataType() == events.DataTypeString {
		return v.String()
	}
	return ""
}

// Int returns a number attribute, 0 when it is absent, of another type or not whole.
func (m Image) Int(name string) int64 {
	if v, ok := m[name]; ok && v.DataType() == events.DataTypeNumber {
		n, _ := strconv.ParseInt(v.Number(), 10, 64) // Integer would cut what is not whole
		return n
	}
	return 0
}

// Has reports whether the item has the attribute at all.
func (m Image) Has(name string) bool { _, ok := m[name]; return ok }

// Record is one change of an item. Sequence numbers rise within a shard; they are decimal numbers of no
// fixed length and must be compared as numbers.
type Record struct {
	Sequence string
	At       time.Time // about when the item was written
	Old, New Image     // nil where the item was not there
}

// Batch is a run of changes of one shard, in their order.
type Batch struct {
	// Shard names the shard and its stream: a table that is restored gets another stream, whose sequence numbers
	// start again and whose shards may be called as those of the old one.
	Shard   string
	Records []Record
}

// Stream serves batches. apply returns the sequence number of the first record that must come again, ""
// for none, or an error when none can be said to have been applied.
func Stream(apply func(ctx context.Context, b Batch) (failed string, err error)) lambda.Handler {
	return streamHandler(func(ctx context.Context, b Batch) ([]string, error) {
		failed, err := apply(ctx, b)
		if failed == "" {
			return nil, err
		}
		return []string{failed}, err
	})
}

// Records serves batches whose records are applied each for itself. apply returns the sequence numbers of all
// that must come again; Lambda continues from the lowest.
func Records(apply func(ctx context.Context, b Batch) (failed []string, err error)) lambda.Handler {
	return streamHandler(apply)
}

type streamHandler func(ctx context.Context, b Batch) ([]string, error)

// streamEvent is both shapes of a stream's event: with a tumbling window it names its shard.
type streamEvent struct {
	ShardID        string                       `json:"shardId"`
	EventSourceARN string                       `json:"eventSourceARN"`
	Window         json.RawMessage              `json:"window"`
	State          map[string]string            `json:"state"`
	Records        []events.DynamoDBEventRecord `json:"Records"`
}

// Invoke implements lambda.Handler.
func (h streamHandler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	begin(ctx)
	var in streamEvent
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, fmt.Errorf("lambdahttp: not a stream event: %w", err)
	}
	if in.Records == nil && in.Window == nil {
		return nil, fmt.Errorf("lambdahttp: not a stream event: no records")
	}
	b := Batch{Shard: shardOf(in.EventSourceARN, in.ShardID), Records: make([]Record, 0, len(in.Records))}
	for i := range in.Records {
		change := &in.Records[i].Change
		if change.SequenceNumber == "" {
			return nil, fmt.Errorf("lambdahttp: record %d has no sequence number", i)
		}
		b.Records = append(b.Records, Record{
			Sequence: change.SequenceNumber, At: change.ApproximateCreationDateTime.Time, Old: change.OldImage,
			New: change.NewImage,
		})
	}
	out := struct {
		State             map[string]string                 `json:"state,omitempty"`
		BatchItemFailures []events.DynamoDBBatchItemFailure `json:"batchItemFailures"`
	}{State: in.State, BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	if len(b.Records) > 0 {
		failed, err := h(ctx, b)
		if err != nil {
			return nil, err
		}
		for _, sequence := range failed {
			out.BatchItemFailures = append(out.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: sequence})
		}
	}
	return json.Marshal(out)
}

// shardOf is a shard's name with its stream's, which is table and time:
// "Visits/stream/2026-11-23T00:00:00.000/shardId-1".
func shardOf(stream, shard string) string {
	if shard == "" {
		return ""
	}
	if _, name, ok := strings.Cut(stream, ":table/"); ok {
		stream = name
	}
	return stream + "/" + shard
}
