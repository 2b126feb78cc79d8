package streams

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// Collect gives the next n records of the stream that feeds a function, as the events that the function
// would be sent, at most size records each. Where an earlier call left off is kept in dir.
func Collect(
	ctx context.Context, client *dynamodbstreams.Client, functions []template.Function, function, dir string, size, n int,
) ([][]byte, error) {
	mappings, problems := Mappings(functions)
	i := slices.IndexFunc(mappings, func(m Mapping) bool { return m.Function == function })
	if i < 0 {
		return nil, fmt.Errorf("no stream feeds %s %v", function, problems)
	}
	m := mappings[i]
	m.BatchSize, m.Window = min(size, n), time.Minute
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var events [][]byte
	var said []string
	seen := 0
	runner := &Runner{
		Client: client, Dir: dir, Say: func(line string) { said = append(said, line) },
		Invoke: func(_ context.Context, _ string, event []byte) ([]byte, error) {
			var e struct{ Records []json.RawMessage }
			if err := json.Unmarshal(event, &e); err != nil {
				return nil, err
			}
			if len(e.Records) > 0 {
				events = append(events, event)
			}
			if seen += len(e.Records); seen >= n {
				cancel()
			}
			return []byte(`{"batchItemFailures":[]}`), nil
		},
	}
	runner.Run(ctx, m)
	if seen != n {
		return nil, fmt.Errorf("%s: the stream gave %d records of %d %v", function, seen, n, said)
	}
	return events, nil
}
