package main

import (
	"context"
	"errors"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// kind is what is done about tasks of a kind: do at their time, or up to late after it; after that tooLate, where that
// leaves something to be done. Both are safe to repeat, and do nothing for a task that is no longer wanted.
type kind struct {
	late    time.Duration
	do      step
	tooLate step
}

type step func(context.Context, connect.Task, time.Time) error

func newTick(s store.Tasks) *tick {
	t := &tick{store: s, atOnce: 8}
	t.kinds = map[connect.TaskKind]kind{
		connect.TaskPromiseHalf: {15 * time.Minute, t.remind, nil},
		connect.TaskPromiseMost: {15 * time.Minute, t.remind, nil},
		// That it was broken is a fact whenever it is noted; who hears of it two hours later has noticed.
		connect.TaskPromiseDue: {2 * time.Hour, t.breakAndTell, t.breakOnly},
		connect.TaskLateCalls:  {2 * time.Hour, t.store.TellOwnersOfMore, nil},
		// What is too late would speak of another time than it names.
		connect.TaskVisitorDay:  {time.Hour, t.remindVisitor, nil},
		connect.TaskVisitorHour: {15 * time.Minute, t.remindVisitor, nil},
		// The register says it all the while: what is too late adds nothing.
		connect.TaskComplaintWeek: {24 * time.Hour, t.remindOwners, nil},
		connect.TaskComplaintDay:  {12 * time.Hour, t.remindOwners, nil},
		connect.TaskComplaintOver: {48 * time.Hour, t.remindOwners, nil},
	}
	return t
}

// remind has the people on duty told that a promised time is running out: of a request that still waits for that time,
// and that nobody is calling.
func (t *tick) remind(ctx context.Context, task connect.Task, now time.Time) error {
	c, err := t.store.TaskRequest(ctx, task, now)
	if errors.Is(err, connect.ErrNotFound) {
		return nil
	}
	if err != nil || c.Claim.Active(now) || !c.Due.Equal(task.For) || c.Promise(now) != connect.PromiseWaiting {
		return err
	}
	return t.store.QueueOnce(ctx, connect.Message{
		ID: task.MessageID(), Kind: connect.MailPromiseAtRisk,
		Account: task.Account, Site: task.Site, Callback: task.Callback,
	}, now)
}

func (t *tick) breakAndTell(ctx context.Context, task connect.Task, now time.Time) error {
	return t.breakPromise(ctx, task, true, now)
}

func (t *tick) breakOnly(ctx context.Context, task connect.Task, now time.Time) error {
	return t.breakPromise(ctx, task, false, now)
}

// breakPromise notes that a promised time is over and nobody has called, and has those told whom it concerns. Who is
// being called at last needs no mail that says it is late. While somebody calls who began in time, it waits for what
// comes of it.
func (t *tick) breakPromise(ctx context.Context, task connect.Task, tell bool, now time.Time) error {
	for {
		c, err := t.store.TaskRequest(ctx, task, now)
		if errors.Is(err, connect.ErrNotFound) {
			return nil
		}
		if err != nil || !c.OutcomeAt.IsZero() || !c.Due.Equal(task.For) {
			return err
		}
		calling := c.Claim.Active(now)
		if !c.Break(now) {
			if calling && c.BrokenAt.IsZero() {
				return t.store.Postpone(ctx, task, c.Claim.Until)
			}
			return nil
		}
		err = t.store.BreakPromise(ctx, c, task, tell, tell && !calling && c.MayMail(), now)
		if !errors.Is(err, connect.ErrConflict) {
			return err
		}
	}
}

// remindVisitor has a visitor reminded of the time that they booked, if the request still waits for it.
func (t *tick) remindVisitor(ctx context.Context, task connect.Task, now time.Time) error {
	c, err := t.store.TaskRequest(ctx, task, now)
	if errors.Is(err, connect.ErrNotFound) {
		return nil
	}
	if err != nil || c.Status != connect.StatusNew || !c.At.Equal(task.For) || !c.MayMail() {
		return err
	}
	m := c.Tell(connect.MailVisitorReminder, task.Account)
	m.ID = task.MessageID()
	return t.store.QueueOnce(ctx, m, now)
}

// remindOwners has an account's owners reminded of a complaint that they have not answered.
func (t *tick) remindOwners(ctx context.Context, task connect.Task, now time.Time) error {
	c, err := t.store.TaskComplaint(ctx, task, now)
	if errors.Is(err, connect.ErrNotFound) {
		return nil
	}
	if err != nil || c.State == connect.ComplaintAnswered {
		return err
	}
	m := c.Tell(connect.MailSiteComplaintDue)
	m.ID, m.Detail = task.MessageID(), string(task.Kind)
	return t.store.QueueOnce(ctx, m, now)
}
