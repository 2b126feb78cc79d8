package password

import (
	_ "embed"
	"errors"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// common.txt holds the 3,000 most used passwords of 8 characters or more, most used first, from the
// frequency list of zxcvbn 4.4.2 (copyright 2012-2016 Dan Wheeler and Dropbox, Inc., MIT licence).
//
//go:embed common.txt
var commonList string

var common = sync.OnceValue(func() map[string]bool {
	m := make(map[string]bool, 3000)
	for line := range strings.Lines(commonList) {
		m[strings.TrimSuffix(line, "\n")] = true
	}
	return m
})

// own are the words that everybody would try here first.
var own = []string{"miconnect", "mitelecom", "connect", "telecom", "callback"}

// CheckNew is Check for a password that somebody chooses. It also refuses the most used ones and those
// that hold little more than a word anybody can guess: the product's name, or one of about (the company,
// the email's local part, the person's name).
func CheckNew(s string, about ...string) error {
	if err := Check(s); err != nil {
		return err
	}
	lower := strings.ToLower(s)
	if common()[lower] {
		return errors.New("This password is too common. Choose another.")
	}
	rest := squeeze(lower)
	whole := utf8.RuneCountInString(rest)
	words := append([]string{}, own...)
	for _, a := range about {
		a = strings.ToLower(a)
		words = append(words, squeeze(a))
		words = append(
			words, strings.FieldsFunc(a, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })...,
		)
	}
	for _, w := range words {
		if utf8.RuneCountInString(w) >= 3 {
			rest = strings.ReplaceAll(rest, w, "")
		}
	}
	if left := utf8.RuneCountInString(rest); left < whole && left < 5 {
		return errors.New("This password is too easy to guess from your name, email or company. Choose another.")
	}
	return nil
}

// squeeze keeps letters and digits.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}
