package connect

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzEmail(f *testing.F) {
	for _, s := range []string{
		"pat@example.com", " Pat@Example.COM ", "a@b", "a@b.c", "@", "a@@b.c", "a b@c.d", "\"a b\"@c.d", "a@[127.0.0.1]",
		"Pat <pat@example.com>", "pat@example.com\r\nBcc: eve@example.com",
		"ü@exämple.com", "ü@example.com", "a@b..c", "a@b.1", "a@-b.c", "a..b@c.d", "a@b.c.", "a@b.c,d@e.f",
		strings.Repeat("a", 300) + "@b.c",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseEmail(s)
		if err != nil {
			return
		}
		if again, err := ParseEmail(string(e)); again != e || err != nil {
			t.Errorf("%q is %q and then %q, %v", s, e, again, err)
		}
		if len(e) > 254 || strings.Count(string(e), "@") != 1 || strings.ContainsAny(string(e), " \r\n\t\x00<>,;:\"") ||
			strings.ToLower(string(e)) != string(e) || !IsASCII(string(e)) ||
			strings.Contains(string(e), "..") || strings.Count(e.Mailbox(), "@") != 1 || strings.HasPrefix(e.Mailbox(), "@") ||
			Email(e.Mailbox()).Mailbox() != e.Mailbox() {
			t.Errorf("%q is taken as %q", s, e)
		}
	})
}

func FuzzCleanPage(f *testing.F) {
	for _, s := range []string{
		"/pricing", "https://user:pw@shop.example/a/b?c=d#e", "/u/pat@example.com", "/u/pat%40example.com",
		"/u/pat%2540example.com", "/order/1234567", "/t/eyJhbGciOiJIUzI1NiJ9",
		"/07700 900 123", "/a;jsessionid=1234567890", "//", "/../..", "/%", "/%ff", "", "#", "?", "/a/%3Fq=pat@example.com",
		"/١٢٣٤٥٦٧", "/\u202e", "a://b", "/a%2Fb%2F1234567", "/a%2523x", "/pat%252525252540example.com", "/100%", "/%zz%40",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := CleanPage(s)
		if !strings.HasPrefix(p, "/") || len(p) > maxPage || strings.ContainsAny(p, "?#@") || !utf8.ValidString(p) ||
			strings.ContainsFunc(p, forbiddenInLine) {
			t.Errorf("%q is cleaned to %q", s, p)
		}
		for segment := range strings.SplitSeq(p, "/") {
			open, err := url.PathUnescape(segment)
			if personal(segment) || err == nil && personal(open) {
				t.Errorf("%q is cleaned to %q, which holds %q", s, p, segment)
			}
		}
	})
}

func FuzzCleanSource(f *testing.F) {
	for _, s := range []string{
		"google.com", "https://www.google.com/search?q=x", "me@example.com", "newsletter-2026", "07700900123", "ü.example",
		"HTTP://WWW.X.EXAMPLE:8080/", "other", "www.",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := CleanReferrer(s)
		if len(c) > maxReferrer || strings.ContainsAny(c, "@/?# ") || digits(c) >= 6 ||
			strings.TrimSpace(s) != "" && c == "" {
			t.Errorf("%q is cleaned to %q", s, c)
		}
	})
}

func FuzzOrigin(f *testing.F) {
	for _, s := range []string{
		"https://shop.example", "shop.example", "HTTP://Shop.Example:80/", "https://[::1]:8443", "https://a:b@c.example",
		"https://shop.example/x", "javascript:alert(1)", "https://*.example", "null",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := ParseOrigin(s)
		if err != nil {
			return
		}
		if again, err := ParseOrigin(string(o)); again != o || err != nil {
			t.Errorf("%q is %q and then %q, %v", s, o, again, err)
		}
		if _, rest, _ := strings.Cut(string(o), "://"); rest == "" || strings.ContainsAny(rest, "/?#@ \\\"<>'*") {
			t.Errorf("%q is taken as %q", s, o)
		}
		if site := (&Site{Origins: []Origin{o}}); !site.Allows(string(o)) || site.Allows("null") ||
			site.Allows(string(o)+".thief.example") {
			t.Errorf("%q does not allow itself alone", o)
		}
	})
}
