package web

import (
	"net/http/httptest"
	"testing"
)

// While the CDN's secret is replaced, each side goes first at some point; neither order may end the trust.
func TestTheCDNsSecretIsReplacedWithoutAPause(t *testing.T) {
	for _, c := range []struct {
		name, sent, known string
		trusted           bool
	}{
		{"before", "old", "old", true},
		{"ours has both, the CDN one", "old", "new,old", true},
		{"the CDN has both, an instance of ours the old one", "new,old", "old", true},
		{"ours has the new one, the CDN both", "new,old", "new", true},
		{"both sides name two, and share one", "newest,new", "new,old", true},
		{"after: the old one alone", "old", "new", false},
		{"nothing sent", "", "new", false},
		{"nothing known", "old", "", false},
		{"nothing on both sides", "", "", false},
		{"a comma for nothing", ",", "new,", false},
		{"half of it", "ne", "new", false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "203.0.113.9"
		r.Header.Set("X-Mi-Cdn", c.sent)
		r.Header.Set("Cloudfront-Viewer-Address", "198.51.100.7:4711")
		got := address(r, NewCDN(c.known).trusts(r)).String() == "198.51.100.7"
		if got != c.trusted {
			t.Errorf("%s: trusted is %v", c.name, got)
		}
	}
}
