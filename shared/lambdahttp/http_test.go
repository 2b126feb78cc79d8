package lambdahttp_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// event is payload 2.0 as AWS documents it, with more in it than is read.
const event = `{"version":"2.0","routeKey":"POST /v1/x/{id}","rawPath":"/v1/x/a%2Fb%20c","rawQueryString":"q=1&q=2&r=%26","cookies":["a=b"],
 "headers":{"content-type":"text/plain;charset=UTF-8","host":"api.example","user-agent":"test","x-forwarded-for":"203.0.113.9","origin":"https://shop.example"},
 "queryStringParameters":{"q":"1,2","r":"&"},"requestContext":{"accountId":"123456789012","apiId":"api","authorizer":null,"domainName":"api.example",
 "http":{"method":"POST","path":"/v1/x/a%2Fb%20c","protocol":"HTTP/1.1","sourceIp":"198.51.100.7","userAgent":"test"},"requestId":"JKJaXmPLvHcESHA=","stage":"$default","time":"23/Nov/2026:10:00:00 +0000","timeEpoch":1795428000000},
 "body":"hello","pathParameters":{"id":"a/b c"},"isBase64Encoded":false,"stageVariables":{"a":"b"}}`

func call(t testing.TB, payload string, h http.HandlerFunc) (status int, header map[string]string, body string) {
	t.Helper()
	out, err := lambdahttp.HTTP(h).Invoke(context.Background(), []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		StatusCode      int
		Headers         map[string]string
		Body            string
		IsBase64Encoded bool
	}
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatal(err)
	}
	if said.IsBase64Encoded {
		raw, err := base64.StdEncoding.DecodeString(said.Body)
		if err != nil {
			t.Fatal(err)
		}
		said.Body = string(raw)
	}
	return said.StatusCode, said.Headers, said.Body
}

func TestTheRequestIsWhatWasSent(t *testing.T) {
	call(t, event, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		for what, pair := range map[string][2]string{
			"method": {r.Method, "POST"}, "path": {r.URL.Path, "/v1/x/a/b c"},
			"escaped path": {r.URL.EscapedPath(), "/v1/x/a%2Fb%20c"},
			"query":        {r.URL.Query()["q"][1] + r.URL.Query().Get("r"), "2&"},
			"host":         {r.Host, "api.example"}, "agent": {r.UserAgent(), "test"},
			"origin": {r.Header.Get("ORIGIN"), "https://shop.example"}, "body": {string(body), "hello"},
			"length": {fmt.Sprint(r.ContentLength), "5"}, "id": {web.RequestID(r.Context()), "JKJaXmPLvHcESHA="},
			"address": {r.RemoteAddr, "198.51.100.7"},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s is %q, not %q", what, pair[0], pair[1])
			}
		}
	})
}

func TestHeadersInTitleCase(t *testing.T) {
	payload := strings.NewReplacer(
		`"content-type"`, `"Content-Type"`, `"origin"`, `"Origin"`, `"user-agent"`, `"User-Agent"`,
	).Replace(event)
	call(t, payload, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") != "https://shop.example" || r.UserAgent() != "test" {
			t.Errorf("%v", r.Header)
		}
	})
}

func TestABinaryBody(t *testing.T) {
	raw := []byte{0, 255, 'x'}
	payload := strings.NewReplacer(
		`"body":"hello"`, `"body":"`+base64.StdEncoding.EncodeToString(raw)+`"`, `"isBase64Encoded":false`,
		`"isBase64Encoded":true`,
	).Replace(event)
	_, _, got := call(t, payload, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !bytes.Equal(body, raw) || r.ContentLength != 3 {
			t.Errorf("%v", body)
		}
		w.Write(body)
	})
	if got != string(raw) {
		t.Errorf("answered %v", []byte(got))
	}
}

func TestTheAnswer(t *testing.T) {
	status, header, body := call(t, event, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "a")
		w.Header().Add("Vary", "b")
		w.WriteHeader(201)
		w.WriteHeader(500) // too late, as in net/http
		io.WriteString(w, "caf\u00e9")
	})
	if status != 201 || header["vary"] != "a, b" || body != "café" {
		t.Error(status, header, body)
	}
	if status, _, body := call(t, event, func(http.ResponseWriter, *http.Request) {}); status != 200 || body != "" {
		t.Error(status, body)
	}
}

func TestWhatIsNoEvent(t *testing.T) {
	for _, payload := range []string{
		``, `null`, `[]`, `{}`, `{"version":"1.0","httpMethod":"GET","path":"/"}`,
		`{"rawPath":"x","requestContext":{"http":{"method":"GET"}}}`,
		`{"rawPath":"/","requestContext":{"http":{"method":"GET"}},"body":"!","isBase64Encoded":true}`, `{"rawPath":7}`,
	} {
		out, err := lambdahttp.HTTP(
			http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("served") }),
		).Invoke(t.Context(), []byte(payload))
		if err == nil {
			t.Errorf("%s: %s", payload, out)
		}
	}
}

func FuzzHTTP(f *testing.F) {
	f.Add([]byte(event))
	f.Add(
		[]byte(
			`{"rawPath":"/%zz","rawQueryString":"%zz=%","headers":{"":"","a\u0000b":"\n"},"requestContext":{"http":{"method":"GET"}},"body":"\ud800"}`,
		),
	)
	f.Add([]byte(`{"rawPath":"//..//v1","requestContext":{"http":{"method":"G T"}},"isBase64Encoded":true,"body":"AA=="}`))
	a := web.New(web.Logger(io.Discard), clock, nil)
	a.Public("POST /v1/x/{id}", func(w http.ResponseWriter, r *http.Request) error {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		return web.JSON(w, 200, map[string]any{"id": r.PathValue("id"), "n": len(body), "q": r.URL.Query()})
	})
	h := lambdahttp.HTTP(a)
	f.Fuzz(func(t *testing.T, payload []byte) {
		out, err := h.Invoke(context.Background(), payload)
		if err != nil {
			return
		}
		var said struct{ StatusCode int }
		if json.Unmarshal(out, &said) != nil || said.StatusCode < 200 || said.StatusCode > 499 || !utf8.Valid(out) {
			t.Errorf("%s", out)
		}
	})
}
