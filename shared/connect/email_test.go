package connect

import (
	"strings"
	"testing"
)

func TestParseEmail(t *testing.T) {
	for in, want := range map[string]Email{
		" Jo@Example.COM ": "jo@example.com", "jo+tag@mail.example.co.uk": "jo+tag@mail.example.co.uk",
		"jo@xn--exmple-cua.de":                 "jo@xn--exmple-cua.de",
		"o'brien!#$%&*-/=?^_`{|}~@a-1.example": "o'brien!#$%&*-/=?^_`{|}~@a-1.example", "a.b.c@1.example": "a.b.c@1.example",
		strings.Repeat("a", 64) + "@" + strings.Repeat("b", 63) +
			".example": Email(strings.Repeat("a", 64) + "@" + strings.Repeat("b", 63) + ".example"),
	} {
		if got, err := ParseEmail(in); err != nil || got != want {
			t.Errorf("ParseEmail(%q) = %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "jo", "jo@", "@example.com", "jo@localhost", "jo@example.com.", "Jo <jo@example.com>",
		"a@b.c, d@e.f",
		"jo@example.com\r\nBcc: x@y.z", "jo\x00@example.com", "jo@exam ple.com", "jo\u202e@example.com",
		strings.Repeat("a", 65) + "@example.com", "a@" + strings.Repeat("b.", 130) + "com",
		"jö@example.com", "jo@exämple.de", "jo@a..example", "jo@.example.com", ".jo@example.com", "jo.@example.com",
		"j..o@example.com", `"jo"@example.com`, "jo@[192.0.2.1]", "jo@192.0.2.1",
		"jo@-a.example", "jo@a-.example", "jo@a_b.example", "jo@" + strings.Repeat("b", 64) + ".example", "jo@x@example.com", "jo@example.com\u200b", "\u0130o@example.com", "\u212ao@example.com", "jo@\u212a.example", "jo@example.123"} {
		if got, err := ParseEmail(in); err == nil {
			t.Errorf("ParseEmail(%q) = %q, want a refusal", in, got)
		}
	}
	if _, err := ParseEmail("zoë@example.com"); err == nil || !strings.Contains(err.Error(), "before the @") {
		t.Errorf("the reason is %v", err)
	}
}

func TestMailbox(t *testing.T) {
	for in, want := range map[Email]string{
		"pat@example.com": "pat@example.com", "pat+shop@example.com": "pat@example.com",
		"pat+a+b@example.com": "pat@example.com", "+a@example.com": "+a@example.com",
		"p.a.t@example.com": "p.a.t@example.com", "p.a.t+x@gmail.com": "pat@gmail.com",
		"P.at@googlemail.com": "Pat@gmail.com",
	} {
		if got := in.Mailbox(); got != want {
			t.Errorf("%s ends in %s, not %s", in, want, got)
		}
	}
}
