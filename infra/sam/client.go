package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// api is `sam local start-api`.
type api struct {
	address string
	cmd     *exec.Cmd
	exited  chan struct{}
	output  lines
}

func (c *cli) startAPI(ctx context.Context) (*api, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	address := "127.0.0.1:" + port
	a := &api{address: "http://" + address, exited: make(chan struct{})}
	args := append(
		[]string{"local", "start-api", "--host", "127.0.0.1", "--port", port, "--warm-containers", "LAZY"}, c.local...,
	)
	a.cmd = c.command(ctx, args...)
	a.cmd.Stdout, a.cmd.Stderr = &a.output, &a.output
	if err := a.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { _ = a.cmd.Wait(); close(a.exited) }()
	for began := time.Now(); time.Since(began) < 2*time.Minute; time.Sleep(100 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return a, nil
		}
		select {
		case <-a.exited:
			return nil, fmt.Errorf("sam local start-api ended: %s", a.output.tail())
		case <-ctx.Done():
			a.stop()
			return nil, ctx.Err()
		default:
		}
	}
	a.stop()
	return nil, fmt.Errorf("sam local start-api does not answer: %s", a.output.tail())
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

func (a *api) stop() {
	_ = a.cmd.Cancel()
	select {
	case <-a.exited:
	case <-time.After(40 * time.Second):
		_ = a.cmd.Process.Kill()
		<-a.exited
	}
}

// call is one request and what it must be answered.
type call struct {
	method, path string
	headers      map[string]string
	body         any
	want         int
	read         func(answer) error // looks at the answer, nil for nothing
}

type answer struct {
	header http.Header
	body   []byte
}

// field reads a value of a JSON answer by its path.
func (a answer) field(path ...string) any {
	var v any
	if json.Unmarshal(a.body, &v) != nil {
		return nil
	}
	for _, name := range path {
		switch at := v.(type) {
		case map[string]any:
			v = at[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

func (a answer) text(path ...string) string {
	s, _ := a.field(path...).(string)
	return s
}

func (a *api) do(ctx context.Context, c call) error {
	var body io.Reader
	if c.body != nil {
		text, err := json.Marshal(c.body)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, c.method, a.address+c.path, body)
	if err != nil {
		return err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range c.headers {
		r.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	got := answer{header: response.Header}
	if got.body, err = io.ReadAll(response.Body); err != nil {
		return err
	}
	if response.StatusCode != c.want {
		return fmt.Errorf("answered %d %.300s, not %d; %s", response.StatusCode, got.body, c.want, a.output.tail())
	}
	if c.read != nil {
		return c.read(got)
	}
	return nil
}

// lines keeps the end of what a process writes.
type lines struct {
	mu   sync.Mutex
	text []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	l.text = l.text[max(0, len(l.text)-4000):]
	return len(p), nil
}

func (l *lines) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(string(l.text[max(0, len(l.text)-1200):]))
}
