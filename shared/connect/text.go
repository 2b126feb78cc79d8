package connect

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Email is an address in the form it is compared and stored in: trimmed and lower-case.
type Email string

// ParseEmail accepts a bare address of at most 254 bytes (RFC 5321, 4.5.3.1.3) whose domain has a dot.
func ParseEmail(s string) (Email, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		return "", errors.New("Enter an e-mail address.")
	}
	bad := errors.New("This is not an e-mail address we can write to.")
	if len(s) > 254 || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune(`<>"(),;:\`, r)
	}) {
		return "", bad
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s {
		return "", bad
	}
	at := strings.LastIndexByte(s, '@')
	if at > 64 || !strings.Contains(s[at:], ".") || strings.HasSuffix(s, ".") {
		return "", bad
	}
	return Email(s), nil
}

// Local is the part before the @.
func (e Email) Local() string { s, _, _ := strings.Cut(string(e), "@"); return s }

// ParseLine accepts one line of text of 1 to max characters: no control characters, and none that turn
// the direction of what follows, so that a name cannot dress up as something else.
func ParseLine(s string, max int) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", errors.New("This is needed.")
	case !utf8.ValidString(s):
		return "", errors.New("This holds characters that cannot be read.")
	case utf8.RuneCountInString(s) > max:
		return "", fmt.Errorf("At most %d characters, please.", max)
	case strings.ContainsFunc(s, forbiddenInLine):
		return "", errors.New("This holds characters that cannot be shown.")
	case !strings.ContainsFunc(s, visible):
		return "", errors.New("This holds nothing that can be seen.")
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
		!unicode.In(r, unicode.M, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point) && r != '\u2800' // Braille's empty cell
}

func forbiddenInLine(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\ufeff'
}
