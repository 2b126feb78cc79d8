package mailbox

import (
	"embed"
	"encoding/json"
	"html"
	"html/template"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

//go:embed page.html page.css page.js
var files embed.FS

var page = template.Must(
	template.New("page.html").Funcs(template.FuncMap{"linked": linked, "plain": plain}).ParseFS(files, "page.html"),
)

// A mail is a stranger's text: the page runs nothing but its own script and loads nothing from elsewhere. A mail's
// HTML has a frame of its own, without scripts, forms or an origin; its links open in new windows.
const (
	policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
		"require-trusted-types-for 'script'; trusted-types 'none'"
	mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; " +
		"frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)

// ServeHTTP shows the box at the address it is mounted on: JSON, or a page for a browser.
// ?to= narrows it to one recipient.
func (b *Box) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	for suffix, kind := range map[string]string{
		"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8",
	} {
		if strings.HasSuffix(r.URL.Path, "/"+suffix) {
			text, _ := files.ReadFile(suffix)
			h.Set("Content-Type", kind)
			_, _ = w.Write(text)
			return
		}
	}
	if strings.HasSuffix(r.URL.Path, "/html") {
		b.serveHTML(w, r)
		return
	}
	to := r.URL.Query().Get("to")
	mails := b.List(to)
	h.Set("Vary", "Accept")
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		h.Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(mails)
		return
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Type", "text/html; charset=utf-8")
	newest := ""
	if len(mails) > 0 {
		newest = mails[0].ID
	}
	_ = page.Execute(w, struct {
		To, Newest string
		Mails      []Mail
	}{to, newest, mails})
}

// serveHTML writes the HTML of one mail, for the page's frame.
func (b *Box) serveHTML(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	mails := b.List("")
	n := slices.IndexFunc(mails, func(m Mail) bool { return m.ID == id })
	if n < 0 {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", mailPolicy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, strings.Replace(mails[n].HTML, "<head>", `<head><base target="_blank">`, 1))
}

// linked makes the addresses in a text clickable.
func linked(text string) template.HTML {
	var out strings.Builder
	rest := text
	for {
		at := address.FindStringIndex(rest)
		if at == nil {
			break
		}
		link := trim(rest[at[0]:at[1]])
		safe := template.HTMLEscapeString(link)
		out.WriteString(template.HTMLEscapeString(rest[:at[0]]))
		out.WriteString(`<a href="` + safe + `">` + safe + `</a>`)
		rest = rest[at[0]+len(link):]
	}
	out.WriteString(template.HTMLEscapeString(rest))
	return template.HTML(out.String())
}

var (
	invisible = regexp.MustCompile(`(?is)<(style|script|head)\b.*?</(style|script|head)>`)
	tag       = regexp.MustCompile(`(?s)<[^>]*>`)
	blank     = regexp.MustCompile(`\n\s*\n\s*`)
)

// plain gives a mail's text; of one that has only HTML, what is written in it.
func plain(m Mail) string {
	if m.Text != "" {
		return strings.TrimSpace(m.Text)
	}
	text := tag.ReplaceAllString(invisible.ReplaceAllString(m.HTML, ""), "\n")
	return strings.TrimSpace(blank.ReplaceAllString(html.UnescapeString(text), "\n\n"))
}
