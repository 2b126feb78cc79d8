package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/child"
	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// firstPoll compares how long events takes from exec to its first poll with how long a function takes that does
// nothing else than open a DynamoDB client and make the same warm-up call.
func (b *bench) firstPoll(ctx context.Context) error {
	hello := filepath.Join(b.dir, "hello")
	if err := b.compile(ctx, "./infra/bench/hello", hello, ""); err != nil {
		return err
	}
	events := filepath.Join(b.dir, "events")
	if err := b.compile(ctx, "./functions/events", events, ""); err != nil {
		return err
	}
	w, err := b.newWorld(ctx, "start")
	if err != nil {
		return err
	}
	defer w.stop()
	env := []string{
		"AWS_ENDPOINT_URL_DYNAMODB=" + w.dynamo.Endpoint, "AWS_REGION=" + template.Region,
		"AWS_ACCESS_KEY_ID=" + dynamo.AccessKey, "AWS_SECRET_ACCESS_KEY=" + dynamo.AccessKey, "_HANDLER=bootstrap",
	}
	for _, f := range w.functions {
		if f.ID == "EventsFunction" {
			env = append(env, "ACCOUNTS_TABLE="+f.Env["ACCOUNTS_TABLE"], "VISITS_TABLE="+f.Env["VISITS_TABLE"])
		}
	}
	const rounds = 40
	var times [2][]time.Duration
	for i := range rounds + 2 {
		for j, binary := range []string{events, hello} {
			took, err := untilPoll(ctx, binary, env)
			if err != nil {
				return fmt.Errorf("%s: %w", filepath.Base(binary), err)
			}
			if i >= 2 { // the first ones read the binary from disk
				times[j] = append(times[j], took)
			}
		}
	}
	ours, bare := median(times[0]), median(times[1])
	ratio := ours.Seconds() / bare.Seconds()
	b.table.add(row{"`events`: exec to first poll against a bare DynamoDB hello",
		fmt.Sprintf("%.2f times (%.2f ms, bare %.2f ms; medians of %d)",
			ratio, ours.Seconds()*1000, bare.Seconds()*1000, rounds), "1.2 times", within(ratio <= 1.2)})
	return nil
}

// untilPoll starts a function and ends it when it asks for its first event.
func untilPoll(ctx context.Context, binary string, env []string) (time.Duration, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	polled := make(chan time.Time, 1)
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/2018-06-01/runtime/invocation/next" {
			select {
			case polled <- time.Now():
			default:
			}
		}
		<-r.Context().Done()
	})}
	go server.Serve(l)
	defer server.Close()
	cmd := exec.Command(binary)
	cmd.Env = append(env, "AWS_LAMBDA_RUNTIME_API="+l.Addr().String())
	cmd.Stderr = os.Stderr
	began := time.Now()
	if err := child.Start(cmd); err != nil {
		return 0, err
	}
	defer cmd.Wait()
	defer child.Kill(cmd)
	select {
	case at := <-polled:
		return at.Sub(began), nil
	case <-time.After(10 * time.Second):
		return 0, fmt.Errorf("did not poll within 10 s")
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
