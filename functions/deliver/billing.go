package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// billing writes to an account's owners about its subscription, unless what there was to say is no longer
// so: a mail about a failed payment must not arrive after the payment.
func (d *deliver) billing(ctx context.Context, m store.Message, now time.Time) (*mail.Mail, error) {
	sub, err := d.store.Subscription(ctx, m.Account)
	if err != nil || !sub.Stands(m.Notice, now) {
		return nil, err
	}
	kind, _, _ := strings.Cut(m.Notice, ":")
	plan := connect.PlanOf(sub.Plan).Name
	l := mail.Letter{Greeting: "Hello,", Link: d.origin + "/app/billing"}
	switch connect.Notice(kind) {
	case connect.TrialEnding:
		l.Subject = "Your Mi Connect trial ends on " + day(sub.TrialEnd)
		l.Paragraphs = []string{fmt.Sprintf("Your trial of the %s plan ends on %s. Add a card to keep the plan; nothing is charged before that day.", plan, day(sub.TrialEnd))}
		l.Button = "Add a card"
		l.After = []string{"Without a card your account goes on with the Free plan. Nothing is deleted."}
	case connect.PaymentFailed:
		l.Subject = "A payment for Mi Connect failed"
		l.Paragraphs = []string{"We could not take the payment for your " + plan + " plan. Pay the open invoice, or use another card."}
		l.Button = "Mend the payment"
		l.After = []string{"Everything goes on for 7 days. After that settings cannot be changed, and after 21 days the widgets pause. Nothing is deleted."}
	case connect.ActionNeeded:
		l.Subject = "Your bank wants you to approve a payment"
		l.Paragraphs = []string{"The payment for your " + plan + " plan waits for you: your bank asks whether it is really you (3-D Secure)."}
		l.Button = "Approve the payment"
	case connect.Ended:
		l.Subject = "Your Mi Connect subscription has ended"
		l.Paragraphs = []string{"Your " + plan + " plan ended on " + day(sub.EndedAt) + ". Your account goes on with the Free plan. Nothing was deleted; what is over the Free plan's limits rests."}
		l.Button = "Choose a plan"
	default:
		return nil, fmt.Errorf("unknown notice %q", kind)
	}
	return d.toOwner(ctx, m, l)
}

func (d *deliver) overLimit(ctx context.Context, m store.Message, now time.Time) (*mail.Mail, error) {
	e, err := d.store.Entitlement(ctx, m.Account, now)
	if err != nil {
		return nil, err
	}
	return d.toOwner(ctx, m, mail.Letter{
		Subject: "More callback requests than your plan includes", Greeting: "Hello,",
		Paragraphs: []string{fmt.Sprintf("This month you have received more than the %d callback requests of the %s plan. Every request is kept and is in your inbox; none is lost.", e.Limits.Callbacks, e.Plan.Name)},
		Button:     "Look at the plans", Link: d.origin + "/app/billing",
	})
}

// toOwner writes to one of an account's owners, if they are one still.
func (d *deliver) toOwner(ctx context.Context, m store.Message, l mail.Letter) (*mail.Mail, error) {
	member, err := d.store.Member(ctx, m.Account, m.User)
	if errors.Is(err, connect.ErrNotFound) || err == nil && member.Role != connect.Owner {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	user, err := d.store.User(ctx, m.User)
	if errors.Is(err, connect.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := l.Mail(m.ID, string(user.Email))
	return &out, nil
}

func day(t time.Time) string { return t.Format("2 January 2006") }
