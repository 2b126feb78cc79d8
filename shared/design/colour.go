package design

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Colour is "#rrggbb", in lower case.
type Colour string

var hex = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// White and dark are what the panel is drawn on, as in widget/src/panel.css.
const (
	white Colour = "#ffffff"
	black Colour = "#000000"
	dark  Colour = "#10191a"
)

// readable is the contrast that text needs (WCAG 2.2, 1.4.3), visible what a control does (1.4.11).
const (
	readable = 4.5
	visible  = 3.0
)

func (c Colour) rgb() (rgb [3]float64) {
	for n := range rgb {
		v, _ := strconv.ParseUint(string(c[1+2*n:3+2*n]), 16, 8)
		rgb[n] = float64(v)
	}
	return rgb
}

// luminance is WCAG's relative luminance.
func (c Colour) luminance() float64 {
	sum := 0.0
	for n, v := range c.rgb() {
		if v /= 255; v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += v * []float64{0.2126, 0.7152, 0.0722}[n]
	}
	return sum
}

// Contrast is WCAG's ratio, from 1 to 21.
func (c Colour) Contrast(other Colour) float64 {
	a, b := c.luminance(), other.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

// towards mixes a share of another colour in.
func (c Colour) towards(other Colour, share float64) Colour {
	a, b := c.rgb(), other.rgb()
	text := "#"
	for n := range a {
		text += fmt.Sprintf("%02x", int(math.Round(a[n]+(b[n]-a[n])*share)))
	}
	return Colour(text)
}

// on is white or black: one of them can be read on any colour.
func (c Colour) on() Colour {
	if c.Contrast(white) >= readable {
		return white
	}
	return black
}

// readableOn is c, or as near to it as text on paper can be.
func (c Colour) readableOn(paper, towards Colour) Colour {
	for share := 0.0; share < 1; share += 0.05 {
		if mixed := c.towards(towards, share); mixed.Contrast(paper) >= readable {
			return mixed
		}
	}
	return towards
}

// Contrast is how well a colour can be seen.
type Contrast struct {
	Text   float64 // of the button's words on it
	Page   float64 // of the button on a white page
	Enough bool
}

// Contrast compares the colour with what is around it.
func (d *Design) Contrast() Contrast {
	c := Contrast{Text: round(d.Colour.Contrast(d.Colour.on())), Page: round(d.Colour.Contrast(white))}
	c.Enough = c.Text >= readable && c.Page >= visible
	return c
}

// round cuts, so that 4.499 is not shown as enough.
func round(v float64) float64 { return math.Floor(v*100) / 100 }

// Look is the design as the declarations of custom properties that the widget's style sheets read.
func (d *Design) Look() string {
	far, near := "right", "left"
	if d.Position == "left" {
		far, near = near, far
	}
	look := []string{
		"--accent:" + string(d.Colour),
		"--on:" + string(d.Colour.on()),
		"--link-light:" + string(d.Colour.readableOn(white, black)),
		"--link-dark:" + string(d.Colour.readableOn(dark, white)),
		fmt.Sprintf("--%s:%dpx", far, d.Side),
		fmt.Sprintf("--%s:auto", near),
		fmt.Sprintf("--bottom:%dpx", d.Bottom),
	}
	if radius := radii[d.Shape]; radius != "" {
		look = append(look, "--radius:"+radius)
	}
	if scheme := Schemes[d.Scheme]; scheme != "" {
		look = append(look, "--scheme:"+scheme)
	}
	return strings.Join(look, ";")
}
