// Package stripetest gives tests the stand-in for Stripe behind a real address, and accounts that use it.
package stripetest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/stripe"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// Clock is the one clock of a test: everybody reads it, and only the test moves it.
type Clock struct{ now atomic.Int64 }

// NewClock starts at a Monday morning.
func NewClock() *Clock {
	c := &Clock{}
	c.now.Store(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).Unix())
	return c
}

func (c *Clock) Now() time.Time          { return time.Unix(c.now.Load(), 0).UTC() }
func (c *Clock) Advance(d time.Duration) { c.now.Add(int64(d / time.Second)) }

// World is the stand-in, a store and what keeps them equal.
type World struct {
	Clock  *Clock
	Stripe *stripe.Server
	URL    string
	Env    map[string]string
	DB     store.DB
	Store  apitest.Store
	Syncer *Syncer
}

// Syncer is all that the three functions have that speak with Stripe.
type Syncer struct {
	*billing.Cashier
	*billing.Reconciler
}

// NewSyncer makes one.
func NewSyncer(db store.DB, keys *billing.Keys, origin string) *Syncer {
	s := &billing.Syncer{Accounts: store.Accounts(db), Billing: store.Billing(db), Keys: keys, Origin: origin}
	events := &billing.EventSyncer{Syncer: s, Events: store.StripeEvents(db)}
	return &Syncer{
		&billing.Cashier{Syncer: s, Payments: store.Payments(db)},
		&billing.Reconciler{EventSyncer: events, Ledger: store.Ledger(db)},
	}
}

// New makes a world whose webhooks are held: the test brings them.
func New(t testing.TB) *World {
	t.Helper()
	_, env := localtest.Dynamo(t)
	w := &World{Clock: NewClock(), Env: env}
	w.Stripe, w.URL = Stand(t, w.Clock.Now)
	w.DB = store.Open(func(name string) string { return env[name] })
	w.Store, w.Syncer = apitest.AllDoors(w.DB), NewSyncer(w.DB, w.Keys(t, w.URL), "https://connect.test")
	return w
}

// Stand starts a stand-in that holds its webhooks back.
func Stand(t testing.TB, clock func() time.Time) (*stripe.Server, string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String()
	s, err := stripe.New(stripe.Options{Base: base, Clock: clock, Hold: true})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = s
	server.Start()
	t.Cleanup(func() { server.Close(); s.Close() })
	return s, base
}

// Keys are the stand-in's, at an address that a test may have put something in front of.
func (w *World) Keys(t testing.TB, base string) *billing.Keys {
	t.Helper()
	k, err := billing.OpenKeys(context.Background(), Read, base, true, w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Read reads the stand-in's secrets.
func Read(_ context.Context, name string) (string, error) {
	return map[string]string{billing.KeyName: stripe.Key, billing.SecretsName: stripe.Secret}[name], nil
}

// Account makes an account, once: only one that is there can begin to pay.
func (w *World) Account(t testing.TB, account connect.AccountID) {
	t.Helper()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	_, err := localtest.Server(t).Client.PutItem(context.Background(), &dynamodb.PutItemInput{
		TableName: aws.String(w.Env["ACCOUNTS_TABLE"]), ConditionExpression: aws.String("attribute_not_exists(pk)"),
		Item: map[string]types.AttributeValue{
			"pk": text("A#" + string(account)), "sk": text("account"), "name": text("Test Ltd"),
		},
	})
	if _, there := errors.AsType[*types.ConditionalCheckFailedException](err); err != nil && !there {
		t.Fatal(err)
	}
}

// Forget deletes an item of Accounts, as if it had never been.
func (w *World) Forget(t testing.TB, pk, sk string) {
	t.Helper()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	_, err := localtest.Server(t).Client.DeleteItem(context.Background(), &dynamodb.DeleteItemInput{
		TableName: aws.String(w.Env["ACCOUNTS_TABLE"]), Key: map[string]types.AttributeValue{"pk": text(pk), "sk": text(sk)},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Subscribe makes an account's subscription, as its owner would.
func (w *World) Subscribe(
	t testing.TB, account connect.AccountID, plan connect.PlanID, card string,
) (connect.CustomerID, string) {
	t.Helper()
	ctx := context.Background()
	w.Account(t, account)
	_, err := w.Syncer.Checkout(
		ctx, account, billing.Payer{Name: "Test Ltd", Email: "owner@example.com"},
		billing.PlanChoice{Plan: plan, Interval: connect.Monthly, Quantity: 1}, "http://localhost/billing", w.Clock.Now(),
	)
	if err != nil {
		t.Fatal(err)
	}
	sub, err := w.Store.Subscription(ctx, account)
	if err != nil {
		t.Fatal(err)
	}
	var id string
	w.Stripe.Do(func(a stripe.Actor) {
		a.Pay(sub.Checkout.ID, card)
		ids, _ := a.Subscriptions(string(sub.Customer))
		id = ids[0]
	})
	return sub.Customer, id
}

// Post brings an event to a webhook and returns the status and body of the answer.
func (w *World) Post(h http.Handler, body []byte) (int, string) {
	return Post(h, body, stripe.Signature(body, stripe.Secret, w.Clock.Now()))
}
