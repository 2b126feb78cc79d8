package lambda

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/child"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// initLimit is how long Lambda lets a function start.
const initLimit = 10 * time.Second

// instance is one process and the Runtime API it talks to.
type instance struct {
	pool  *Pool
	work  chan *invocation
	gone  chan struct{} // closed when the process has ended
	built time.Time     // of the binary it runs

	// Guarded by pool.mu.
	current *invocation
	started bool // it has asked for an event once

	mu      sync.Mutex
	cmd     *exec.Cmd
	ending  string         // why we ended it
	timeout bool           // it was ended for its Timeout
	failed  *FunctionError // what it said of its start
}

// run starts the process and stays with it to its end.
func (in *instance) run() {
	p := in.pool
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.lost(in, &FunctionError{Type: "Runtime.InitError", Message: err.Error()})
		return
	}
	server := &http.Server{Handler: in.api()}
	go server.Serve(listener)
	defer server.Close()

	output := p.Logs.writer(p.Function)
	cmd := exec.Command(p.Binary)
	cmd.Dir = filepath.Dir(p.Binary)
	cmd.Env = in.env(listener.Addr().String())
	cmd.Stdout, cmd.Stderr = output, output
	cmd.WaitDelay = time.Second
	in.mu.Lock()
	if in.ending != "" {
		err = errors.New(in.ending)
	} else if err = child.Start(cmd); err == nil {
		in.cmd = cmd
	}
	in.mu.Unlock()
	if err != nil {
		if os.IsNotExist(err) {
			err = fmt.Errorf("there is no %s: make build", p.Binary)
		}
		p.lost(in, &FunctionError{Type: "Runtime.InvalidEntrypoint", Message: err.Error()})
		return
	}
	slow := time.AfterFunc(initLimit, func() {
		p.mu.Lock()
		started := in.started
		p.mu.Unlock()
		if !started {
			in.end(fmt.Sprintf("it did not ask for an event within %v", initLimit))
		}
	})
	exit := cmd.Wait()
	slow.Stop()
	close(in.gone)
	output.flush()
	child.Kill(cmd) // what it may have started
	p.lost(in, in.reason(exit, output.last()))
}

// reason says why the process ended, for whoever waits for its answer.
func (in *instance) reason(exit error, last string) *FunctionError {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.timeout:
		return &FunctionError{Type: "Sandbox.Timedout", Message: in.ending, TimedOut: true}
	case in.failed != nil:
		return in.failed
	case in.ending != "":
		return &FunctionError{Type: "Runtime.Ended", Message: in.ending}
	}
	message := "the process ended without an answer"
	if exit != nil {
		message += " (" + exit.Error() + ")"
	}
	if last != "" {
		message += ": " + last
	}
	return &FunctionError{Type: "Runtime.ExitError", Message: message}
}

// end ends the process; its Wait does the rest.
func (in *instance) end(why string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.ending == "" {
		in.ending = why
	}
	if in.cmd != nil {
		child.Kill(in.cmd)
	}
}

// outdated says that the binary was rebuilt since.
func (in *instance) outdated() bool {
	now := modified(in.pool.Binary)
	return !now.IsZero() && !now.Equal(in.built)
}

// env is what Lambda gives a process, and nothing of our own environment: what works here because of
// a developer's variables would fail there.
func (in *instance) env(api string) []string {
	f := in.pool.Function
	all := map[string]string{
		"PATH":                            os.Getenv("PATH"),
		"LANG":                            "en_US.UTF-8",
		"TZ":                              ":UTC",
		"HOME":                            os.TempDir(),
		"AWS_LAMBDA_RUNTIME_API":          api,
		"AWS_LAMBDA_FUNCTION_NAME":        f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      time.Now().UTC().Format("2006/01/02") + "/[$LATEST]local",
		"AWS_REGION":                      template.Region,
		"AWS_DEFAULT_REGION":              template.Region,
		"LAMBDA_TASK_ROOT":                filepath.Dir(in.pool.Binary),
		"_HANDLER":                        f.Handler,
	}
	if f.Alias != "" { // of what is published there is one version here
		all["AWS_LAMBDA_FUNCTION_VERSION"] = "1"
	}
	if f.JSONLogs {
		all["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
	}
	for k, v := range f.Env {
		all[k] = v
	}
	for k, v := range in.pool.Env { // last: nothing declared leads away from what runs here
		all[k] = v
	}
	out := make([]string, 0, len(all))
	for k, v := range all {
		out = append(out, k+"="+v)
	}
	return out
}
