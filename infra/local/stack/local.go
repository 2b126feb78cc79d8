package stack

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/mi-telecom/mi-connect/infra/local/lambda"
)

// local is what exists only on one machine, at /_local/. Another stand-in is mounted here.
func (s *Stack) local() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_local/health", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]bool{"ready": true})
	})
	mux.Handle("GET /_local/mail", s.Mail)
	mux.Handle("GET /_local/mail/", s.Mail)
	mux.HandleFunc("POST /_local/invoke/{function}", s.invokeNow)
	if s.options.Faults {
		mux.HandleFunc("POST /_local/faults", s.faults.set)
	}
	if s.Stripe != nil {
		mux.Handle("/_local/stripe/", http.StripPrefix("/_local/stripe", s.Stripe))
	}
	return ownPagesOnly(mux)
}

// invokeNow calls a function with the request's body as its event: to run a schedule now, say.
func (s *Stack) invokeNow(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("function")
	if s.pools[id] == nil {
		var known []string
		for name := range s.pools {
			known = append(known, name)
		}
		slices.Sort(known)
		writeJSON(w, http.StatusNotFound, map[string]any{"message": "There is no function " + id + ".", "functions": known})
		return
	}
	event, err := io.ReadAll(http.MaxBytesReader(w, r.Body, lambda.MaxPayload))
	if err != nil {
		writeJSON(w, http.StatusRequestEntityTooLarge, map[string]string{"message": lambda.ErrTooLarge.Error()})
		return
	}
	if len(event) == 0 {
		event = []byte("{}")
	}
	if !json.Valid(event) {
		writeJSON(w, http.StatusBadRequest, map[string]string{"message": "An event is JSON."})
		return
	}
	answer, err := s.Invoke(r.Context(), id, event)
	var failed *lambda.FunctionError
	switch {
	case errors.As(err, &failed):
		writeJSON(w, http.StatusBadGateway, failed)
	case errors.Is(err, lambda.ErrThrottled):
		writeJSON(w, http.StatusTooManyRequests, map[string]string{"message": "Rate Exceeded."})
	case err != nil:
		writeJSON(w, http.StatusBadGateway, map[string]string{"errorMessage": err.Error()})
	default:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// onlyLocal refuses other names for this machine: a website could point one of its own at 127.0.0.1
// and read, as its own origin, the mails in the box.
func onlyLocal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = strings.Trim(r.Host, "[]")
		}
		if host != "localhost" && host != "127.0.0.1" && host != "::1" {
			http.Error(w, "Only localhost is served here.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ownPagesOnly keeps other websites that are open in the same browser from calling functions.
func ownPagesOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
			http.Error(w, "Not for other websites.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
