package connect

import (
	"strings"
	"testing"
	"time"
)

func TestParseLine(t *testing.T) {
	if got, err := ParseLine("  Zoë 😀 O'Brien-Smith ", 40); err != nil || got != "Zoë 😀 O'Brien-Smith" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, in := range []string{"", " ", "a\r\nb", "a\x00b", "a\u202eb", "\xff", "a\u2028b", strings.Repeat("é", 41)} {
		if got, err := ParseLine(in, 40); err == nil {
			t.Errorf("ParseLine(%q) = %q, want a refusal", in, got)
		}
	}
}

func TestParseText(t *testing.T) {
	if got, err := ParseText("one\r\ntwo\tthree", 40); err != nil || got != "one\ntwo\tthree" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := ParseText("a\x1bb", 40); err == nil {
		t.Error("an escape character was taken")
	}
}

func TestParseOrigin(t *testing.T) {
	for in, want := range map[string]Origin{
		"https://Example.com": "https://example.com", "https://example.com/": "https://example.com",
		"example.com":                         "https://example.com",
		"https://www.example.com/contact?x=1": "https://www.example.com", "example.com/shop#top": "https://example.com",
		"example.com?next=https://a.example": "https://example.com", "http://example.com/100%zz": "http://example.com",
		"https://example.com/" + strings.Repeat("x", 1000): "https://example.com",
		"https://example.com:443":                          "https://example.com",
		"http://127.0.0.1:3001":                            "http://127.0.0.1:3001", "http://[::1]:80": "http://[::1]",
	} {
		if got, err := ParseOrigin(in); err != nil || got != want {
			t.Errorf("ParseOrigin(%q) = %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "https://", "ftp://example.com",
		"https:///shop", "/shop", "https://good.example\\@evil.example", "https://u:p@example.com", "javascript:alert(1)",
		"https://exa mple.com", "https://*.example.com", "null", "https://example.com:99999", "https://example.com:0",
		"https://example.com:", "https://a..example", "https://example.com.",
		"https://-a.example", "https://127.1", "https://0x7f.0.0.1", "https://1.2.3.256", "https://[0:0:0:0:0:0:0:1]", "https://[::1%25eth0]", "https://" + strings.Repeat("a", 64) + ".example"} {
		if got, err := ParseOrigin(in); err == nil {
			t.Errorf("ParseOrigin(%q) = %q, want a refusal", in, got)
		}
	}
}

func TestWWW(t *testing.T) {
	bare, www := Site{Origins: []Origin{"https://shop.example"}}, Site{Origins: []Origin{"https://www.shop.example"}}
	for _, s := range []Site{bare, www} {
		for _, o := range []string{"https://shop.example", "https://www.shop.example", "https://WWW.shop.example"} {
			if !s.Allows(o) || !s.Has(strings.ToLower(o)+"/contact") {
				t.Errorf("%v does not allow %s", s.Origins, o)
			}
		}
		for _, o := range []string{
			"https://evil.shop.example", "https://www.evil.shop.example", "https://evil.www.shop.example",
			"https://www.www.shop.example", "https://www2.shop.example", "https://wwwshop.example",
			"https://www-shop.example", "http://www.shop.example", "https://www.shop.example:8443",
			"https://shop.example.thief.example", "https://example", "https://www.example", "null", "://", "www.",
			"https://", "https://www.",
		} {
			if s.Allows(o) {
				t.Errorf("%v allows %s", s.Origins, o)
			}
		}
	}
	tenant := Site{Origins: []Origin{"https://shop.github.io"}}
	for _, o := range []string{"https://other.github.io", "https://github.io", "https://www.github.io"} {
		if tenant.Allows(o) {
			t.Errorf("%s, a neighbour on a shared host, is allowed", o)
		}
	}
	if (&Site{Origins: []Origin{"https://www.com"}}).Allows("https://com") {
		t.Error("a top-level domain is allowed")
	}
}

func TestCallbackIDsSortByTime(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	a, b := NewCallbackID(at), NewCallbackID(at.Add(time.Millisecond))
	if a >= b || !ValidID("c_", string(a)) || a == NewCallbackID(at) {
		t.Errorf("%s, %s", a, b)
	}
}

func TestValidID(t *testing.T) {
	for _, s := range []string{
		"", "s_", "s_short", "s_" + strings.Repeat("a", 41), "u_" + random(10), "s_../../../etc", "s_AAAAAAAAAAAA",
	} {
		if ValidID("s_", s) {
			t.Errorf("ValidID took %q", s)
		}
	}
	if !ValidID("s_", string(NewSiteID())) {
		t.Error("a fresh id is refused")
	}
}
