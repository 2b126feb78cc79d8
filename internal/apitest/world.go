// Package apitest lets the tests of the functions come in by the front door: payload 2.0 events into the
// handler that Lambda would call, on a real DynamoDB with the template's tables. Every request and answer
// is checked against docs/api.yaml, and every log record for what must never stand in one. Only tests
// import it.
package apitest

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/shared/connect"
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
		T: t, Env: env, DB: store.Open(func(k string) string { return env[k] }), Links: token.NewLinks([]byte(Key)),
		Book:  receipt.Open([]byte(Key), 30),
		Clock: &Clock{now: time.Now().UTC().Truncate(time.Hour).Add(20 * time.Minute)}, Logs: &Log{},
		db:      localtest.Server(t).Client,
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

// hashes keeps the slow part of making people.
var hashes sync.Map

// Roomy is what an account may do that has the largest plan.
var Roomy = connect.Entitlement{Limits: connect.PlanOf("agency").Limits}
