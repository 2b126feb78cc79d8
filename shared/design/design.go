package design

import (
	"encoding/json"
	"slices"
)

// Asked says whether a field of the form is there.
type Asked string

const (
	Off      Asked = "off"
	Optional Asked = "optional"
	Needed   Asked = "needed"
)

// Fields are those that can be left out; the phone number never is.
type Fields struct {
	Name    Asked `json:"name"`
	Email   Asked `json:"email"`
	Message Asked `json:"message"`
}

// Texts are a business's own words in one language; an empty one is the widget's.
type Texts struct {
	Button string `json:"button"`
	Title  string `json:"title"`
	Lead   string `json:"lead"`
}

// Triggers open the panel without a click, once a page view. Nothing about them is stored in the browser.
type Triggers struct {
	AfterSeconds    int      `json:"afterSeconds"`    // 0 for not
	ScrolledPercent int      `json:"scrolledPercent"` // 0 for not
	OnExit          bool     `json:"onExit"`
	Pages           []string `json:"pages"` // paths, where * stands for anything; none for all
}

// Any reports whether something opens the panel.
func (t Triggers) Any() bool { return t.AfterSeconds > 0 || t.ScrolledPercent > 0 || t.OnExit }

// Design is what a business has chosen for a site's widget.
type Design struct {
	Colour     Colour           `json:"colour"`
	Scheme     string           `json:"scheme"`   // one of Schemes
	Position   string           `json:"position"` // right or left
	Side       int              `json:"sideOffset"`
	Bottom     int              `json:"bottomOffset"`
	Shape      string           `json:"shape"`     // one of the keys of radii
	Language   string           `json:"language"`  // where the page's is not offered
	Languages  []string         `json:"languages"` // offered
	Texts      map[string]Texts `json:"texts"`     // by language
	Fields     Fields           `json:"fields"`
	PrivacyURL string           `json:"privacyUrl"` // the business's own notice; "" for ours
	Promise    bool             `json:"promise"`    // whether it is shown
	Triggers   Triggers         `json:"triggers"`
	Version    int              `json:"version"` // of what is stored; a change names the one it was made from
}

// Schemes are light and dark as the page has them, always one of the two, or as the visitor's system asks.
var Schemes = map[string]string{"page": "", "light": "light", "dark": "dark", "system": "light dark"}

var radii = map[string]string{"pill": "", "rounded": "12px", "square": "2px"}

const (
	MaxOffset  = 200
	maxText    = 120
	maxPages   = 20
	maxSeconds = 600
)

// Default is what a site starts from.
func Default() *Design {
	d := &Design{
		Colour: "#0f766e", Scheme: "page", Position: "right", Side: 20, Bottom: 20, Shape: "pill", Language: "en",
		Texts: map[string]Texts{}, Fields: Fields{Needed, Optional, Optional}, Promise: true,
		Triggers: Triggers{Pages: []string{}},
	}
	for _, l := range Languages {
		d.Languages = append(d.Languages, l.Lang)
	}
	return d
}

// Parse reads a stored design.
func Parse(text string) (*Design, error) {
	d := Default()
	d.Languages, d.Texts = nil, nil
	return d, json.Unmarshal([]byte(text), d)
}

// String is what Parse reads.
func (d *Design) String() string {
	text, _ := json.Marshal(d) // of plain values: cannot fail
	return string(text)
}

// Labels is what the button says, by the languages that are offered.
func (d *Design) Labels() map[string]string {
	out := map[string]string{}
	for _, l := range Languages {
		if slices.Contains(d.Languages, l.Lang) {
			out[l.Lang] = l.Label
			if own := d.Texts[l.Lang].Button; own != "" {
				out[l.Lang] = own
			}
		}
	}
	return out
}
