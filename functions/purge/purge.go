package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

const (
	// turn is how many items are deleted of one account before the next has its turn.
	turn = 500
	// atOnce is how many accounts take turns.
	atOnce = 50
	// reserve is how long before the function's end a run stops by itself; a turn takes a second or two.
	reserve = time.Minute
)

type purge struct {
	store store.Purge
	log   *slog.Logger
	clock func() time.Time
}

// Summary is what a run returns. A run that ends with Left above 0 had no more time; the next continues.
type Summary struct {
	Accounts int `json:"accounts"`
	People   int `json:"people"`
	Failed   int `json:"failed"`
	Left     int `json:"left"`
}

// task is an account or a person in the making of being gone. Its turn reports whether it is over, and
// whether anything is gone by it.
type task struct {
	kind, id string
	turn     func(context.Context, *store.Budget) (over, gone bool, err error)
}

// run may be cut off anywhere, and two may run at once: what is deleted is all the progress there is, and what
// names it goes last. One that fails is logged, counted and left to the next run; the others continue.
func (p *purge) run(ctx context.Context) (Summary, error) {
	var sum Summary
	now := p.clock()
	var errs []error
	for _, queue := range []func(context.Context, string) ([]task, string, error){
		func(ctx context.Context, after string) ([]task, string, error) { return p.accounts(ctx, now, after) },
		// People after accounts: an account's end is that of those who were in it alone.
		func(ctx context.Context, after string) ([]task, string, error) { return p.people(ctx, now, after) },
	} {
		if err := p.turns(ctx, queue, &sum); err != nil {
			p.log.Error("a queue could not be read", "error", err.Error())
			sum.Failed++
			errs = append(errs, err)
		}
	}
	p.log.Info("purged", "accounts", sum.Accounts, "people", sum.People, "failed", sum.Failed, "left", sum.Left,
		"PurgeFailures", sum.Failed, web.Metric(now, "PurgeFailures"))
	return sum, errors.Join(errs...)
}

// turns lets a queue's tasks take turns until all are over or the time is.
func (p *purge) turns(
	ctx context.Context, queue func(context.Context, string) ([]task, string, error), sum *Summary,
) error {
	var tasks []task
	after, more := "", true
	for {
		for more && len(tasks) < atOnce {
			page, next, err := queue(ctx, after)
			if err != nil {
				return err
			}
			tasks, after, more = append(tasks, page...), next, next != ""
		}
		if len(tasks) == 0 {
			return nil
		}
		var again []task
		for n, t := range tasks {
			if late(ctx) {
				sum.Left += len(again) + len(tasks) - n
				return nil
			}
			over, gone, err := t.turn(ctx, &store.Budget{Items: turn})
			switch {
			case err != nil:
				sum.Failed++
				p.log.Error("not purged", t.kind, t.id, "error", err.Error())
			case gone && t.kind == "account":
				sum.Accounts++
			case gone:
				sum.People++
			case !over:
				again = append(again, t)
			}
		}
		tasks = again
	}
}

func late(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && time.Until(end) < reserve
}

// accounts are all closed ones: of those whose time is still to come it is seen that their clients are closed,
// too.
func (p *purge) accounts(ctx context.Context, now time.Time, after string) ([]task, string, error) {
	list, next, err := p.store.DueClosings(ctx, now.Add(2*connect.ClosingGrace), after)
	var out []task
	for _, c := range list {
		out = append(out, task{"account", string(c.Account),
			func(ctx context.Context, b *store.Budget) (over, gone bool, err error) {
				return p.store.PurgeAccount(ctx, c, now, b)
			}})
	}
	return out, next, err
}

func (p *purge) people(ctx context.Context, now time.Time, after string) ([]task, string, error) {
	list, next, err := p.store.DueLeavers(ctx, now, after)
	var out []task
	for _, l := range list {
		out = append(out, task{"user", string(l.User),
			func(ctx context.Context, b *store.Budget) (over, gone bool, err error) {
				return p.store.PurgePerson(ctx, l, b)
			}})
	}
	return out, next, err
}
