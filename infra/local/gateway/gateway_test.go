package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/gateway"
	"github.com/mi-telecom/mi-connect/infra/local/lambda"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// serve gives a front whose function keeps its event and answers as told.
func serve(t *testing.T, answer string, fail error) (url string, event *map[string]any) {
	t.Helper()
	event = new(map[string]any)
	functions := []template.Function{{ID: "Worker"}}
	for i, route := range []string{"GET /v1/things", "POST /v1/things", "GET /v1/things/{id}", "GET /v1/things/new",
		"ANY /v1/files/{proxy+}",
		"PUT /v1/files/{name}", "GET /v1/things/{id}/parts/{part}", "ANY /v1/any"} {
		method, path, _ := strings.Cut(route, " ")
		functions[0].EventSources = append(functions[0].EventSources, template.EventSource{
			ID: fmt.Sprint(i), Type: "HttpApi", Properties: map[string]any{"Method": method, "Path": path},
		})
	}
	g := &gateway.Gateway{
		Routes: gateway.Routes(functions), Say: func(string) {},
		CORS: gateway.ParseCORS(map[string]any{"AllowOrigins": []any{"https://a.example", "https://*.b.example"},
			"AllowMethods": []any{"GET", "POST"},
			"AllowHeaders": []any{"Content-Type", "Idempotency-Key"}, "MaxAge": 60}),
		Invoke: func(_ context.Context, function string, e []byte) ([]byte, error) {
			*event = nil
			if err := json.Unmarshal(e, event); err != nil {
				t.Error(err)
			}
			return []byte(answer), fail
		},
	}
	s := httptest.NewServer(g)
	t.Cleanup(s.Close)
	return s.URL, event
}

func send(t *testing.T, method, url, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp, string(text)
}

func TestEvent(t *testing.T) {
	url, event := serve(t, `{"statusCode":204}`, nil)
	send(t, "POST", url+"/v1/things?a=1&b=x%20y&a=2", `{"x":1}`, "Content-Type", "application/json; charset=utf-8",
		"X-Twice", "one", "X-Twice", "two",
		"Cookie", "c=3; d=4", "X-Forwarded-For", "203.0.113.9", "User-Agent", "tester")
	e := *event
	headers := template.Map(e["headers"])
	for name, want := range map[string]string{
		"x-twice": "one,two", "content-type": "application/json; charset=utf-8", "user-agent": "tester",
		"x-forwarded-for": "203.0.113.9, 127.0.0.1",
	} {
		if headers[name] != want {
			t.Errorf("header %s is %v, want %s", name, headers[name], want)
		}
	}
	for name := range headers {
		if name != strings.ToLower(name) || name == "cookie" {
			t.Errorf("header %s", name)
		}
	}
	context := template.Map(e["requestContext"])
	h := template.Map(context["http"])
	got := []any{e["version"], e["routeKey"], e["rawPath"], e["rawQueryString"], e["body"], e["isBase64Encoded"],
		e["cookies"], e["queryStringParameters"], e["pathParameters"],
		h["method"], h["path"], h["sourceIp"], h["userAgent"], h["protocol"], context["stage"], context["routeKey"], context["domainName"]}
	want := []any{"2.0", "POST /v1/things", "/v1/things", "a=1&b=x%20y&a=2", `{"x":1}`, false, []any{"c=3", "d=4"},
		map[string]any{"a": "1,2", "b": "x y"}, nil,
		"POST", "/v1/things", "127.0.0.1", "tester", "HTTP/1.1", "$default", "POST /v1/things", "127.0.0.1"}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("field %d is %#v, want %#v", i, got[i], want[i])
		}
	}
	send(t, "POST", url+"/v1/things", "\x00\xff", "Content-Type", "application/octet-stream")
	if e := *event; e["body"] != "AP8=" || e["isBase64Encoded"] != true {
		t.Errorf("a binary body is %v", e["body"])
	}
	send(t, "POST", url+"/v1/things", "plain", "Content-Type", "text/plain")
	if e := *event; e["body"] != "plain" || e["isBase64Encoded"] != false {
		t.Errorf("a text is %v", e["body"])
	}
}

