package password

import (
	"strings"
	"testing"
)

func TestCommonPasswordsAreRefused(t *testing.T) {
	if n := len(common()); n != 3000 {
		t.Fatalf("%d common passwords, want 3000", n)
	}
	for s := range common() {
		if CheckNew(s) == nil || CheckNew(strings.ToUpper(s)) == nil {
			t.Errorf("%q was accepted", s)
		}
	}
}

func TestNewPasswords(t *testing.T) {
	about := []string{"Acme Dental Ltd", "ada.lovelace", "Ada Lovelace"}
	for s, good := range map[string]bool{
		"correct horse battery": true, "  spaces are kept  ": true, "MiConnect1": false, "mi-connect!!": false,
		"miconnect2026":           false,
		"miconnect and five more": true, "AcmeDental1": false, "acme-dental-2026": false, "ada.lovelace": false,
		"lovelace99": false, "lovelace-likes-engines": true,
		"password": false, "PASSWORD": false, "ååååååååå": true, "!!!!!!!!!!": true, strings.Repeat("é", 256): true,
		strings.Repeat("é", 257): false,
	} {
		if err := CheckNew(s, about...); (err == nil) != good {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func FuzzPassword(f *testing.F) {
	for _, s := range []string{
		"correct horse", "", "\x00", "\xff\xfe12345678", strings.Repeat("😀", 256), "miconnect\u202e",
	} {
		f.Add(s, "Acme")
	}
	f.Fuzz(func(t *testing.T, s, about string) {
		if CheckNew(s, about) == nil && Check(s) != nil {
			t.Errorf("%q is good as new and bad as any", s)
		}
	})
}

func FuzzStoredHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZXNhbHRzb21lc2FsdA")
	f.Add("$argon2id$v=19$m=4194304,t=2,p=1$x$y")
	f.Add("")
	f.Fuzz(func(t *testing.T, hash string) {
		if hash == "" {
			return // the decoy: slow by intent
		}
		if ok, _, _ := Verify(hash, "a guess nobody would make"); ok {
			t.Errorf("%q took a wrong password", hash)
		}
	})
}
