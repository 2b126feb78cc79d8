package cdn

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// cachePolicy says which answers are kept, and which requests share one.
type cachePolicy struct {
	min, otherwise, max time.Duration
	headers             []string
	query               bool
	encoding            []string // of Accept-Encoding, what is told apart
}

// requestPolicy says what of a request the origin is sent beside what is in the cache's key.
type requestPolicy struct {
	headers []string
	query   bool
}

// policies are those a behavior may name, by id.
type policies struct {
	cache     map[string]cachePolicy
	request   map[string]requestPolicy
	response  map[string][]header
	functions map[string]*function
}

func readPolicies(t *template.Template) (policies, error) {
	p := policies{
		cache: map[string]cachePolicy{
			"658327ea-f89d-4fab-a63d-7e88639e58f6": { // Managed-CachingOptimized
				min: time.Second, otherwise: 24 * time.Hour, max: 365 * 24 * time.Hour, encoding: []string{"br", "gzip"}},
			"4135ea2d-6df8-44a3-9df3-4b5a84be39ad": {}, // Managed-CachingDisabled
		},
		request: map[string]requestPolicy{}, response: map[string][]header{}, functions: map[string]*function{},
	}
	resources, err := t.Resources("AWS::CloudFront::CachePolicy", "AWS::CloudFront::OriginRequestPolicy",
		"AWS::CloudFront::ResponseHeadersPolicy", "AWS::CloudFront::Function")
	if err != nil {
		return p, err
	}
	for _, r := range resources {
		properties, err := t.Properties(r)
		if err != nil {
			return p, err
		}
		id := template.Stack + "-" + r.ID // what !Ref gives
		switch r.Type {
		case "AWS::CloudFront::CachePolicy":
			p.cache[id], err = readCache(template.Map(properties["CachePolicyConfig"]))
		case "AWS::CloudFront::OriginRequestPolicy":
			p.request[id], err = readRequest(template.Map(properties["OriginRequestPolicyConfig"]))
		case "AWS::CloudFront::ResponseHeadersPolicy":
			p.response[id], err = readHeaders(properties)
		default:
			p.functions[id+".FunctionARN"], err = compile(properties) // what !GetAtt gives
		}
		if err != nil {
			return p, fmt.Errorf("%s: %w", r.ID, err)
		}
	}
	return p, nil
}

func readCache(config map[string]any) (p cachePolicy, err error) {
	seconds := func(name string) time.Duration { return time.Duration(template.Int(config[name], 0)) * time.Second }
	p.min, p.otherwise, p.max = seconds("MinTTL"), seconds("DefaultTTL"), seconds("MaxTTL")
	key := template.Map(config["ParametersInCacheKeyAndForwardedToOrigin"])
	if template.Bool(key["EnableAcceptEncodingBrotli"]) {
		p.encoding = append(p.encoding, "br")
	}
	if template.Bool(key["EnableAcceptEncodingGzip"]) {
		p.encoding = append(p.encoding, "gzip")
	}
	p.headers, p.query, err = readForwarded(key)
	return p, err
}

func readRequest(config map[string]any) (p requestPolicy, err error) {
	p.headers, p.query, err = readForwarded(config)
	return p, err
}

// quota is how many headers one policy may name.
const quota = 10

func readForwarded(m map[string]any) (headers []string, query bool, err error) {
	h := template.Map(m["HeadersConfig"])
	switch behavior := template.String(h["HeaderBehavior"]); behavior {
	case "none":
	case "whitelist":
		for _, name := range template.Strings(h["Headers"]) {
			headers = append(headers, strings.ToLower(name))
		}
	default:
		return nil, false, fmt.Errorf("HeaderBehavior %s is not served here", behavior)
	}
	if len(headers) > quota {
		return nil, false, fmt.Errorf("%d headers; CloudFront takes %d in a policy", len(headers), quota)
	}
	switch behavior := template.String(template.Map(m["QueryStringsConfig"])["QueryStringBehavior"]); behavior {
	case "none":
	case "all":
		query = true
	default:
		return nil, false, fmt.Errorf("QueryStringBehavior %s is not served here", behavior)
	}
	if behavior := template.String(template.Map(m["CookiesConfig"])["CookieBehavior"]); behavior != "none" {
		return nil, false, fmt.Errorf("CookieBehavior %s is not served here", behavior)
	}
	return headers, query, nil
}

// behavior reads one of a distribution's, but for its origin.
func (p policies) behavior(m map[string]any) (behavior, error) {
	pattern := template.String(m["PathPattern"])
	if pattern == "" {
		pattern = "*"
	}
	b := behavior{pattern: glob(pattern), methods: template.Strings(m["AllowedMethods"])}
	if len(b.methods) == 0 {
		b.methods = []string{"GET", "HEAD"}
	}
	if slices.Contains(template.Strings(m["CachedMethods"]), "OPTIONS") {
		return b, fmt.Errorf("%s: answers to OPTIONS are not kept here", pattern)
	}
	ok := true
	find := func(what string, known bool) {
		if id := template.String(m[what]); id != "" && !known {
			ok = false
		}
	}
	var known bool
	b.keep, known = p.cache[template.String(m["CachePolicyId"])]
	find("CachePolicyId", known)
	b.forward, known = p.request[template.String(m["OriginRequestPolicyId"])]
	find("OriginRequestPolicyId", known)
	b.headers, known = p.response[template.String(m["ResponseHeadersPolicyId"])]
	find("ResponseHeadersPolicyId", known)
	if !ok {
		return b, fmt.Errorf("%s: it names a policy that is neither in the template nor known here", pattern)
	}
	for _, item := range template.List(m["FunctionAssociations"]) {
		a := template.Map(item)
		b.function = p.functions[template.String(a["FunctionARN"])]
		if template.String(a["EventType"]) != "viewer-request" || b.function == nil {
			return b, fmt.Errorf("%s: only a function of the template runs here, on viewer-request", pattern)
		}
	}
	return b, nil
}
