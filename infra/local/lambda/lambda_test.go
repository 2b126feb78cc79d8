package lambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/lambda"
	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "bootstrap")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "bootstrap")
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

var build sync.Once

type answer struct {
	Event     json.RawMessage
	Pid       int
	Env       map[string]string
	RequestID string
	Arn       string
	LeftMs    int
}

func pool(t *testing.T, change func(*lambda.Config)) (*lambda.Pool, *localtest.Said, string) {
	t.Helper()
	build.Do(func() { localtest.Build(t, "infra/local/testdata/function", binary) })
	said, dir := &localtest.Said{}, t.TempDir()
	logs, err := lambda.NewLogs(dir, said.Say)
	if err != nil {
		t.Fatal(err)
	}
	c := lambda.Config{Binary: binary, Max: 4, Logs: logs, Say: said.Say,
		Env: map[string]string{"AWS_ACCESS_KEY_ID": "local"},
		Function: template.Function{ID: "Worker", Name: "stack-Worker", Handler: "bootstrap", MemoryMB: 256,
			Timeout:  5 * time.Second,
			JSONLogs: true, Env: map[string]string{"TABLE": "things"}}}
	if change != nil {
		change(&c)
	}
	p := lambda.New(c)
	t.Cleanup(func() { p.Stop(t.Context()); logs.Close() })
	return p, said, dir
}

func invoke(t *testing.T, p *lambda.Pool, event string) answer {
	t.Helper()
	out, err := p.Invoke(context.Background(), []byte(event))
	if err != nil {
		t.Fatalf("%s: %v", event, err)
	}
	var a answer
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestInvocation(t *testing.T) {
	t.Setenv("SECRET_OF_THE_DEVELOPER", "x")
	p, _, _ := pool(t, nil)
	a := invoke(t, p, `{"do":"echo","n":1}`)
	if string(a.Event) != `{"do":"echo","n":1}` {
		t.Errorf("the event came as %s", a.Event)
	}
	if a.RequestID == "" || a.Arn != "arn:aws:lambda:eu-west-2:000000000000:function:stack-Worker" || a.LeftMs < 3000 ||
		a.LeftMs > 5000 {
		t.Errorf("context %+v", a)
	}
	for name, want := range map[string]string{"TABLE": "things", "AWS_LAMBDA_FUNCTION_NAME": "stack-Worker",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
		"AWS_REGION":                      "eu-west-2", "AWS_ACCESS_KEY_ID": "local", "_HANDLER": "bootstrap", "LAMBDA_TASK_ROOT": filepath.Dir(binary), "AWS_LAMBDA_LOG_FORMAT": "JSON"} {
		if a.Env[name] != want {
			t.Errorf("%s=%q, want %q", name, a.Env[name], want)
		}
	}
	if a.Env["SECRET_OF_THE_DEVELOPER"] != "" {
		t.Error("the function sees our own environment")
	}
	if again := invoke(t, p, `{}`); again.Pid != a.Pid || again.RequestID == a.RequestID {
		t.Errorf("an idle instance is used again under a new id: %+v", again)
	}
}

func TestTwoInstancesRunSideBySide(t *testing.T) {
	p, _, _ := pool(t, func(c *lambda.Config) { c.Max = 2 })
	var wait sync.WaitGroup
	var mu sync.Mutex
	pids := map[int]int{}
	began := time.Now()
	for range 6 {
		wait.Go(func() {
			a := invoke(t, p, `{"do":"sleep","ms":200}`)
			mu.Lock()
			pids[a.Pid]++
			mu.Unlock()
		})
	}
	wait.Wait()
	if took := time.Since(began); len(pids) != 2 || p.Running() != 2 || took < 600*time.Millisecond {
		t.Errorf("six calls of 200 ms on two instances: %v in %v", pids, took)
	}
}

func TestFailures(t *testing.T) {
	for name, c := range map[string]struct {
		event, kind, message string
		lives                bool
	}{
		"error":      {`{"do":"fail"}`, "errorString", "told to fail", true},
		"panic":      {`{"do":"panic"}`, "string", "told to panic", false},
		"exit":       {`{"do":"exit"}`, "Runtime.ExitError", "leaving", false},
		"time-out":   {`{"do":"sleep","ms":9000}`, "Sandbox.Timedout", "Task timed out after 1.00 seconds", false},
		"big answer": {`{"do":"big"}`, "Function.ResponseSizeTooLarge", "6 MB", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, said, _ := pool(t, func(c *lambda.Config) { c.Function.Timeout = time.Second })
			before := invoke(t, p, `{}`)
			_, err := p.Invoke(context.Background(), []byte(c.event))
			var failed *lambda.FunctionError
			if !errors.As(err, &failed) || failed.Type != c.kind || !strings.Contains(failed.Message, c.message) {
				t.Fatalf("failed as %#v", err)
			}
			if failed.TimedOut != (name == "time-out") {
				t.Error("TimedOut is wrong")
			}
			if !strings.Contains(said.String(), "Worker: ") {
				t.Errorf("nothing was said: %q", said)
			}
			if name == "big answer" {
				return // the library decides whether it continues
			}
			if after := invoke(t, p, `{}`); (after.Pid == before.Pid) != c.lives {
				t.Errorf("the same process serves on: %v", after.Pid == before.Pid)
			}
		})
	}
}

