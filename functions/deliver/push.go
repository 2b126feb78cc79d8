package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
	"github.com/mi-telecom/mi-connect/shared/webpush"
)

// queuePush has what a mail tells shown by its reader's browsers as well. The mail never waits for that: where it
// cannot be queued, the mail is what they get.
func (d *deliver) queuePush(ctx context.Context, m connect.Message, now time.Time) {
	devices, err := d.store.PushDevices(ctx, m.User, now)
	if err == nil && len(devices) > 0 {
		err = d.store.QueuePush(ctx, m, now)
	}
	if err != nil {
		d.log.Error("notification not queued", "outbox", m.ID, "error", err.Error())
	}
}

// pushTo sends a notification to each browser of its reader. Where a service cannot be reached it is sent to all of
// them again: one with the same tag replaces the one that is shown.
func (d *deliver) pushTo(ctx context.Context, m connect.Message, now time.Time) error {
	n, err := d.notification(ctx, m, now)
	if err != nil {
		return d.notPushed(ctx, m, "fault", err, now)
	}
	if n == nil {
		return d.store.MarkMessageSent(ctx, m.ID, now)
	}
	devices, err := d.store.PushDevices(ctx, m.User, now)
	if err != nil {
		return d.notPushed(ctx, m, "fault", err, now)
	}
	results := make([]error, len(devices))
	var all sync.WaitGroup
	for at, device := range devices {
		all.Go(func() { results[at] = d.push.Send(ctx, device, *n, now) })
	}
	all.Wait()
	reason, sent := "", 0
	for at, err := range results {
		refusal, ok := errors.AsType[*webpush.Error](err)
		switch {
		case err == nil:
			sent++
		case !ok:
			return d.notPushed(ctx, m, "fault", err, now)
		case refusal.Gone:
			if err := d.store.EndPushDevice(ctx, m.User, devices[at].ID); err != nil {
				return d.notPushed(ctx, m, "fault", err, now)
			}
		case !refusal.Permanent:
			reason = refusal.Code
		}
		if ok {
			d.log.Warn("notification refused", "outbox", m.ID, "reason", refusal.Code, "gone", refusal.Gone)
		}
	}
	if reason != "" {
		return d.notPushed(ctx, m, reason, nil, now)
	}
	d.log.Info("notified", "outbox", m.ID, "kind", string(m.Kind), "devices", sent)
	return d.store.MarkMessageSent(ctx, m.ID, now)
}

// notification returns nil when there is nothing to say any more: the person is not told at once by now, it is within
// their quiet hours, somebody dealt with the request, or it is too late to be of use. It names nobody: it goes through
// somebody else's service, and is shown on locked screens.
func (d *deliver) notification(
	ctx context.Context, m connect.Message, now time.Time,
) (*webpush.Notification, error) {
	asked := m.ExpiresAt.Add(-connect.OutboxLife)
	choice, err := d.choice(ctx, m.Account, m.Site, m.User)
	if err != nil || choice.Requests != connect.AlertAtOnce || now.Sub(asked) > connect.PushLife {
		return nil, err
	}
	user, err := d.store.User(ctx, m.User)
	if err != nil {
		return nil, unlessGone(err)
	}
	if at, err := tellAt(user.Alerts, false, now); err != nil || at.After(now) {
		return nil, err
	}
	site, err := d.store.Site(ctx, m.Account, m.Site)
	if err != nil {
		return nil, unlessGone(err)
	}
	name := short(site.Name, 60)
	n := &webpush.Notification{
		Title: "New request on " + name, Body: "Open it to call back.",
		Path: "/app/sites/" + string(site.ID) + "/inbox?request=" + string(m.Callback), Tag: string(m.Callback),
	}
	var left bool
	if m.Callback != "" {
		left, err = d.aboutRequest(ctx, m, site, choice, mail.Values{}, now)
	} else {
		left, err = d.aboutBacklog(ctx, site, choice, mail.Values{}, now)
		n.Title, n.Body = "More requests on "+name, "Open the inbox to see them."
		n.Path, n.Tag = strings.TrimSuffix(n.Path, "?request="), m.ID
	}
	if err != nil || !left {
		return nil, err
	}
	return n, nil
}

// maxPushTries bounds them: after 1, 2, 4 and 8 minutes. A notification is of use for connect.PushLife.
const maxPushTries = 5

// notPushed has a notification tried again a little later, or gives it up: its reader was mailed.
func (d *deliver) notPushed(ctx context.Context, m connect.Message, reason string, cause error, now time.Time) error {
	about := []slog.Attr{
		slog.String("outbox", m.ID), slog.String("reason", reason), slog.Int("tries", m.Tries+1),
	}
	if cause != nil {
		about = append(about, slog.String("error", cause.Error()))
	}
	if m.Tries+1 >= maxPushTries {
		d.log.LogAttrs(ctx, slog.LevelWarn, "notification given up", about...)
		return d.store.MarkMessageFailed(ctx, m.ID, reason, now)
	}
	d.log.LogAttrs(ctx, slog.LevelWarn, "notification deferred", about...)
	return d.store.DeferMessage(ctx, m, reason, now.Add(time.Minute<<m.Tries))
}
