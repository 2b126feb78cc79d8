package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// stack is the run under test: a process of its own.
type stack struct {
	origin string
	dir    string
	cmd    *exec.Cmd
	exited chan struct{}
	output tail
}

func start(ctx context.Context, port int) (*stack, error) {
	binary, err := filepath.Abs(".build/local")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mi-connect-soak-")
	if err != nil {
		return nil, err
	}
	s := &stack{origin: "http://localhost:" + strconv.Itoa(port), dir: dir, exited: make(chan struct{})}
	s.cmd = exec.Command(binary)
	s.cmd.Env = append(
		os.Environ(), "PORT="+strconv.Itoa(port), "DATA_DIR="+dir, "LOCAL_SPLIT_EVERY=300", "LOCAL_FAULTS=1",
	)
	s.cmd.Stdout, s.cmd.Stderr = &s.output, &s.output
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w (make build)", err)
	}
	go func() { _ = s.cmd.Wait(); close(s.exited) }()
	for began := time.Now(); time.Since(began) < 2*time.Minute && ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		select {
		case <-s.exited:
			return nil, fmt.Errorf("it did not start: %s", s.output.tail())
		default:
		}
		if r, err := http.Get(s.origin + "/_local/health"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return s, nil
			}
		}
	}
	s.stop()
	return nil, fmt.Errorf("it does not answer: %s", s.output.tail())
}

func (s *stack) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-s.exited:
	case <-time.After(20 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.exited
	}
	_ = os.RemoveAll(s.dir)
}

// process is one of the run's: a function's instance, or the run itself.
type process struct {
	pid  int
	name string
	peak int // resident memory at most, in KB
}

// functions are the instances that run now.
func (s *stack) functions() (out []process) {
	entries, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, entry := range entries {
		target, err := os.Readlink(entry)
		dir := filepath.Dir(entry)
		if err != nil || !strings.HasSuffix(strings.TrimSuffix(target, " (deleted)"), "/bootstrap") ||
			field(dir, "PPid") != s.cmd.Process.Pid {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(dir))
		out = append(out, process{pid, filepath.Base(filepath.Dir(target)), field(dir, "VmHWM")})
	}
	return out
}

// database is the engine's process, 0 for none.
func (s *stack) database() int {
	text, _ := os.ReadFile(filepath.Join(s.dir, "dynamodb.sqlite.pid"))
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}

// field is a number of /proc/<pid>/status.
func field(dir, name string) int {
	text, _ := os.ReadFile(filepath.Join(dir, "status"))
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			n, _ := strconv.Atoi(strings.Fields(value)[0])
			return n
		}
	}
	return 0
}

// tail keeps the end of what a process writes.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-6000):]
	return len(p), nil
}

func (t *tail) tail() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
