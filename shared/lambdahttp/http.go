// Package lambdahttp joins AWS Lambda's events to Go's own interfaces: an API Gateway HTTP API event
// (payload 2.0) becomes a call of an http.Handler, a stream batch becomes calls with records.
package lambdahttp

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/mi-telecom/mi-connect/shared/web"
)

// Serve runs h for every event until the environment ends.
func Serve(h http.Handler) { lambda.Start(HTTP(h)) }

// HTTP returns h as a Lambda handler.
func HTTP(h http.Handler) lambda.Handler { return httpHandler{h} }

// request is the part of payload 2.0 that is used. Fewer fields are fewer allocations on every beacon.
type request struct {
	RawPath        string            `json:"rawPath"`
	RawQueryString string            `json:"rawQueryString"`
	Headers        map[string]string `json:"headers"`
	Body           string            `json:"body"`
	IsBase64       bool              `json:"isBase64Encoded"`
	RequestContext struct {
		RequestID string `json:"requestId"`
		HTTP      struct {
			Method   string `json:"method"`
			SourceIP string `json:"sourceIp"`
		} `json:"http"`
	} `json:"requestContext"`
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
	var in request
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, fmt.Errorf("lambdahttp: not a payload 2.0 event: %w", err)
	}
	r, err := in.toHTTP(ctx)
	if err != nil {
		return nil, err
	}
	w := &recorder{header: http.Header{}}
	l.h.ServeHTTP(w, r)
	return w.marshal()
}

func (in *request) toHTTP(ctx context.Context) (*http.Request, error) {
	if in.RequestContext.HTTP.Method == "" || !strings.HasPrefix(in.RawPath, "/") {
		return nil, fmt.Errorf("lambdahttp: not a payload 2.0 event: no method or path")
	}
	var body io.Reader = strings.NewReader(in.Body)
	size := int64(len(in.Body))
	if in.IsBase64 {
		raw, err := base64.StdEncoding.DecodeString(in.Body)
		if err != nil {
			return nil, fmt.Errorf("lambdahttp: body: %w", err)
		}
		body, size = bytes.NewReader(raw), int64(len(raw))
	}
	path, err := url.PathUnescape(in.RawPath)
	if err != nil {
		path = in.RawPath
	}
	r := &http.Request{
		Method: in.RequestContext.HTTP.Method,
		URL:    &url.URL{Path: path, RawPath: in.RawPath, RawQuery: in.RawQueryString},
		Proto:  "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header, len(in.Headers)), Body: io.NopCloser(body), ContentLength: size,
		RemoteAddr: in.RequestContext.HTTP.SourceIP, RequestURI: in.RawPath,
	}
	values := make([]string, len(in.Headers))
	i := 0
	for name, value := range in.Headers {
		// `sam local` keeps Title-Case, API Gateway sends lower case.
		values[i] = value
		r.Header[textproto.CanonicalMIMEHeaderKey(name)] = values[i : i+1 : i+1]
		i++
	}
	r.Host = r.Header.Get("Host")
	return r.WithContext(web.WithRequestID(ctx, in.RequestContext.RequestID)), nil
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
