// Package design is what a business chooses for its widget: how it looks, what it says and asks, and when it opens.
package design

import (
	_ "embed"
	"encoding/json"
)

// Language is one that the widget speaks. Its sentences are in widget/src/languages.
type Language struct {
	Lang  string `json:"lang"`
	Name  string `json:"name"`
	Label string `json:"label"` // what the button says before the panel and its sentences are loaded
}

//go:embed labels.json
var labels []byte

// Languages are those of the widget, English first.
var Languages = func() (all []Language) {
	if err := json.Unmarshal(labels, &all); err != nil {
		panic("design: labels.json: " + err.Error()) // embedded, and read by the tests
	}
	return all
}()
