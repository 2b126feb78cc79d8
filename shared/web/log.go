package web

import (
	"context"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
)

// Logger writes one JSON object per line, in Lambda's JSON log format. On Lambda each record names the function, its
// version and build, and the invocation: its id, its trace, and whether it is the first of its process.
func Logger(w io.Writer) *slog.Logger {
	h := slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 {
			switch a.Key {
			case slog.TimeKey:
				a.Key = "timestamp"
			case slog.MessageKey:
				a.Key = "message"
			}
		}
		return a
	}})
	return slog.New(lambdaHandler{h.WithAttrs(deployment())})
}

// deployment returns what identifies the running code; nothing outside Lambda.
func deployment() (out []slog.Attr) {
	for _, v := range []struct{ key, variable string }{
		{"function", "AWS_LAMBDA_FUNCTION_NAME"}, {"version", "AWS_LAMBDA_FUNCTION_VERSION"}, {"build", "BUILD"},
	} {
		if text := os.Getenv(v.variable); text != "" {
			out = append(out, slog.String(v.key, text))
		}
	}
	return out
}

// invocation is one call of Lambda's.
type invocation struct {
	id, trace string
	cold      bool
}

// current is the running invocation: Lambda gives a process one at a time.
var current atomic.Pointer[invocation]

// BeginInvocation sets the invocation of the records that follow. Of Lambda's trace, "Root=1-...;Parent=...;Sampled=0",
// only the root is used.
func BeginInvocation(id, trace string) {
	root, _, _ := strings.Cut(strings.TrimPrefix(trace, "Root="), ";")
	current.Store(&invocation{id: id, trace: root, cold: current.Load() == nil})
}

// lambdaHandler adds the invocation to each record.
type lambdaHandler struct{ slog.Handler }

// Handle implements slog.Handler.
func (h lambdaHandler) Handle(ctx context.Context, r slog.Record) error {
	if i := current.Load(); i != nil {
		r = r.Clone()
		r.AddAttrs(slog.String("invocation", i.id))
		if i.trace != "" {
			r.AddAttrs(slog.String("trace", i.trace))
		}
		if i.cold {
			r.AddAttrs(slog.Bool("coldStart", true))
		}
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h lambdaHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return lambdaHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h lambdaHandler) WithGroup(name string) slog.Handler {
	return lambdaHandler{h.Handler.WithGroup(name)}
}
