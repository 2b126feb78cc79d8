// Package web serves handlers that return errors: it reads and writes JSON, turns kinds of error into
// problem details, identifies who asks, and writes one log record per request.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

type (
	// PublicHandler serves a request of anybody.
	PublicHandler func(w http.ResponseWriter, r *http.Request) error
	// Handler serves a request of somebody who is logged in.
	Handler func(w http.ResponseWriter, r *http.Request, who connect.Identity) error
	// Identify returns who holds a bearer token and acts in account ("" for their first). It returns
	// connect.ErrNotLoggedIn for an invalid or expired token, and connect.ErrForbidden together with the ids of a
	// person who is not in the account.
	Identify func(ctx context.Context, bearer string, account connect.AccountID, now time.Time) (connect.Identity, error)
)

// App holds a function's routes.
type App struct {
	mux      *http.ServeMux
	log      *slog.Logger
	identify Identify
	clock    func() time.Time
	cdn      CDN
	only     bool // through cdn
}

// New returns an App without routes. identify may be nil when all its routes are public.
func New(log *slog.Logger, clock func() time.Time, identify Identify) *App {
	a := &App{mux: http.NewServeMux(), log: log, identify: identify, clock: clock}
	a.Public("/", func(http.ResponseWriter, *http.Request) error { return connect.ErrNotFound })
	return a
}

// Behind makes the app trust cdn to name the viewer of a request.
func (a *App) Behind(cdn CDN) *App {
	a.cdn = cdn
	return a
}

// OnlyThrough is Behind, and makes the app refuse requests that did not come through cdn: the API also has an address
// of its own, where the CDN's protection would be bypassed. With an empty key all requests are served.
func (a *App) OnlyThrough(cdn CDN) *App {
	a.cdn, a.only = cdn, cdn.keys != ""
	return a
}

// Handle adds a route for people who are logged in and whose role in the account is at least min. NoRole is for what
// concerns the person alone: it works without an account, and while a required second factor is still missing.
func (a *App) Handle(pattern string, min connect.Role, h Handler) {
	a.Public(pattern, func(w http.ResponseWriter, r *http.Request) error {
		who, err := a.identity(r)
		callOf(r).who = who
		if err != nil {
			return err
		}
		if who.Role < min {
			return connect.ErrForbidden
		}
		if min > connect.NoRole && who.LacksFactor {
			return connect.ErrNoFactor
		}
		return h(w, r, who)
	})
}

// Public adds a route for everybody.
func (a *App) Public(pattern string, h PublicHandler) {
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		c := callOf(r)
		defer func() {
			if p := recover(); p != nil {
				c.err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		c.err = h(w, r)
	})
}

func (a *App) identity(r *http.Request) (connect.Identity, error) {
	scheme, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || bearer == "" {
		return connect.Identity{}, connect.ErrNotLoggedIn
	}
	return a.identify(r.Context(), bearer, connect.AccountID(r.Header.Get("Mi-Account")), Now(r))
}

// call is what one request carries through its handlers.
type call struct {
	Caller
	id     string
	err    error
	status int
	wrote  bool
	exists bool
	who    connect.Identity
}

type callKey struct{}

func callOf(r *http.Request) *call { return r.Context().Value(callKey{}).(*call) }

// Now is the time of the request: one for everything it does.
func Now(r *http.Request) time.Time { return callOf(r).At }

// Existing has what a handler returns answered as 200 where it would be 201: it was there already.
func Existing(r *http.Request) { callOf(r).exists = true }

// Note is Caller.Note for the caller of r.
func Note(r *http.Request, key, value string) { callOf(r).Note(key, value) }

// Count is Caller.Count for the caller of r.
func Count(r *http.Request, metric string) { callOf(r).Count(metric) }

// Metric turns the numbers of these names in a log record into metrics: CloudWatch reads them from the log (embedded
// metric format), so that no request waits for it. A record has at most one Metric. It has no dimensions: one for each
// site or account would have to be paid for.
func Metric(at time.Time, names ...string) slog.Attr {
	metrics := make([]map[string]string, len(names))
	for i, name := range names {
		metrics[i] = map[string]string{"Name": name, "Unit": "Count"}
	}
	return slog.Any("_aws", map[string]any{
		"Timestamp": at.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace": "MiConnect/" + os.Getenv("STAGE"), "Dimensions": [][]string{{}},
			"Metrics": metrics,
		}},
	})
}

// ServeHTTP implements http.Handler.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := a.clock()
	trusted := a.cdn.trusts(r)
	c := &call{Caller: newCaller(r, start, trusted), id: RequestID(r.Context())}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Request-Id", c.id)
	r = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
	if trusted || !a.only {
		a.mux.ServeHTTP(&statusWriter{w, c}, r)
	} else {
		c.err = connect.ErrAroundCDN
	}
	if c.err != nil && !c.wrote {
		c.status = writeProblem(w, c.id, c.err)
	}
	a.logRequest(r, c, start)
}

func (a *App) logRequest(r *http.Request, c *call, start time.Time) {
	level := slog.LevelInfo
	attrs := append(make([]slog.Attr, 0, 8),
		slog.String("requestId", c.id), slog.String("route", r.Pattern), slog.Int("status", c.status),
		slog.Int64("us", a.clock().Sub(start).Microseconds()))
	if c.err != nil {
		attrs = append(attrs, slog.String("error", describe(c.err)))
		if c.status >= 500 {
			level = slog.LevelError
		}
		if c.status == http.StatusForbidden && c.who.User != "" {
			// By id, never by address: the log says to whom it was refused, but only to those who can look ids up.
			attrs = append(attrs, slog.String("user", string(c.who.User)), slog.String("account", string(c.who.Account)))
		}
	}
	a.log.LogAttrs(r.Context(), level, "request", append(attrs, c.attrs...)...)
}

// describe returns what the log may contain of an error: the code of our own, so that nothing a person sent is
// repeated, and the text of faults.
func describe(err error) string {
	if connect.KindOf(err) == connect.Internal {
		return err.Error()
	}
	return strings.SplitN(err.Error(), ":", 2)[0]
}

type statusWriter struct {
	http.ResponseWriter
	c *call
}

func (w *statusWriter) WriteHeader(status int) {
	if w.c.exists && status == http.StatusCreated {
		status = http.StatusOK
	}
	if !w.c.wrote {
		w.c.status, w.c.wrote = status, true
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *statusWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.ResponseWriter.Write(b)
}

type requestIDKey struct{}

// WithRequestID returns a context for a request with that id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID is the id a person can quote; "" when none was set.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
