package design

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Check tidies d and returns what is wrong with it, beside its fields.
func (d *Design) Check() error {
	var p connect.Problems
	d.Colour = Colour(strings.ToLower(strings.TrimSpace(string(d.Colour))))
	if !hex.MatchString(string(d.Colour)) {
		p.Add("colour", "Enter a colour such as #0f766e.")
	}
	if _, ok := Schemes[d.Scheme]; !ok {
		p.Add("scheme", "Choose page, light, dark or system.")
	}
	if d.Position != "left" && d.Position != "right" {
		p.Add("position", "Choose left or right.")
	}
	for field, value := range map[string]int{"sideOffset": d.Side, "bottomOffset": d.Bottom} {
		between(&p, field, value, 0, MaxOffset)
	}
	if _, ok := radii[d.Shape]; !ok {
		p.Add("shape", "Choose pill, rounded or square.")
	}
	d.checkWords(&p)
	for field, value := range map[string]Asked{
		"fields.name": d.Fields.Name, "fields.email": d.Fields.Email, "fields.message": d.Fields.Message,
	} {
		if !slices.Contains([]Asked{Off, Optional, Needed}, value) {
			p.Add(field, "Choose off, optional or needed.")
		}
	}
	d.PrivacyURL = strings.TrimSpace(d.PrivacyURL)
	if d.PrivacyURL != "" && !webAddress(d.PrivacyURL) {
		p.Add("privacyUrl", "Enter the address of your privacy notice, such as https://www.example.com/privacy.")
	}
	d.checkTriggers(&p)
	return p.Err()
}

func webAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && len(text) <= 500
}

func (d *Design) checkWords(p *connect.Problems) {
	known := func(lang string) bool {
		return slices.ContainsFunc(Languages, func(l Language) bool { return l.Lang == lang })
	}
	d.Languages = slices.Compact(slices.Sorted(slices.Values(d.Languages)))
	if len(d.Languages) == 0 || slices.ContainsFunc(d.Languages, func(l string) bool { return !known(l) }) {
		p.Add("languages", "Choose at least one of the widget's languages.")
	}
	if !slices.Contains(d.Languages, d.Language) {
		p.Add("language", "Choose one of the languages that you offer.")
	}
	for lang, texts := range d.Texts {
		if !known(lang) {
			p.Add("texts", "Texts are in one of the widget's languages.")
			continue
		}
		for field, text := range map[string]*string{"button": &texts.Button, "title": &texts.Title, "lead": &texts.Lead} {
			limit := maxText
			if field == "button" {
				limit = 40
			}
			if *text = strings.TrimSpace(*text); *text != "" {
				*text = p.Line("texts."+lang+"."+field, *text, limit)
			}
		}
		if texts == (Texts{}) {
			delete(d.Texts, lang)
		} else {
			d.Texts[lang] = texts
		}
	}
}

func (d *Design) checkTriggers(p *connect.Problems) {
	t := &d.Triggers
	between(p, "triggers.afterSeconds", t.AfterSeconds, 0, maxSeconds)
	between(p, "triggers.scrolledPercent", t.ScrolledPercent, 0, 100)
	if len(t.Pages) > maxPages {
		p.Add("triggers.pages", "Use "+strconv.Itoa(maxPages)+" pages or fewer.")
	}
	for n, page := range t.Pages {
		page = strings.TrimSpace(page)
		t.Pages[n] = page
		path := strings.HasPrefix(page, "/") || strings.HasPrefix(page, "*")
		if !path || len(page) > 200 || strings.ContainsAny(page, "?# ") || strings.Count(page, "*") > 3 {
			p.Add("triggers.pages", "Enter paths such as /pricing or /shop/*, one a line.")
			break
		}
	}
}

func between(p *connect.Problems, field string, value, least, most int) {
	if value < least || value > most {
		p.Add(field, "Enter a number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most)+".")
	}
}
