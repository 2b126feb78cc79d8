package dynamo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mi-telecom/mi-connect/infra/local/child"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// AccessKey is what every process here signs with. DynamoDB Local takes letters and digits only.
const AccessKey = "local"

// Credentials are for clients of what runs here.
var Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: AccessKey, SecretAccessKey: AccessKey}, nil
})

// Server is a running engine. It is restarted when it dies, on the same port and file.
type Server struct {
	Endpoint string
	Client   *dynamodb.Client

	engine Engine
	file   string
	port   int
	say    func(string)

	mu       sync.Mutex
	cmd      *exec.Cmd
	output   *tail
	stopping bool
	done     chan struct{} // closed when the engine is gone permanently
}

// Start runs engine on file ("" keeps all in memory) and returns when it answers. say gets a line
// when something happens to it later.
func Start(ctx context.Context, engine Engine, file string, say func(string)) (*Server, error) {
	if file != "" {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return nil, err
		}
		endLeftover(file)
		if engine.prepare != nil {
			if err := engine.prepare(file); err != nil {
				return nil, err
			}
		}
	}
	var err error
	// The free port may be taken between our look and its start.
	for range 3 {
		port, portErr := freePort()
		if portErr != nil {
			return nil, portErr
		}
		s := At("http://127.0.0.1:" + strconv.Itoa(port))
		s.engine, s.file, s.port, s.say, s.done = engine, file, port, say, make(chan struct{})
		exited, startErr := s.start()
		if startErr != nil {
			return nil, startErr
		}
		if err = s.wait(ctx, exited); err == nil {
			go s.keep(exited)
			return s, nil
		}
		child.Kill(s.cmd)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return nil, err
}

// At is an engine that something else started.
func At(endpoint string) *Server {
	return &Server{Endpoint: endpoint, Client: dynamodb.New(dynamodb.Options{
		Region: template.Region, BaseEndpoint: &endpoint, Credentials: Credentials,
		// A restart takes well under a second; a caller should not notice it.
		RetryMaxAttempts: 5,
	})}
}

func (s *Server) start() (exited chan error, err error) {
	cmd := s.engine.command(s.port, s.file)
	s.output = &tail{}
	cmd.Stdout, cmd.Stderr = s.output, s.output
	if err := child.Start(cmd); err != nil {
		return nil, fmt.Errorf("%s: %w", s.engine.Name, err)
	}
	s.cmd = cmd
	if s.file != "" {
		_ = os.WriteFile(s.file+".pid", []byte(strconv.Itoa(cmd.Process.Pid)), 0o600)
	}
	exited = make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	return exited, nil
}

// wait returns when the engine answers.
func (s *Server) wait(ctx context.Context, exited chan error) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		try, stop := context.WithTimeout(ctx, 5*time.Second)
		_, err := s.Client.ListTables(try, &dynamodb.ListTablesInput{}, func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
		stop()
		if err == nil {
			return nil
		}
		select {
		case exit := <-exited:
			return fmt.Errorf("%s did not start (%w): %s", s.engine.Name, exit, s.output)
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", s.engine.Name, errors.Join(ctx.Err(), err))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// keep starts the engine again whenever it ends without having been asked to.
func (s *Server) keep(exited chan error) {
	defer close(s.done)
	for {
		err := <-exited
		for {
			s.mu.Lock()
			if s.stopping {
				s.mu.Unlock()
				return
			}
			s.say(fmt.Sprintf("%s ended (%v); starting it again on the same data. %s", s.engine.Name, err, s.output))
			exited, err = s.start()
			s.mu.Unlock()
			if err == nil {
				break
			}
			time.Sleep(time.Second)
		}
		if err := s.wait(context.Background(), exited); err != nil {
			s.say(err.Error())
			time.Sleep(time.Second)
		}
	}
}

// Stop ends the engine.
func (s *Server) Stop() {
	s.mu.Lock()
	s.stopping = true
	child.Terminate(s.cmd)
	s.mu.Unlock()
	select {
	case <-s.done:
	case <-time.After(5 * time.Second):
		child.Kill(s.cmd)
	}
	if s.file != "" {
		_ = os.Remove(s.file + ".pid")
	}
}

// Pid is the engine's process.
func (s *Server) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cmd.Process.Pid
}

// endLeftover ends an engine that an earlier run left on file, since two would both write it.
func endLeftover(file string) {
	text, err := os.ReadFile(file + ".pid")
	if err != nil {
		return
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	// The number may be another process's by now: its command line tells.
	if err != nil || !strings.Contains(commandLine(pid), file) {
		return
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	for range 200 {
		if syscall.Kill(pid, 0) != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func commandLine(pid int) string {
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil {
		return string(text)
	}
	text, _ := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return string(text)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// tail keeps the last of what a process wrote.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - 2000; over > 0 {
		t.text = t.text[over:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.text))
}
