package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func TestTheNetworksOfACaller(t *testing.T) {
	for address, want := range map[string][]connect.Prefix{
		"203.0.113.9:4711":          {{Text: "203.0.113.0/24", Share: 1}},
		"[::ffff:203.0.113.9]:4711": {{Text: "203.0.113.0/24", Share: 1}},
		"[2001:db8:1:23ff::9]:4711": {
			{Text: "2001:db8:1:23ff::/64", Share: 1}, {Text: "2001:db8:1:2300::/56", Share: 4},
			{Text: "2001:db8:1::/48", Share: 16},
		},
		"[fe80::1%eth0]:4711": {
			{Text: "fe80::/64", Share: 1}, {Text: "fe80::/56", Share: 4}, {Text: "fe80::/48", Share: 16},
		},
		"what stands in for a socket": {{Text: "unknown", Share: 1}},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = address
		from := callerOf(r)
		if !slices.Equal(from.Networks, want) {
			t.Errorf("%s: %v, want %v", address, from.Networks, want)
		}
		if got := from.Network(); got != want[0].Text {
			t.Errorf("%s: counted for %s", address, got)
		}
	}
}

// callerOf is what a handler is told of who sends r. Asked again, it is the same.
func callerOf(r *http.Request) (c *web.Caller) {
	a := web.New(web.Logger(io.Discard), time.Now, nil)
	a.Public("GET /", func(_ http.ResponseWriter, r *http.Request) error {
		if c = web.CallerOf(r); c != web.CallerOf(r) {
			c = nil
		}
		return nil
	})
	a.ServeHTTP(httptest.NewRecorder(), r)
	return c
}

func TestACallerIsDescribedOnce(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "203.0.113.9:4711"
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
	r.Header.Set("Cloudfront-Viewer-Country", "GB") // not through the CDN: not believed
	c := callerOf(r)
	if c == nil {
		t.Fatal("none, or found out twice")
	}
	want := connect.ClientInfo{Location: "203.0.x.x", Browser: "Firefox on Linux"}
	if c.Client != want || c.Family != "Firefox" || c.Address.String() != "203.0.113.9" || c.At.IsZero() {
		t.Errorf("%+v", c)
	}
	who := connect.Identity{User: "u_1", Name: "Pat", Account: "a_1", Plan: "pro"}
	e := c.AuditEntry(who, connect.SiteAdded, "a shop")
	if e != (connect.AuditEntry{
		Account: "a_1", At: c.At, Action: connect.SiteAdded, Actor: "u_1", ActorName: "Pat", Target: "a shop",
		Client: want, Plan: "pro",
	}) {
		t.Errorf("%+v", e)
	}
}
