// Package site stands in for the CDN: which addresses go to the API, which are files, and with which
// headers, as the template's CloudFront distribution says.
package site

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// API is what routes are served by.
type API interface {
	http.Handler
	Takes(*http.Request) (named, taken bool)
}

// Site serves one origin.
type Site struct {
	API   API
	Files *Files

	behaviors []behavior
}

// behavior is what CloudFront does with addresses of a pattern.
type behavior struct {
	pattern *regexp.Regexp
	api     bool
	views   bool // an address without a file extension is a view that index.html draws
	policy  []header
}

// New reads the template's distribution. A template without one has files for everything that is no route.
func New(t *template.Template, api API, files *Files) (*Site, error) {
	s := &Site{API: api, Files: files}
	policies := map[string][]header{}
	resources, err := t.Resources("AWS::CloudFront::ResponseHeadersPolicy")
	if err != nil {
		return nil, err
	}
	for _, r := range resources {
		p, err := t.Properties(r)
		if err != nil {
			return nil, err
		}
		policies[template.Stack+"-"+r.ID] = headers(p)
	}
	if resources, err = t.Resources("AWS::CloudFront::Distribution"); err != nil || len(resources) == 0 {
		return s, err
	}
	if len(resources) > 1 {
		return nil, fmt.Errorf("the template has %d CloudFront distributions; one is served here", len(resources))
	}
	p, err := t.Properties(resources[0])
	if err != nil {
		return nil, err
	}
	config := template.Map(p["DistributionConfig"])
	toAPI := map[string]bool{}
	for _, item := range template.List(config["Origins"]) {
		origin := template.Map(item)
		toAPI[template.String(origin["Id"])] = strings.Contains(template.String(origin["DomainName"]), ".execute-api.")
	}
	for _, item := range append(template.List(config["CacheBehaviors"]), config["DefaultCacheBehavior"]) {
		b := template.Map(item)
		if b == nil {
			continue
		}
		pattern := template.String(b["PathPattern"])
		if pattern == "" {
			pattern = "*"
		}
		s.behaviors = append(s.behaviors, behavior{
			pattern: glob(pattern),
			api:     toAPI[template.String(b["TargetOriginId"])],
			views:   len(template.List(b["FunctionAssociations"])) > 0,
			policy:  policies[template.String(b["ResponseHeadersPolicyId"])],
		})
	}
	return s, nil
}

// glob reads a path pattern: * is any number of characters, ? is one.
func glob(pattern string) *regexp.Regexp {
	text := regexp.QuoteMeta("/" + strings.TrimPrefix(pattern, "/"))
	if pattern == "*" {
		text = `\*`
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, `\*`, ".*"), `\?`, ".")
	return regexp.MustCompile("^" + text + "$")
}

func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	named, taken := s.API.Takes(r)
	for _, b := range s.behaviors {
		if !b.pattern.MatchString(r.URL.Path) {
			continue
		}
		// A route that the CDN does not forward is called at the API's own address; here that is this one.
		if b.api || named {
			s.API.ServeHTTP(w, r)
			return
		}
		apply(w.Header(), b.policy)
		s.Files.serve(w, r, b.views)
		return
	}
	if taken {
		s.API.ServeHTTP(w, r)
		return
	}
	s.Files.serve(w, r, true)
}
