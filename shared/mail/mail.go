// Package mail writes and sends the product's mails: through Amazon SES v2 in AWS, through SMTP elsewhere.
package mail

import (
	"context"
	"fmt"
	"net/url"
)

// Mail is one message, ready to be sent. ID makes sending it again recognisable: it becomes the Message-ID.
type Mail struct {
	ID      string
	To      string
	Subject string
	Text    string
	HTML    string
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
