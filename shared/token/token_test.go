package token

import (
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

var links = NewLinks([]byte(strings.Repeat("k", 32)))

func TestSessionRoundTrip(t *testing.T) {
	s := NewBearer(connect.NewUserID(), time.Now())
	got, ok := ParseBearer(s.Text)
	if !ok || got != s {
		t.Fatalf("%+v came back as %+v, %v", s, got, ok)
	}
	if strings.Contains(s.Text, s.ID()) || strings.Contains(s.Text, s.Hash()) {
		t.Error("the token shows its own hash")
	}
	for _, bad := range []string{
		"", ".", "..", "a.b.c", s.Text + ".x", s.Text[1:], strings.Repeat("x", 10_000), string(s.User) + "..1",
	} {
		if _, ok := ParseBearer(bad); ok {
			t.Errorf("took %q", bad)
		}
	}
}

func TestLinkIsBoundToPurposeAndID(t *testing.T) {
	link := links.Sign("verify", "abc")
	if id, ok := links.Open("verify", link); !ok || id != "abc" {
		t.Fatalf("%q, %v", id, ok)
	}
	other := NewLinks([]byte(strings.Repeat("o", 32)))
	for name, open := range map[string]func() (string, bool){
		"another purpose": func() (string, bool) { return links.Open("reset", link) },
		"another key":     func() (string, bool) { return other.Open("verify", link) },
		"another id":      func() (string, bool) { return links.Open("verify", "x"+link) },
		"no mac":          func() (string, bool) { return links.Open("verify", "abc.") },
		"nothing":         func() (string, bool) { return links.Open("verify", "") },
		"a longer mac":    func() (string, bool) { return links.Open("verify", link+"A") },
	} {
		if id, ok := open(); ok {
			t.Errorf("%s: opened as %q", name, id)
		}
	}
}

func TestAShortKeyIsRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an empty key was taken")
		}
	}()
	NewLinks(nil)
}

func FuzzOpen(f *testing.F) {
	f.Add(links.Sign("verify", "abc"))
	f.Add("a.b")
	f.Fuzz(func(t *testing.T, s string) {
		if id, ok := links.Open("verify", s); ok && links.Sign("verify", id) != s {
			t.Errorf("%q opened as %q", s, id)
		}
		ParseBearer(s)
	})
}

func FuzzToken(f *testing.F) {
	links := NewLinks([]byte("0123456789abcdef0123456789abcdef"))
	good := links.Sign("a", "id")
	for _, s := range []string{
		good, "", ".", "id.", "u_0000000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.zz", links.Sign("b", "id"),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id, ok := links.Open("a", s); ok && s != links.Sign("a", id) {
			t.Errorf("%q was opened", s)
		}
		if p, ok := ParseBearer(s); ok && (!strings.HasPrefix(s, string(p.User)+".") || len(s) > 160) {
			t.Errorf("%q is a session of %q", s, p.User)
		}
		if text, err := links.Unseal("p", s); err == nil {
			t.Errorf("%q was unsealed as %q", s, text)
		}
	})
}

func TestSeal(t *testing.T) {
	links := NewLinks([]byte("0123456789abcdef0123456789abcdef"))
	sealed := links.Seal("totp", "secret")
	if text, err := links.Unseal("totp", sealed); err != nil || text != "secret" {
		t.Error(text, err)
	}
	if sealed == links.Seal("totp", "secret") {
		t.Error("two seals of one text are the same")
	}
	if _, err := links.Unseal("other", sealed); err == nil {
		t.Error("opened for another purpose")
	}
	if _, err := NewLinks([]byte("another key of thirty-two bytes!")).Unseal("totp", sealed); err == nil {
		t.Error("opened by another key")
	}
}
