// Package drive uses a running Mi Connect as browsers do: over HTTP, at its own address, with the mails in its
// mail box. Commands that need an account with something in it begin here.
package drive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

const browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36"

// Client is one browser. Its zero value but for Origin can be used; HTTP sets where it calls from.
type Client struct {
	HTTP   http.Client
	Origin string // http://localhost:3000
	Bearer string // of who is logged in, "" for nobody
	// Seen, where it is set, learns of each answer; status is 0 when none came.
	Seen func(kind string, took time.Duration, status int)
}

// Call is a request, and the statuses that say that it was done.
type Call struct {
	Kind, Method, Path string
	Headers            map[string]string
	Body               any
	Text               string // instead of Body
	Done               []int
}

// ErrRefused is an answer that no repetition changes.
var ErrRefused = errors.New("refused")

// Until sends a call until it is acknowledged, as the widget and a patient person do. An answer of the product that
// is no fault (4xx but for 429) ends it.
func (c *Client) Until(ctx context.Context, q Call, into any) error {
	var err error
	for wait := 50 * time.Millisecond; ctx.Err() == nil; wait = min(2*wait, 2*time.Second) {
		var status int
		var body []byte
		status, body, err = c.once(ctx, q)
		switch {
		case err == nil && slices.Contains(q.Done, status):
			if into != nil {
				return json.Unmarshal(body, into)
			}
			return nil
		case err == nil && status >= 400 && status < 500 && status != http.StatusTooManyRequests:
			return fmt.Errorf("%w: %s %s: %d %.300s", ErrRefused, q.Method, q.Path, status, body)
		case err == nil:
			err = fmt.Errorf("%s %s: %d %.200s", q.Method, q.Path, status, body)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
	return errors.Join(ctx.Err(), err)
}

// Post is Until for what is posted as who is logged in.
func (c *Client) Post(ctx context.Context, path string, body any, done int, into any) error {
	return c.Until(ctx, Call{Method: http.MethodPost, Path: path, Body: body, Done: []int{done}}, into)
}

func (c *Client) once(ctx context.Context, q Call) (int, []byte, error) {
	text := []byte(q.Text)
	if q.Body != nil {
		text, _ = json.Marshal(q.Body)
	}
	r, err := http.NewRequestWithContext(ctx, q.Method, c.Origin+q.Path, bytes.NewReader(text))
	if err != nil {
		return 0, nil, err
	}
	if len(text) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("User-Agent", browser)
	if c.Bearer != "" {
		r.Header.Set("Authorization", "Bearer "+c.Bearer)
	}
	for name, value := range q.Headers {
		r.Header.Set(name, value)
	}
	began, status := time.Now(), 0
	defer func() {
		if c.Seen != nil {
			c.Seen(q.Kind, time.Since(began), status)
		}
	}()
	answer, err := c.HTTP.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	status = answer.StatusCode
	body, err := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	return status, body, err
}
