package connect

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ParseLine accepts one line of text of 1 to max characters: no control characters, and none that turn
// the direction of what follows, so that a name cannot dress up as something else.
func ParseLine(s string, max int) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", errors.New("Required.")
	case !utf8.ValidString(s):
		return "", errors.New("Contains characters we can't process.")
	case utf8.RuneCountInString(s) > max:
		return "", fmt.Errorf("Use %d characters or fewer.", max)
	case strings.ContainsFunc(s, forbiddenInLine):
		return "", errors.New("Contains characters that can't be displayed.")
	case !strings.ContainsFunc(s, visible):
		return "", errors.New("Contains no visible characters.")
	}
	return s, nil
}

// ParseText is ParseLine for longer text: empty is allowed and so are line breaks, written "\n".
func ParseText(s string, max int) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if s == "" {
		return "", nil
	}
	if _, err := ParseLine(strings.NewReplacer("\n", " ", "\t", " ").Replace(s), max); err != nil {
		return "", err
	}
	return s, nil
}

// visible reports whether a character is seen by itself: not a joiner, a filler or a mark on another character.
// Among others those are allowed, for names in Persian and Hindi, and emoji, need them.
func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) &&
		// Braille's empty cell
		!unicode.In(r, unicode.M, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point) && r != '\u2800'
}

func forbiddenInLine(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\ufeff'
}
