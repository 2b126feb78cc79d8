package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
)

// byToken writes the mails that a token is about. A token that was used, has expired, or is nobody's
// needs no mail any more, but for the one that tells of its use.
func (d *deliver) byToken(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	t, err := d.store.OneTimeToken(ctx, "", m.TokenID, now)
	if errors.Is(err, connect.ErrLinkInvalid) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if t.User == "" || t.Used != (m.Kind == connect.MailEmailChanged) {
		return nil, nil
	}
	// Its link would open nothing: the person has changed what they log in with since it was asked for.
	if generation, err := d.store.CredentialGeneration(ctx, t.User); err != nil ||
		generation != t.Generation && m.Kind != connect.MailEmailChanged {
		return nil, err
	}
	to, template := t.Email, string(m.Kind)
	v := mail.Values{
		"Token": d.links.Sign(
			t.Purpose,
			t.ID,
		), "Expires": when(t.ExpiresAt), "WaitHours": strconv.Itoa(int(connect.RecoveryWait.Hours())),
	}
	switch m.Kind {
	case connect.MailConfirmEmail:
		known, err := d.store.UserByEmail(ctx, t.Email)
		if err != nil {
			return nil, err
		}
		if known != "" {
			template = "email-in-use"
		}
	case connect.MailEmailChangeRequested, connect.MailEmailChanged:
		to = t.OldEmail
	}
	return d.letter(m, to, template, v)
}

// toUser writes the mails that tell a person what happened.
func (d *deliver) toUser(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	user, err := d.store.User(ctx, m.User)
	if errors.Is(err, connect.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v := mail.Values{}
	switch m.Kind {
	case connect.MailRecoveryStarted, connect.MailRecoveryOfMember:
		about := user
		if m.Kind == connect.MailRecoveryOfMember {
			if about, err = d.store.User(ctx, m.About); errors.Is(err, connect.ErrNotFound) {
				return nil, nil
			} else if err != nil {
				return nil, err
			}
		}
		ready, err := d.store.Recovery(ctx, about.ID, now)
		if err != nil || ready.IsZero() {
			return nil, err // cancelled in the meantime
		}
		v["Ready"] = when(ready)
	case connect.MailAccountClosing, connect.MailMembershipEnded, connect.MailAgencyEnded:
		account, err := d.store.Account(ctx, m.Account)
		if errors.Is(err, connect.ErrNotFound) ||
			err == nil && m.Kind == connect.MailAccountClosing && account.ClosingAt.IsZero() {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		v["ClosingAt"] = when(account.ClosingAt)
	}
	if m.Kind == connect.MailMembershipEnded {
		members, err := d.store.Memberships(ctx, user.ID)
		if err != nil {
			return nil, err
		}
		v["Removed"], v["DeletedOn"] = m.Detail == connect.MembershipRemoved, ""
		if len(members) == 0 && !user.LeftAt.IsZero() {
			v["DeletedOn"] = when(user.LeftAt.Add(connect.AloneGrace))
		}
	}
	return d.letter(m, user.Email, string(m.Kind), v)
}

// invitation writes to somebody who is to become a member, or the owner of a client. Who invites, and to what, is shown
// on the page behind the link: names are texts of people whom the reader may not know, and mail programs make links of
// what looks like an address of a site. No letter of ours holds any.
func (d *deliver) invitation(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	v, err := d.store.Invitation(ctx, m.Account, m.Invitation, now)
	if errors.Is(err, connect.ErrLinkInvalid) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	values := mail.Values{
		"Expires": when(v.ExpiresAt), "Token": d.links.Sign(connect.PurposeInvite, string(v.Account)+"-"+v.ID),
	}
	if v.ToClient() {
		values["ClientPays"] = v.Payer == connect.ClientPays
		return d.letter(m, v.Email, "invite-client", values)
	}
	values["Role"] = v.Role.String()
	return d.letter(m, v.Email, "invite", values)
}
