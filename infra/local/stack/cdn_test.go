package stack_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/stack"
)

func TestTheAPIIsSentWhatTheCDNForwards(t *testing.T) {
	root := project(t)
	s := localtest.StartWith(t, stack.Options{Root: root, DataDir: filepath.Join(root, "data")})
	seen := func(url string, headers ...string) map[string]string {
		t.Helper()
		_, body := request(t, "POST", url+"/v1/front/echo?x=1", "hello", append(headers, "Content-Type", "text/plain")...)
		var event struct {
			Headers        map[string]string
			RawQueryString string
			RequestContext struct{ HTTP struct{ SourceIP string } }
		}
		if err := json.Unmarshal([]byte(body), &event); err != nil || event.RawQueryString != "x=1" {
			t.Fatalf("%s: %v", body, err)
		}
		event.Headers["source"] = event.RequestContext.HTTP.SourceIP
		return event.Headers
	}
	sent := []string{
		"X-By", "forged", "Cloudfront-Viewer-Address", "203.0.113.9:1", "User-Agent", "browser", "X-Other", "x", "Cookie",
		"a=b", "Authorization", "Bearer x",
	}
	h := seen(s.Origin, sent...)
	if h["content-type"] != "text/plain" || h["authorization"] != "Bearer x" || h["x-other"] != "" ||
		h["user-agent"] != "Amazon CloudFront" || h["cookie"] != "" {
		t.Errorf("forwarded: %v", h)
	}
	if !strings.HasPrefix(h["cloudfront-viewer-address"], "127.0.0.1:") || len(h["x-by"]) != 24 ||
		h["source"] != "192.0.2.1" || !strings.HasSuffix(h["host"], ".execute-api.eu-west-2.amazonaws.com") {
		t.Errorf("added: %v", h)
	}
	// Around it, the API is sent everything, and told nothing.
	if h := seen(s.API, sent...); h["x-by"] != "forged" || h["x-other"] != "x" || h["source"] != "127.0.0.1" {
		t.Errorf("at the API's own address: %v", h)
	}
}

func TestWhatTheCDNKeeps(t *testing.T) {
	root := project(t)
	s := localtest.StartWith(t, stack.Options{Root: root, DataDir: filepath.Join(root, "data")})
	get := func(path string, headers ...string) (cache, body string) {
		t.Helper()
		resp, body := request(t, "GET", s.Origin+path, "", headers...)
		return resp.Header.Get("X-Cache"), body
	}
	const hit, miss = "Hit from cloudfront", "Miss from cloudfront"
	_, first := get("/v1/front/kept")
	for _, c := range []struct {
		name, path, want string
		headers          []string
	}{
		{"the same again", "/v1/front/kept", hit, nil},
		{"for a page", "/v1/front/kept", miss, []string{"Origin", "https://a.example"}},
		{"for that page again", "/v1/front/kept", hit, []string{"Origin", "https://a.example"}},
		{"for somebody", "/v1/front/kept", miss, []string{"Authorization", "Bearer x"}},
		{"of another query", "/v1/front/kept?x", miss, nil},
		{"for another browser", "/v1/front/kept", hit, []string{"User-Agent", "other"}},
		{"that says no-store", "/v1/front/echo", miss, nil},
		{"that says no-store, again", "/v1/front/echo", miss, nil},
	} {
		cache, body := get(c.path, c.headers...)
		if cache != c.want || c.want == hit && len(c.headers) == 0 && body != first {
			t.Errorf("%s: %s", c.name, cache)
		}
	}
	if resp, _ := request(
		t, "GET", s.Origin+"/v1/front/kept", "", "Origin", "https://a.example",
	); resp.Header.Get("Access-Control-Allow-Origin") != "*" ||
		resp.Header.Get("Age") == "" {
		t.Errorf("a kept answer: %v", resp.Header)
	}
	// This template says nothing of errors: a fault is kept for ten seconds, whatever it says of itself.
	_, before := get("/v1/front/fail")
	if cache, again := get("/v1/front/fail"); cache != hit || again != before {
		t.Errorf("a fault: %s", cache)
	}
}

func TestLimitsOfTheCDNAndTheAPI(t *testing.T) {
	root := project(t)
	s := localtest.StartWith(t, stack.Options{Root: root, DataDir: filepath.Join(root, "data")})
	for name, c := range map[string]struct {
		path    string
		headers []string
		want    int
	}{
		"a long address": {"/v1/front/echo?" + strings.Repeat("x", 8200), nil, http.StatusRequestURITooLong},
		"headers for the CDN": {
			"/v1/front/echo", []string{"X-Long", strings.Repeat("x", 33000)}, http.StatusRequestEntityTooLarge,
		},
		"headers for the API": {
			"/v1/front/echo", []string{"Authorization", strings.Repeat("x", 11000)}, http.StatusRequestHeaderFieldsTooLarge,
		},
		"none of them forwarded": {"/v1/front/echo", []string{"X-Long", strings.Repeat("x", 20000)}, http.StatusOK},
	} {
		if resp, body := request(t, "GET", s.Origin+c.path, "", c.headers...); resp.StatusCode != c.want {
			t.Errorf("%s: %d %.100s", name, resp.StatusCode, body)
		}
	}
}
