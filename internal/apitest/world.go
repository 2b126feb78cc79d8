// Package apitest lets the tests of the functions come in by the front door: payload 2.0 events into the
// handler that Lambda would call, on a real DynamoDB with the template's tables. Every request and answer
// is checked against docs/api.yaml, and every log record for what must never stand in one. Only tests
// import it.
package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/receipt"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// Origin is where the dashboard is in tests.
const Origin = "https://connect.test"

// Key signs links in tests.
const Key = "0123456789abcdef0123456789abcdef"

// World is one test's tables, clock and log.
type World struct {
	T     testing.TB
	Env   map[string]string
	DB    store.DB
	Store Store
	Links token.Links
	Book  *receipt.Book
	Clock *Clock
	Logs  *Log

	db      *dynamodb.Client
	mu      sync.Mutex
	private map[string]string // what must not reach a log -> what it is
}

// New makes tables of the test's own. When the test ends, its log is searched for everything that was
// declared Private.
func New(t testing.TB) *World {
	t.Helper()
	_, env := localtest.Dynamo(t)
	w := &World{
		T: t, Env: env, DB: store.Open(func(k string) string { return env[k] }), Links: token.NewLinks([]byte(Key)), Book: receipt.Open([]byte(Key), 30),
		Clock: &Clock{now: time.Now().UTC().Truncate(time.Hour).Add(20 * time.Minute)}, Logs: &Log{}, db: localtest.Server(t).Client,
		private: map[string]string{},
	}
	w.Store = AllDoors(w.DB)
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		log := strings.ToLower(w.Logs.String())
		for text, what := range w.private {
			if strings.Contains(log, strings.ToLower(text)) {
				t.Errorf("the log holds a %s: %s", what, text)
			}
		}
	})
	return w
}

// Logger writes into the world's log as a function would to its output.
func (w *World) Logger() *slog.Logger { return web.Logger(w.Logs) }

// Private declares text that must not reach a log, and returns it.
func (w *World) Private(what, text string) string {
	if len(text) < 4 {
		w.T.Fatalf("%q is too short to be searched for", text)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.private[text] = what
	return text
}

// Clock is a clock that a test sets.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Forward moves it.
func (c *Clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Set puts it to a time.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// Log is what a function has written.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Tables are the environment's names for them.
func (w *World) Tables() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(w.Env)), func(k string) bool { return !strings.HasSuffix(k, "_TABLE") })
}

// Items reads a whole table, "VISITS_TABLE", as plain values.
func (w *World) Items(table string) []map[string]any {
	w.T.Helper()
	name := w.Env[table]
	if name == "" {
		w.T.Fatalf("no table %s", table)
	}
	var out []map[string]any
	in := &dynamodb.ScanInput{TableName: &name}
	for {
		page, err := w.db.Scan(context.Background(), in)
		if err != nil {
			w.T.Fatal(err)
		}
		for _, i := range page.Items {
			out = append(out, plain(i))
		}
		if in.ExclusiveStartKey = page.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
			return out
		}
	}
}

// SetText writes one attribute of an item past the store, for what no call can do yet.
func (w *World) SetText(table, pk, sk, name, value string) {
	w.T.Helper()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	key := map[string]types.AttributeValue{"pk": text(pk)}
	if sk != "" {
		key["sk"] = text(sk)
	}
	in, set, exists := w.Env[table], "SET #n = :v", "attribute_exists(pk)"
	_, err := w.db.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
		TableName: &in, Key: key, UpdateExpression: &set, ConditionExpression: &exists,
		ExpressionAttributeNames: map[string]string{"#n": name}, ExpressionAttributeValues: map[string]types.AttributeValue{":v": text(value)},
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// Fill puts n items into a partition past the store, which has no call for so many.
func (w *World) Fill(table, pk string, n int) {
	w.T.Helper()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	for done := 0; done < n; {
		var puts []types.WriteRequest
		for ; done < n && len(puts) < 25; done++ {
			i := map[string]types.AttributeValue{"pk": text(pk), "sk": text(fmt.Sprintf("c_%08d", done))}
			puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: i}})
		}
		in := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{w.Env[table]: puts}}
		if _, err := w.db.BatchWriteItem(context.Background(), in); err != nil {
			w.T.Fatal(err)
		}
	}
}

// Throttled is how much of a budget was used.
func (w *World) Throttled(t connect.Throttle, whose string) int {
	w.T.Helper()
	for _, i := range w.Items("MARKS_TABLE") {
		if i["pk"] == "L#"+t.Name+"#"+whose {
			used, _ := i["used"].(json.Number).Int64()
			return int(used)
		}
	}
	return 0
}

// Count is how many items a table holds.
func (w *World) Count(table string) int { return len(w.Items(table)) }

// Sizes is the number of items by table: what a refused call must leave as it was.
func (w *World) Sizes() map[string]int {
	out := map[string]int{}
	for _, t := range w.Tables() {
		out[t] = w.Count(t)
	}
	return out
}

// Dump is all that all tables hold, as text.
func (w *World) Dump() string {
	var b strings.Builder
	for _, t := range w.Tables() {
		for _, i := range w.Items(t) {
			line, _ := json.Marshal(i)
			b.WriteString(t + " " + string(line) + "\n")
		}
	}
	return b.String()
}

func plain(i map[string]types.AttributeValue) map[string]any {
	out := map[string]any{}
	for k, v := range i {
		out[k] = plainValue(v)
	}
	return out
}

