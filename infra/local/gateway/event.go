package gateway

import (
	"crypto/rand"
	"encoding/base64"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// event is payload format 2.0, in the order AWS documents it.
type event struct {
	Version        string            `json:"version"`
	RouteKey       string            `json:"routeKey"`
	RawPath        string            `json:"rawPath"`
	RawQueryString string            `json:"rawQueryString"`
	Cookies        []string          `json:"cookies,omitempty"`
	Headers        map[string]string `json:"headers"`
	Query          map[string]string `json:"queryStringParameters,omitempty"`
	Context        requestContext    `json:"requestContext"`
	Body           string            `json:"body,omitempty"`
	PathParameters map[string]string `json:"pathParameters,omitempty"`
	IsBase64       bool              `json:"isBase64Encoded"`
}

type requestContext struct {
	AccountID    string      `json:"accountId"`
	APIID        string      `json:"apiId"`
	DomainName   string      `json:"domainName"`
	DomainPrefix string      `json:"domainPrefix"`
	HTTP         httpContext `json:"http"`
	RequestID    string      `json:"requestId"`
	RouteKey     string      `json:"routeKey"`
	Stage        string      `json:"stage"`
	Time         string      `json:"time"`
	TimeEpoch    int64       `json:"timeEpoch"`
}

type httpContext struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Protocol  string `json:"protocol"`
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
}

func newEvent(r *http.Request, route Route, parameters map[string]string, body []byte, now time.Time) event {
	peer, port, _ := net.SplitHostPort(r.RemoteAddr)
	domain := r.Host
	if host, p, err := net.SplitHostPort(r.Host); err == nil {
		domain, port = host, p
	}
	prefix, _, _ := strings.Cut(domain, ".")
	e := event{
		Version: "2.0", RouteKey: route.Key(), RawPath: r.URL.EscapedPath(), RawQueryString: r.URL.RawQuery,
		Headers: map[string]string{"host": r.Host}, PathParameters: parameters,
		Context: requestContext{
			AccountID: template.AccountID, APIID: "local", DomainName: domain, DomainPrefix: prefix,
			HTTP: httpContext{
				Method: r.Method, Path: r.URL.EscapedPath(), Protocol: r.Proto, SourceIP: peer, UserAgent: r.UserAgent(),
			},
			RequestID: requestID(), RouteKey: route.Key(), Stage: "$default",
			Time: now.UTC().Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
		},
	}
	for name, values := range r.Header {
		if name == "Cookie" {
			for _, v := range values {
				for _, c := range strings.Split(v, ";") {
					if c = strings.TrimSpace(c); c != "" {
						e.Cookies = append(e.Cookies, c)
					}
				}
			}
			continue
		}
		e.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	// API Gateway appends to what the caller claims; the caller is only in sourceIp.
	for name, value := range map[string]string{
		"x-forwarded-for": peer, "x-forwarded-proto": "http", "x-forwarded-port": port,
	} {
		if claimed := e.Headers[name]; claimed != "" && name == "x-forwarded-for" {
			value = claimed + ", " + value
		}
		e.Headers[name] = value
	}
	if query, _ := url.ParseQuery(r.URL.RawQuery); len(query) > 0 {
		e.Query = map[string]string{}
		for name, values := range query {
			e.Query[name] = strings.Join(values, ",")
		}
	}
	if len(body) > 0 {
		if isText(r.Header.Get("Content-Type")) && utf8.Valid(body) {
			e.Body = string(body)
		} else {
			e.Body, e.IsBase64 = base64.StdEncoding.EncodeToString(body), true
		}
	}
	return e
}

// isText tells which bodies go into an event as they are.
func isText(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch kind {
	case "application/json", "application/javascript", "application/xml":
		return true
	}
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "+json") || strings.HasSuffix(kind, "+xml")
}

// requestID is of the shape API Gateway's are: 16 characters that end in "=".
func requestID() string {
	var b [11]byte
	_, _ = rand.Read(b[:])
	return base64.URLEncoding.EncodeToString(b[:])[:15] + "="
}
