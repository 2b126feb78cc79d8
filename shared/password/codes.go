package password

import (
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Codes that stand in for a second factor are hashed like passwords, a whole set under one salt, so that one
// hash finds which of them was given: "<salt>$<hash>".

// HashCodes returns the hashes of a new set. Each code holds at least 80 random bits.
func HashCodes(codes []string) []string {
	salt := make([]byte, saltLen)
	rand.Read(salt)
	out := make([]string, len(codes))
	for i, code := range codes {
		out[i] = hashCode(salt, code)
	}
	return out
}

// IndexCode returns which hash of a set is code's, -1 for none.
func IndexCode(hashes []string, code string) int {
	if len(hashes) == 0 {
		return -1
	}
	text, _, _ := strings.Cut(hashes[0], "$")
	salt, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(salt) != saltLen {
		return -1
	}
	return slices.Index(hashes, hashCode(salt, code))
}

func hashCode(salt []byte, code string) string {
	key := argon2.IDKey([]byte(code), salt, passes, memory, lanes, saltLen)
	return base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(key)
}
