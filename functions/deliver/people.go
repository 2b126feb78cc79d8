package main

import (
	"context"
	"errors"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// when is a time in words that need no table of time zones: "Monday 23 November 2026, 15:04 UTC".
func when(t time.Time) string { return t.UTC().Format("Monday 2 January 2006, 15:04 UTC") }

const notYou = "If it was not you, you need not do anything: without the link nothing happens."

// byTicket writes the mails that a ticket is about. A ticket that was used, has expired, or is nobody's
// needs no mail any more, but for the one that tells of its use.
func (d *deliver) byTicket(ctx context.Context, m store.Message, now time.Time) (*mail.Mail, error) {
	t, err := d.store.Ticket(ctx, "", m.Ticket, now)
	if errors.Is(err, connect.ErrLinkInvalid) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if t.User == "" || t.Used != (m.Kind == store.EmailWas) {
		return nil, nil
	}
	// Its link would open nothing: the person has changed what they log in with since it was asked for.
	if generation, err := d.store.Generation(ctx, t.User); err != nil || generation != t.Generation && m.Kind != store.EmailWas {
		return nil, err
	}
	to, letter := t.Email, mail.Letter{Greeting: "Hello,"}
	link := func(page string) string { return d.origin + page + "?token=" + d.links.Sign(t.Purpose, t.ID) }
	switch m.Kind {
	case store.LoginLink:
		letter.Subject = "Your link to log in"
		letter.Paragraphs = []string{"You, or somebody with your address, has asked for a link to log in to Mi Connect."}
		letter.Button, letter.Link = "Log in", link("/login/link")
		letter.After = []string{"The link works once, until " + when(t.ExpiresAt) + ". If your login has a second factor, you will be asked for it.", notYou}
	case store.ResetPassword:
		letter.Subject = "Set a new password"
		letter.Paragraphs = []string{"You, or somebody with your address, has asked to set a new password for Mi Connect."}
		letter.Button, letter.Link = "Set a new password", link("/reset")
		letter.After = []string{"The link works once, until " + when(t.ExpiresAt) + ". A second factor stays as it is.", notYou}
	case store.Recover:
		letter.Subject = "Get back in without your second factor"
		letter.Paragraphs = []string{
			"You, or somebody with your address, has said that every second factor of your Mi Connect login is lost.",
			"Open the link to begin a wait of 72 hours. After it, open the link again and enter your password: your second factors are then removed. Every admin of your accounts is told, and any device that is still logged in can stop it.",
		}
		letter.Button, letter.Link = "Begin the wait", link("/recover")
		letter.After = []string{"The link works until " + when(t.ExpiresAt) + ".", notYou}
	case store.ConfirmEmail:
		known, err := d.store.UserByEmail(ctx, t.Email)
		if err != nil {
			return nil, err
		}
		letter.Subject = "Confirm your new e-mail address"
		letter.Paragraphs = []string{"This address is to be used for logging in to Mi Connect from now on. Confirm it to make the change."}
		letter.Button, letter.Link = "Confirm this address", link("/email/confirm")
		letter.After = []string{"The link works once, until " + when(t.ExpiresAt) + ".", notYou}
		if known != "" {
			letter.Subject = "This address is in use already"
			letter.Paragraphs = []string{"Somebody has tried to use this address for another login of Mi Connect. It has a login of its own, and nothing about it was changed."}
			letter.Button, letter.Link, letter.After = "", "", nil
		}
	case store.EmailAsked:
		to = t.OldEmail
		letter.Subject = "Approve or cancel the change of your email address"
		letter.Paragraphs = []string{
			"Someone who is logged in as you and knows your password has asked to change the email address you log in to Mi Connect with. Nothing changes unless you approve it.",
			"The link shows the new address, with a button to approve the change and one to cancel it.",
		}
		letter.Button, letter.Link = "Approve or cancel", link("/email/change")
		letter.After = []string{
			"If this wasn't you, cancel it, then change your password: that logs out your other devices and ends the change as well.",
			"The link works until " + when(t.ExpiresAt) + ".",
		}
	case store.EmailWas:
		to = t.OldEmail
		letter.Subject = "Your e-mail address was changed"
		letter.Paragraphs = []string{"From now on you log in to Mi Connect with another address. This one is no longer used."}
		letter.After = []string{"If it was not you, write to us at once: privacy@mi-telecom.co.uk."}
	}
	if m.Kind == store.LoginDeleted {
		letter.Subject = "Your login was deleted"
		letter.Paragraphs = []string{
			"Your Mi Connect login was deleted, as you asked with your password: your name, address, password and second factors are gone, and you are in no account any more.",
			"The logs of the accounts you were in keep your name beside what you did there, for as long as their plans say.",
		}
		letter.After = []string{"If it was not you, write to us at once: privacy@mi-telecom.co.uk."}
	}
	out := letter.Mail(m.ID, string(to))
	return &out, nil
}

// toUser writes the mails that tell a person what happened.
func (d *deliver) toUser(ctx context.Context, m store.Message, now time.Time) (*mail.Mail, error) {
	user, err := d.store.User(ctx, m.User)
	if errors.Is(err, connect.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	letter := mail.Letter{Greeting: "Hello,", Button: "Look at my security settings", Link: d.origin + "/app/security"}
	switch m.Kind {
	case store.PasswordWas:
		letter.Subject = "Your password was changed"
		letter.Paragraphs = []string{"The password of your Mi Connect login was changed. Links that we mailed you before have stopped working.", "Under Security you can see the devices that are logged in, and log them out."}
		letter.After = []string{"If it was not you, set a new password now by “Forgot your password?” on the login page."}
	case store.FactorsWere:
		letter.Subject = "Your second factors were changed"
		letter.Paragraphs = []string{"A second factor of your Mi Connect login, or your recovery codes, were added, replaced or removed."}
		letter.After = []string{"If it was not you, change your password now: that logs every other device out."}
	case store.RecoveryBegun, store.RecoveryOfOther:
		about := user
		if m.Kind == store.RecoveryOfOther {
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
		letter.Subject = "A login is being recovered without its second factor"
		if m.Kind == store.RecoveryBegun {
			letter.Paragraphs = []string{"Somebody who reads your mail has begun to remove all second factors of your login. It can be finished with your password from " + when(ready) + "."}
			letter.Button = "Stop it"
			letter.After = []string{"If it was not you, log in and stop it, and change your password. If it was you, open the link of the first mail again at that time."}
		} else {
			letter.Paragraphs = []string{"A member of an account that you are an admin of has begun to remove all second factors of their login, which can be finished from " + when(ready) + ". The account's log says who it is."}
			letter.Button, letter.Link = "Look at the members", d.origin+"/app/people"
			letter.After = []string{"Ask them whether it was them. If not, they can stop it on any device that is still logged in, and you can remove them from the account."}
		}
	case store.AccountCloses:
		account, err := d.store.Account(ctx, m.Account)
		if errors.Is(err, connect.ErrNotFound) || err == nil && account.ClosingAt.IsZero() {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		letter.Subject = "Your account is being closed"
		letter.Paragraphs = []string{"An account that you are a member of was closed by an owner. Everything in it is deleted for good on " + when(account.ClosingAt) + ". Log in to see which account it is."}
		letter.Button, letter.Link = "Look at the account", d.origin+"/app/security"
		letter.After = []string{
			"Its widgets take no more requests. Until then an owner can open it again, and download what is in it.",
			"If you are in no other account, your login is deleted with it.",
		}
	}
	if m.Kind == store.PlaceEnded || m.Kind == store.AgencyEnded {
		if err := d.ended(ctx, m, user, &letter); err != nil || letter.Subject == "" {
			return nil, err
		}
	}
	out := letter.Mail(m.ID, string(user.Email))
	return &out, nil
}

// ended writes to somebody who is in an account no more, or whose account has lost its agency. It leaves no
// subject where there is nothing to say any more.
func (d *deliver) ended(ctx context.Context, m store.Message, user connect.User, letter *mail.Letter) error {
	if _, err := d.store.Account(ctx, m.Account); errors.Is(err, connect.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	if m.Kind == store.AgencyEnded {
		letter.Subject = "Your agency no longer works in your account"
		letter.Paragraphs = []string{
			"An agency no longer works in an account of yours; the account's log says which. Your sites, requests and statistics stay as they are.",
			"If the agency paid for the account, it goes on with the Free plan until you choose another one.",
		}
		letter.Button, letter.Link = "See plans", d.origin+"/app/billing"
		return nil
	}
	letter.Subject = "You are no longer a member of an account"
	letter.Paragraphs = []string{"You have left an account on Mi Connect."}
	if m.Notice == store.PlaceRemoved {
		letter.Paragraphs = []string{"You were removed from an account on Mi Connect."}
	}
	members, err := d.store.Memberships(ctx, user.ID)
	if err != nil {
		return err
	}
	if len(members) == 0 && !user.LeftAt.IsZero() {
		letter.Paragraphs = append(letter.Paragraphs, "You are in no other account. Your login is deleted on "+when(user.LeftAt.Add(connect.AloneGrace))+
			", unless somebody invites you to an account before that. You can delete it yourself at any time.")
	}
	return nil
}

// invitation writes to somebody who is to become a member. Who invites, and to what, is shown on the page behind
// the link: names are texts of people whom the reader may not know, and mail programs make links of what looks
// like an address of a site. No letter of ours holds any.
func (d *deliver) invitation(ctx context.Context, m store.Message, now time.Time) (*mail.Mail, error) {
	v, err := d.store.Invitation(ctx, m.Account, m.Invitation, now)
	if errors.Is(err, connect.ErrLinkInvalid) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := mail.Letter{
		Subject: "You are invited to Mi Connect", Greeting: "Hello,",
		Paragraphs: []string{"You are invited to an account on Mi Connect, as " + v.Role.String() + ". Open the invitation to see who invites you, and to which account."},
		Button:     "Look at the invitation", Link: d.origin + "/invitation?token=" + d.links.Sign(store.PurposeInvite, string(v.Account)+"-"+v.ID),
		After: []string{"The invitation is for this address only and stands until " + when(v.ExpiresAt) + ". If you do not expect it, do nothing."},
	}.Mail(m.ID, string(v.Email))
	return &out, nil
}

// clientInvitation writes to the owner of an account that is to become an agency's client.
func (d *deliver) clientInvitation(ctx context.Context, m store.Message, now time.Time) (*mail.Mail, error) {
	v, err := d.store.ClientInvitation(ctx, m.Account, m.Invitation, now)
	if errors.Is(err, connect.ErrLinkInvalid) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	pays := "The agency pays for it."
	if v.Payer == connect.ClientPays {
		pays = "You go on paying for it."
	}
	out := mail.Letter{
		Subject: "An agency asks to work in your account", Greeting: "Hello,",
		Paragraphs: []string{"An agency asks to work in your Mi Connect account: sites, requests and people, but not what only you as the owner may do. " + pays + " Open the request to see which agency it is."},
		Button:     "Look at the request", Link: d.origin + "/client?token=" + d.links.Sign(store.PurposeClient, string(v.Agency)+"-"+v.ID),
		After: []string{"It stands until " + when(v.ExpiresAt) + ". You can end it at any time. If you do not expect it, do nothing."},
	}.Mail(m.ID, string(v.Email))
	return &out, nil
}
