package templatetest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

const api = "/v1/callbacks" // an address of the API that pages of other websites call

var cdnRules = []rule{
	{"no CORS among custom headers", "CloudFront refuses the policy: these headers have a section of their own",
		func(d *doc) (out []string) {
			own := []string{
				"strict-transport-security", "content-security-policy", "x-content-type-options", "x-frame-options",
				"referrer-policy", "x-xss-protection",
			}
			for _, id := range d.of("AWS::CloudFront::ResponseHeadersPolicy") {
				items := template.List(at(d.properties[id], "ResponseHeadersPolicyConfig", "CustomHeadersConfig", "Items"))
				for _, item := range items {
					name := strings.ToLower(template.String(at(item, "Header")))
					if strings.HasPrefix(name, "access-control-") || slices.Contains(own, name) {
						out = append(out, id+": "+name)
					}
				}
				if len(items) > 10 {
					out = append(out, fmt.Sprintf("%s: %d headers, the quota is 10", id, len(items)))
				}
			}
			return out
		},
		"{Header: Cross-Origin-Resource-Policy,", "{Header: Access-Control-Allow-Origin,"},
	{"ten headers in a policy", "the quota of headers in a cache policy and in an origin request policy is ten",
		func(d *doc) (out []string) {
			for _, id := range d.of("AWS::CloudFront::CachePolicy", "AWS::CloudFront::OriginRequestPolicy") {
				if n := len(d.headers(id)); n > 10 {
					out = append(out, fmt.Sprintf("%s: %d", id, n))
				}
			}
			return out
		},
		"Headers: [content-type, idempotency-key,", "Headers: [content-type, a, b, c, idempotency-key,"},
	{"a preflight reaches the API",
		"the API's CORS answers OPTIONS only with Origin and Access-Control-Request-Method, and a browser sends no " +
			"request whose headers it was not allowed",
		func(d *doc) (out []string) {
			needed := []string{"origin", "access-control-request-method", "access-control-request-headers"}
			for _, id := range d.of("AWS::Serverless::HttpApi") {
				needed = append(needed, template.Strings(at(d.properties[id], "CorsConfiguration", "AllowHeaders"))...)
			}
			b := d.behavior(api)
			for _, name := range needed {
				if !slices.Contains(d.forwarded(b), name) {
					out = append(out, name+" is not forwarded")
				}
			}
			if !slices.Contains(template.Strings(b["AllowedMethods"]), "OPTIONS") {
				out = append(out, "OPTIONS is not allowed")
			}
			return out
		},
		"access-control-request-method, ", ""},
	{"Origin is part of the cache's key",
		"the API's answer has CORS headers only for a request with Origin: kept from one without, it is useless to every " +
			"page",
		func(d *doc) []string {
			if !slices.Contains(d.headers(template.String(d.behavior(api)["CachePolicyId"])), "origin") {
				return []string{"it is not"}
			}
			return nil
		},
		"[authorization, mi-account, origin]", "[authorization, mi-account]"},
	{"who asks is part of the cache's key", "an answer for one must not be given to another",
		func(d *doc) (out []string) {
			for _, name := range []string{"authorization", "mi-account"} {
				if !slices.Contains(d.headers(template.String(d.behavior(api)["CachePolicyId"])), name) {
					out = append(out, name+" is not")
				}
			}
			return out
		},
		"[authorization, mi-account, origin]", "[authorization, origin]"},
	{"faults are not kept", "CloudFront keeps these for ten seconds, whatever Cache-Control says",
		func(d *doc) (out []string) {
			for _, id := range d.of("AWS::CloudFront::Distribution") {
				kept := map[int]int{404: 10, 414: 10, 500: 10, 501: 10, 502: 10, 503: 10, 504: 10}
				for _, item := range template.List(at(d.properties[id], "DistributionConfig", "CustomErrorResponses")) {
					kept[template.Int(at(item, "ErrorCode"), 0)] = template.Int(at(item, "ErrorCachingMinTTL"), 10)
				}
				for status, seconds := range kept {
					if seconds > 0 {
						out = append(out, fmt.Sprintf("%d is kept for %d s", status, seconds))
					}
				}
			}
			return out
		},
		"          - {ErrorCode: 503, ErrorCachingMinTTL: 0}\n", ""},
	{"TLS to the origin", "CloudFront would speak older ones with an origin that takes them",
		func(d *doc) (out []string) {
			for _, id := range d.of("AWS::CloudFront::Distribution") {
				config := at(d.properties[id], "DistributionConfig")
				for _, origin := range template.List(at(config, "Origins")) {
					custom := at(origin, "CustomOriginConfig")
					if custom != nil &&
						(at(custom, "OriginProtocolPolicy") != "https-only" || !slices.Equal(template.Strings(at(custom, "OriginSSLProtocols")), []string{"TLSv1.2"})) {
						out = append(out, fmt.Sprint(at(origin, "Id"), custom))
					}
				}
				for _, b := range append(template.List(at(config, "CacheBehaviors")), at(config, "DefaultCacheBehavior")) {
					if p := at(b, "ViewerProtocolPolicy"); p != "https-only" && p != "redirect-to-https" {
						out = append(out, fmt.Sprint(at(b, "PathPattern"), p))
					}
				}
			}
			return out
		},
		"OriginSSLProtocols: [TLSv1.2]", "OriginSSLProtocols: [TLSv1]"},
}

