// Package address brings an email address into the form that mail is sent to.
package address

import (
	"strings"

	"golang.org/x/net/idna"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// ASCII returns text with an internationalised domain as its A-labels: "jo@exämple.de" is "jo@xn--exmple-cua.de".
// What has none, and what is no domain, is returned as it is for connect.ParseEmail to judge. It has a package
// of its own because the tables it needs must not get into the function that counts visits.
func ASCII(text string) string {
	at := strings.LastIndexByte(text, '@')
	if at < 0 || connect.IsASCII(text[at:]) {
		return text
	}
	domain, err := idna.Lookup.ToASCII(strings.TrimSpace(text[at+1:]))
	if err != nil {
		return text
	}
	return text[:at+1] + domain
}

// Email parses the field "email" of a request.
func Email(p *connect.Problems, text string) connect.Email { return p.Email(ASCII(text)) }
