package guard

import (
	"context"
	"errors"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// Kinds of mail that anybody can cause, besides the purposes of tokens.
const (
	SignUpMail = "sign-up"
	ResendMail = "resend"
)

// MayMail counts a mail to an address, which is user's or, with "", nobody's. It returns a refusal for a network that
// requests too many, and false for an address that has had its share, which must not be revealed. A device that has
// logged in as this person before has a share of its own, so that strangers cannot use up the mail that lets them in.
func (g *Guard) MayMail(
	ctx context.Context, c *web.Caller, kind string, email connect.Email, user connect.UserID,
) (bool, error) {
	if err := g.Spend(ctx, c, From(connect.MailsFromPrefix, c)); err != nil {
		return false, err
	}
	d := g.Device(c, user)
	known, err := g.logins.IsKnownDevice(ctx, user, d.digests, c.At)
	if err != nil {
		return false, err
	}
	share := Budget{connect.MailsToAddress, g.links.Digest("throttle", email.Mailbox())}
	if known {
		share = d.Known(connect.MailsToKnown)
	}
	err = g.throttles.Throttle(ctx, share.throttle, kind+"#"+share.whose, c.At)
	if errors.Is(err, connect.ErrTooMany) {
		return false, nil
	}
	return err == nil, err
}

// MustMail is MayMail, but returns a refusal when nothing may be sent.
func (g *Guard) MustMail(
	ctx context.Context, c *web.Caller, kind string, email connect.Email, user connect.UserID,
) error {
	allowed, err := g.MayMail(ctx, c, kind, email, user)
	if err == nil && !allowed {
		return connect.MailsToAddress.Exceeded(connect.MailsToAddress.Window)
	}
	return err
}
