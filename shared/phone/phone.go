// Package phone reads the numbers visitors leave and refuses those a business must not be made to call.
package phone

import (
	"errors"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// The United Kingdom's numbering plan also serves the Crown dependencies; the library tells them apart.
var british = map[string]bool{"GB": true, "GG": true, "IM": true, "JE": true}

// Country codes that are no country's: freephone, shared cost, maritime satellites, universal personal numbers,
// global mobile satellites, international networks and premium rate (ITU-T E.164, Annex to OB 1114). A minute
// costs several pounds, part of which the called may earn.
var international = map[int32]bool{
	800: true, 808: true, 870: true, 871: true, 872: true, 873: true, 874: true, 875: true, 876: true, 878: true,
	881: true, 882: true,
	883: true, 888: true, 979: true, 991: true,
}

// Parse returns a number in E.164 form. Without a country code it is read as British.
//
// The library calls premium and revenue-sharing numbers valid and Ofcom's range for drama (07700 900000 to
// 900999) invalid. A call back to the former costs the business money that the visitor may earn, so they
// are refused; the latter is what demonstrations and tests use, so it is taken.
func Parse(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", errors.New("Enter a phone number.")
	}
	bad := errors.New("Enter a complete phone number. Outside the UK, start with + and the country code.")
	if len(s) > 40 {
		return "", bad
	}
	n, err := phonenumbers.Parse(s, "GB")
	if err != nil {
		return "", bad
	}
	if n.GetExtension() != "" {
		return "", errors.New("We can't dial extensions. Enter the number only, and put the extension in the message.")
	}
	if international[n.GetCountryCode()] {
		return "", errors.New("We can't call satellite or international-network numbers. Enter a landline or mobile number.")
	}
	e164 := phonenumbers.Format(n, phonenumbers.E164)
	if strings.HasPrefix(e164, "+447700900") && len(e164) == len("+447700900123") {
		return e164, nil
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST, phonenumbers.PERSONAL_NUMBER, phonenumbers.PAGER,
		phonenumbers.VOICEMAIL, phonenumbers.UAN:
		return "", errors.New("We can't call this type of number because of its cost. Enter a landline or mobile number.")
	}
	if !phonenumbers.IsValidNumber(n) || (n.GetCountryCode() == 44 && !british[phonenumbers.GetRegionCodeForNumber(n)]) {
		return "", bad
	}
	return e164, nil
}

// Shown writes a number that Parse returned as people read it: "+44 7700 900123".
func Shown(e164 string) string {
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return e164
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}
