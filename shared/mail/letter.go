package mail

import (
	"html"
	"strings"
)

// Letter is a mail before it has a form: text and HTML are written from the same words.
type Letter struct {
	Subject    string
	Greeting   string
	Paragraphs []string
	Button     string // what the link does; "" for none
	Link       string
	After      []string // said below the link
}

const footer = "Mi Connect by Mi Telecom. Questions: privacy@mi-telecom.co.uk"

// Mail returns the letter as a mail.
func (l Letter) Mail(id, to string) Mail {
	return Mail{ID: id, To: to, Subject: l.Subject, Text: l.text(), HTML: l.html()}
}

func (l Letter) text() string {
	parts := append([]string{l.Greeting}, l.Paragraphs...)
	if l.Link != "" {
		parts = append(parts, l.Button+":\n"+l.Link)
	}
	parts = append(parts, l.After...)
	return strings.Join(append(parts, "-- \n"+footer), "\n\n") + "\n"
}

// html keeps to what mail programs show alike: inline styles and a table-free single column.
func (l Letter) html() string {
	var b strings.Builder
	p := func(s string) {
		b.WriteString(`<p style="margin:0 0 16px">` + html.EscapeString(s) + `</p>`)
	}
	b.WriteString(`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>` + html.EscapeString(l.Subject) +
		`</title></head><body style="margin:0;padding:32px 16px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif"><div style="max-width:520px;margin:0 auto">`)
	p(l.Greeting)
	for _, s := range l.Paragraphs {
		p(s)
	}
	if l.Link != "" {
		href := html.EscapeString(l.Link)
		b.WriteString(`<p style="margin:24px 0"><a href="` + href + `" style="display:inline-block;padding:12px 20px;border-radius:8px;background:#0f766e;color:#ffffff;text-decoration:none;font-weight:600">` +
			html.EscapeString(l.Button) + `</a></p><p style="margin:0 0 16px;font-size:13px;word-break:break-all">` + href + `</p>`)
	}
	for _, s := range l.After {
		p(s)
	}
	b.WriteString(`<p style="margin:32px 0 0;font-size:13px;color:#6b7280">` + html.EscapeString(footer) + `</p></div></body></html>`)
	return b.String()
}
