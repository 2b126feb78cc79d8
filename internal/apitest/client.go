package apitest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
)

// Client calls one function's handler.
type Client struct {
	*World
	h lambda.Handler
}

// Serve returns a client of what lambdahttp.HTTP made.
func (w *World) Serve(h lambda.Handler) *Client { return &Client{w, h} }

// Request is one call. Body is sent as it is; a value that is no string is sent as JSON.
type Request struct {
	Method, Path string // Path with its query
	Body         any
	Header       map[string]string
	Bearer       string
	Base64       bool // the body travels as API Gateway sends what is no text
}

// Answer is what came back.
type Answer struct {
	Status int
	Header map[string]string
	Body   string
	Record map[string]any // the request's log record
}

var requests atomic.Int64

// Do makes a call and checks all that holds for every answer, docs/api.yaml included.
func (c *Client) Do(r Request) Answer {
	c.T.Helper()
	a, body := c.call(r)
	check(c.T, r, body, a)
	return a
}

// Raw makes a call to what docs/api.yaml does not know: another method, another path.
func (c *Client) Raw(r Request) Answer {
	c.T.Helper()
	a, _ := c.call(r)
	return a
}

func (c *Client) call(r Request) (Answer, string) {
	c.T.Helper()
	id := fmt.Sprintf("request-%d=", requests.Add(1))
	body := ""
	switch b := r.Body.(type) {
	case nil:
	case string:
		body = b
	default:
		text, err := json.Marshal(b)
		if err != nil {
			c.T.Fatal(err)
		}
		body = string(text)
	}
	event := Event(id, r, body)
	out, err := c.h.Invoke(context.Background(), event)
	if err != nil {
		c.T.Fatalf("%s %s: %v", r.Method, r.Path, err)
	}
	var said struct {
		StatusCode      int               `json:"statusCode"`
		Headers         map[string]string `json:"headers"`
		Body            string            `json:"body"`
		IsBase64Encoded bool              `json:"isBase64Encoded"`
	}
	if err := json.Unmarshal(out, &said); err != nil {
		c.T.Fatalf("the answer is no payload 2.0: %v: %s", err, out)
	}
	if said.IsBase64Encoded {
		c.T.Errorf("%s %s: an answer that is no text", r.Method, r.Path)
	}
	a := Answer{Status: said.StatusCode, Header: said.Headers, Body: said.Body}
	a.Record = c.record(id)
	c.common(id, r, a)
	return a, body
}

// Event is a payload 2.0 event as API Gateway sends it.
func Event(id string, r Request, body string) []byte {
	path, query, _ := strings.Cut(r.Path, "?")
	header := map[string]string{
		"host": "connect.test", "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
		"x-forwarded-for": "198.51.100.7",
	}
	if body != "" {
		header["content-type"] = "application/json"
	}
	if r.Bearer != "" {
		header["authorization"] = "Bearer " + r.Bearer
	}
	for k, v := range r.Header {
		header[strings.ToLower(k)] = v
	}
	if r.Base64 {
		body = base64.StdEncoding.EncodeToString([]byte(body))
	}
	event, _ := json.Marshal(map[string]any{
		"version": "2.0", "routeKey": r.Method + " " + path, "rawPath": path, "rawQueryString": query, "headers": header,
		"requestContext": map[string]any{
			"accountId": "123456789012", "apiId": "test", "domainName": "connect.test", "requestId": id, "stage": "$default",
			"http": map[string]any{
				"method": r.Method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "198.51.100.7",
				"userAgent": header["user-agent"],
			},
		},
		"body": body, "isBase64Encoded": r.Base64,
	})
	return event
}

// record finds the one log record of a request.
func (c *Client) record(id string) map[string]any {
	c.T.Helper()
	var found map[string]any
	lines := bufio.NewScanner(strings.NewReader(c.Logs.String()))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if !strings.Contains(lines.Text(), id) {
			continue
		}
		if found != nil {
			c.T.Errorf("two log records for one request: %s", lines.Text())
		}
		if err := json.Unmarshal(lines.Bytes(), &found); err != nil {
			c.T.Errorf("a log line is not JSON: %s", lines.Text())
		}
		if twice := Duplicate(lines.Bytes()); twice != "" {
			c.T.Errorf("a log record says %q twice: %s", twice, lines.Text())
		}
	}
	if found == nil {
		c.T.Errorf("no log record for request %s", id)
	}
	return found
}

