package cdn

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// header is one that a ResponseHeadersPolicy sets.
type header struct {
	name, value string
	override    bool
	cors        bool // only for a request with an Origin
}

// readHeaders reads a CloudFront ResponseHeadersPolicy. Strict-Transport-Security is left out: there is no
// TLS here, and a browser would remember it for every other thing on localhost.
func readHeaders(properties map[string]any) ([]header, error) {
	config := template.Map(properties["ResponseHeadersPolicyConfig"])
	security := template.Map(config["SecurityHeadersConfig"])
	var out []header
	add := func(part map[string]any, name, value string) {
		if part != nil {
			out = append(out, header{name: name, value: value, override: template.Bool(part["Override"])})
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
		if strings.HasPrefix(strings.ToLower(template.String(m["Header"])), "access-control-") {
			return nil, fmt.Errorf("CloudFront refuses %s as a custom header: it belongs in CorsConfig", m["Header"])
		}
		add(m, template.String(m["Header"]), template.String(m["Value"]))
	}
	if cors := template.Map(config["CorsConfig"]); cors != nil {
		own := func(name, value string) {
			out = append(out, header{name: name, value: value, override: template.Bool(cors["OriginOverride"]), cors: true})
		}
		origins := template.Strings(template.Map(cors["AccessControlAllowOrigins"])["Items"])
		if len(origins) != 1 || origins[0] != "*" {
			return nil, fmt.Errorf("CorsConfig with origins %v is not served here", origins)
		}
		own("Access-Control-Allow-Origin", "*")
		if exposed := template.Strings(template.Map(cors["AccessControlExposeHeaders"])["Items"]); len(exposed) > 0 {
			own("Access-Control-Expose-Headers", strings.Join(exposed, ","))
		}
	}
	return out, nil
}

func apply(h http.Header, policy []header, r *http.Request) {
	for _, p := range policy {
		if p.cors && r.Header.Get("Origin") == "" {
			continue
		}
		if p.override || h.Get(p.name) == "" {
			h.Set(p.name, p.value)
		}
	}
}
