package streams

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"math/big"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// source is where a mapping reads: DynamoDB Streams' own client, or one that is split.
type source interface {
	DescribeStream(
		context.Context, *dynamodbstreams.DescribeStreamInput, ...func(*dynamodbstreams.Options),
	) (*dynamodbstreams.DescribeStreamOutput, error)
	GetShardIterator(
		context.Context, *dynamodbstreams.GetShardIteratorInput, ...func(*dynamodbstreams.Options),
	) (*dynamodbstreams.GetShardIteratorOutput, error)
	GetRecords(
		context.Context, *dynamodbstreams.GetRecordsInput, ...func(*dynamodbstreams.Options),
	) (*dynamodbstreams.GetRecordsOutput, error)
}

// split makes several shards of an engine's one, as a table with several partitions has: a key is always in the same
// line of shards, each line is read by itself, and there is no order between lines. Every so many sequence numbers
// each shard ends and a child continues, or two that share its keys, as when a partition is split. All of it follows
// from keys and sequence numbers, so that a stream that is read again after a restart has the same shards.
type split struct {
	source
	stream string
	lines  uint64   // shards that the stream begins with
	every  *big.Int // sequence numbers of a generation

	finished func(id string) bool

	mu      sync.Mutex
	shards  map[string]*part
	newest  int // generation
	next    *string
	pending []string // the engine's shards that are still to be read, in their order
	known   map[string]bool
	caught  bool // everything that was there at the start has been read
}

// part is one shard.
type part struct {
	parent     string
	generation int
	records    []types.Record // not yet read
}

// deepest is how often a shard is divided; later generations continue one to one.
const deepest = 2

// newSplit begins with lines shards; finished tells of one that needs no reading any more.
func newSplit(client source, stream string, lines, every int, finished func(id string) bool) *split {
	s := &split{source: client, stream: stream, lines: uint64(lines), every: big.NewInt(int64(every)), finished: finished,
		shards: map[string]*part{}, known: map[string]bool{}}
	for line := range s.lines {
		s.shards[shardID(0, line, 0)] = &part{}
	}
	return s
}

func shardID(generation int, line, rest uint64) string {
	return fmt.Sprintf("shardId-%08d-%d-%d", generation, line, rest&(1<<min(generation, deepest)-1))
}

// place is the shard of a key in a generation, and that shard's parent.
func (s *split) place(key string, generation int) (id, parent string) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	line, rest := h.Sum64()%s.lines, h.Sum64()/s.lines
	if generation > 0 {
		parent = shardID(generation-1, line, rest)
	}
	return shardID(generation, line, rest), parent
}

func (s *split) generation(sequence string) int {
	n, ok := new(big.Int).SetString(sequence, 10)
	if !ok {
		return s.newest
	}
	return max(s.newest, int(n.Div(n, s.every).Int64()))
}

// fill reads a page of the engine's stream into the shards. s.mu is held.
func (s *split) fill(ctx context.Context) error {
	if s.next == nil {
		if err := s.open(ctx); err != nil || s.next == nil {
			return err
		}
	}
	out, err := s.source.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: s.next})
	if err != nil {
		return err
	}
	s.next = out.NextShardIterator
	for _, r := range out.Records {
		s.newest = s.generation(aws.ToString(r.Dynamodb.SequenceNumber))
		id, parent := s.place(keyText(r.Dynamodb.Keys), s.newest)
		p := s.shards[id]
		if p == nil {
			p = &part{parent: parent, generation: s.newest}
			s.shards[id] = p
		}
		if !s.finished(id) {
			p.records = append(p.records, r)
		}
	}
	s.caught = s.caught || len(out.Records) == 0
	return nil
}

// open begins with the engine's next shard.
func (s *split) open(ctx context.Context) error {
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &s.stream}
	for {
		page, err := s.source.DescribeStream(ctx, in)
		if err != nil {
			return err
		}
		for _, shard := range page.StreamDescription.Shards {
			if id := aws.ToString(shard.ShardId); !s.known[id] {
				s.known[id] = true
				s.pending = append(s.pending, id)
			}
		}
		if in.ExclusiveStartShardId = page.StreamDescription.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			break
		}
	}
	if len(s.pending) == 0 {
		s.caught = true
		return nil
	}
	out, err := s.source.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{
		StreamArn: &s.stream, ShardId: &s.pending[0], ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	if err != nil {
		return err
	}
	s.pending, s.next = s.pending[1:], out.ShardIterator
	return nil
}

