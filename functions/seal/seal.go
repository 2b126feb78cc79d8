package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/receipt"
)

type sealer struct {
	store doors
	book  *receipt.Book
	log   *slog.Logger
	clock func() time.Time
}

// firstDays is how far back the first run looks: a deployment's first nights may have failed.
const firstDays = 14

// run finishes the erasures that nobody continues with, and closes the days. One does not keep the other.
func (s *sealer) run(ctx context.Context) error {
	now := s.clock().UTC()
	finished, unfinished := s.store.FinishErasures(ctx, s.book.Erasure(now), now)
	if finished > 0 {
		s.log.Info("erasures finished", "count", finished)
	}
	return errors.Join(s.seal(ctx, now), unfinished)
}

// seal seals every day that is over and has no seal, in order. A receipt that is not genuine is sealed as
// it stands, so that it changes no more and the chain continues; the run then fails, which raises the alarm.
func (s *sealer) seal(ctx context.Context, now time.Time) error {
	last, err := s.store.LastSeal(ctx)
	if err != nil {
		return err
	}
	day, previous := connect.DateOf(now).Add(-firstDays), ""
	if last != nil {
		day, previous = last.Day.Add(1), last.MAC
	}
	forged := 0
	for ; day < connect.DateOf(now); day = day.Add(1) {
		tree := &receipt.Tree{}
		err := s.store.Receipts(ctx, day, func(r *connect.Receipt) error {
			if !s.book.Genuine(r) {
				forged++
				s.log.Error("receipt is not genuine", "day", string(day), "kind", string(r.Kind), "receipt", string(r.ID))
			}
			tree.Add(r)
			return nil
		})
		if err != nil {
			return err
		}
		seal := s.book.Seal(day, tree, previous, now)
		if err := s.store.AddSeal(ctx, seal); errors.Is(err, connect.ErrConflict) {
			return nil // another run is at it, and further than this one
		} else if err != nil {
			return err
		}
		s.log.Info("sealed", "day", string(day), "count", seal.Count)
		previous = seal.MAC
	}
	if forged > 0 {
		return fmt.Errorf("%d receipts are not genuine: see docs/operations.md, \"Receipts\"", forged)
	}
	return nil
}
