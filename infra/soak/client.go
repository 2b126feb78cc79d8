package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// client sends requests from a network of its own: each visitor has a budget by theirs.
type client struct {
	http   http.Client
	origin string
	times  *times
}

func newClient(origin string, n int, t *times) *client {
	from := &net.TCPAddr{IP: net.IPv4(127, byte(1+n%250), byte(n/250), 1)}
	// Every address of 127/8 is this machine's; where it is not (macOS), all come from the usual one.
	if l, err := net.ListenTCP("tcp", from); err == nil {
		l.Close()
	} else {
		from = nil
	}
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	if from != nil {
		dialer.LocalAddr = from
	}
	return &client{origin: strings.Replace(origin, "localhost", "127.0.0.1", 1), times: t, http: http.Client{
		Timeout: 35 * time.Second, Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 2, IdleConnTimeout: 10 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// call is a request, and what says that it was done.
type call struct {
	kind, method, path string
	headers            map[string]string
	body               any
	text               string // instead of body
	done               []int
}

// errRefused is an answer that no repetition changes.
var errRefused = errors.New("refused")

// until sends a call until it is acknowledged, as the widget and a patient person do. An answer of ours that is no
// fault (4xx but for 429) ends it.
func (c *client) until(ctx context.Context, q call, into any) error {
	var err error
	for wait := 50 * time.Millisecond; ctx.Err() == nil; wait = min(2*wait, 2*time.Second) {
		var status int
		var body []byte
		status, body, err = c.once(ctx, q)
		switch {
		case err == nil && slices.Contains(q.done, status):
			if into != nil {
				return json.Unmarshal(body, into)
			}
			return nil
		case err == nil && status >= 400 && status < 500 && status != http.StatusTooManyRequests:
			return fmt.Errorf("%w: %s %s: %d %.300s", errRefused, q.method, q.path, status, body)
		case err == nil:
			err = fmt.Errorf("%s %s: %d %.200s", q.method, q.path, status, body)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
	return errors.Join(ctx.Err(), err)
}

func (c *client) once(ctx context.Context, q call) (int, []byte, error) {
	text := []byte(q.text)
	if q.body != nil {
		text, _ = json.Marshal(q.body)
	}
	r, err := http.NewRequestWithContext(ctx, q.method, c.origin+q.path, bytes.NewReader(text))
	if err != nil {
		return 0, nil, err
	}
	if len(text) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36")
	for name, value := range q.headers {
		r.Header.Set(name, value)
	}
	began := time.Now()
	answer, err := c.http.Do(r)
	if err != nil {
		c.times.add(q.kind, time.Since(began), 0)
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	c.times.add(q.kind, time.Since(began), answer.StatusCode)
	return answer.StatusCode, body, err
}

// times are how long requests took, and what they were answered.
type times struct {
	mu       sync.Mutex
	took     map[string][]time.Duration
	statuses map[string]int
}

func (t *times) add(kind string, took time.Duration, status int) {
	if kind == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.took[kind] = append(t.took[kind], took)
	t.statuses[itoa(status)]++
}

// quantile is for a list in order.
func quantile(list []time.Duration, q float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	return list[min(len(list)-1, int(q*float64(len(list))))]
}