// Duplicate returns a key that a JSON object holds twice: readers differ on which one counts.
func Duplicate(object []byte) string {
	d := json.NewDecoder(bytes.NewReader(object))
	seen := map[string]bool{}
	depth, key := 0, true
	for {
		t, err := d.Token()
		if err != nil {
			return ""
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
			key = true
			continue
		case json.Delim('}'), json.Delim(']'):
			depth--
			key = true
			continue
		}
		if depth != 1 {
			continue
		}
		if name, ok := t.(string); ok && key {
			if seen[name] {
				return name
			}
			seen[name] = true
			key = false
			continue
		}
		key = true
	}
}

// common is what holds for every answer.
func (c *Client) common(id string, r Request, a Answer) {
	c.T.Helper()
	what := r.Method + " " + r.Path
	if len(what) > 80 {
		what = what[:80]
	}
	if a.Header["x-request-id"] != id {
		c.T.Errorf("%s: x-request-id is %q", what, a.Header["x-request-id"])
	}
	if a.Header["x-content-type-options"] != "nosniff" {
		c.T.Errorf("%s: no nosniff", what)
	}
	if a.Record != nil && fmt.Sprint(a.Record["status"]) != fmt.Sprint(a.Status) {
		c.T.Errorf("%s: answered %d, logged %v", what, a.Status, a.Record["status"])
	}
	if a.Status >= 400 {
		if a.Header["content-type"] != "application/problem+json" || a.JSON()["requestId"] != id ||
			a.JSON()["status"] != float64(a.Status) {
			c.T.Errorf("%s: %d is no problem that can be quoted: %s %s", what, a.Status, a.Header["content-type"], a.Body)
		}
	}
	for _, sign := range []string{"goroutine ", ".go:", "dynamodb", "panic", "Exception"} {
		if strings.Contains(a.Body, sign) {
			c.T.Errorf("%s: the body shows our insides (%q): %s", what, sign, a.Body)
		}
	}
}

// JSON is the body as an object, empty when it is none.
func (a Answer) JSON() map[string]any {
	out := map[string]any{}
	_ = json.Unmarshal([]byte(a.Body), &out)
	return out
}

// Into reads the body.
func (a Answer) Into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.Body), v); err != nil {
		t.Fatalf("%v: %s", err, a.Body)
	}
}

// Code is the problem's, "" for an answer that is none.
func (a Answer) Code() string {
	s, _ := a.JSON()["type"].(string)
	return strings.TrimPrefix(s, "urn:mi-connect:problem:")
}

// Fields are the fields that a problem is about, joined by spaces.
func (a Answer) Fields() string {
	var names []string
	list, _ := a.JSON()["errors"].([]any)
	for _, e := range list {
		m, _ := e.(map[string]any)
		names = append(names, fmt.Sprint(m["field"]))
	}
	return strings.Join(names, " ")
}

// Text is a string field of the body.
func (a Answer) Text(name string) string {
	s, _ := a.JSON()[name].(string)
	return s
}

// httpRequest is the call as the validator wants it.
func (r Request) httpRequest(body string) *http.Request {
	u, err := url.Parse("https://connect.test" + r.Path)
	if err != nil {
		u = &url.URL{Scheme: "https", Host: "connect.test", Path: r.Path}
	}
	h := http.Header{}
	if body != "" {
		// A beacon is the same JSON under text/plain, which the validator would not look into.
		h.Set("Content-Type", "application/json")
	}
	for k, v := range r.Header {
		if !strings.EqualFold(k, "content-type") {
			h.Set(k, v)
		}
	}
	if r.Bearer != "" {
		h.Set("Authorization", "Bearer "+r.Bearer)
	}
	out, _ := http.NewRequest(r.Method, u.String(), strings.NewReader(body))
	out.Header = h
	return out
}
