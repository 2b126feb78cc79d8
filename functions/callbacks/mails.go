package main

import (
	"errors"
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// tellVisitor has the visitor mailed about what they did, and reminded of the time that they booked. Anyone can type
// anyone's address: beyond its budget the request is as good as ever, and nothing more of it is sent.
func (h *handlers) tellVisitor(
	r *http.Request, c *connect.Callback, kind connect.MessageKind, account connect.AccountID,
) error {
	if !c.MayMail() || account == "" {
		return nil
	}
	now := web.Now(r)
	box := h.links.Digest("throttle", "visitor-mail~"+c.Email.Mailbox())
	err := h.store.Throttle(r.Context(), connect.VisitorMails, box, now)
	if errors.Is(err, connect.ErrTooMany) {
		c.Quiet = kind == connect.MailVisitorConfirmed
		return nil
	}
	if err != nil {
		return err
	}
	c.Messages = append(c.Messages, c.Tell(kind, account))
	if c.Status == connect.StatusNew {
		c.RemindVisitor(account, now)
	}
	return nil
}
