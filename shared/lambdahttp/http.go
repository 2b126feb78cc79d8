// Package lambdahttp joins AWS Lambda's events to Go's own interfaces: an API Gateway HTTP API event
// (payload 2.0) becomes a call of an http.Handler, a stream batch becomes calls with records.
package lambdahttp

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/valyala/fastjson"

	"github.com/mi-telecom/mi-connect/shared/web"
)

// Serve runs h for every event until the environment ends.
func Serve(h http.Handler) { lambda.Start(HTTP(h)) }

// begin has the log records that follow name their invocation.
func begin(ctx context.Context) {
	if call, ok := lambdacontext.FromContext(ctx); ok {
		trace, _ := ctx.Value("x-amzn-trace-id").(string)
		web.BeginInvocation(call.AwsRequestID, trace)
	}
}

// Scheduled returns a function that a schedule calls, as Lambda takes it, as a handler whose log records name their
// invocation.
func Scheduled(run any) lambda.Handler { return scheduled{lambda.NewHandler(run)} }

type scheduled struct{ lambda.Handler }

// Invoke implements lambda.Handler.
func (s scheduled) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	begin(ctx)
	return s.Handler.Invoke(ctx, payload)
}

// HTTP returns h as a Lambda handler.
func HTTP(h http.Handler) lambda.Handler { return httpHandler{h} }

// request is the part of payload 2.0 that is used.
type request struct {
	method, path, query, sourceIP, id string
	header                            http.Header
	body                              []byte
}

type response struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
	IsBase64   bool              `json:"isBase64Encoded"`
}

type httpHandler struct{ h http.Handler }

// Invoke implements lambda.Handler.
func (l httpHandler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	begin(ctx)
	in, err := parse(payload)
	if err != nil {
		return nil, fmt.Errorf("lambdahttp: not a payload 2.0 event: %w", err)
	}
	w := &recorder{header: http.Header{}}
	l.h.ServeHTTP(w, in.toHTTP(ctx))
	return w.marshal()
}

var parsers fastjson.ParserPool

// parse reads an event. encoding/json would take a fifth of all that a beacon costs, most of it for what is skipped.
func parse(payload []byte) (*request, error) {
	p := parsers.Get() // what it returns is overwritten by its next use: all that is kept is copied
	defer parsers.Put(p)
	v, err := p.ParseBytes(payload)
	if err != nil {
		return nil, err
	}
	text := func(v *fastjson.Value, keys ...string) string { return string(v.GetStringBytes(keys...)) }
	call := v.Get("requestContext", "http")
	in := &request{
		method: text(call, "method"), sourceIP: text(call, "sourceIp"), path: text(v, "rawPath"),
		query: text(v, "rawQueryString"), id: text(v, "requestContext", "requestId"),
		body: bytes.Clone(v.GetStringBytes("body")),
	}
	if in.method == "" || !strings.HasPrefix(in.path, "/") {
		return nil, errors.New("no method or path")
	}
	if v.GetBool("isBase64Encoded") {
		if in.body, err = base64.StdEncoding.AppendDecode(nil, in.body); err != nil {
			return nil, fmt.Errorf("body: %w", err)
		}
	}
	headers := v.GetObject("headers")
	if headers == nil {
		headers = &fastjson.Object{}
	}
	n := headers.Len()
	in.header = make(http.Header, n)
	values := make([]string, 0, n)
	headers.Visit(func(name []byte, value *fastjson.Value) {
		// `sam local` keeps Title-Case, API Gateway sends lower case.
		values = append(values, text(value))
		i := len(values)
		in.header[textproto.CanonicalMIMEHeaderKey(string(name))] = values[i-1 : i : i]
	})
	return in, nil
}

func (in *request) toHTTP(ctx context.Context) *http.Request {
	path, err := url.PathUnescape(in.path)
	if err != nil {
		path = in.path
	}
	r := &http.Request{
		Method: in.method, URL: &url.URL{Path: path, RawPath: in.path, RawQuery: in.query},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: in.header, Body: io.NopCloser(bytes.NewReader(in.body)), ContentLength: int64(len(in.body)),
		RemoteAddr: in.sourceIP, RequestURI: in.path, Host: in.header.Get("Host"),
	}
	return r.WithContext(web.WithRequestID(ctx, in.id))
}

// recorder keeps what a handler writes.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

func (w *recorder) marshal() ([]byte, error) {
	w.WriteHeader(http.StatusOK)
	out := response{StatusCode: w.status, Headers: make(map[string]string, len(w.header))}
	for name, values := range w.header {
		out.Headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	if b := w.body.Bytes(); utf8.Valid(b) {
		out.Body = string(b)
	} else {
		out.Body, out.IsBase64 = base64.StdEncoding.EncodeToString(b), true
	}
	return json.Marshal(out)
}
