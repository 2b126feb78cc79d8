package main

import (
	"context"
	"errors"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// verification writes to the address of a registration: the link that confirms it, or, when the address has
// an account already, that somebody tried and what to do. Nobody but the reader learns which.
func (d *deliver) verification(ctx context.Context, m store.Message, now time.Time) (*mail.Mail, error) {
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
	letter := mail.Letter{
		Subject: "Confirm your e-mail address", Greeting: "Hello,",
		// No word of the sign-up's own stands here: it would let strangers send texts of theirs to anybody.
		Paragraphs: []string{"You, or somebody with your address, has asked for a Mi Connect account. Choose a password to confirm the address and open the account."},
		Button:     "Choose a password", Link: d.origin + "/verify?token=" + d.links.Sign(store.PurposeVerify, reg.ID),
		After: []string{"The link works once and for 24 hours. If it was not you, do nothing: without the link no account is made."},
	}
	if known != "" {
		letter = mail.Letter{
			Subject: "You already have an account", Greeting: "Hello,",
			Paragraphs: []string{"Somebody has tried to register this address with Mi Connect. It has an account already, and nothing about it was changed."},
			Button:     "Log in", Link: d.origin + "/login",
			After: []string{"If it was not you, you need not do anything."},
		}
	}
	mail := letter.Mail(m.ID, string(reg.Email))
	return &mail, nil
}
