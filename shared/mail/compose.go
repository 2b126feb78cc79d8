package mail

import (
	"fmt"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// compose makes the message of a mail: its text, the same as HTML, and an invitation twice: as a part that calendars
// read by themselves, and as a file for those that do not.
func compose(m Mail, sender string) (*gomail.Msg, error) {
	msg := gomail.NewMsg()
	from, err := fromAs(sender, m.Sender)
	if err != nil {
		return nil, err
	}
	if err := msg.From(from); err != nil {
		return nil, fmt.Errorf("mail: sender: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, &Error{Permanent: true, Code: "address"}
	}
	msg.SetMessageIDWithValue(m.ID + "@mi-connect")
	msg.Subject(m.Subject)
	msg.SetDate()
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	if m.Invite != nil {
		kind := gomail.ContentType("text/calendar; method=" + m.Invite.Method)
		msg.AddAlternativeString(kind, m.Invite.Text)
		err = msg.AttachReader("invite.ics", strings.NewReader(m.Invite.Text), gomail.WithFileContentType(kind))
	}
	return msg, err
}
