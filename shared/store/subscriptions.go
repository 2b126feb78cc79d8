package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// ErrApplied says that an event's effect is stored already.
var ErrApplied = errors.New("store: this event was applied before")

func subscriptionItem(s *connect.Subscription) item {
	i := item{
		"pk": str(accountKey(s.Account)), "sk": str(skSubscription), "account": str(string(s.Account)),
		"customer": str(string(s.Customer)),
		"id":       str(s.ID), "item": str(s.Item), "paying": str(string(s.Status)), "plan": str(string(s.Plan)),
		"interval": str(string(s.Interval)),
		"quantity": num(s.Quantity), "hasCard": boolean(s.HasCard), "invoice": str(s.Invoice),
		"invoiceOpen": boolean(s.InvoiceOpen), "action": boolean(s.RequiresAction),
		"duplicates": strs(s.Duplicates), "told": strs(s.SentAlerts), "trialled": boolean(s.TrialUsed),
		"checkoutSeq": num(s.Checkout.Seq), "checkoutId": str(s.Checkout.ID), "checkoutPlan": str(string(s.Checkout.Plan)),
		"checkoutInterval": str(string(s.Checkout.Interval)), "checkoutQuantity": num(s.Checkout.Quantity),
		"checkoutTrial": boolean(s.Checkout.Trial),
		"version":       num(s.Version), "updatedAt": when(s.UpdatedAt),
	}
	if s.Pause.Behavior != "" {
		i["pause"] = str(string(s.Pause.Behavior))
	}
	for name, t := range map[string]time.Time{
		"createdAt": s.CreatedAt, "periodEnd": s.PeriodEnd, "trialEnd": s.TrialEnd, "endsAt": s.EndsAt, "endedAt": s.EndedAt,
		"dueSince":    s.DueSince,
		"pausedUntil": s.Pause.Until,
	} {
		if !t.IsZero() {
			i[name] = when(t)
		}
	}
	return i
}

func subscriptionOf(account connect.AccountID, i item) *connect.Subscription {
	return &connect.Subscription{
		Account: account, Customer: connect.CustomerID(text(i, "customer")),
		Billing: connect.Billing{
			ID: text(i, "id"), Item: text(i, "item"), Status: connect.SubscriptionStatus(text(i, "paying")),
			Plan:     connect.PlanID(text(i, "plan")),
			Interval: connect.Interval(text(i, "interval")), Quantity: integer(i, "quantity"), CreatedAt: moment(i, "createdAt"),
			PeriodEnd: moment(i, "periodEnd"), TrialEnd: moment(i, "trialEnd"), EndsAt: moment(i, "endsAt"),
			EndedAt: moment(i, "endedAt"),
			HasCard: truth(i, "hasCard"), Invoice: text(i, "invoice"), InvoiceOpen: truth(i, "invoiceOpen"),
			RequiresAction: truth(i, "action"),
			DueSince:       moment(i, "dueSince"), Duplicates: list(i, "duplicates"),
			Pause: connect.Pause{Behavior: connect.PauseBehavior(text(i, "pause")), Until: moment(i, "pausedUntil")},
		},
		SentAlerts: list(i, "told"), TrialUsed: truth(i, "trialled"),
		Checkout: connect.Checkout{
			Seq: integer(i, "checkoutSeq"), ID: text(i, "checkoutId"), Plan: connect.PlanID(text(i, "checkoutPlan")),
			Interval: connect.Interval(text(i, "checkoutInterval")), Quantity: integer(i, "checkoutQuantity"),
			Trial: truth(i, "checkoutTrial"),
		},
		Version: integer(i, "version"), UpdatedAt: moment(i, "updatedAt"),
	}
}

// Subscription reads an account's subscription. One that never was is the zero value, of version 0.
func (s Accounts) Subscription(ctx context.Context, account connect.AccountID) (*connect.Subscription, error) {
	i, err := s.get(ctx, s.accounts, accountKey(account), skSubscription, true)
	if err != nil {
		return nil, err
	}
	return subscriptionOf(account, i), nil
}

