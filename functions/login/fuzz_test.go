package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// FuzzBodies sends anything as the body of the calls that need no login. Without a database each gets as
// far as reading its fields; none may answer a fault of ours before it, or panic.
func FuzzBodies(f *testing.F) {
	closed := store.OpenThrough(func(string) string { return "x" }, refuse{})
	h := app(
		web.Logger(io.Discard), closed, token.NewLinks([]byte(apitest.Key)), testPushes, web.NewCDN(cdnKey),
		apitest.Origin, time.Now,
	)
	paths := []string{
		"/v1/register", "/v1/verify", "/v1/login/link/open", "/v1/password/reset", "/v1/email/confirm",
		"/v1/invitations/open", "/v1/invitations/join", "/v1/recovery/finish", "/v1/clients/invitations/open",
	}
	for n := range paths {
		f.Add(uint8(n), `{"token":"a.b","password":"12345678"}`)
		f.Add(uint8(n), `{"email":"a@b.c","password":"\u0000","name":"\u202e","company":"<img>"}`)
	}
	f.Add(uint8(0), `[`)
	f.Add(uint8(1), strings.Repeat(`{"token":`, 5000))
	f.Fuzz(func(t *testing.T, n uint8, body string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("POST", paths[int(n)%len(paths)], strings.NewReader(body)))
		if w.Code < 400 {
			t.Errorf("%s: %d", paths[int(n)%len(paths)], w.Code)
		}
		if !json.Valid(w.Body.Bytes()) || strings.Contains(w.Body.String(), "panic") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		for name, values := range w.Header() {
			if strings.ContainsAny(name+strings.Join(values, ""), "\r\n") {
				t.Errorf("a header is split: %q", values)
			}
		}
	})
}

// refuse is a database that cannot be reached.
type refuse struct{}

func (refuse) RoundTrip(*http.Request) (*http.Response, error) { return nil, io.ErrClosedPipe }

// FuzzInvitation opens invitations' links: nothing but what was signed is ever looked up.
func FuzzInvitation(f *testing.F) {
	links := token.NewLinks([]byte(apitest.Key))
	h := &handlers{links: links}
	good := links.Sign(connect.PurposeInvite, "a_0000000000000000-i_0000000000000000")
	f.Add(good)
	f.Add(strings.Replace(good, "a_", "a#", 1))
	f.Add(links.Sign(connect.PurposeInvite, "a_0000000000000000"))
	f.Add(links.Sign(connect.PurposeInvite, "A#x-member#y"))
	f.Fuzz(func(t *testing.T, link string) {
		if link == good {
			return
		}
		defer func() {
			// A look-up would need the store, which is not there.
			if recover() != nil {
				t.Errorf("%q was looked up", link)
			}
		}()
		for _, client := range []bool{false, true} {
			if _, err := h.invitation(nil, link, client); !errors.Is(err, connect.ErrLinkInvalid) {
				t.Errorf("%q: %v", link, err)
			}
		}
	})
}
