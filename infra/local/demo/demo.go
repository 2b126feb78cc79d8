// Package demo is a customer's website on an origin of its own: what a visitor sees the widget on.
package demo

import (
	"embed"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"strings"
)

//go:embed pages/*.html style.css
var files embed.FS

// pages are the site's addresses, in the order of its navigation.
var pages = []struct{ Path, Name, File string }{
	{"/", "Home", "home.html"},
	{"/services", "Services", "services.html"},
	{"/pricing", "Prices", "pricing.html"},
	{"/about", "About us", "about.html"},
	{"/contact", "Contact", "contact.html"},
}

// Site serves the website.
type Site struct {
	Origin    string // its own: http://127.0.0.1:3001
	Dashboard string // where the widget comes from: http://localhost:3000

	templates map[string]*template.Template
}

// New gives the website.
func New(origin, dashboard string) (*Site, error) {
	s := &Site{Origin: origin, Dashboard: dashboard, templates: map[string]*template.Template{}}
	for _, p := range append(pages, struct{ Path, Name, File string }{"", "", "missing.html"}) {
		t, err := template.ParseFS(files, "pages/layout.html", "pages/"+p.File)
		if err != nil {
			return nil, err
		}
		s.templates[p.Path] = t
	}
	return s, nil
}

type link struct {
	Name, URL string
	Here      bool
}

type view struct {
	Title, Site, Script, Origin, Dashboard string
	Consent, Strict                        bool
	Links                                  []link
	URL                                    map[string]string
}

func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD are served here.", http.StatusMethodNotAllowed)
		return
	}
	// The customer allows one origin in the dashboard; by another name this would be another one.
	if host, _, _ := net.SplitHostPort(r.Host); host == "localhost" || host == "::1" {
		http.Redirect(w, r, s.Origin+r.URL.RequestURI(), http.StatusTemporaryRedirect)
		return
	}
	if r.URL.Path == "/style.css" {
		h.Set("Content-Type", "text/css; charset=utf-8")
		text, _ := files.ReadFile("style.css")
		_, _ = w.Write(text)
		return
	}
	query := r.URL.Query()
	if query.Get("csp") == "strict" {
		// As strict as a customer may be; the page leaves its own styles out, so that what the browser
		// reports is the widget's.
		h.Set(
			"Content-Security-Policy",
			"default-src 'none'; img-src data:; form-action 'self'; script-src "+s.Dashboard+
				"; style-src 'none'; connect-src "+s.Dashboard+"; require-trusted-types-for 'script'",
		)
	}
	v := view{Title: "Page not found", Site: query.Get("site"), Script: s.Dashboard + "/widget.js",
		Origin: s.Origin, Dashboard: s.Dashboard, Consent: query.Get("consent") == "required", Strict: query.Get("csp") == "strict", URL: map[string]string{}}
	page := s.templates[""]
	for _, p := range pages {
		to := p.Path + keep(query)
		here := p.Path == r.URL.Path
		v.Links = append(v.Links, link{p.Name, to, here})
		v.URL[strings.TrimPrefix(p.Path, "/")] = to
		if here {
			page, v.Title = s.templates[p.Path], p.Name
		}
	}
	v.URL["home"] = v.URL[""]
	h.Set("Content-Type", "text/html; charset=utf-8")
	if page == s.templates[""] {
		w.WriteHeader(http.StatusNotFound)
	}
	_ = page.ExecuteTemplate(w, "layout.html", v)
}

// keep carries the demo's own settings over to the next page.
func keep(query url.Values) string {
	kept := url.Values{}
	for _, name := range []string{"site", "consent", "csp"} {
		if v := query.Get(name); v != "" {
			kept.Set(name, v)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return "?" + kept.Encode()
}
