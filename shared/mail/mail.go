// Package mail writes and sends the product's mails: through Amazon SES v2 in AWS, through SMTP elsewhere.
package mail

import (
	"context"
	"fmt"
	netmail "net/mail"
	"net/url"
)

// Mail is one message, ready to be sent. ID makes sending it again recognisable: it becomes the Message-ID.
type Mail struct {
	ID      string
	To      string
	Sender  string // the name it comes from; "" for the deployment's own
	Subject string
	Text    string
	HTML    string
	Invite  *Invite // nil for most
}

// Invite is an entry of a calendar (RFC 5545) that the recipient's program takes in by a method (RFC 5546).
type Invite struct {
	Method string // "REQUEST" or "CANCEL"
	Text   string
}

// Sender sends mails. It has two implementations, SMTP and SES. Send returns an *Error when a mail was not taken.
type Sender interface {
	Send(ctx context.Context, m Mail) error
}

// Open returns the Sender for an address: "ses:", "smtp://user:password@host:port" or "smtps://...". from
// is the sender, "Name <address>".
func Open(address, from string) (Sender, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("mail: the address of the mail service cannot be read")
	}
	switch u.Scheme {
	case "ses":
		return newSES(from), nil
	case "smtp", "smtps":
		return newSMTP(u, from)
	}
	return nil, fmt.Errorf("mail: unknown kind of mail service %q", u.Scheme)
}

// fromAs is the sender's address under another name. The name is encoded where it has to be: it can neither end the
// header nor add an address.
func fromAs(from, name string) (string, error) {
	if name == "" {
		return from, nil
	}
	a, err := netmail.ParseAddress(from)
	if err != nil {
		return "", fmt.Errorf("mail: sender: %w", err)
	}
	a.Name = name
	return a.String(), nil
}
