package main

import (
	"context"
	"errors"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
)

// verification writes to the address of a registration: the link that confirms it, or, when the address has
// an account already, that somebody tried and what to do. Nobody but the reader learns which. No word of the sign-up's
// own is in it: that would let strangers send their texts to anybody.
func (d *deliver) verification(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	reg, err := d.store.Registration(ctx, m.Registration, now)
	if errors.Is(err, connect.ErrLinkInvalid) {
		return nil, nil // followed or expired in the meantime
	}
	if err != nil {
		return nil, err
	}
	known, err := d.store.UserByEmail(ctx, reg.Email)
	if err != nil {
		return nil, err
	}
	if known != "" {
		return d.letter(m, reg.Email, "already-registered", nil)
	}
	return d.letter(m, reg.Email, "verify-email", mail.Values{
		"Token": d.links.Sign(connect.PurposeVerify, reg.ID), "Expires": when(reg.ExpiresAt),
	})
}
