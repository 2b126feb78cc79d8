package site

import (
	"net/http"
	"strconv"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// header is one that a ResponseHeadersPolicy sets.
type header struct {
	name, value string
	override    bool
}

// headers reads a CloudFront ResponseHeadersPolicy. Strict-Transport-Security is left out: there is no
// TLS here, and a browser would remember it for every other thing on localhost.
func headers(properties map[string]any) []header {
	config := template.Map(properties["ResponseHeadersPolicyConfig"])
	security := template.Map(config["SecurityHeadersConfig"])
	var out []header
	add := func(part map[string]any, name, value string) {
		if part != nil {
			out = append(out, header{name, value, template.Bool(part["Override"])})
		}
	}
	csp := template.Map(security["ContentSecurityPolicy"])
	add(csp, "Content-Security-Policy", template.String(csp["ContentSecurityPolicy"]))
	add(template.Map(security["ContentTypeOptions"]), "X-Content-Type-Options", "nosniff")
	frame := template.Map(security["FrameOptions"])
	add(frame, "X-Frame-Options", template.String(frame["FrameOption"]))
	referrer := template.Map(security["ReferrerPolicy"])
	add(referrer, "Referrer-Policy", template.String(referrer["ReferrerPolicy"]))
	for _, item := range template.List(template.Map(config["CustomHeadersConfig"])["Items"]) {
		m := template.Map(item)
		add(m, template.String(m["Header"]), template.String(m["Value"]))
	}
	if cors := template.Map(config["CorsConfig"]); cors != nil {
		for _, origin := range template.Strings(template.Map(cors["AccessControlAllowOrigins"])["Items"]) {
			out = append(out, header{"Access-Control-Allow-Origin", origin, template.Bool(cors["OriginOverride"])})
		}
		if age := template.Int(cors["AccessControlMaxAgeSec"], 0); age > 0 {
			out = append(out, header{"Access-Control-Max-Age", strconv.Itoa(age), true})
		}
	}
	return out
}

func apply(h http.Header, policy []header) {
	for _, p := range policy {
		if p.override || h.Get(p.name) == "" {
			h.Set(p.name, p.value)
		}
	}
}
