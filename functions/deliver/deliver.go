package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/mail"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
	"github.com/mi-telecom/mi-connect/shared/webpush"
)

type deliver struct {
	store   doors
	push    *webpush.Sender
	links   token.Links
	sender  mail.Sender
	origin  string
	privacy string // who answers for privacy
	// organizer is whose address invitations come from: that of all mails.
	organizer string
	log       *slog.Logger
	clock     func() time.Time
}

// batch sends the messages of a batch side by side: one that takes long holds up none of the others. Records
// come again only where the database could not be asked or told; what a mail service refuses, or a message
// that cannot be written, is noted in the outbox and never stands in the way of the next.
func (d *deliver) batch(ctx context.Context, b lambdahttp.Batch) ([]string, error) {
	records := map[string][]string{} // two of one message in a batch are one
	for _, rec := range b.Records {
		if id := rec.New.Text("pk"); id != "" {
			records[id] = append(records[id], rec.Sequence)
		}
	}
	var failed []string
	var mu sync.Mutex
	var all sync.WaitGroup
	for id, sequences := range records {
		all.Go(func() {
			if err := d.safely(ctx, id); err != nil {
				d.log.Error("not noted", "outbox", id, "error", err.Error())
				mu.Lock()
				defer mu.Unlock()
				failed = append(failed, sequences...)
			}
		})
	}
	all.Wait()
	return failed, nil
}

