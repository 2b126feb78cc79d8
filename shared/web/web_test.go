package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

var now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func identify(_ context.Context, bearer string, account connect.AccountID, at time.Time) (connect.Identity, error) {
	role, ok := map[string]connect.Role{
		"viewer": connect.Viewer, "agent": connect.Agent, "owner": connect.Owner, "none": connect.NoRole,
	}[bearer]
	if !ok || at != now {
		return connect.Identity{}, connect.ErrNotLoggedIn
	}
	return connect.Identity{Role: role, Account: account}, nil
}

// serve makes one request to an app with one route.
func serve(t *testing.T, add func(*web.App), r *http.Request) (*httptest.ResponseRecorder, map[string]any) {
	t.Helper()
	var log bytes.Buffer
	a := web.New(web.Logger(&log), func() time.Time { return now }, identify)
	add(a)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r.WithContext(web.WithRequestID(r.Context(), "id-1")))
	record := map[string]any{}
	if err := json.Unmarshal(log.Bytes(), &record); err != nil {
		t.Errorf("the log is %q", log.String())
	}
	return w, record
}

func TestEachKindHasAStatus(t *testing.T) {
	for kind, status := range map[connect.Kind]int{
		connect.Internal: 500, connect.Invalid: 400, connect.NotLoggedIn: 401, connect.Forbidden: 403,
		connect.NotFound: 404, connect.Conflict: 409,
		connect.TooLarge: 413, connect.TooMany: 429, connect.Mismatch: 422, connect.Unavailable: 503,
	} {
		err := &connect.Error{
			Kind: kind, Code: "some-code", Message: "Words for people.", RetryAfter: 1500 * time.Millisecond,
			Cause: errors.New("words for the operator"),
		}
		w, record := serve(t, func(a *web.App) {
			a.Public("GET /", func(http.ResponseWriter, *http.Request) error { return err })
		}, httptest.NewRequest("GET", "/", nil))
		if w.Code != status || strings.Contains(w.Body.String(), "operator") || record["status"] != float64(status) {
			t.Errorf("%d: %s %v", w.Code, w.Body, record)
		}
		said := strings.Contains(w.Body.String(), "some-code") && strings.Contains(w.Body.String(), "Words for people.")
		if kind != connect.Internal && (w.Header().Get("Retry-After") != "2" || !said) {
			t.Errorf("%v %s", w.Header(), w.Body)
		}
		if (status >= 500) != (record["level"] == "ERROR") {
			t.Errorf("%d is logged as %v", status, record["level"])
		}
	}
}

func TestFaultsAreLoggedAndNotTold(t *testing.T) {
	for name, h := range map[string]web.PublicHandler{
		"an error": func(http.ResponseWriter, *http.Request) error { return errors.New("the disk is full") },
		"a panic":  func(http.ResponseWriter, *http.Request) error { panic("the disk is full") },
	} {
		w, record := serve(t, func(a *web.App) { a.Public("GET /", h) }, httptest.NewRequest("GET", "/", nil))
		if w.Code != 500 || strings.Contains(w.Body.String(), "disk") ||
			!strings.Contains(record["error"].(string), "the disk is full") || record["level"] != "ERROR" {
			t.Errorf("%s: %d %s %v", name, w.Code, w.Body, record)
		}
	}
	// An error after the answer has begun is logged, the answer stands.
	w, record := serve(t, func(a *web.App) {
		a.Public("GET /", func(w http.ResponseWriter, _ *http.Request) error {
			w.Write([]byte("begun"))
			return errors.New("late")
		})
	}, httptest.NewRequest("GET", "/", nil))
	if w.Code != 200 || w.Body.String() != "begun" || record["error"] != "late" {
		t.Errorf("%d %s %v", w.Code, w.Body, record)
	}
}