// Subscriptions calls do with every account's subscription. It reads the whole table and is for what runs on
// a schedule.
func (s Ledger) Subscriptions(ctx context.Context, do func(*connect.Subscription) error) error {
	in := &dynamodb.ScanInput{
		TableName: s.accounts, FilterExpression: aws.String("sk = :sk"),
		ExpressionAttributeValues: item{":sk": str(skSubscription)},
	}
	for page, err := range pages(ctx, dynamodb.NewScanPaginator(scanPage(s.db.Scan), in)) {
		if err != nil {
			return err
		}
		for _, i := range page.Items {
			if err := do(subscriptionOf(connect.AccountID(text(i, "account")), i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Entitlement says what an account may do now: by its own subscription or, when it has none, by that of an
// agency that pays for it.
func (s Plans) Entitlement(ctx context.Context, account connect.AccountID, now time.Time) (connect.Entitlement, error) {
	sub, err := Accounts(s).Subscription(ctx, account)
	if err != nil {
		return connect.Entitlement{}, err
	}
	own := connect.Entitle(sub, now)
	if sub.Status.Billable() {
		return own, nil
	}
	agencies, err := Team(s).Agencies(ctx, account)
	if err != nil {
		return connect.Entitlement{}, err
	}
	for _, a := range agencies {
		if a.Payer != connect.AgencyPays {
			continue
		}
		paid, err := Accounts(s).Subscription(ctx, a.Agency)
		if err != nil {
			return connect.Entitlement{}, err
		}
		theirs := connect.Entitle(paid, now)
		if paid.Status.Billable() {
			return theirs.For(a), nil
		}
		own.Ended = own.Ended || theirs.Ended
	}
	return own, nil
}

// StripeEventAccount says whose customer an event is about, "" for nobody's, and whether it was applied before.
func (s StripeEvents) StripeEventAccount(
	ctx context.Context, event string, customer connect.CustomerID, now time.Time,
) (account connect.AccountID, applied bool, err error) {
	out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		*s.marks: {Keys: []map[string]types.AttributeValue{key(stripeMarkKey(event), "")}, ConsistentRead: aws.Bool(true)},
		*s.accounts: {
			Keys: []map[string]types.AttributeValue{key(customerKey(customer), skCustomer)}, ConsistentRead: aws.Bool(true),
		},
	}})
	if err != nil {
		return "", false, err
	}
	if len(out.UnprocessedKeys) > 0 {
		return "", false, errBusy
	}
	for _, i := range out.Responses[*s.accounts] {
		account = connect.AccountID(text(i, "account"))
	}
	for _, i := range out.Responses[*s.marks] {
		applied = unexpired(i, now)
	}
	return account, applied, nil
}

// openCheck is the check that an account is there and not being closed, for the transaction that begins a payment.
func (s *client) openCheck(account connect.AccountID) types.TransactWriteItem {
	return check(
		s.accounts, accountKey(account), skAccount, "attribute_exists(pk) AND attribute_not_exists(closingAt)", nil,
	)
}

// subscriptionWrites are the writes that store a subscription on condition of the version it was read with, and what
// the audit log is to say of it. Of one subscription no entry has the time of an earlier one, whatever clock wrote
// it: what is read in the log first was the cause. On success sub must become the subscription it returns.
func (s *client) subscriptionWrites(
	sub *connect.Subscription, now time.Time, log []connect.AuditEntry,
) (*connect.Subscription, []types.TransactWriteItem) {
	next := *sub
	next.Version, next.UpdatedAt, next.FormerCustomer = sub.Version+1, now.UTC().Truncate(time.Millisecond), ""
	if !next.UpdatedAt.After(sub.UpdatedAt) {
		next.UpdatedAt = sub.UpdatedAt.Add(time.Millisecond)
	}
	write := put(s.accounts, subscriptionItem(&next), "version = :was")
	write.Put.ExpressionAttributeValues = item{":was": num(sub.Version)}
	if sub.Version == 0 {
		write.Put.ConditionExpression, write.Put.ExpressionAttributeValues = aws.String(absent), nil
	}
	writes := []types.TransactWriteItem{write}
	for _, e := range log {
		e.At = next.UpdatedAt
		writes = append(writes, s.auditPut(e))
	}
	return &next, writes
}

// SaveSubscription stores a subscription on condition of the version it was read with, and in the same
// transaction the alert that it makes due ("" for none), and what the audit log is to say of it: either all of that
// happens or nothing. It returns connect.ErrConflict when somebody was faster.
func (s Billing) SaveSubscription(
	ctx context.Context, sub *connect.Subscription, notice string, now time.Time, log ...connect.AuditEntry,
) error {
	return s.saveSubscription(ctx, sub, notice, now, log)
}

// ApplyStripeEvent is SaveSubscription for the effect of an event, which is marked as applied in the same transaction.
// It returns ErrApplied for one that was applied before.
func (s StripeEvents) ApplyStripeEvent(
	ctx context.Context, sub *connect.Subscription, event, notice string, now time.Time, log ...connect.AuditEntry,
) error {
	mark := put(s.marks, item{
		"pk": str(stripeMarkKey(event)), "expiresAt": epoch(now.Add(connect.StripeMarkLife)),
	}, absent+" OR expiresAt <= :now")
	mark.Put.ExpressionAttributeValues = item{":now": epoch(now)}
	return s.saveSubscription(ctx, sub, notice, now, log, mark)
}

func (s *client) saveSubscription(
	ctx context.Context, sub *connect.Subscription, notice string, now time.Time, log []connect.AuditEntry,
	mark ...types.TransactWriteItem,
) error {
	next, writes := s.subscriptionWrites(sub, now, log)
	marked := len(writes)
	writes = append(writes, mark...)
	if notice != "" {
		alert := connect.Message{Kind: connect.MailBillingAlert, Account: sub.Account, Detail: notice}
		writes = append(writes, s.messagePut(alert, now))
	}
	if sub.FormerCustomer != "" {
		writes = append(writes, remove(s.accounts, customerKey(sub.FormerCustomer), skCustomer, ""))
	}
	err := s.transact(ctx, writes...)
	switch n := refusedAt(err); {
	case n == 0:
		return connect.ErrConflict
	case n == marked && len(mark) > 0:
		return ErrApplied
	case contended(err):
		return connect.ErrConflict
	case err != nil:
		return err
	}
	*sub = *next
	return nil
}

// Closings calls do with every account that is being closed and when its data are to go.
func (s Ledger) Closings(ctx context.Context, do func(connect.AccountID, time.Time) error) error {
	in := &dynamodb.QueryInput{
		TableName: s.accounts, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": str(pkClosing)},
	}
	return each(s.items(ctx, in), func(i item) error {
		stamp, _, _ := strings.Cut(text(i, "sk"), "#")
		at, err := time.Parse(auditTime, stamp)
		if err != nil {
			return nil //nolint:nilerr // an item of another kind
		}
		return do(connect.AccountID(text(i, "account")), at)
	})
}

// mayStillCharge reports whether Stripe may still take money for an account: it has a customer there. Function
// reconcile ends that at Stripe and then stores that there is none. Once an account is being closed no customer is set
// again, so that one for which this was false may be purged.
func (s *client) mayStillCharge(ctx context.Context, account connect.AccountID) (bool, error) {
	sub, err := Accounts{s}.Subscription(ctx, account)
	return err != nil || sub.Customer != "", err
}
