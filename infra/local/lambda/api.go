package lambda

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// api is the Lambda Runtime API, version 2018-06-01, for one instance.
func (in *instance) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", in.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", in.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", in.error)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", in.initError)
	return mux
}

func (in *instance) next(w http.ResponseWriter, r *http.Request) {
	in.pool.ready(in)
	var inv *invocation
	select {
	case inv = <-in.work:
	case <-in.gone:
		return
	case <-r.Context().Done():
		return
	}
	limit := in.pool.Function.Timeout
	in.pool.mu.Lock()
	inv.taken = true
	inv.limit = time.AfterFunc(limit, func() { in.expire(inv) })
	in.pool.mu.Unlock()

	h := w.Header()
	h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(limit).UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", in.pool.ARN())
	h.Set("Lambda-Runtime-Trace-Id", traceID())
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(inv.payload)))
	_, _ = w.Write(inv.payload)
}

// expire ends the process if it is still at this event.
func (in *instance) expire(inv *invocation) {
	in.pool.mu.Lock()
	still := in.current == inv
	in.pool.mu.Unlock()
	if !still {
		return
	}
	in.mu.Lock()
	in.timeout = true
	in.mu.Unlock()
	in.end(fmt.Sprintf("%s Task timed out after %.2f seconds", inv.id, in.pool.Function.Timeout.Seconds()))
}

// claim gives the event under way if it is the one the function speaks of, once.
func (in *instance) claim(r *http.Request) *invocation {
	in.pool.mu.Lock()
	defer in.pool.mu.Unlock()
	inv := in.current
	if inv == nil || !inv.taken || inv.id != r.PathValue("id") {
		return nil
	}
	inv.limit.Stop()
	in.current = nil
	return inv
}

func (in *instance) response(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload+1))
	inv := in.claim(r)
	switch {
	case inv == nil:
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "this is not the event under way")
	case err != nil:
		inv.finish(nil, &FunctionError{Type: "Runtime.TruncatedResponse", Message: err.Error()})
	case len(body) > MaxPayload:
		inv.finish(nil, &FunctionError{
			Type: "Function.ResponseSizeTooLarge", Message: "the answer is larger than Lambda's 6 MB",
		})
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "the answer is larger than 6 MB")
	default:
		// A stream that failed midway says so in a trailer.
		if kind := r.Trailer.Get("Lambda-Runtime-Function-Error-Type"); kind != "" {
			inv.finish(nil, &FunctionError{Type: kind, Message: "the answer broke off"})
		} else {
			inv.finish(body, nil)
		}
		accept(w)
	}
}

func (in *instance) error(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, MaxPayload))
	inv := in.claim(r)
	if inv == nil {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "this is not the event under way")
		return
	}
	inv.finish(nil, parseError(body, r.Header.Get("Lambda-Runtime-Function-Error-Type")))
	accept(w)
}

func (in *instance) initError(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, MaxPayload))
	failed := parseError(body, "Runtime.InitError")
	failed.Type = "Runtime.InitError (" + strings.TrimSpace(failed.Type) + ")"
	in.mu.Lock()
	in.failed = failed
	in.mu.Unlock()
	accept(w)
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"errorMessage":%q,"errorType":%q}`, message, kind)
}

func traceID() string {
	var b [20]byte
	_, _ = rand.Read(b[:])
	return fmt.Sprintf(
		"Root=1-%08x-%s;Parent=%s;Sampled=0", time.Now().Unix(), hex.EncodeToString(b[:12]), hex.EncodeToString(b[12:]),
	)
}
