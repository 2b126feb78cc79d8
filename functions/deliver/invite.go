package main

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
)

// callLength is how much of a calendar a booked call takes: its slot's length is the business's, and may have changed.
const callLength = 15 * time.Minute

// invite is a booked call for the visitor's calendar: the same entry through all moves, newer with each, and away when
// it is cancelled. Times are UTC, so that no table of zones can be wrong. organizer is an address.
func invite(c *connect.Callback, site, link, host, organizer string, now time.Time) *mail.Invite {
	method, status := "REQUEST", "CONFIRMED"
	if c.Status == connect.StatusCancelled {
		method, status = "CANCEL", "CANCELLED"
	}
	var b strings.Builder
	for _, line := range []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Mi Telecom//Mi Connect//EN", "CALSCALE:GREGORIAN", "METHOD:" + method,
		"BEGIN:VEVENT",
		"UID:" + string(c.ID) + "@" + host,
		"SEQUENCE:" + strconv.Itoa(c.Sequence),
		"DTSTAMP:" + instant(now), "LAST-MODIFIED:" + instant(c.UpdatedAt),
		"DTSTART:" + instant(c.At), "DTEND:" + instant(c.At.Add(callLength)),
		"SUMMARY:" + escaped("Call from "+site),
		"DESCRIPTION:" + escaped(site+" will call you. See, move or cancel the call: "+link),
		"URL:" + link,
		"ORGANIZER;CN=" + quoted(site) + ":mailto:" + organizer,
		"ATTENDEE;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:" + string(c.Email),
		"STATUS:" + status, "TRANSP:OPAQUE",
		"END:VEVENT", "END:VCALENDAR",
	} {
		fold(&b, line)
	}
	return &mail.Invite{Method: method, Text: b.String()}
}

func instant(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// escaped is a value of type TEXT (RFC 5545, 3.3.11).
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", "").Replace(text)
}

// quoted is a parameter's value, which can hold neither a quote nor a control character.
func quoted(text string) string {
	return `"` + strings.Map(func(r rune) rune {
		if r == '"' {
			return '\''
		}
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text) + `"`
}

// fold writes a line in pieces of at most 75 octets (RFC 5545, 3.1), none of which ends within a character.
func fold(b *strings.Builder, line string) {
	for most := 75; len(line) > most; most = 74 { // a further piece begins with a space
		cut := most
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		b.WriteString(line[:cut] + "\r\n ")
		line = line[cut:]
	}
	b.WriteString(line + "\r\n")
}
