package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/mi-telecom/mi-connect/shared/store"
)

type requeue struct {
	store store.Retries
	log   *slog.Logger
	clock func() time.Time
}

// most bounds a run: after an hour without a mail service what has gathered leaves over some minutes, and not
// faster than it would be taken.
const most = 1000

// run puts what is due into the outbox's stream again. Cut off anywhere, the next run does the rest.
func (q *requeue) run(ctx context.Context) error {
	ids, err := q.store.DueMessages(ctx, most, q.clock())
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := q.store.RequeueMessage(ctx, id); err != nil {
			return err
		}
	}
	if len(ids) > 0 {
		q.log.Info("requeued", "messages", len(ids))
	}
	return nil
}
