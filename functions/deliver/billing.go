package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
)

// billing writes to an account's owners about its subscription, unless what there was to say is no longer
// so: a mail about a failed payment must not arrive after the payment.
func (d *deliver) billing(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	sub, err := d.store.Subscription(ctx, m.Account)
	if err != nil || !sub.AlertStillHolds(m.Detail, now) {
		return nil, err
	}
	kind, _, _ := strings.Cut(m.Detail, ":")
	v := mail.Values{
		"Plan": connect.PlanOf(sub.Plan).Name, "TrialEnd": day(sub.TrialEnd), "EndedAt": day(sub.EndedAt),
		"ReadOnlyDays": days(connect.ReadOnlyAfter), "PausedDays": days(connect.PausedAfter),
	}
	switch connect.BillingAlert(kind) {
	case connect.TrialEnding, connect.PaymentFailed, connect.ActionNeeded:
		return d.toOwner(ctx, m, kind, v)
	case connect.SubscriptionEnded:
		return d.toOwner(ctx, m, "subscription-ended", v)
	}
	return nil, fmt.Errorf("unknown notice %q", kind)
}

func (d *deliver) overLimit(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	e, err := d.store.Entitlement(ctx, m.Account, now)
	if err != nil {
		return nil, err
	}
	return d.toOwner(
		ctx,
		m,
		"over-limit",
		mail.Values{"Limit": strconv.FormatInt(e.Limits.Callbacks, 10), "Plan": e.Plan.Name},
	)
}

// toOwner writes to one of an account's owners, if they are one still. The account's name is one that its owners gave
// it; a person may own several.
func (d *deliver) toOwner(ctx context.Context, m connect.Message, template string, v mail.Values) (*mail.Mail, error) {
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
	account, err := d.store.Account(ctx, m.Account)
	if errors.Is(err, connect.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v["Account"] = inert(account.Name)
	return d.letter(m, user.Email, template, v)
}

func days(d time.Duration) string { return strconv.Itoa(int(d / (24 * time.Hour))) }
