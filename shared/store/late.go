package store

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Whose callers are kept waiting is told at once, and then at most once an hour, with how many it was since: the item
// of an account in table Due says when it was told last, and counts.

func lateKey(account connect.AccountID) string { return "LATE#" + string(account) }

const skOwners = "owners"

// latePause is how long an account's owners are told nothing more.
const latePause = time.Hour

// lateCalls is that item.
type lateCalls struct {
	at   time.Time
	more int64
}

func (s *client) lateCalls(ctx context.Context, account connect.AccountID) (lateCalls, error) {
	i, err := s.get(ctx, s.due, lateKey(account), skOwners, true)
	return lateCalls{moment(i, "at"), integer(i, "more")}, err
}

// lateUpdate makes the item l on condition that it is was.
func (s *client) lateUpdate(account connect.AccountID, l, was lateCalls) types.TransactWriteItem {
	condition, values := absent, item{
		":at": when(l.at), ":more": num(l.more), ":end": epoch(l.at.Add(connect.Life("Due", "late calls"))),
	}
	if !was.at.IsZero() {
		condition = "#at = :was AND more = :before"
		values[":was"], values[":before"] = when(was.at), num(was.more)
	}
	return update(s.due, lateKey(account), skOwners, "SET #at = :at, more = :more, expiresAt = :end", condition, values)
}

func (s *client) tellOwners(t connect.Task, n int64, now time.Time) types.TransactWriteItem {
	m := connect.Message{Kind: connect.MailPromiseBroken, Account: t.Account, Detail: strconv.FormatInt(n, 10)}
	if n == 1 {
		m.Site, m.Callback = t.Site, t.Callback
	}
	return s.messagePut(m, now)
}

// BreakPromise stores that the promise of c was not kept (connect.Callback.Break), and counts it; where there is still
// somebody to be told, with the messages to the account's owners and to the visitor. It returns connect.ErrConflict
// when c was changed since it was read.
func (s Tasks) BreakPromise(
	ctx context.Context, c *connect.Callback, t connect.Task, owners, visitor bool, now time.Time,
) error {
	broken := types.TransactWriteItem{Update: s.changeCallback(c, now)}
	return again(ctx, 6, func() (bool, error) {
		writes := []types.TransactWriteItem{broken}
		if visitor {
			writes = append(writes, s.messagePut(connect.Message{
				Kind: connect.MailCallLate, Account: t.Account, Site: c.Site, Callback: c.ID,
			}, now))
		}
		if owners {
			was, err := s.lateCalls(ctx, t.Account)
			if err != nil {
				return false, err
			}
			if wait := was.at.Add(latePause); was.at.IsZero() || !now.Before(wait) {
				writes = append(writes, s.lateUpdate(t.Account, lateCalls{at: now}, was), s.tellOwners(t, was.more+1, now))
			} else {
				next := connect.Task{Kind: connect.TaskLateCalls, At: wait, Account: t.Account, Ref: string(t.Account)}
				writes = append(writes, s.lateUpdate(t.Account, lateCalls{was.at, was.more + 1}, was))
				writes = append(writes, s.taskPuts([]connect.Task{next})...)
			}
		}
		err := s.countPromises(ctx, c, writes...)
		if refusedAt(err) == 0 {
			return false, connect.ErrConflict
		}
		return refusedAt(err) > 0 || contended(err), err
	})
}

// TellOwnersOfMore asks for the mail about calls that were late since an account's owners were told last, if there are
// any.
func (s Tasks) TellOwnersOfMore(ctx context.Context, t connect.Task, now time.Time) error {
	was, err := s.lateCalls(ctx, t.Account)
	if err != nil || was.more == 0 || now.Before(was.at.Add(latePause)) {
		return err
	}
	err = s.transact(ctx, s.lateUpdate(t.Account, lateCalls{at: now}, was), s.tellOwners(t, was.more, now))
	return outcome(err, nil) // refused: one more is late, and has its own task
}