func TestWhatAPersonSentIsNotLogged(t *testing.T) {
	err := &connect.Error{
		Kind: connect.Invalid, Code: "invalid", Message: "no", Cause: errors.New("pat@example.com is wrong"),
		Fields: []connect.FieldError{{Field: "email", Message: "pat@example.com"}},
	}
	r := httptest.NewRequest("GET", "/who/pat@example.com?email=pat@example.com", nil)
	r.Header.Set("Authorization", "Bearer secret-token")
	_, record := serve(t, func(a *web.App) {
		a.Public("GET /who/{name}", func(http.ResponseWriter, *http.Request) error { return err })
	}, r)
	text, _ := json.Marshal(record)
	if strings.Contains(string(text), "pat@") || strings.Contains(string(text), "secret-token") ||
		record["route"] != "GET /who/{name}" || record["requestId"] != "id-1" {
		t.Errorf("%s", text)
	}
}

func TestRoles(t *testing.T) {
	for bearer, status := range map[string]int{
		"": 401, "Bearer": 401, "Bearer ": 401, "Bearer unknown": 401, "Basic owner": 401, "Bearer none": 403,
		"Bearer viewer": 403, "Bearer agent": 200, "bearer owner": 200,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", bearer)
		served := false
		w, _ := serve(t, func(a *web.App) {
			a.Handle("GET /", connect.Agent, func(w http.ResponseWriter, _ *http.Request, who connect.Identity) error {
				served = true
				return web.NoContent(w)
			})
		}, r)
		if status == 200 {
			status = 204
		}
		if w.Code != status || served != (status == 204) {
			t.Errorf("%q: %d, served: %v", bearer, w.Code, served)
		}
	}
}

func TestPathsOfNoRoute(t *testing.T) {
	for _, r := range []*http.Request{
		httptest.NewRequest("GET", "/else", nil), httptest.NewRequest("DELETE", "/", nil),
		httptest.NewRequest("GET", "/x/%2e%2e/y", nil),
	} {
		w, record := serve(t, func(a *web.App) {
			a.Public("GET /{$}", func(w http.ResponseWriter, _ *http.Request) error { return web.NoContent(w) })
		}, r)
		if w.Code != 404 || w.Header().Get("Content-Type") != "application/problem+json" || record["status"] != 404.0 {
			t.Errorf("%s %s: %d %s %v", r.Method, r.URL, w.Code, w.Body, record)
		}
	}
}

func TestDecode(t *testing.T) {
	type in struct {
		Name string `json:"name"`
		N    *int   `json:"n"`
	}
	for body, code := range map[string]string{
		`{"name":"x","n":1}`: "", ` {"name":"x"} ` + "\n": "", `{"name":null,"n":null}`: "", `null`: "malformed",
		``: "malformed", `{"Name":"x"}`: "unknown-field", `{"NAME":"x"}`: "unknown-field",
		`{"name":"x","name":"y"}`: "duplicate-field", `{"name":"x","n\u0061me":"y"}`: "duplicate-field",
		`{"name":"a\\\"}{[\u0022"}`:                                       "",
		`{"n":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`: "malformed", `{`: "malformed",
		`[]`: "malformed", `{"name":"x"}{}`: "malformed", `{"name":"x"}x`: "malformed",
		`{"nome":"x"}`: "unknown-field", `{"name":7}`: "malformed", `{"n":1.5}`: "malformed",
		`{"name":"` + strings.Repeat("x", 100) + `"}`: "body-too-large", "\xff": "malformed",
	} {
		var v in
		err := web.Decode(httptest.NewRequest("POST", "/", strings.NewReader(body)), &v, 100)
		e, _ := errors.AsType[*connect.Error](err)
		if (err == nil) != (code == "") || err != nil && (e == nil || e.Code != code) {
			t.Errorf("%s: %v", body, err)
		}
	}
	long := httptest.NewRequest("POST", "/", strings.NewReader(`{"`+strings.Repeat("é", 90)+`":1}`))
	err := web.Decode(long, &in{}, 1000)
	if e, _ := errors.AsType[*connect.Error](err); e == nil || len(e.Fields[0].Field) > 40 {
		t.Errorf("%+v", err)
	}
	broken := httptest.NewRequest("POST", "/", brokenReader{})
	if err := web.Decode(broken, &in{}, 100); connect.KindOf(err) != connect.Invalid {
		t.Error(err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestAnAnswerThatCannotBeWritten(t *testing.T) {
	w, _ := serve(t, func(a *web.App) {
		a.Public("GET /", func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, 200, func() {}) })
	}, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
