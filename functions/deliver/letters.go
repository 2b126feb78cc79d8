package main

import (
	"embed"
	"io/fs"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
)

// The words of every mail, one file each: mails/README.md.
//
//go:embed mails
var mails embed.FS

var letters = mail.Letters{Files: must(fs.Sub(mails, "mails"))}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// letter returns the mail of a template. Origin and Privacy are known to every template.
func (d *deliver) letter(m connect.Message, to connect.Email, template string, v mail.Values) (*mail.Mail, error) {
	values := mail.Values{"Origin": d.origin, "Privacy": d.privacy}
	for name, value := range v {
		values[name] = value
	}
	out, err := letters.Write(template, values)
	if err != nil {
		return nil, err
	}
	out.ID, out.To = m.ID, string(to)
	return &out, nil
}

// when is a time in words that need no table of time zones: "Monday 23 November 2026, 15:04 UTC".
func when(t time.Time) string { return t.UTC().Format("Monday 2 January 2006, 15:04 UTC") }

func day(t time.Time) string { return t.Format("2 January 2006") }
