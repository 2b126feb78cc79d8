// Package stripe is a stand-in for Stripe on one machine: the part of its API, of version 2023-10-16, that
// the product calls, with the state behind it, its payment page and customer portal, a clock that can be
// moved, and signed webhooks that can be held back, doubled, mixed and lost. No money moves.
package stripe

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	Version = "2023-10-16"
	Key     = "sk_test_local"
	Secret  = "whsec_local"
)

// Server is one Stripe account in test mode.
type Server struct {
	mu sync.Mutex
	*state
	path    string // "" keeps nothing
	base    string // where it is mounted, as seen by browsers
	webhook string // "" sends nothing
	key     string
	secret  string
	clock   func() time.Time
	client  *http.Client
	mux     *http.ServeMux
	queue   chan struct{}
	done    chan struct{}
	fault   func(r *http.Request) int // for tests: a status to answer instead, 0 for none
	seen    func(r *http.Request, form url.Values, status int, body []byte)
}

// Options say where the stand-in is. Clock may be nil.
type Options struct {
	Path    string // file of its state
	Base    string // http://localhost:3000/_local/stripe
	Webhook string // http://localhost:3000/v1/stripe/webhook
	Clock   func() time.Time
	Hold    bool // webhooks wait until they are released
}

// New reads the state it left and continues with it. Close ends its deliveries.
func New(o Options) (*Server, error) {
	s := &Server{
		state: newState(), path: o.Path, base: o.Base, webhook: o.Webhook, key: Key, secret: Secret, clock: o.Clock,
		client: &http.Client{Timeout: 20 * time.Second}, queue: make(chan struct{}, 1), done: make(chan struct{}),
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.path != "" {
		text, err := os.ReadFile(s.path)
		if err == nil {
			err = json.Unmarshal(text, s.state)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if o.Hold {
		s.Delivery.Mode = "hold"
	}
	s.mux = s.routes()
	go s.deliverAll()
	return s, nil
}

// Close stops sending webhooks.
func (s *Server) Close() error {
	close(s.done)
	return nil
}

func (s *Server) now() int64 { return s.clock().Unix() }

// save writes the state. It needs the lock.
func (s *Server) save() {
	if s.path == "" {
		return
	}
	text, err := json.Marshal(s.state)
	if err == nil {
		if err = os.WriteFile(s.path+".new", text, 0o600); err == nil {
			err = os.Rename(s.path+".new", s.path)
		}
	}
	if err != nil {
		panic(err) // the front answers 500: an answer that would be forgotten must not be given
	}
}

// ServeHTTP answers below Base.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// apiError is how Stripe says no.
type apiError struct {
	status                     int
	kind, code, message, param string
}

func bad(message string) *apiError {
	return &apiError{status: 400, kind: "invalid_request_error", message: message}
}

func unknown(what, id string) *apiError {
	return &apiError{404, "invalid_request_error", "resource_missing", "No such " + what + ": '" + id + "'", "id"}
}

func (e *apiError) body() object {
	o := object{"type": e.kind, "message": e.message}
	if e.code != "" {
		o["code"] = e.code
	}
	if e.param != "" {
		o["param"] = e.param
	}
	return object{"error": o}
}

// query is what a call was given, in Stripe's own spelling: items[0][price].
type query struct {
	url.Values
	id  string
	now int64
}

func (q query) number(name string) int64 {
	n, _ := strconv.ParseInt(q.Get(name), 10, 64)
	return n
}

func (q query) yes(name string) bool { return q.Get(name) == "true" }

func (q query) limit() int {
	if n := int(q.number("limit")); n > 0 && n <= 100 {
		return n
	}
	return 10
}

// many returns name[], name[0], name[1], ...
func (q query) many(name string) []string {
	out := append([]string(nil), q.Values[name+"[]"]...)
	for n := 0; q.Has(name + "[" + strconv.Itoa(n) + "]"); n++ {
		out = append(out, q.Get(name+"["+strconv.Itoa(n)+"]"))
	}
	return out
}

func (q query) metadata(name string) map[string]string {
	out := map[string]string{}
	for k, v := range q.Values {
		if rest, ok := strings.CutPrefix(k, name+"["); ok && len(v) > 0 {
			out[strings.TrimSuffix(rest, "]")] = v[0]
		}
	}
	return out
}

type expansion []string

func (e expansion) has(name string) bool {
	return slices.ContainsFunc(e, func(s string) bool {
		s = strings.TrimPrefix(s, "data.")
		return s == name || strings.HasPrefix(s, name+".")
	})
}

func (q query) expand() expansion { return q.many("expand") }

type endpoint func(q query) (object, *apiError)

// api serves one call: the key, the idempotency key, the lock, the clock.
func (s *Server) api(pattern string, do endpoint) {
	method, path, _ := strings.Cut(pattern, " ")
	s.mux.HandleFunc(method+" /v1"+path, func(w http.ResponseWriter, r *http.Request) {
		form := url.Values{}
		status, body := s.answer(r, form, do)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Stripe-Version", Version)
		w.Header().Set("Request-Id", "req_local"+strconv.FormatInt(time.Now().UnixNano(), 36))
		w.WriteHeader(status)
		_, _ = w.Write(body)
		if s.seen != nil {
			s.seen(r, form, status, body)
		}
	})
}

func (s *Server) answer(r *http.Request, form url.Values, do endpoint) (int, []byte) {
	fail := func(e *apiError) (int, []byte) {
		text, _ := json.Marshal(e.body())
		return e.status, text
	}
	if s.fault != nil {
		if status := s.fault(r); status != 0 {
			return fail(&apiError{status: status, kind: "api_error", message: "A fault that was asked for."})
		}
	}
	given, _, ok := r.BasicAuth()
	if bearer, is := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); is {
		given, ok = bearer, true
	}
	if !ok || given != s.key {
		return fail(&apiError{status: 401, kind: "invalid_request_error", message: "Invalid API Key provided"})
	}
	if v := r.Header.Get("Stripe-Version"); v != "" && v != Version {
		return fail(bad("The stand-in speaks " + Version + " only."))
	}
	r.Body = http.MaxBytesReader(nil, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		return fail(bad("The parameters cannot be read."))
	}
	for k, v := range r.Form {
		form[k] = v
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q := query{r.Form, r.PathValue("id"), s.now()}
	s.pass(q.now)
	idempotency := r.Header.Get("Idempotency-Key")
	digest := ""
	if r.Method == http.MethodPost && idempotency != "" {
		sum := sha256.Sum256([]byte(r.URL.Path + "\n" + r.PostForm.Encode()))
		digest = hex.EncodeToString(sum[:])
		if was := s.Calls[idempotency]; was != nil {
			if was.Digest != digest {
				return fail(&apiError{
					status: 400, kind: "idempotency_error",
					message: "Keys for idempotent requests can only be used with the same parameters they were first used with.",
				})
			}
			return was.Status, was.Body
		}
	}
	out, e := do(q)
	if e != nil {
		if e.status != 404 && digest != "" {
			text, _ := json.Marshal(e.body())
			s.Calls[idempotency] = &call{digest, e.status, text}
		}
		return fail(e)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(out); err != nil {
		return fail(&apiError{status: 500, kind: "api_error", message: err.Error()})
	}
	if r.Method != http.MethodGet {
		if digest != "" {
			s.Calls[idempotency] = &call{digest, 200, text.Bytes()}
		}
		s.save()
	}
	return 200, text.Bytes()
}
