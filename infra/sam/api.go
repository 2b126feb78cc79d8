package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/token"
)

// routes goes the main way through the API: sign up, add a site, be visited, be asked for a call.
func (w *world) routes(ctx context.Context, c *cli, r *result) error {
	a, err := c.startAPI(ctx)
	if err != nil {
		return err
	}
	defer a.stop()
	const (
		email    = "sam@example.com"
		password = "correct horse battery staple"
		page     = "https://example.com"
	)
	var bearer map[string]string
	var site, key, proof, request, manage string
	want := func(ok bool, what string, got answer) error {
		if !ok {
			return fmt.Errorf("%s: %.400s", what, got.body)
		}
		return nil
	}
	do := func(c func() call) func() error {
		return func() error { return a.do(ctx, c()) } // made when its turn has come: it needs what came before
	}
	// Each step continues from the one before: after a failure the rest would fail too, and say nothing.
	steps := []struct {
		name string
		run  func() error
	}{
		{"POST /v1/register", do(func() call {
			return call{method: "POST", path: "/v1/register", want: 202,
				body: map[string]string{"email": email, "password": password, "name": "Sam", "company": "Example"}}
		})},
		{"deliver: the link by mail", func() error { return w.feed(ctx, c, "DeliverFunction", 1) }},
		{"POST /v1/verify", do(func() call {
			return call{method: "POST", path: "/v1/verify", body: map[string]string{
				"token": w.mailed(email), "password": password,
			}, want: 200, read: func(got answer) error {
				bearer = map[string]string{"Authorization": "Bearer " + got.text("token")}
				return want(got.text("token") != "", "no token", got)
			}}
		})},
		{"POST /v1/login, wrong password", do(func() call {
			return call{
				method: "POST", path: "/v1/login", body: map[string]string{"email": email, "password": "not this one at all"},
				want: 401,
			}
		})},
		{"POST /v1/login", do(func() call {
			return call{method: "POST", path: "/v1/login", body: map[string]string{
				"email": email, "password": password,
			}, want: 200, read: func(got answer) error {
				return want(got.text("token") != "", "no token", got)
			}}
		})},
		{"GET /v1/me, not logged in", do(func() call { return call{method: "GET", path: "/v1/me", want: 401} })},
		{"GET /v1/me", do(func() call {
			return call{method: "GET", path: "/v1/me", headers: bearer, want: 200, read: func(got answer) error {
				return want(got.text("user", "email") == email, "not me", got)
			}}
		})},
		{"POST /v1/sites", do(func() call {
			return call{method: "POST", path: "/v1/sites", headers: bearer, want: 201,
				body: map[string]any{"name": "Example", "origins": []string{page}}, read: func(got answer) error {
					site, key = got.text("id"), got.text("key")
					return want(site != "" && key != "", "no id or key", got)
				}}
		})},
		{"GET /v1/sites", do(func() call {
			return call{method: "GET", path: "/v1/sites", headers: bearer, want: 200, read: func(got answer) error {
				return want(got.text("sites", "0", "id") == site, "not the site", got)
			}}
		})},
		{"GET /v1/widget/{key}", do(func() call {
			return call{method: "GET", path: "/v1/widget/" + key, want: 200, read: func(got answer) error {
				proof = got.text("proof")
				return want(proof != "", "no proof", got)
			}}
		})},
		{"GET /v1/widget/{key}, unknown", do(func() call {
			return call{method: "GET", path: "/v1/widget/k_0000000000000000", want: 404, read: func(got answer) error {
				return want(
					strings.HasPrefix(got.header.Get("Content-Type"), "application/problem+json"), "no problem details", got,
				)
			}}
		})},
		{"OPTIONS /v1/callbacks (CORS)", do(func() call {
			return call{method: "OPTIONS", path: "/v1/callbacks", want: 200, headers: map[string]string{"Origin": page,
				"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,idempotency-key"}, read: func(got answer) error {
				return want(got.header.Get("Access-Control-Allow-Origin") == "*", fmt.Sprint("CORS headers: ", got.header), got)
			}}
		})},
		{"POST /v1/events", do(func() call {
			return call{method: "POST", path: "/v1/events", want: 202,
				headers: map[string]string{"Origin": page, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"},
				body: map[string]any{"site": key, "session": token.NewID(), "page": "/pricing", "sent": 900, "proof": proof,
					"events": []map[string]any{{"type": "impression", "t": 100}, {"type": "open", "t": 400}, {"type": "submit", "t": 800}}}}
		})},
		{"POST /v1/events, no session", do(func() call {
			return call{
				method: "POST", path: "/v1/events", want: 400, body: map[string]any{"site": key, "page": "/", "events": []any{}},
			}
		})},
		{"rollup: the visit in the counts", func() error { return w.feed(ctx, c, "RollupFunction", 1) }},
		{"GET /v1/sites/{id}/stats", do(func() call {
			return call{method: "GET", path: "/v1/sites/" + site +
				"/stats", headers: bearer, want: 200, read: func(got answer) error {
				ok := got.text("series", "0", "key") != ""
				for _, step := range []string{"impressions", "opens", "submits"} {
					ok = ok && got.field("totals", step) == 1.0
				}
				return want(ok, "the visit is not there", got)
			}}
		})},
		{"POST /v1/callbacks", do(func() call {
			return call{method: "POST", path: "/v1/callbacks", want: 201,
				headers: map[string]string{"Origin": page, "Idempotency-Key": token.NewID()},
				body: map[string]string{
					"site": key, "name": "Ada", "phone": "020 7946 0018", "page": "/pricing",
				}, read: func(got answer) error {
					request = got.text("id")
					if u, err := url.Parse(got.text("manageUrl")); err == nil {
						manage = u.Query().Get("token")
					}
					return want(request != "" && manage != "", "no id or link", got)
				}}
		})},
		{"GET /v1/callbacks/{token}", do(func() call {
			return call{method: "GET", path: "/v1/callbacks/" + url.PathEscape(manage), want: 200, read: func(got answer) error {
				return want(got.text("id") == request && got.text("status") == "new", "not the request", got)
			}}
		})},
		{"GET /v1/sites/{id}/callbacks", do(func() call {
			return call{method: "GET", path: "/v1/sites/" + site +
				"/callbacks", headers: bearer, want: 200, read: func(got answer) error {
				return want(got.text("items", "0", "id") == request, "the request is not in the inbox", got)
			}}
		})},
		{"PATCH /v1/sites/{id}/callbacks/{callbackId}", do(func() call {
			return call{
				method: "PATCH", path: "/v1/sites/" + site + "/callbacks/" + request, headers: bearer,
				body: map[string]string{"status": "called"}, want: 200,
			}
		})},
		{"DELETE /v1/callbacks/{token}", do(func() call {
			return call{method: "DELETE", path: "/v1/callbacks/" + url.PathEscape(manage), want: 204}
		})},
		{"POST /v1/logout", do(func() call { return call{method: "POST", path: "/v1/logout", headers: bearer, want: 204} })},
		{"GET /v1/me, logged out", do(func() call { return call{method: "GET", path: "/v1/me", headers: bearer, want: 401} })},
	}
	for i, s := range steps {
		began := time.Now()
		err := s.run()
		r.check("start-api: "+s.name, err, time.Since(began))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			fmt.Printf("      the %d steps after it were not tried\n", len(steps)-i-1)
			break
		}
	}
	return nil
}

// mailed is the token of the newest mail's link, "" for none.
func (w *world) mailed(to string) string {
	for _, m := range w.mail.List(to) {
		for _, link := range m.Links {
			if u, err := url.Parse(link); err == nil && u.Query().Get("token") != "" {
				return u.Query().Get("token")
			}
		}
	}
	return ""
}
