package stack

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/schedule"
	"github.com/mi-telecom/mi-connect/infra/local/streams"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// startBackground runs what calls functions by itself.
func (s *Stack) startBackground(functions []template.Function) error {
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	mappings, problems := streams.Mappings(functions)
	s.unrun = append(s.unrun, problems...)
	runner := streams.Runner{
		Client: dynamodbstreams.New(dynamodbstreams.Options{
			Region: template.Region, BaseEndpoint: &s.Dynamo.Endpoint, Credentials: dynamo.Credentials,
		}),
		Invoke: s.Invoke, Say: s.console.say,
		Dir: filepath.Join(s.options.DataDir, "streams"), Queues: filepath.Join(s.options.DataDir, "queues"),
		Shards: s.options.Shards, SplitEvery: s.options.SplitEvery,
	}
	for _, m := range mappings {
		s.background.Go(func() { runner.Run(ctx, m) })
	}
	schedules, problems := schedule.Schedules(functions)
	s.unrun = append(s.unrun, problems...)
	for _, sc := range schedules {
		s.background.Go(func() { sc.Run(ctx, s.Invoke) })
	}
	s.counts.mappings, s.counts.schedules = len(mappings), schedules
	return nil
}

// Invoke calls a function by its logical id.
func (s *Stack) Invoke(ctx context.Context, function string, event []byte) ([]byte, error) {
	pool := s.pools[function]
	if pool == nil {
		return nil, fmt.Errorf("there is no function %s", function)
	}
	return pool.Invoke(ctx, event)
}

func (s *Stack) serve(h http.Handler, listeners ...net.Listener) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, server)
	for _, l := range listeners {
		go server.Serve(l)
	}
}

func (s *Stack) closeLater(listeners ...net.Listener) {
	for _, l := range listeners {
		s.closers = append(s.closers, l)
	}
}

// Stop lets requests and batches under way finish, then ends every process. It may be called when only
// some of it was started.
func (s *Stack) Stop() {
	ctx, done := context.WithTimeout(context.Background(), patience)
	defer done()
	if s.cancel != nil {
		s.cancel()
	}
	var wait sync.WaitGroup
	for _, server := range s.servers {
		wait.Go(func() {
			if server.Shutdown(ctx) != nil {
				_ = server.Close()
			}
		})
	}
	wait.Wait()
	for _, pool := range s.pools {
		wait.Go(func() { pool.Stop(ctx) })
	}
	wait.Wait()
	s.background.Wait()
	for _, c := range s.closers {
		_ = c.Close()
	}
	if s.Dynamo != nil {
		s.Dynamo.Stop()
	}
	if s.logs != nil {
		s.logs.Close()
	}
	if s.lock != nil {
		_ = s.lock.Close()
	}
}
