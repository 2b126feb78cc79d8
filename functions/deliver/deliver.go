package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/mail"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

type deliver struct {
	store   *store.Store
	links   token.Links
	sender  mail.Sender
	origin  string
	privacy string // who answers for privacy
	log     *slog.Logger
	clock   func() time.Time
}

// batch sends one message after the other and asks for the rest again from the first that failed.
func (d *deliver) batch(ctx context.Context, b lambdahttp.Batch) (string, error) {
	for _, rec := range b.Records {
		id := rec.New.Text("pk")
		if id == "" {
			continue
		}
		if err := d.one(ctx, id); err != nil {
			d.log.Error("not sent", "outbox", id, "error", err.Error())
			return rec.Sequence, nil
		}
	}
	return "", nil
}

// one sends a message that has not been sent. A crash between sending and noting it sends it twice, with
// the same Message-ID; the other order would lose it.
func (d *deliver) one(ctx context.Context, id string) error {
	now := d.clock()
	m, err := d.store.Message(ctx, id, now)
	if errors.Is(err, connect.ErrNotFound) {
		return nil // expired: too late to be of use
	}
	if err != nil || m.Sent {
		return err
	}
	mails, err := d.write(ctx, m, now)
	if err != nil {
		return err
	}
	for _, one := range mails {
		if err := d.sender.Send(ctx, one); err != nil {
			return err
		}
		d.log.Info("sent", "outbox", id, "kind", string(m.Kind))
	}
	return d.store.MarkSent(ctx, id, now)
}

// write returns none when there is nothing to say any more.
func (d *deliver) write(ctx context.Context, m store.Message, now time.Time) ([]mail.Mail, error) {
	switch m.Kind {
	case store.VerifyEmail:
		return single(d.verification(ctx, m, now))
	case store.ComplaintReceived:
		return single(d.complaintReceived(ctx, m, now))
	case store.ComplaintForUs:
		return single(d.complaintForUs(ctx, m, now))
	case store.BillingNotice:
		return d.billing(ctx, m, now)
	case store.OverLimit:
		return d.overLimit(ctx, m, now)
	case store.LoginLink, store.ResetPassword, store.Recover, store.ConfirmEmail, store.EmailAsked, store.EmailWas, store.LoginDeleted:
		return single(d.byTicket(ctx, m, now))
	case store.PasswordWas, store.FactorsWere, store.RecoveryBegun, store.RecoveryOfOther, store.AccountCloses, store.PlaceEnded, store.AgencyEnded:
		return single(d.toUser(ctx, m, now))
	case store.Invite:
		return single(d.invitation(ctx, m, now))
	case store.InviteClient:
		return single(d.clientInvitation(ctx, m, now))
	case store.LoginWasRefused:
		return nil, d.refused(ctx, m)
	case store.Nothing:
		return nil, nil
	}
	return nil, fmt.Errorf("unknown kind of message %q", m.Kind)
}

// single is for a kind of message that has one reader.
func single(m *mail.Mail, err error) ([]mail.Mail, error) {
	if m == nil || err != nil {
		return nil, err
	}
	return []mail.Mail{*m}, nil
}