func plainValue(v types.AttributeValue) any {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return json.Number(v.Value)
	case *types.AttributeValueMemberSS:
		return v.Value
	case *types.AttributeValueMemberBOOL:
		return v.Value
	case *types.AttributeValueMemberM:
		return plain(v.Value)
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for n, e := range v.Value {
			list[n] = plainValue(e)
		}
		return list
	}
	return v
}

// Person is somebody with an account of their own.
type Person struct {
	Email, Password string
	Token           token.Bearer
	Account         connect.AccountID
}

// hashes keeps the slow part of making people.
var hashes sync.Map

// Person makes a user with an account, logged in.
func (w *World) Person(email string) Person {
	w.T.Helper()
	ctx, now := context.Background(), w.Clock.Now()
	p := Person{Email: w.Private("email address", email), Password: w.Private("password", "the password of "+email)}
	hash, ok := hashes.Load(p.Password)
	if !ok {
		hash, _ = hashes.LoadOrStore(p.Password, password.Hash(p.Password))
	}
	reg := connect.Registration{ID: token.NewID(), Email: connect.Email(email), Name: "Pat Example", Company: "Example " + email, ExpiresAt: now.Add(time.Hour)}
	if err := w.Store.Register(ctx, reg, now); err != nil {
		w.T.Fatal(err)
	}
	p.Token = token.NewBearer(connect.NewUserID(), now.Add(connect.SessionLife))
	w.Private("session token", p.Token.Text)
	s := connect.LoginSession{ID: p.Token.ID(), User: p.Token.User, Browser: "Firefox on Linux", CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(connect.SessionLife).Truncate(time.Second)}
	if err := w.Store.CompleteRegistration(ctx, reg, hash.(string), p.Token, s, now); err != nil {
		w.T.Fatal(err)
	}
	who, err := w.Store.Identify(ctx, p.Token.Text, "", now)
	if err != nil {
		w.T.Fatal(err)
	}
	p.Account = who.Account
	return p
}

// Pass lets time pass, after which the person logs in again: a session ends after seven days.
func (w *World) Pass(p *Person, d time.Duration) {
	w.T.Helper()
	w.Clock.Forward(d)
	now := w.Clock.Now()
	t := token.NewBearer(p.Token.User, now.Add(connect.SessionLife))
	w.Private("session token", t.Text)
	s := connect.LoginSession{ID: t.ID(), User: t.User, CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(connect.SessionLife)}
	if err := w.Store.StartSession(context.Background(), t, s, store.Login{}, now); err != nil {
		w.T.Fatal(err)
	}
	p.Token = t
}

// Subscribe gives an account a plan, or a state of paying for it, as if Stripe had said so.
func (w *World) Subscribe(account connect.AccountID, b connect.Billing) {
	w.T.Helper()
	s, err := w.Store.Subscription(context.Background(), account)
	if err != nil {
		w.T.Fatal(err)
	}
	b.ID, b.Interval, b.Quantity = "sub_test", connect.Monthly, max(1, b.Quantity)
	s.Billing = b
	if err := w.Store.SaveSubscription(context.Background(), s, "", w.Clock.Now()); err != nil {
		w.T.Fatal(err)
	}
}

// Member makes a person a member of an account, as if they had accepted an invitation.
func (w *World) Member(p Person, account connect.AccountID, role connect.Role) {
	w.T.Helper()
	now := w.Clock.Now()
	v := w.Invitation(account, p.Email, role)
	e := connect.AuditEntry{Account: account, At: now, Action: connect.MemberJoined}
	if err := w.Store.AcceptInvitation(w.T.Context(), v, connect.User{ID: p.Token.User}, Roomy, e, now); err != nil {
		w.T.Fatal(err)
	}
}

// Invitation invites somebody in the name of an account's owner or, where it has none, of its agency's.
func (w *World) Invitation(account connect.AccountID, email string, role connect.Role) connect.Invitation {
	w.T.Helper()
	now := w.Clock.Now()
	v := connect.Invitation{
		ID: connect.NewInvitationID(), Account: account, AccountName: "A", Email: connect.Email(email),
		Grant: connect.Grant{Role: role}, By: "B",
		CreatedAt: now, ExpiresAt: now.Add(connect.InvitationLife),
	}
	owners, err := w.Store.Owners(w.T.Context(), account)
	if err == nil && len(owners) == 0 {
		agencies, lost := w.Store.Agencies(w.T.Context(), account)
		if lost != nil || len(agencies) == 0 {
			w.T.Fatalf("nobody could invite into %s: %v", account, lost)
		}
		v.Via = agencies[0].Agency
		owners, err = w.Store.Owners(w.T.Context(), v.Via)
	}
	if err != nil {
		w.T.Fatal(err)
	}
	v.Inviter = owners[0].ID
	if err := w.Store.Invite(w.T.Context(), v, Roomy, connect.AuditEntry{Account: account, At: now, Action: connect.MemberInvited}); err != nil {
		w.T.Fatal(err)
	}
	return v
}

// Roomy is what an account may do that has the largest plan.
var Roomy = connect.Entitlement{Limits: connect.PlanOf("agency").Limits}

// Site adds a site to an account.
func (w *World) Site(account connect.AccountID, name, zone string, origins ...connect.Origin) *connect.Site {
	w.T.Helper()
	s := &connect.Site{
		ID: connect.NewSiteID(), Account: account, Key: connect.NewSiteKey(), Name: name, Origins: origins, TimeZone: zone,
		RetentionDays: connect.DefaultRetention, CreatedAt: w.Clock.Now().Truncate(time.Millisecond),
	}
	if err := w.Store.AddSite(context.Background(), s); err != nil {
		w.T.Fatal(err)
	}
	return s
}