// safely is one, for which a message that makes us panic is one that cannot be written.
func (d *deliver) safely(ctx context.Context, id string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = d.panicked(ctx, id, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	return d.one(ctx, id)
}

func (d *deliver) panicked(ctx context.Context, id string, cause error) error {
	now := d.clock()
	m, err := d.store.Message(ctx, id, now)
	if err != nil {
		return errors.Join(cause, err)
	}
	return d.notSent(ctx, m, cause, now)
}

// one sends a message that has not been sent. A crash between sending and noting it sends it twice, with
// the same Message-ID; the other order would lose it.
func (d *deliver) one(ctx context.Context, id string) error {
	now := d.clock()
	m, err := d.store.Message(ctx, id, now)
	if errors.Is(err, connect.ErrNotFound) {
		return nil // expired: too late to be of use
	}
	if err != nil {
		return err
	}
	if m.Sent || m.Phase == connect.PhaseSplit || m.Phase == connect.PhaseFailed || m.Phase == connect.PhaseWaiting ||
		m.Phase == connect.PhaseCounting {
		return nil // an older record of it
	}
	if m.ToOwners() {
		return d.split(ctx, m, now)
	}
	if m.ToReaders() {
		return d.splitToReaders(ctx, m, now)
	}
	if m.Kind == connect.MailComplaintDigest {
		return d.digest(ctx, m, now)
	}
	if m.Kind == connect.PushRequested {
		return d.pushTo(ctx, m, now)
	}
	if m.Untimely() {
		if held, err := d.hold(ctx, m, now); err != nil {
			return d.notSent(ctx, m, err, now)
		} else if held {
			return nil
		}
	}
	out, err := d.write(ctx, m, now)
	if err == nil && out != nil && m.Pushed() {
		d.queuePush(ctx, m, now)
	}
	if err == nil && out != nil {
		err = d.sender.Send(ctx, *out)
	}
	if err != nil {
		return d.notSent(ctx, m, err, now)
	}
	if out != nil {
		d.sent(m, now)
	}
	return d.store.MarkMessageSent(ctx, id, now)
}

// split makes one message to each owner of what is for all of them: what becomes of one is nothing to the
// others. An account that has none, as one that an agency opened for a client, leaves nobody to write to.
func (d *deliver) split(ctx context.Context, m connect.Message, now time.Time) error {
	members, err := d.store.Members(ctx, m.Account)
	if err != nil {
		return d.notSent(ctx, m, err, now)
	}
	var owners []connect.UserID
	for _, one := range members {
		if one.Role == connect.Owner {
			owners = append(owners, one.User)
		}
	}
	if err := d.store.SplitMessage(ctx, m, owners, now); err != nil {
		return d.notSent(ctx, m, err, now)
	}
	d.log.Info("split", "outbox", m.ID, "kind", string(m.Kind), "owners", len(owners))
	return nil
}

var errUnknownKind = errors.New("unknown kind of message")

const (
	// giveUp is how long a mail service may be down without a message being lost. It is longer than most
	// links live, and well within connect.OutboxLife.
	giveUp = 48 * time.Hour
	// maxFaults bounds the tries of a message that we cannot write ourselves: a quarter of an hour, in which a
	// deployment that knows its kind may have ended.
	maxFaults = 6
)

// notSent decides what becomes of a message that could not be sent. What is permanent fails at once; the rest
// is tried again at once, behind the others, then after 1, 2, 4 and up to 32 minutes (function requeue).
func (d *deliver) notSent(ctx context.Context, m connect.Message, err error, now time.Time) error {
	reason, permanent := "fault", m.Tries+1 >= maxFaults
	var detail slog.Attr
	if refusal, ok := errors.AsType[*mail.Error](err); ok {
		reason = refusal.Code
		permanent = refusal.Permanent || now.After(m.ExpiresAt.Add(giveUp-connect.OutboxLife))
	} else if errors.Is(err, errUnknownKind) {
		reason = "unknown-kind"
	} else {
		detail = slog.String("error", err.Error())
	}
	about := []slog.Attr{
		slog.String(
			"outbox",
			m.ID,
		), slog.String("kind", string(m.Kind)), slog.String("reason", reason), slog.Int("tries", m.Tries+1), detail,
	}
	count := func(metric string) []slog.Attr { return append(about, slog.Int(metric, 1), web.Metric(now, metric)) }
	if permanent {
		if err := d.store.MarkMessageFailed(ctx, m.ID, reason, now); err != nil {
			return err
		}
		d.log.LogAttrs(ctx, slog.LevelError, "failed", count("FailedMails")...)
		return nil
	}
	var at time.Time
	if m.Tries > 0 {
		at = now.Add(time.Minute << min(m.Tries-1, 5))
	}
	if err := d.store.DeferMessage(ctx, m, reason, at); err != nil {
		return err
	}
	d.log.LogAttrs(ctx, slog.LevelWarn, "deferred", count("DeferredMails")...)
	return nil
}

// sent notes that a mail service has taken a message.
func (d *deliver) sent(m connect.Message, now time.Time) {
	d.log.Info("sent", "outbox", m.ID, "kind", string(m.Kind), "SentMails", 1, web.Metric(now, "SentMails"))
}

// write returns nil when there is nothing to say any more.
func (d *deliver) write(ctx context.Context, m connect.Message, now time.Time) (*mail.Mail, error) {
	switch m.Kind {
	case connect.MailVerifyEmail:
		return d.verification(ctx, m, now)
	case connect.MailComplaintReceived:
		return d.complaintReceived(ctx, m, now)
	case connect.MailComplaint:
		return d.complaintForUs(ctx, m, now)
	case connect.MailComplaintUpdate, connect.MailComplaintAnswer:
		return d.complaintHandled(ctx, m, now)
	case connect.MailBillingAlert:
		return d.billing(ctx, m, now)
	case connect.MailOverLimit:
		return d.overLimit(ctx, m, now)
	case connect.MailPromiseBroken:
		return d.promiseBroken(ctx, m, now)
	case connect.MailCallLate:
		return d.callLate(ctx, m, now)
	case connect.MailCallbackRequested, connect.MailCallbacksWaiting, connect.MailPromiseAtRisk:
		return d.toReader(ctx, m, now)
	case connect.MailRequestsHeld:
		return d.held(ctx, m, now)
	case connect.MailVisitorConfirmed, connect.MailVisitorMoved, connect.MailVisitorCancelled,
		connect.MailVisitorMissed, connect.MailVisitorReminder:
		return d.toVisitor(ctx, m, now)
	case connect.MailSiteComplaintAcknowledged, connect.MailSiteComplaintUpdate, connect.MailSiteComplaintAnswer:
		return d.toComplainant(ctx, m, now)
	case connect.MailSiteComplaint, connect.MailSiteComplaints, connect.MailSiteComplaintDue:
		return d.ofComplaint(ctx, m, now)
	case connect.MailLoginLink, connect.MailResetPassword, connect.MailRecovery, connect.MailConfirmEmail,
		connect.MailEmailChangeRequested, connect.MailEmailChanged, connect.MailLoginDeleted:
		return d.byToken(ctx, m, now)
	case connect.MailPasswordChanged, connect.MailFactorsChanged, connect.MailRecoveryStarted,
		connect.MailRecoveryOfMember, connect.MailAccountClosing, connect.MailMembershipEnded, connect.MailAgencyEnded:
		return d.toUser(ctx, m, now)
	case connect.MailInvitation, "invite-client": // as a client's was called once
		return d.invitation(ctx, m, now)
	case connect.MailNothing, connect.AuditLoginRefused:
		return nil, nil // not read from the stream; here by hand at most
	}
	return nil, errUnknownKind
}
