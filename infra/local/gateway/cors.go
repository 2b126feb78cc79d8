package gateway

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// CORS is an HTTP API's CorsConfiguration; nil when it has none.
type CORS struct {
	Origins, Methods, Headers, Expose []string
	Credentials                       bool
	MaxAge                            int
}

// ParseCORS reads a CorsConfiguration in SAM's forms: a map, or true or a single origin.
func ParseCORS(v any) *CORS {
	switch c := v.(type) {
	case nil:
		return nil
	case bool:
		if !c {
			return nil
		}
		return &CORS{Origins: []string{"*"}}
	case string:
		return &CORS{Origins: []string{c}}
	}
	m := template.Map(v)
	return &CORS{
		Origins: template.Strings(m["AllowOrigins"]), Methods: template.Strings(m["AllowMethods"]),
		Headers: template.Strings(m["AllowHeaders"]), Expose: template.Strings(m["ExposeHeaders"]),
		Credentials: template.Bool(m["AllowCredentials"]), MaxAge: template.Int(m["MaxAge"], 0),
	}
}

// preflight tells whether a browser asks for leave before its request.
func preflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" &&
		r.Header.Get("Access-Control-Request-Method") != ""
}

// answer writes what the browser may do; nothing for an origin that is not allowed.
func (c *CORS) answer(h http.Header, origin string, before bool) {
	allowed := c.allow(origin)
	if allowed == "" {
		return
	}
	set := func(name string, values []string) {
		if len(values) > 0 {
			h.Set("Access-Control-"+name, strings.ToLower(strings.Join(values, ",")))
		}
	}
	h.Set("Access-Control-Allow-Origin", allowed)
	if allowed != "*" {
		h.Add("Vary", "Origin")
	}
	if c.Credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if !before {
		set("Expose-Headers", c.Expose)
		return
	}
	set("Allow-Headers", c.Headers)
	if len(c.Methods) > 0 {
		h.Set("Access-Control-Allow-Methods", strings.ToUpper(strings.Join(c.Methods, ",")))
	}
	if c.MaxAge > 0 {
		h.Set("Access-Control-Max-Age", strconv.Itoa(c.MaxAge))
	}
}

func (c *CORS) allow(origin string) string {
	for _, o := range c.Origins {
		if o == "*" {
			return "*"
		}
		before, after, wild := strings.Cut(o, "*")
		if o == origin ||
			wild && len(origin) >= len(o)-1 && strings.HasPrefix(origin, before) && strings.HasSuffix(origin, after) {
			return origin
		}
	}
	return ""
}
