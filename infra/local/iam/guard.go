package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// Guard asks for rights in front of the services. A function is known by the access key it signs with, which is its
// logical id.
type Guard struct {
	Policies Policies
	// Secret turns a name or an ARN of a secret into its ARN.
	Secret func(id string) string
	Say    func(string)

	keys map[string]string // partition key by table
}

// New guards the functions' calls.
func New(
	functions []template.Function, tables []template.Table, secret func(string) string, say func(string),
) (*Guard, error) {
	policies, err := Read(functions)
	if err != nil {
		return nil, err
	}
	g := &Guard{Policies: policies, Secret: secret, Say: say, keys: map[string]string{}}
	for _, t := range tables {
		for _, k := range template.List(t.Properties["KeySchema"]) {
			if key := template.Map(k); key["KeyType"] == "HASH" {
				g.keys[t.Name] = template.String(key["AttributeName"])
			}
		}
	}
	return g, nil
}

// Allows reports whether a function may make a request to DynamoDB, without making it.
func (g *Guard) Allows(function, operation string, body []byte) (bool, error) {
	asked, err := needs(operation, body, g.keys)
	return !slices.ContainsFunc(asked, func(n need) bool { return !g.Policies.allows(function, n) }), err
}

// Database is the way to DynamoDB at endpoint.
func (g *Guard) Database(endpoint string) (http.Handler, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) },
		// A connection that the engine's restart broke is the SDK's to retry, as it would be without us.
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { panic(http.ErrAbortHandler) },
		Transport:    &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
	}
	return g.before(
		proxy, func(operation string, body []byte) ([]need, error) { return needs(operation, body, g.keys) },
	), nil
}

// Secrets is the way to Secrets Manager.
func (g *Guard) Secrets(next http.Handler) http.Handler {
	return g.before(next, func(operation string, body []byte) ([]need, error) {
		var in struct {
			ID string `json:"SecretId"`
		}
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, err
		}
		return []need{{action: "secretsmanager:" + operation, resource: g.Secret(in.ID)}}, nil
	})
}

// operator is who runs all this, and may do everything: no function signs so.
const operator = dynamo.AccessKey

var credential = regexp.MustCompile(`Credential=([^/]+)/`)

func (g *Guard) before(next http.Handler, needs func(operation string, body []byte) ([]need, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		function := ""
		if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
			function = m[1]
		}
		if function == operator {
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			next.ServeHTTP(w, r)
			return
		}
		asked, err := needs(operation, body)
		if err != nil {
			refuse(w, "ValidationException", fmt.Sprintf("%s: %v", operation, err))
			return
		}
		for _, n := range asked {
			if g.Policies.allows(function, n) {
				continue
			}
			text := fmt.Sprintf("%s is not authorized to perform: %s on resource: %s", function, n.action, n.resource)
			g.Say(text + " (its Policies in the template)")
			refuse(w, "AccessDeniedException", "User: arn:aws:sts::"+template.AccountID+":assumed-role/"+text)
			return
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		next.ServeHTTP(w, r)
	})
}

func refuse(w http.ResponseWriter, kind, message string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{
		"__type": "com.amazonaws.dynamodb.v20120810#" + kind, "message": message, "Message": message,
	})
}
