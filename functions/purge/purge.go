package main

import (
	"context"
	"time"

	"github.com/mi-telecom/mi-connect/shared/store"
)

type purge struct {
	store *store.Store
	clock func() time.Time
}

// run may be cut off anywhere: the next day's goes on where it ended.
func (p *purge) run(ctx context.Context) (gone int, err error) {
	now := p.clock()
	due, err := p.store.Closed(ctx, now)
	if err != nil {
		return 0, err
	}
	for _, account := range due {
		if err := p.store.Purge(ctx, account, now); err != nil {
			return gone, err
		}
		gone++
	}
	return gone, nil
}
