// Package password hashes and checks passwords with argon2id at OWASP's parameters (Password Storage Cheat
// Sheet: 19 MiB, two passes, one lane), which take about 25 ms of one core.
package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

const (
	MinLength = 8   // characters
	MaxLength = 256 // characters; a bound on work, not on taste

	memory  = 19 * 1024 // KiB
	passes  = 2
	lanes   = 1
	keyLen  = 32
	saltLen = 16
)

// Check refuses what is too short, too long or not text. Nothing is trimmed, cut or composed.
func Check(s string) error {
	switch n := utf8.RuneCountInString(s); {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return errors.New("Contains characters we can't process.")
	case n < MinLength:
		return fmt.Errorf("Use at least %d characters.", MinLength)
	case n > MaxLength:
		return fmt.Errorf("Use %d characters or fewer.", MaxLength)
	}
	return nil
}

// Hash returns s hashed, in the PHC string format.
func Hash(s string) string {
	salt := make([]byte, saltLen)
	rand.Read(salt)
	return phc(salt, argon2.IDKey([]byte(s), salt, passes, memory, lanes, keyLen))
}

// phc writes a salt and a key in the PHC string format, with today's parameters.
func phc(salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// decoy is compared with when there is no account, so that the answer takes as long as if there were one.
// It is not the hash of anything: making one would cost every cold start 25 ms and 19 MiB.
var decoy = phc(make([]byte, saltLen), make([]byte, keyLen))

// Verify reports whether s is the password that was hashed, and whether the hash should be recreated
// because its parameters have changed since. An empty hash (no such account) takes as long and is false.
// A hash that asks for more work than a few times today's is an error: storage must not be able to stall
// a login.
func Verify(hash, s string) (ok, stale bool, err error) {
	if utf8.RuneCountInString(s) > MaxLength {
		s = ""
	}
	absent := hash == ""
	if absent {
		hash = decoy
	}
	var version, m, t, p int
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, false, errors.New("password: not an argon2id hash")
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, false, errors.New("password: unknown argon2 version")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p); err != nil || m < 8 || m > 4*memory || t < 1 ||
		t > 10 || p < 1 || p > 4 {
		return false, false, errors.New("password: parameters out of bounds")
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(salt) > 64 || len(want) < 16 || len(want) > 64 {
		return false, false, errors.New("password: broken hash")
	}
	got := argon2.IDKey([]byte(s), salt, uint32(t), uint32(m), uint8(p), uint32(len(want)))
	ok = subtle.ConstantTimeCompare(got, want) == 1 && !absent
	return ok, ok && (m != memory || t != passes || p != lanes || len(want) != keyLen), nil
}