func TestRoutes(t *testing.T) {
	url, event := serve(t, `{"statusCode":204}`, nil)
	for _, c := range []struct {
		method, path, route string
		parameters          map[string]any
	}{
		{"GET", "/v1/things", "GET /v1/things", nil},
		{"GET", "/v1/things/new", "GET /v1/things/new", nil},
		{"GET", "/v1/things/a%2Fb", "GET /v1/things/{id}", map[string]any{"id": "a/b"}},
		{"GET", "/v1/things/7/parts/8", "GET /v1/things/{id}/parts/{part}", map[string]any{"id": "7", "part": "8"}},
		{"PUT", "/v1/files/x", "PUT /v1/files/{name}", map[string]any{"name": "x"}},
		{"PUT", "/v1/files/x/y", "ANY /v1/files/{proxy+}", map[string]any{"proxy": "x/y"}},
		{"DELETE", "/v1/files/x", "ANY /v1/files/{proxy+}", map[string]any{"proxy": "x"}},
		{"PATCH", "/v1/any", "ANY /v1/any", nil},
	} {
		resp, _ := send(t, c.method, url+c.path, "")
		parameters, _ := (*event)["pathParameters"].(map[string]any)
		if resp.StatusCode != 204 || (*event)["routeKey"] != c.route || !reflect.DeepEqual(parameters, c.parameters) {
			t.Errorf("%s %s: %d, %v, %v", c.method, c.path, resp.StatusCode, (*event)["routeKey"], parameters)
		}
	}
	for _, path := range []string{"/v1/thing", "/v1/things/", "/v1/things/7/parts", "/v1/files/", "/"} {
		if resp, body := send(t, "GET", url+path, ""); resp.StatusCode != 404 || body != `{"message":"Not Found"}` {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
}

func TestCORS(t *testing.T) {
	url, _ := serve(
		t, `{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"https://evil.example","vary":"Accept"},"body":"x"}`,
		nil,
	)
	resp, _ := send(
		t, "OPTIONS", url+"/v1/things", "", "Origin", "https://a.example", "Access-Control-Request-Method", "POST",
	)
	h := resp.Header
	if resp.StatusCode != 204 || h.Get("Access-Control-Allow-Origin") != "https://a.example" ||
		h.Get("Access-Control-Allow-Methods") != "GET,POST" ||
		h.Get("Access-Control-Allow-Headers") != "content-type,idempotency-key" || h.Get("Access-Control-Max-Age") != "60" {
		t.Errorf("preflight: %d %v", resp.StatusCode, h)
	}
	if resp, _ = send(
		t, "GET", url+"/v1/things", "", "Origin", "https://x.b.example",
	); resp.Header.Get("Access-Control-Allow-Origin") != "https://x.b.example" {
		t.Errorf("answer: %v", resp.Header)
	}
	for _, origin := range []string{"https://other.example", "https://b.example"} {
		resp, _ = send(t, "OPTIONS", url+"/v1/things", "", "Origin", origin, "Access-Control-Request-Method", "GET")
		if resp.StatusCode != 204 || resp.Header.Get("Access-Control-Allow-Origin") != "" ||
			resp.Header.Get("Access-Control-Allow-Methods") != "" {
			t.Errorf("%s is let in: %v", origin, resp.Header)
		}
	}
	if resp, _ = send(t, "GET", url+"/v1/things", ""); resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("the function's own CORS header got through")
	}
}

func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer       string
		fail         error
		status       int
		kind, body   string
		cookies      []string
		unwantedInIt string
	}{
		"format 2.0": {answer: `{"statusCode":201,"headers":{"Content-Type":"image/png"},"body":"AAEC/w==","isBase64Encoded":true,"cookies":["a=1","b=2"]}`,
			status: 201, kind: "image/png", body: "\x00\x01\x02\xff", cookies: []string{"a=1", "b=2"}},
		"inferred":      {answer: `{"hello":"world"}`, status: 200, kind: "application/json", body: `{"hello":"world"}`},
		"inferred text": {answer: `"hello"`, status: 200, kind: "application/json", body: "hello"},
		"no type":       {answer: `{"statusCode":200,"body":"x"}`, status: 200, kind: "text/plain;charset=utf-8", body: "x"},
		"not JSON":      {answer: `oops`, status: 500, kind: "application/json", body: `{"message":"Internal Server Error"}`},
		"no such code": {
			answer: `{"statusCode":"many"}`, status: 500, kind: "application/json", body: `{"message":"Internal Server Error"}`,
		},
		"body a map": {
			answer: `{"statusCode":200,"body":{"a":1}}`, status: 500, kind: "application/json",
			body: `{"message":"Internal Server Error"}`,
		},
		"failed": {
			fail: &lambda.FunctionError{Type: "T", Message: "secret"}, status: 500, kind: "application/json",
			body: `{"message":"Internal Server Error"}`,
		},
		"timed out": {
			fail: &lambda.FunctionError{TimedOut: true}, status: 503, kind: "application/json",
			body: `{"message":"Service Unavailable"}`,
		},
		"too slow": {
			fail: context.DeadlineExceeded, status: 503, kind: "application/json", body: `{"message":"Service Unavailable"}`,
		},
		"too large": {
			fail: lambda.ErrTooLarge, status: 413, kind: "application/json", body: `{"message":"Request Entity Too Large"}`,
		},
	} {
		url, _ := serve(t, c.answer, c.fail)
		resp, body := send(t, "GET", url+"/v1/things", "")
		if resp.StatusCode != c.status || resp.Header.Get("Content-Type") != c.kind || body != c.body ||
			!reflect.DeepEqual(resp.Header["Set-Cookie"], c.cookies) {
			t.Errorf("%s: %d %v %q", name, resp.StatusCode, resp.Header, body)
		}
	}
	url, event := serve(t, `{}`, nil)
	resp, body := send(t, "POST", url+"/v1/things", string(bytes.Repeat([]byte("x"), 10<<20+1)))
	if resp.StatusCode != 413 || body != `{"message":"Request Entity Too Large"}` || *event != nil {
		t.Errorf("10 MB: %d %s", resp.StatusCode, body)
	}
}
