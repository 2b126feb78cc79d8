package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/lambda"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

const (
	maxBody = 10 << 20         // API Gateway's limit for a request
	maxHead = 10240            // for a request's line and headers
	patient = 30 * time.Second // and for a function's answer
)

// Invoke calls a function by its logical id.
type Invoke func(ctx context.Context, function string, event []byte) ([]byte, error)

// Gateway serves routes.
type Gateway struct {
	Routes []Route
	CORS   *CORS
	// Throttles may be nil.
	Throttles *Throttles
	Invoke    Invoke
	Say       func(string)
}

// Takes tells whether a route is there for the request; named, that it is more than $default.
func (g *Gateway) Takes(r *http.Request) (named, taken bool) {
	method := r.Method
	if preflight(r) {
		method = r.Header.Get("Access-Control-Request-Method")
	}
	route, _, ok := match(g.Routes, method, r.URL.EscapedPath())
	return ok && route.Path != "$default", ok
}

func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if head(r) > maxHead {
		message(w, http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large")
		return
	}
	origin := r.Header.Get("Origin")
	if g.CORS != nil && origin != "" {
		before := preflight(r)
		g.CORS.answer(w.Header(), origin, before)
		if before {
			w.WriteHeader(http.StatusNoContent)
			return
		}
	}
	route, parameters, ok := match(g.Routes, r.Method, r.URL.EscapedPath())
	if !ok {
		message(w, http.StatusNotFound, "Not Found")
		return
	}
	if route.Refused != "" {
		g.Say(route.Key() + ": " + route.Refused)
		message(w, http.StatusNotImplemented, "Not run on one machine: "+route.Refused)
		return
	}
	if g.Throttles != nil && !g.Throttles.take(route.Key(), time.Now()) {
		message(w, http.StatusTooManyRequests, "Too Many Requests")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			message(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		} else {
			message(w, http.StatusBadRequest, "Bad Request")
		}
		return
	}
	e := newEvent(r, route, parameters, body, time.Now())
	w.Header().Set("Apigw-Requestid", e.Context.RequestID)
	payload, err := json.Marshal(e)
	if err != nil {
		message(w, http.StatusBadRequest, "Bad Request")
		return
	}
	// A caller that goes away does not end the function's work.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), patient)
	defer cancel()
	answer, err := g.Invoke(ctx, route.Function, payload)
	var failed *lambda.FunctionError
	switch {
	case err == nil:
		g.respond(w, route, answer)
	case errors.Is(err, lambda.ErrTooLarge):
		message(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	// Lambda's own 429 is a fault of the API.
	case errors.Is(err, lambda.ErrThrottled):
		message(w, http.StatusServiceUnavailable, "Service Unavailable")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.As(err, &failed) &&
		failed.TimedOut:
		message(w, http.StatusServiceUnavailable, "Service Unavailable")
	default:
		message(w, http.StatusInternalServerError, "Internal Server Error")
	}
}

// head is the size of a request's line and headers.
func head(r *http.Request) int {
	size := len(r.Method) + len(r.URL.RequestURI()) + len(r.Proto) + len(r.Host)
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(v)
		}
	}
	return size
}

// respond writes a function's answer: format 2.0 when it has a statusCode, else the answer is the body.
func (g *Gateway) respond(w http.ResponseWriter, route Route, answer []byte) {
	fail := func(why string) {
		g.Say(route.Function + ": " + route.Key() + ": " + why)
		message(w, http.StatusInternalServerError, "Internal Server Error")
	}
	var value any
	if err := json.Unmarshal(answer, &value); err != nil {
		fail("the answer is not JSON: " + err.Error())
		return
	}
	m := template.Map(value)
	if _, ok := m["statusCode"]; !ok {
		w.Header().Set("Content-Type", "application/json")
		if text, ok := value.(string); ok {
			answer = []byte(text)
		}
		_, _ = w.Write(answer)
		return
	}
	status := template.Int(m["statusCode"], 0)
	if status < 200 || status > 599 {
		fail("the answer's statusCode is " + template.String(m["statusCode"]))
		return
	}
	if _, text := m["body"].(string); !text && m["body"] != nil {
		fail("the answer's body is not a text")
		return
	}
	body := []byte(template.String(m["body"]))
	if template.Bool(m["isBase64Encoded"]) {
		plain, err := base64.StdEncoding.DecodeString(string(body))
		if err != nil {
			fail("the answer's body is not base64")
			return
		}
		body = plain
	}
	h := w.Header()
	headers := template.Map(m["headers"])
	typed := false
	for name, v := range headers {
		switch lower := strings.ToLower(name); {
		case lower == "content-length", lower == "transfer-encoding", lower == "connection", lower == "keep-alive",
			lower == "upgrade":
		case g.CORS != nil && strings.HasPrefix(lower, "access-control-"):
		default:
			typed = typed || lower == "content-type"
			if lower == "vary" {
				h.Add(name, template.String(v))
			} else {
				h.Set(name, template.String(v))
			}
		}
	}
	if !typed && len(body) > 0 {
		h.Set("Content-Type", "text/plain;charset=utf-8")
	}
	for _, cookie := range template.Strings(m["cookies"]) {
		h.Add("Set-Cookie", cookie)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func message(w http.ResponseWriter, status int, text string) {
	body, _ := json.Marshal(map[string]string{"message": text})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
