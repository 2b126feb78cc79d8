package policy

import (
	"html"
	"slices"
	"strings"
)

// NoticeText is the customers' notice in one language. Rows says the same of each key as its Entry does, as seen
// from the customer's own website.
type NoticeText struct {
	Title     string         `json:"title"`
	Intro     string         `json:"intro"`
	Columns   []string       `json:"columns"`
	Rows      map[string]Row `json:"rows"`
	Objection string         `json:"objection"`
	Request   string         `json:"request"`
}

// Row is one key.
type Row struct {
	Where    string `json:"where"`
	Purpose  string `json:"purpose"`
	Duration string `json:"duration"`
}

// PrivacyNotice is what a customer pastes into their own.
type PrivacyNotice struct {
	Language string `json:"language"`
	Text     string `json:"text"`
	HTML     string `json:"html"`
}

// PrivacyNoticeVersion changes when customers have something new to publish, in whichever language.
func (m *Manifest) PrivacyNoticeVersion() string {
	var parts []string
	for _, n := range m.PrivacyNotices() {
		parts = append(parts, n.Language, plain(n.Text))
	}
	return hash(parts)
}

// PrivacyNotices writes the notice in every language there is, by language.
func (m *Manifest) PrivacyNotices() []PrivacyNotice {
	var languages []string
	for l := range m.Customers {
		languages = append(languages, l)
	}
	slices.Sort(languages)
	notices := make([]PrivacyNotice, 0, len(languages))
	for _, l := range languages {
		w := m.Customers[l]
		notices = append(notices, PrivacyNotice{l, m.privacyNoticeText(w), m.privacyNoticeHTML(l, w)})
	}
	return notices
}

func (m *Manifest) privacyNoticeText(w NoticeText) string {
	var b strings.Builder
	b.WriteString(plain(w.Title) + "\n\n" + plain(w.Intro) + "\n\n")
	for _, e := range m.onSites() {
		r := w.Rows[e.Name]
		b.WriteString(
			"- " + e.Name + " (" + plain(r.Where) + "): " + plain(r.Purpose) + " " + plain(w.Columns[3]) + ": " +
				plain(r.Duration) + ".\n",
		)
	}
	b.WriteString("\n" + plain(w.Objection) + "\n\n" + plain(w.Request) + "\n")
	return b.String()
}

// privacyNoticeHTML carries no style and no script: it takes the look of the page it is pasted into.
func (m *Manifest) privacyNoticeHTML(language string, w NoticeText) string {
	var b strings.Builder
	tag := func(name, text string) {
		b.WriteString("<" + name + ">" + html.EscapeString(plain(text)) + "</" + strings.Fields(name)[0] + ">")
	}
	b.WriteString(`<section lang="` + html.EscapeString(language) + `">` + "\n")
	tag("h3", w.Title)
	b.WriteString("\n")
	tag("p", w.Intro)
	b.WriteString("\n<table>\n<thead><tr>")
	for _, c := range w.Columns {
		tag(`th scope="col"`, c)
	}
	b.WriteString("</tr></thead>\n<tbody>\n")
	for _, e := range m.onSites() {
		r := w.Rows[e.Name]
		b.WriteString("<tr>")
		tag(`th scope="row"`, e.Name)
		for _, text := range []string{r.Where, r.Purpose, r.Duration} {
			tag("td", text)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody>\n</table>\n")
	tag("p", w.Objection)
	b.WriteString("\n")
	tag("p", w.Request)
	b.WriteString("\n</section>\n")
	return b.String()
}
