package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// BeginPayment is SaveSubscription for what leads to a payment: it returns ErrAccountClosing, and writes
// nothing, when the account is being closed or is gone.
func (s Payments) BeginPayment(
	ctx context.Context, sub *connect.Subscription, notice string, now time.Time, log ...connect.AuditEntry,
) error {
	next, writes := s.subscriptionWrites(sub, now, log)
	writes = append(writes, s.openCheck(sub.Account))
	if notice != "" {
		alert := connect.Message{Kind: connect.MailBillingAlert, Account: sub.Account, Detail: notice}
		writes = append(writes, s.messagePut(alert, now))
	}
	return s.begun(ctx, sub, next, writes, len(log)+1)
}

// SetCustomer stores an account's customer at Stripe and the way back from it, on condition of the version
// and of the account being open, as BeginPayment.
func (s Payments) SetCustomer(
	ctx context.Context, sub *connect.Subscription, customer connect.CustomerID, now time.Time,
) error {
	with := *sub
	with.Customer = customer
	next, writes := s.subscriptionWrites(&with, now, nil)
	back := put(
		s.accounts, item{"pk": str(customerKey(customer)), "sk": str(skCustomer), "account": str(string(sub.Account))},
		absent+" OR account = :account",
	)
	back.Put.ExpressionAttributeValues = item{":account": str(string(sub.Account))}
	return s.begun(ctx, sub, next, append(writes, s.openCheck(sub.Account), back), 1)
}

// begun makes writes whose check that the account is open has the number opened.
func (s *client) begun(
	ctx context.Context, sub, next *connect.Subscription, writes []types.TransactWriteItem, opened int,
) error {
	err := s.transact(ctx, writes...)
	switch n := refusedAt(err); {
	case n == opened:
		return connect.ErrAccountClosing
	case n >= 0, contended(err):
		return connect.ErrConflict
	case err != nil:
		return err
	}
	*sub = *next
	return nil
}
