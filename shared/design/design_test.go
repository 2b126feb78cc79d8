package design

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Ratios as the WCAG's own examples and widely used checkers give them.
func TestContrastIsWCAGs(t *testing.T) {
	for _, c := range []struct {
		a, b Colour
		want string
	}{
		{"#000000", "#ffffff", "21.00"}, {"#ffffff", "#ffffff", "1.00"}, {"#777777", "#ffffff", "4.48"},
		{"#767676", "#ffffff", "4.54"}, {"#ff0000", "#ffffff", "4.00"}, {"#0000ff", "#ffffff", "8.59"},
	} {
		if got := fmt.Sprintf("%.2f", c.a.Contrast(c.b)); got != c.want || c.a.Contrast(c.b) != c.b.Contrast(c.a) {
			t.Errorf("%s on %s: %s, want %s", c.a, c.b, got, c.want)
		}
	}
}

// Whatever a business chooses, its words can be read: on the button, and as links in a light and a dark panel.
func TestEveryColourCanBeRead(t *testing.T) {
	for n := range 20_000 {
		d := Default()
		d.Colour = Colour(fmt.Sprintf("#%06x", rand.IntN(1<<24)))
		if n < 3 {
			d.Colour = []Colour{white, "#000000", dark}[n]
		}
		if text := d.Contrast().Text; text < readable {
			t.Errorf("%s: its words have a contrast of %v", d.Colour, text)
		}
		if light := d.Colour.readableOn(white, black); light.Contrast(white) < readable {
			t.Errorf("%s: %s on white", d.Colour, light)
		}
		if night := d.Colour.readableOn(dark, white); night.Contrast(dark) < readable {
			t.Errorf("%s: %s on dark", d.Colour, night)
		}
	}
}

func TestOnlyKnownDeclarations(t *testing.T) {
	value := regexp.MustCompile(`^(--(accent|on|link-light|link-dark):#[0-9a-f]{6}|` +
		`--(right|left|bottom):(\d{1,3}px|auto)|--radius:\d+px|--scheme:(light|dark|light dark))$`)
	for _, shape := range []string{"pill", "rounded", "square"} {
		for scheme := range Schemes {
			for _, position := range []string{"left", "right"} {
				d := Default()
				d.Shape, d.Scheme, d.Position, d.Side = shape, scheme, position, 7
				for part := range strings.SplitSeq(d.Look(), ";") {
					if !value.MatchString(part) {
						t.Errorf("%q", part)
					}
				}
				if !strings.Contains(d.Look(), "--"+position+":7px") {
					t.Errorf("%s: %s", position, d.Look())
				}
			}
		}
	}
}

func TestCheck(t *testing.T) {
	if err := Default().Check(); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(*Design){
		"colour":                   func(d *Design) { d.Colour = "red;}*{display:none" },
		"scheme":                   func(d *Design) { d.Scheme = "dim" },
		"position":                 func(d *Design) { d.Position = "top" },
		"sideOffset":               func(d *Design) { d.Side = 201 },
		"bottomOffset":             func(d *Design) { d.Bottom = -1 },
		"shape":                    func(d *Design) { d.Shape = "star" },
		"languages":                func(d *Design) { d.Languages = []string{"en", "xx"} },
		"language":                 func(d *Design) { d.Languages, d.Language = []string{"cy"}, "en" },
		"texts":                    func(d *Design) { d.Texts["xx"] = Texts{Title: "x"} },
		"texts.en.button":          func(d *Design) { d.Texts["en"] = Texts{Button: strings.Repeat("x", 41)} },
		"texts.en.title":           func(d *Design) { d.Texts["en"] = Texts{Title: strings.Repeat("x", 121)} },
		"fields.name":              func(d *Design) { d.Fields.Name = "maybe" },
		"privacyUrl":               func(d *Design) { d.PrivacyURL = "javascript:alert(1)" },
		"triggers.afterSeconds":    func(d *Design) { d.Triggers.AfterSeconds = 601 },
		"triggers.scrolledPercent": func(d *Design) { d.Triggers.ScrolledPercent = 101 },
		"triggers.pages":           func(d *Design) { d.Triggers.Pages = []string{"/a?b"} },
	} {
		d := Default()
		spoil(d)
		e, ok := errors.AsType[*connect.Error](d.Check())
		if !ok || !slices.ContainsFunc(e.Fields, func(f connect.FieldError) bool { return f.Field == field }) {
			t.Errorf("%s: %v", field, e)
		}
	}
}

func TestStoredAndReadAgain(t *testing.T) {
	d := Default()
	d.Texts["cy"], d.Triggers.Pages, d.Version = Texts{Button: "Ffoniwch fi"}, []string{"/pris*"}, 4
	again, err := Parse(d.String())
	if err != nil || again.String() != d.String() {
		t.Errorf("%v: %s, want %s", err, again, d)
	}
	if got := d.Labels(); got["cy"] != "Ffoniwch fi" || got["en"] != "Request a call" || len(got) != len(Languages) {
		t.Error(got)
	}
}
