package password

import (
	"strings"
	"testing"
)

func TestVerify(t *testing.T) {
	const s = " pässwörd with 😀 and spaces "
	h := Hash(s)
	if ok, stale, err := Verify(h, s); !ok || stale || err != nil {
		t.Fatal(ok, stale, err)
	}
	for _, wrong := range []string{"", strings.TrimSpace(s), s + "x", strings.Repeat("x", 1<<20)} {
		if ok, _, err := Verify(h, wrong); ok || err != nil {
			t.Errorf("%.20q: %v, %v", wrong, ok, err)
		}
	}
	if h == Hash(s) {
		t.Error("two hashes share a salt")
	}
}

func TestNobodyHasTheDecoysPassword(t *testing.T) {
	if ok, _, err := Verify("", "no account has this password"); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}

func TestOldParametersAreStale(t *testing.T) {
	// "password" under m=8192, t=1.
	const old = "$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$"
	if _, _, err := Verify(old, "password"); err == nil {
		t.Error("a hash without a key was taken")
	}
}

func TestParametersFromStorageAreBounded(t *testing.T) {
	for _, h := range []string{
		"$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZXNhbHRzb21lc2FsdA",
		"$argon2id$v=19$m=19456,t=1000000,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZXNhbHRzb21lc2FsdA",
		"$argon2id$v=19$m=19456,t=2,p=200$c29tZXNhbHRzb21lc2FsdA$c29tZXNhbHRzb21lc2FsdA",
		"$argon2id$v=19$m=-1,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZXNhbHRzb21lc2FsdA",
		"$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZXNhbHRzb21lc2FsdA",
		"plain",
	} {
		if ok, _, err := Verify(h, "x"); ok || err == nil {
			t.Errorf("%s: %v, %v", h, ok, err)
		}
	}
}

func TestCheck(t *testing.T) {
	for s, good := range map[string]bool{
		"1234567": false, "12345678": true, "ééééééé": false, "éééééééé": true, "        ": true, "abc\x00defgh": false,
		"\xff2345678":            false,
		strings.Repeat("x", 256): true, strings.Repeat("x", 257): false,
	} {
		if err := Check(s); (err == nil) != good {
			t.Errorf("%.20q: %v", s, err)
		}
	}
}
