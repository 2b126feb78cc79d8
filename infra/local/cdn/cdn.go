// Package cdn stands in for CloudFront, as the template's distribution and its policies say: which addresses go to
// the API and which are files, what of a request the API is sent, which answers are kept and for whom, and the
// headers of pages. What it does not know of CloudFront it refuses to start on; what it leaves out is listed in
// docs/architecture.md.
package cdn

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// API is what routes are served by.
type API interface {
	http.Handler
	Takes(*http.Request) (named, taken bool)
}

// Limits of CloudFront for a request.
const (
	maxURL     = 8192
	maxRequest = 32768 // its line and headers
)

// CDN serves one origin.
type CDN struct {
	api   API
	files *Files

	distributed bool // the template has a distribution
	behaviors   []behavior
	root        string // what is served at "/"
	errors      map[int]time.Duration
	cache       cache
}

// behavior is what CloudFront does with addresses of a pattern.
type behavior struct {
	pattern  *regexp.Regexp
	methods  []string
	api      *origin // nil for files
	keep     cachePolicy
	forward  requestPolicy
	function *function // of viewer-request, nil for none
	headers  []header
}

// origin is where requests continue to.
type origin struct {
	domain string
	custom http.Header
}

// New reads the template's distribution. A template without one has files for everything that is no route. resolve
// replaces references to secrets.
func New(t *template.Template, api API, files *Files, resolve func(string) (string, error)) (*CDN, error) {
	c := &CDN{api: api, files: files, errors: map[int]time.Duration{}}
	resources, err := t.Resources("AWS::CloudFront::Distribution")
	if err != nil || len(resources) == 0 {
		return c, err
	}
	if len(resources) > 1 {
		return nil, fmt.Errorf("the template has %d CloudFront distributions; one is served here", len(resources))
	}
	c.distributed = true
	p, err := t.Properties(resources[0])
	if err != nil {
		return nil, err
	}
	config := template.Map(p["DistributionConfig"])
	c.root = template.String(config["DefaultRootObject"])
	for _, status := range []int{404, 414, 500, 501, 502, 503, 504} {
		c.errors[status] = 10 * time.Second // unless the distribution says otherwise
	}
	for _, item := range template.List(config["CustomErrorResponses"]) {
		m := template.Map(item)
		c.errors[template.Int(m["ErrorCode"], 0)] = time.Duration(template.Int(m["ErrorCachingMinTTL"], 10)) * time.Second
	}
	origins, err := readOrigins(config, resolve)
	if err != nil {
		return nil, err
	}
	known, err := readPolicies(t)
	if err != nil {
		return nil, err
	}
	for _, item := range append(slices.Clone(template.List(config["CacheBehaviors"])), config["DefaultCacheBehavior"]) {
		b, err := known.behavior(template.Map(item))
		if err != nil {
			return nil, err
		}
		b.api = origins[template.String(template.Map(item)["TargetOriginId"])]
		c.behaviors = append(c.behaviors, b)
	}
	return c, nil
}

// readOrigins gives the API's, by its id; every other is the bucket.
func readOrigins(config map[string]any, resolve func(string) (string, error)) (map[string]*origin, error) {
	out := map[string]*origin{}
	for _, item := range template.List(config["Origins"]) {
		m := template.Map(item)
		o := &origin{domain: template.String(m["DomainName"]), custom: http.Header{}}
		if !strings.Contains(o.domain, ".execute-api.") {
			continue
		}
		for _, header := range template.List(m["OriginCustomHeaders"]) {
			h := template.Map(header)
			value, err := resolve(template.String(h["HeaderValue"]))
			if err != nil {
				return nil, err
			}
			o.custom.Set(template.String(h["HeaderName"]), value)
		}
		out[template.String(m["Id"])] = o
	}
	return out, nil
}

// glob reads a path pattern: * is any number of characters, ? is one.
func glob(pattern string) *regexp.Regexp {
	text := regexp.QuoteMeta("/" + strings.TrimPrefix(pattern, "/"))
	if pattern == "*" {
		text = `\*`
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, `\*`, ".*"), `\?`, ".")
	return regexp.MustCompile("(?s)^" + text + "$") // a path may hold any character, a line break too
}

func (c *CDN) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !c.distributed {
		c.plain(w, r)
		return
	}
	size := len(r.Method) + len(r.RequestURI) + len(r.Host)
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(v)
		}
	}
	switch {
	case len(r.RequestURI) > maxURL:
		refuse(w, http.StatusRequestURITooLong, "The address is longer than 8192 bytes.")
		return
	case size > maxRequest:
		refuse(w, http.StatusRequestEntityTooLarge, "The headers are larger than 32768 bytes.")
		return
	}
	i := slices.IndexFunc(c.behaviors, func(b behavior) bool { return b.pattern.MatchString(r.URL.Path) })
	b := c.behaviors[i] // the default one takes all
	if !slices.Contains(b.methods, r.Method) {
		refuse(
			w, http.StatusForbidden,
			"This distribution is not configured to allow the HTTP request method that was used for this request.",
		)
		return
	}
	path := r.URL.Path
	if b.function != nil {
		changed, own, err := b.function.run(r)
		if err != nil {
			refuse(w, http.StatusServiceUnavailable, "The function of this distribution failed: "+err.Error())
			return
		}
		if own != nil {
			own.write(w, r)
			return
		}
		path = changed
	}
	if b.api == nil {
		apply(w.Header(), b.headers, r)
		if path == "/" {
			path += c.root
		}
		c.files.serve(w, r, path)
		return
	}
	c.toAPI(w, r, i, b)
}

// plain is for a template without a distribution.
func (c *CDN) plain(w http.ResponseWriter, r *http.Request) {
	if _, taken := c.api.Takes(r); taken {
		c.api.ServeHTTP(w, r)
		return
	}
	path := r.URL.Path
	if !extension.MatchString(path) {
		path = "/index.html"
	}
	c.files.serve(w, r, path)
}

func refuse(w http.ResponseWriter, status int, text string) {
	w.Header().Set("X-Cache", "Error from cloudfront")
	http.Error(w, text, status)
}