// DescribeStream lists the shards that hold something: at first all of them, for what is not listed is forgotten.
func (s *split) DescribeStream(
	ctx context.Context, _ *dynamodbstreams.DescribeStreamInput, _ ...func(*dynamodbstreams.Options),
) (*dynamodbstreams.DescribeStreamOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for first := true; first || !s.caught; first = false {
		if err := s.fill(ctx); err != nil {
			return nil, err
		}
	}
	out := &types.StreamDescription{}
	for _, id := range slices.Sorted(maps.Keys(s.shards)) {
		shard := types.Shard{ShardId: aws.String(id)}
		// A parent without a record is no shard: the next one up is waited for.
		for parent := s.shards[id].parent; parent != ""; parent = s.above(parent) {
			if s.shards[parent] != nil {
				shard.ParentShardId = aws.String(parent)
				break
			}
		}
		out.Shards = append(out.Shards, shard)
	}
	return &dynamodbstreams.DescribeStreamOutput{StreamDescription: out}, nil
}

// above is the parent of a shard by its name.
func (s *split) above(id string) string {
	var g int
	var line, rest uint64
	if n, _ := fmt.Sscanf(id, "shardId-%d-%d-%d", &g, &line, &rest); n != 3 || g == 0 {
		return ""
	}
	return shardID(g-1, line, rest)
}

// GetShardIterator gives the shard and the number after which to continue.
func (s *split) GetShardIterator(
	_ context.Context, in *dynamodbstreams.GetShardIteratorInput, _ ...func(*dynamodbstreams.Options),
) (*dynamodbstreams.GetShardIteratorOutput, error) {
	return &dynamodbstreams.GetShardIteratorOutput{
		ShardIterator: aws.String(aws.ToString(in.ShardId) + " " + aws.ToString(in.SequenceNumber)),
	}, nil
}

// GetRecords gives what the iterator's shard holds after its number, and drops what was given before.
func (s *split) GetRecords(
	ctx context.Context, in *dynamodbstreams.GetRecordsInput, _ ...func(*dynamodbstreams.Options),
) (*dynamodbstreams.GetRecordsOutput, error) {
	var id, after string
	_, _ = fmt.Sscan(aws.ToString(in.ShardIterator), &id, &after)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.shards[id]
	if p == nil {
		return nil, &types.ResourceNotFoundException{Message: aws.String("there is no shard " + id)}
	}
	p.drop(after)
	if len(p.records) == 0 && p.generation == s.newest {
		if err := s.fill(ctx); err != nil {
			return nil, err
		}
		p.drop(after)
	}
	given := p.records[:min(len(p.records), 1000)]
	out := &dynamodbstreams.GetRecordsOutput{Records: slices.Clone(given)}
	if len(given) > 0 {
		after = aws.ToString(given[len(given)-1].Dynamodb.SequenceNumber)
	}
	if len(given) < len(p.records) || p.generation == s.newest {
		out.NextShardIterator = aws.String(id + " " + after)
	}
	return out, nil
}

// drop forgets the records up to a number.
func (p *part) drop(after string) {
	mark, ok := new(big.Int).SetString(after, 10)
	if !ok {
		return
	}
	p.records = slices.DeleteFunc(p.records, func(r types.Record) bool {
		n, ok := new(big.Int).SetString(aws.ToString(r.Dynamodb.SequenceNumber), 10)
		return ok && n.Cmp(mark) <= 0
	})
}

// keyText is an item's key as text.
func keyText(key map[string]types.AttributeValue) (text string) {
	for _, name := range slices.Sorted(maps.Keys(key)) {
		text += fmt.Sprint(name, "=", attribute(key[name]), ";")
	}
	return text
}
