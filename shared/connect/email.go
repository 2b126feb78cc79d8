package connect

import (
	"errors"
	"strings"
)

// Email is an address in the form it is compared and stored in: trimmed, lower-case, ASCII.
type Email string

var (
	errNoEmail       = errors.New("Enter an email address.")
	errBadEmail      = errors.New("Enter a valid email address.")
	errLocalNotASCII = errors.New("Use only unaccented letters, digits and common symbols before the @. " +
		"We can't send email to this address.")
)

// ParseEmail accepts the addresses that mail services take: a dot-atom of ASCII before the @ (RFC 5321, 4.1.2),
// a domain of at least two labels after it, 254 bytes in all. Package address turns an internationalised domain
// into the A-labels wanted here; no mail service we use takes anything else than ASCII before the @ (SMTPUTF8).
func ParseEmail(s string) (Email, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", errNoEmail
	}
	// Before letters are made small: that makes ASCII of some that are none, the sign of Kelvin for one.
	local, domain, ok := cutLast(s, '@')
	if !ok || len(s) > 254 || len(local) > 64 || !IsASCII(domain) {
		return "", errBadEmail
	}
	domain = strings.ToLower(domain)
	if !IsASCII(local) && mailDomain(domain) {
		return "", errLocalNotASCII
	}
	if local = strings.ToLower(local); !mailDomain(domain) || !dotAtom(local) {
		return "", errBadEmail
	}
	return Email(local + "@" + domain), nil
}

// Local is the part before the @.
func (e Email) Local() string { s, _, _ := strings.Cut(string(e), "@"); return s }

// Mailbox names the box that mail to e ends in, as far as that can be told: "pat+shop@example.com" is
// pat@example.com's, and Gmail sees no dots. It is what mails are counted by, and nothing is sent to it.
func (e Email) Mailbox() string {
	local, domain, _ := strings.Cut(string(e), "@")
	if plus := strings.IndexByte(local, '+'); plus > 0 {
		local = local[:plus]
	}
	if domain == "googlemail.com" {
		domain = "gmail.com"
	}
	if domain == "gmail.com" {
		local = strings.ReplaceAll(local, ".", "")
	}
	return local + "@" + domain
}

// IsASCII reports whether s holds ASCII alone.
func IsASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func letterOrDigit(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// dotAtom is for lower-case text. What is not ASCII is none.
func dotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" {
			return false
		}
		for i := range len(atom) {
			if !letterOrDigit(atom[i]) && strings.IndexByte("!#$%&'*+-/=?^_`{|}~", atom[i]) < 0 {
				return false
			}
		}
	}
	return true
}

// mailDomain reports whether lower-case s is a name of at least two labels (RFC 1035, 2.3.4; RFC 1123, 2.1)
// that no address of the internet could be.
func mailDomain(s string) bool {
	last, labels := "", 0
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if !letterOrDigit(label[i]) && label[i] != '-' {
				return false
			}
		}
		last = label
		labels++
	}
	return labels >= 2 && strings.Trim(last, "0123456789") != ""
}