// headers are those of a policy, by its id or by what !Ref gives.
func (d *doc) headers(id string) (out []string) {
	p := d.properties[strings.TrimPrefix(id, template.Stack+"-")]
	for _, config := range []any{
		p["OriginRequestPolicyConfig"], at(p, "CachePolicyConfig", "ParametersInCacheKeyAndForwardedToOrigin"),
	} {
		for _, name := range template.Strings(at(config, "HeadersConfig", "Headers")) {
			out = append(out, strings.ToLower(name))
		}
	}
	return out
}

// behavior is the one that takes a path.
func (d *doc) behavior(path string) map[string]any {
	for _, id := range d.of("AWS::CloudFront::Distribution") {
		config := at(d.properties[id], "DistributionConfig")
		for _, b := range template.List(at(config, "CacheBehaviors")) {
			pattern := strings.ReplaceAll(regexp.QuoteMeta(template.String(at(b, "PathPattern"))), `\*`, ".*")
			if regexp.MustCompile("^" + pattern + "$").MatchString(path) {
				return template.Map(b)
			}
		}
	}
	return nil
}

func (d *doc) forwarded(behavior map[string]any) []string {
	return append(
		d.headers(template.String(behavior["CachePolicyId"])),
		d.headers(template.String(behavior["OriginRequestPolicyId"]))...,
	)
}

// A header that a function reads and the CDN does not forward is never there, on AWS alone.
func TestEveryHeaderThatIsReadIsForwarded(t *testing.T) {
	root := localtest.Root(t)
	text := mustRead(t, filepath.Join(root, "template.yaml"))
	d, err := read(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	ours, stripes := d.forwarded(d.behavior(api)), d.forwarded(d.behavior("/v1/stripe/webhook"))
	found := 0
	for _, folder := range []string{"functions", "shared/web", "shared/lambdahttp"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			forwarded := ours
			if strings.Contains(path, "stripe-webhook") {
				forwarded = stripes
			}
			for _, name := range headersRead(t, path) {
				found++
				// The CDN's own are set by it; Host and Content-Length every request has.
				if !slices.Contains([]string{"x-mi-cdn", "host", "content-length"}, name) && !slices.Contains(forwarded, name) {
					t.Errorf("%s reads %s, which the CDN does not forward", strings.TrimPrefix(path, root+"/"), name)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 5 {
		t.Errorf("only %d headers are read: this test no longer sees them", found)
	}
}

// headersRead are the names in x.Header.Get("name") and x.Header["Name"] of a file: a request's, for a response's
// are written by w.Header().
func headersRead(t *testing.T, path string) (out []string) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	field := func(e ast.Expr) bool {
		s, ok := e.(*ast.SelectorExpr)
		return ok && s.Sel.Name == "Header"
	}
	literal := func(e ast.Expr) {
		if l, ok := e.(*ast.BasicLit); ok {
			name, _ := strconv.Unquote(l.Value)
			out = append(out, strings.ToLower(name))
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if get, ok := n.Fun.(*ast.SelectorExpr); ok && (get.Sel.Name == "Get" || get.Sel.Name == "Values") &&
				field(get.X) && len(n.Args) == 1 {
				literal(n.Args[0])
			}
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "UserAgent" {
				out = append(out, "user-agent")
			}
		case *ast.IndexExpr:
			if field(n.X) {
				literal(n.Index)
			}
		}
		return true
	})
	return out
}
