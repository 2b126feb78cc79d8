package store

import (
	"context"
	"errors"
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
		"pk": str(accountKey(s.Account)), "sk": str(skSubscription), "account": str(string(s.Account)), "customer": str(string(s.Customer)),
		"id": str(s.ID), "item": str(s.Item), "paying": str(string(s.Paying)), "plan": str(string(s.Plan)), "interval": str(string(s.Interval)),
		"quantity": num(s.Quantity), "hasCard": flag(s.HasCard), "invoice": str(s.Invoice), "invoiceOpen": flag(s.InvoiceOpen), "action": flag(s.Action),
		"duplicates": strs(s.Duplicates), "told": strs(s.Told), "trialled": flag(s.Trialled),
		"checkoutSeq": num(s.Checkout.Seq), "checkoutId": str(s.Checkout.ID), "checkoutPlan": str(string(s.Checkout.Plan)),
		"checkoutInterval": str(string(s.Checkout.Interval)), "checkoutQuantity": num(s.Checkout.Quantity), "checkoutTrial": flag(s.Checkout.Trial),
		"version": num(s.Version), "updatedAt": when(s.UpdatedAt),
	}
	for name, t := range map[string]time.Time{
		"createdAt": s.CreatedAt, "periodEnd": s.PeriodEnd, "trialEnd": s.TrialEnd, "endsAt": s.EndsAt, "endedAt": s.EndedAt, "dueSince": s.DueSince,
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
			ID: text(i, "id"), Item: text(i, "item"), Paying: connect.Paying(text(i, "paying")), Plan: connect.PlanID(text(i, "plan")),
			Interval: connect.Interval(text(i, "interval")), Quantity: integer(i, "quantity"), CreatedAt: moment(i, "createdAt"),
			PeriodEnd: moment(i, "periodEnd"), TrialEnd: moment(i, "trialEnd"), EndsAt: moment(i, "endsAt"), EndedAt: moment(i, "endedAt"),
			HasCard: is(i, "hasCard"), Invoice: text(i, "invoice"), InvoiceOpen: is(i, "invoiceOpen"), Action: is(i, "action"),
			DueSince: moment(i, "dueSince"), Duplicates: list(i, "duplicates"),
		},
		Told: list(i, "told"), Trialled: is(i, "trialled"),
		Checkout: connect.Checkout{
			Seq: integer(i, "checkoutSeq"), ID: text(i, "checkoutId"), Plan: connect.PlanID(text(i, "checkoutPlan")),
			Interval: connect.Interval(text(i, "checkoutInterval")), Quantity: integer(i, "checkoutQuantity"), Trial: is(i, "checkoutTrial"),
		},
		Version: integer(i, "version"), UpdatedAt: moment(i, "updatedAt"),
	}
}

// Subscription reads an account's subscription. One that never was is the zero value, of version 0.
func (s *Store) Subscription(ctx context.Context, account connect.AccountID) (*connect.Subscription, error) {
	i, err := s.get(ctx, s.accounts, accountKey(account), skSubscription, true)
	if err != nil {
		return nil, err
	}
	return subscriptionOf(account, i), nil
}

// Subscriptions calls each with every account's subscription. It reads the whole table and is for what runs on
// a schedule.
func (s *Store) Subscriptions(ctx context.Context, each func(*connect.Subscription) error) error {
	in := &dynamodb.ScanInput{
		TableName: s.accounts, FilterExpression: aws.String("sk = :sk"), ExpressionAttributeValues: item{":sk": str(skSubscription)},
	}
	for {
		out, err := s.db.Scan(ctx, in)
		if err != nil {
			return err
		}
		for _, i := range out.Items {
			if err := each(subscriptionOf(connect.AccountID(text(i, "account")), i)); err != nil {
				return err
			}
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
			return nil
		}
	}
}

