package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func closingKey(account connect.AccountID, at time.Time) string {
	return at.UTC().Format(auditTime) + "#" + string(account)
}

// CloseAccount notes that all of an account's data is to go at a time, and has the owners told.
func (s Leaving) CloseAccount(
	ctx context.Context, account connect.AccountID, at time.Time, tell []connect.Message, e connect.AuditEntry,
) error {
	writes := []types.TransactWriteItem{
		update(
			s.accounts, accountKey(account), skAccount, "SET closingAt = :at",
			"attribute_exists(pk) AND attribute_not_exists(closingAt)", item{":at": when(at)},
		),
		put(s.accounts, item{"pk": str(pkClosing), "sk": str(closingKey(account, at)), "account": str(string(account))}, ""),
		s.auditPut(e),
	}
	for _, m := range tell {
		writes = append(writes, s.messagePut(m, e.At))
	}
	return outcome(s.transact(ctx, writes...), connect.ErrClosing)
}

// ReopenAccount opens a closed account again while its data is there.
func (s Reopening) ReopenAccount(ctx context.Context, a connect.Account, e connect.AuditEntry) error {
	// Past its time the purge may be at work already.
	if a.ClosingAt.IsZero() || !e.At.Before(a.ClosingAt) {
		return connect.ErrClosing
	}
	writes := []types.TransactWriteItem{
		update(
			s.accounts, accountKey(a.ID), skAccount, "REMOVE closingAt, closedWith", "closingAt = :at",
			item{":at": when(a.ClosingAt)},
		),
		remove(s.accounts, pkClosing, closingKey(a.ID, a.ClosingAt), ""),
		s.auditPut(e),
	}
	if a.ClosedWith != "" { // nobody could enter it once its agency is gone
		writes = append(
			writes, check(s.accounts, accountKey(a.ClosedWith), skAccount, "attribute_not_exists(closingAt)", nil),
		)
	}
	return outcome(s.transact(ctx, writes...), connect.ErrClosing)
}

// IsAccountClosed reports whether an account was closed: it takes nobody's data any more.
func (s Widgets) IsAccountClosed(ctx context.Context, account connect.AccountID) (bool, error) {
	i, err := s.get(ctx, s.accounts, accountKey(account), skAccount, true)
	return i["closingAt"] != nil, err
}

// eachClient calls do for an agency's clients, eight at a time, and returns what went wrong.
func (s *client) eachClient(ctx context.Context, agency connect.AccountID, do func(connect.Client) error) error {
	clients, err := Team{s}.Clients(ctx, agency)
	if err != nil {
		return err
	}
	var (
		all  sync.WaitGroup
		mu   sync.Mutex
		errs []error
		room = make(chan struct{}, 8)
	)
	for _, c := range clients {
		room <- struct{}{}
		all.Go(func() {
			defer func() { <-room }()
			if err := do(c); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// CloseClients closes with a closed agency those of its clients that nobody else could enter, to the same
// time. It may be repeated, and function purge repeats it: what a crash left open does not stay so.
func (s Leaving) CloseClients(ctx context.Context, agency connect.Account, e connect.AuditEntry) error {
	return s.eachClient(ctx, agency.ID, func(c connect.Client) error {
		i, err := s.get(ctx, s.accounts, accountKey(c.Account), skAccount, true)
		if err != nil || i == nil || i["closingAt"] != nil {
			return err
		}
		alone, err := s.onlyThrough(ctx, agency.ID, c.Account)
		if err != nil || !alone {
			return err
		}
		e := e
		e.Account, e.Action, e.Plan = c.Account, connect.AccountClosing, connect.Free.ID
		e.Target = "with its agency " + c.AgencyName
		err = s.transact(ctx, append(s.closeWrites(c.Account, agency.ClosingAt, i, agency.ID), s.auditPut(e),
			check(s.accounts, accountKey(agency.ID), skAccount, "closingAt = :at", item{":at": when(agency.ClosingAt)}))...)
		if refusedAt(err) >= 0 {
			return nil // opened again, joined or closed in the meantime
		}
		return err
	})
}

// closeWrites are the writes that close an account as it was read; nobody has joined it since.
func (s *client) closeWrites(
	account connect.AccountID, at time.Time, was item, with connect.AccountID,
) []types.TransactWriteItem {
	set, values := "SET closingAt = :at", item{":at": when(at), ":was": num(integer(was, "membersAdded")), ":none": num(0)}
	if with != "" {
		set += ", closedWith = :with"
		values[":with"] = str(string(with))
	}
	return []types.TransactWriteItem{
		update(s.accounts, accountKey(account), skAccount, set, "attribute_exists(pk) AND attribute_not_exists(closingAt) "+
			"AND "+
			"(membersAdded = :was OR attribute_not_exists(membersAdded) AND :was = :none)", values),
		put(s.accounts, item{"pk": str(pkClosing), "sk": str(closingKey(account, at)), "account": str(string(account))}, ""),
	}
}

// onlyThrough reports whether nobody could enter an account without that agency: it has no members, and no
// other agency that is open.
func (s *client) onlyThrough(ctx context.Context, agency, account connect.AccountID) (bool, error) {
	members, err := Team{s}.Members(ctx, account)
	if err != nil || len(members) > 0 {
		return false, err
	}
	agencies, err := Team{s}.Agencies(ctx, account)
	if err != nil {
		return false, err
	}
	for _, a := range agencies {
		if a.Agency == agency {
			continue
		}
		closed, err := Widgets{s}.IsAccountClosed(ctx, a.Agency)
		if err != nil || !closed {
			return false, err
		}
	}
	return true, nil
}

// ReopenClients opens again what was closed with an agency that is open. It may be repeated.
func (s Reopening) ReopenClients(ctx context.Context, agency connect.AccountID, e connect.AuditEntry) error {
	return s.eachClient(ctx, agency, func(c connect.Client) error {
		a, err := Accounts(s).Account(ctx, c.Account)
		if connect.KindOf(err) == connect.NotFound || err == nil && a.ClosedWith != agency {
			return nil
		}
		if err != nil {
			return err
		}
		e := e
		e.Account, e.Action, e.Plan, e.Target = c.Account, connect.AccountRestored, connect.Free.ID, "with its agency "+
			c.AgencyName
		if err := s.ReopenAccount(ctx, a, e); err != nil && !errors.Is(err, connect.ErrClosing) {
			return err
		}
		return nil
	})
}