func TestKilledWhileIdle(t *testing.T) {
	p, _, _ := pool(t, nil)
	first := invoke(t, p, `{}`)
	_ = syscall.Kill(first.Pid, syscall.SIGKILL)
	// Whoever calls in the moment of its death is told so, as by Lambda; this is about the next call.
	for syscall.Kill(first.Pid, 0) == nil {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(50 * time.Millisecond)
	if second := invoke(t, p, `{}`); second.Pid == first.Pid {
		t.Error("a dead process answered")
	}
}

func TestFailedStart(t *testing.T) {
	p, said, dir := pool(t, func(c *lambda.Config) { c.Function.Env["INIT"] = "fail" })
	var wait sync.WaitGroup
	for range 6 { // more than may start at once
		wait.Go(func() {
			_, err := p.Invoke(context.Background(), []byte(`{}`))
			var failed *lambda.FunctionError
			if !errors.As(err, &failed) || !strings.Contains(failed.Message, "there is no configuration") {
				t.Errorf("failed as %v", err)
			}
		})
	}
	wait.Wait()
	if !strings.Contains(said.String(), "there is no configuration") {
		t.Errorf("said %q", said)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "Worker.log")); !strings.Contains(
		string(text), "there is no configuration",
	) {
		t.Errorf("logged %q", text)
	}
	missing, _, _ := pool(t, func(c *lambda.Config) { c.Binary = "/nowhere/bootstrap" })
	if _, err := missing.Invoke(context.Background(), []byte(`{}`)); err == nil ||
		!strings.Contains(err.Error(), "make build") {
		t.Errorf("a missing binary is %v", err)
	}
}

func TestLogs(t *testing.T) {
	p, said, dir := pool(t, nil)
	invoke(t, p, `{"do":"log"}`)
	p.Stop(context.Background())
	text, _ := os.ReadFile(filepath.Join(dir, "Worker.log"))
	if !strings.Contains(string(text), "quiet") || !strings.Contains(string(text), "loud") {
		t.Errorf("the file has %q", text)
	}
	if s := said.String(); !strings.Contains(s, "Worker: ERROR loud broken") || strings.Contains(s, "quiet") {
		t.Errorf("the terminal has %q", s)
	}
}

func TestNewBinaryIsTaken(t *testing.T) {
	p, _, _ := pool(t, nil)
	own := filepath.Join(t.TempDir(), "bootstrap")
	text, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, text, 0o700); err != nil {
		t.Fatal(err)
	}
	p.Binary = own
	first := invoke(t, p, `{}`)
	later := time.Now().Add(time.Second)
	if err := os.Chtimes(own, later, later); err != nil {
		t.Fatal(err)
	}
	if second := invoke(t, p, `{}`); second.Pid == first.Pid {
		t.Error("the old binary still runs")
	}
}

func TestStopLetsWorkFinish(t *testing.T) {
	p, _, _ := pool(t, nil)
	invoke(t, p, `{}`)
	done := make(chan error, 1)
	go func() {
		_, err := p.Invoke(context.Background(), []byte(`{"do":"sleep","ms":300}`))
		done <- err
	}()
	time.Sleep(100 * time.Millisecond)
	p.Stop(context.Background())
	if err := <-done; err != nil {
		t.Errorf("what was under way ended with %v", err)
	}
	if p.Running() != 0 {
		t.Errorf("%d instances are left", p.Running())
	}
	if _, err := p.Invoke(context.Background(), []byte(`{}`)); err == nil {
		t.Error("a stopped pool took an event")
	}
}

func TestEventTooLarge(t *testing.T) {
	p, _, _ := pool(t, nil)
	if _, err := p.Invoke(context.Background(), make([]byte, lambda.MaxPayload+1)); !errors.Is(err, lambda.ErrTooLarge) {
		t.Errorf("%v", err)
	}
}

func TestConcurrencyIsLimited(t *testing.T) {
	limit := lambda.NewLimit(2)
	a, _, _ := pool(t, func(c *lambda.Config) { c.Account = limit })
	b, _, _ := pool(t, func(c *lambda.Config) { c.Account, c.Function.Reserved = limit, 1 })
	var wait sync.WaitGroup
	slow := func(p *lambda.Pool) {
		started := p.Running()
		wait.Go(func() {
			if _, err := p.Invoke(context.Background(), []byte(`{"do":"sleep","ms":1500}`)); err != nil {
				t.Error(err)
			}
		})
		for range 200 {
			if p.Running() > started {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	slow(b)
	if _, err := b.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, lambda.ErrThrottled) {
		t.Errorf("a function took more than is reserved for it: %v", err)
	}
	slow(a)
	if _, err := a.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, lambda.ErrThrottled) {
		t.Errorf("an account took more than it may: %v", err)
	}
	wait.Wait()
	if _, err := a.Invoke(t.Context(), []byte(`{}`)); err != nil {
		t.Errorf("what has ended still counts: %v", err)
	}
}