// Entitlement says what an account may do now: by its own subscription or, when it has none, by that of an
// agency that pays for it.
func (s *Store) Entitlement(ctx context.Context, account connect.AccountID, now time.Time) (connect.Entitlement, error) {
	sub, err := s.Subscription(ctx, account)
	if err != nil {
		return connect.Entitlement{}, err
	}
	own := connect.Entitle(sub, now)
	if sub.Paying.Live() {
		return own, nil
	}
	agencies, err := s.Agencies(ctx, account)
	if err != nil {
		return connect.Entitlement{}, err
	}
	for _, a := range agencies {
		if a.Payer != connect.AgencyPays {
			continue
		}
		paid, err := s.Subscription(ctx, a.Agency)
		if err != nil {
			return connect.Entitlement{}, err
		}
		theirs := connect.Entitle(paid, now)
		if paid.Paying.Live() {
			return theirs.For(a), nil
		}
		own.Ended = own.Ended || theirs.Ended
	}
	return own, nil
}

// EventAccount says whose customer an event is about, "" for nobody's, and whether it was applied before.
func (s *Store) EventAccount(ctx context.Context, event string, customer connect.CustomerID, now time.Time) (account connect.AccountID, applied bool, err error) {
	out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		*s.marks:    {Keys: []map[string]types.AttributeValue{key(eventKey(event), "")}, ConsistentRead: aws.Bool(true)},
		*s.accounts: {Keys: []map[string]types.AttributeValue{key(customerKey(customer), skCustomer)}, ConsistentRead: aws.Bool(true)},
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
		applied = live(i, now)
	}
	return account, applied, nil
}

// SaveSubscription stores a subscription on condition of the version it was read with, and in the same
// transaction the event that was its cause ("" for none), the notice that it makes due ("" for none), and what
// the audit log is to say of it: either all of that happens or nothing. It answers connect.ErrConflict when somebody was faster, and
// ErrApplied when the event was.
func (s *Store) SaveSubscription(ctx context.Context, sub *connect.Subscription, event, notice string, now time.Time, log ...connect.Event) error {
	next := *sub
	next.Version, next.UpdatedAt = sub.Version+1, now.UTC().Truncate(time.Millisecond)
	write := put(s.accounts, subscriptionItem(&next), "version = :was")
	write.Put.ExpressionAttributeValues = item{":was": num(sub.Version)}
	if sub.Version == 0 {
		write.Put.ConditionExpression, write.Put.ExpressionAttributeValues = aws.String(absent), nil
	}
	writes := []types.TransactWriteItem{write}
	if event != "" {
		mark := put(s.marks, item{"pk": str(eventKey(event)), "expiresAt": epoch(now.Add(connect.EventLife))}, absent+" OR expiresAt <= :now")
		mark.Put.ExpressionAttributeValues = item{":now": epoch(now)}
		writes = append(writes, mark)
	}
	if notice != "" {
		writes = append(writes, s.send(Message{Kind: BillingNotice, Account: sub.Account, Notice: notice}, now))
	}
	err := s.transact(ctx, "", append(writes, s.events(log)...)...)
	switch n := refusedAt(err); {
	case n == 0:
		return connect.ErrConflict
	case n == 1 && event != "":
		return ErrApplied
	case contended(err):
		return connect.ErrConflict
	case err != nil:
		return err
	}
	*sub = next
	return nil
}

// SetCustomer stores an account's customer at Stripe and the way back from it, on condition of the version
// as SaveSubscription.
func (s *Store) SetCustomer(ctx context.Context, sub *connect.Subscription, customer connect.CustomerID, now time.Time) error {
	next := *sub
	next.Customer, next.Version, next.UpdatedAt = customer, sub.Version+1, now.UTC().Truncate(time.Millisecond)
	write := put(s.accounts, subscriptionItem(&next), "version = :was")
	write.Put.ExpressionAttributeValues = item{":was": num(sub.Version)}
	if sub.Version == 0 {
		write.Put.ConditionExpression, write.Put.ExpressionAttributeValues = aws.String(absent), nil
	}
	back := put(s.accounts, item{"pk": str(customerKey(customer)), "sk": str(skCustomer), "account": str(string(sub.Account))}, absent+" OR account = :account")
	back.Put.ExpressionAttributeValues = item{":account": str(string(sub.Account))}
	err := s.transact(ctx, "", write, back)
	if refusedAt(err) >= 0 || contended(err) {
		return connect.ErrConflict
	}
	if err == nil {
		*sub = next
	}
	return err
}
