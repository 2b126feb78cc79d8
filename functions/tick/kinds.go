package main

import (
	"context"
	"errors"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// kind is what is done about tasks of a kind: do at their time, or up to late after it. do is safe to repeat, and does
// nothing for a task that is no longer wanted.
type kind struct {
	late time.Duration
	do   func(context.Context, connect.Task, time.Time) error
}

func newTick(s store.Tasks) *tick {
	t := &tick{store: s, atOnce: 8}
	t.kinds = map[connect.TaskKind]kind{
		connect.TaskPromiseHalf: {15 * time.Minute, t.remind},
		connect.TaskPromiseMost: {15 * time.Minute, t.remind},
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
