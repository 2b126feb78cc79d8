package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/mi-telecom/mi-connect/infra/local/streams"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

type call func(ctx context.Context, event []byte) ([]byte, error)

// invoke calls a function's released version.
func invoke(functions *lambda.Client, name string) call {
	return func(ctx context.Context, event []byte) ([]byte, error) {
		out, err := functions.Invoke(ctx, &lambda.InvokeInput{
			FunctionName: &name, Qualifier: aws.String("live"), Payload: event,
		})
		if err != nil {
			return nil, err
		}
		if out.FunctionError != nil {
			return nil, fmt.Errorf("%s: %s: %.300s", name, *out.FunctionError, out.Payload)
		}
		return out.Payload, nil
	}
}

// replay feeds the function a stream from its oldest record, as its mapping in the template would, until only records
// come that are younger than the call. The mapping itself must be disabled: it is further on, and what it counts
// would be taken to say that everything before is counted.
func replay(
	ctx context.Context, client *dynamodbstreams.Client, stream, function string, quiet time.Duration, out io.Writer,
	call call,
) error {
	m, err := rollupMapping(stream, function)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "restore-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p := &progress{start: time.Now(), last: time.Now()}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	runner := &streams.Runner{
		Client: client, Dir: dir, Queues: dir, Say: func(line string) { fmt.Fprintln(out, line) },
		Invoke: func(ctx context.Context, _ string, event []byte) ([]byte, error) {
			answer, err := call(ctx, event)
			if err != nil {
				fmt.Fprintln(out, err)
			}
			p.saw(event, err)
			return answer, err
		},
	}
	done := make(chan struct{})
	go func() { defer close(done); runner.Run(ctx, m) }()
	for !p.over(quiet) {
		select {
		case <-ctx.Done():
			<-done
			return errors.New("cut off: run it again before the mapping is enabled")
		case <-time.After(quiet / 10):
		}
	}
	cancel()
	<-done
	fmt.Fprintf(
		out, "%d records given to %s, the oldest of %s\n", p.records, function, p.oldest.UTC().Format(time.RFC3339),
	)
	return nil
}

func rollupMapping(stream, function string) (streams.Mapping, error) {
	t, err := template.Load("template.yaml", nil)
	if err != nil {
		return streams.Mapping{}, err
	}
	t.SetAttribute("VisitsTable", "StreamArn", stream)
	functions, _, err := t.Functions()
	if err != nil {
		return streams.Mapping{}, err
	}
	mappings, _ := streams.Mappings(functions)
	for _, m := range mappings {
		if m.Function == "RollupFunction" {
			m.Function = function
			return m, nil
		}
	}
	return streams.Mapping{}, errors.New("template.yaml maps no stream to RollupFunction")
}

// progress is how far a replay came.
type progress struct {
	mu      sync.Mutex
	start   time.Time
	last    time.Time // when a record older than start came, or a call failed
	oldest  time.Time
	records int
}

func (p *progress) saw(event []byte, failed error) {
	var e struct {
		Records []struct {
			DynamoDB struct{ ApproximateCreationDateTime float64 }
		}
	}
	_ = json.Unmarshal(event, &e)
	p.mu.Lock()
	defer p.mu.Unlock()
	old := failed != nil
	for _, r := range e.Records {
		at := time.UnixMilli(int64(1000 * r.DynamoDB.ApproximateCreationDateTime))
		old = old || at.Before(p.start)
		if failed == nil {
			p.records++
		}
		if p.oldest.IsZero() || at.Before(p.oldest) {
			p.oldest = at
		}
	}
	if old {
		p.last = time.Now()
	}
}

func (p *progress) over(quiet time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Since(p.last) > quiet
}
