package streams_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/infra/local/streams"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// A stream in several shards, which are divided while it is read, gives each record once and those of a key in their
// order, in one line of shards; also when the reader stops and continues, and when the function fails.
func TestSeveralShards(t *testing.T) {
	s := newSource(t)
	s.runner.Shards, s.runner.SplitEvery = 3, 60
	version := 0
	write := func(rounds int) {
		for range rounds {
			version++ // a write that changes nothing is no record
			for key := range 20 {
				_, err := s.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &s.table,
					Item: map[string]types.AttributeValue{
						"pk": &types.AttributeValueMemberS{Value: fmt.Sprint("key-", key)}, "n": &types.AttributeValueMemberN{Value: fmt.Sprint(version)}}})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	tried := 0
	var done []call
	s.fail = func(c call) (string, error) {
		if tried++; tried%7 == 3 {
			return "", errors.New("now and then")
		}
		done = append(done, c)
		return `{"batchItemFailures":[]}`, nil
	}
	n, seen := 0, map[string]int{}
	for range 3 {
		write(4)
		n += 80
		s.run(streams.Mapping{BatchSize: 9, Tumbling: 60e9, Retries: -1, Bisect: true}, func([]call) bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			clear(seen)
			for _, c := range done {
				for _, number := range c.numbers {
					seen[number]++
				}
			}
			return len(seen) == n
		})
	}
	shards, last := map[string]bool{}, map[string]string{}
	lines := map[string]string{}
	for _, c := range done {
		if len(c.keys) == 0 {
			continue
		}
		id := template.String(c.raw["shardId"])
		shards[id] = true
		line := strings.Split(id, "-")[2]
		for i, key := range c.keys {
			if lines[key] != "" && lines[key] != line {
				t.Fatalf("%s is in lines %s and %s", key, lines[key], line)
			}
			lines[key] = line
			if previous := last[key]; previous != "" && number(t, c.numbers[i]) <= number(t, previous) {
				t.Errorf("%s: %s after %s", key, c.numbers[i], previous)
			}
			last[key] = c.numbers[i]
		}
	}
	for number, times := range seen {
		if times != 1 {
			t.Errorf("record %s came %d times", number, times)
		}
	}
	if len(shards) < 9 {
		t.Errorf("only %d shards: %v", len(shards), shards)
	}
	used := map[string]bool{}
	for _, line := range lines {
		used[line] = true
	}
	if len(used) != 3 {
		t.Errorf("keys are in %d lines", len(used))
	}
}

func number(t *testing.T, s string) (n int64) {
	t.Helper()
	if _, err := fmt.Sscan(strings.TrimLeft(s, "0"), &n); err != nil {
		t.Fatal(err)
	}
	return n
}
