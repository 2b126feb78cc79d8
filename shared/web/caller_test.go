package web_test

import (
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func TestTheNetworksOfACaller(t *testing.T) {
	for address, want := range map[string][]connect.Prefix{
		"203.0.113.9:4711":            {{Text: "203.0.113.0/24", Share: 1}},
		"[::ffff:203.0.113.9]:4711":   {{Text: "203.0.113.0/24", Share: 1}},
		"[2001:db8:1:23ff::9]:4711":   {{Text: "2001:db8:1:23ff::/64", Share: 1}, {Text: "2001:db8:1:2300::/56", Share: 4}, {Text: "2001:db8:1::/48", Share: 16}},
		"[fe80::1%eth0]:4711":         {{Text: "fe80::/64", Share: 1}, {Text: "fe80::/56", Share: 4}, {Text: "fe80::/48", Share: 16}},
		"what stands in for a socket": {{Text: "unknown", Share: 1}},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = address
		if got := web.NewCDN("").Prefixes(r); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
		if got := web.NewCDN("").Prefix(r); got != want[0].Text {
			t.Errorf("%s: counted for %s", address, got)
		}
	}
}
