// Package token makes and checks the bearer texts of the product: session tokens, of which only a hash is
// stored, and links, which are an id with its HMAC and so are stored nowhere. What depends on a key carries the
// key's version.
package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Bearer is a login token: "<user>.<256 random bits>.<expiry>". It carries the user, so that it is found
// under its owner's key, and its expiry (seconds since 1970 in base 36), so that a page can delete it in
// time without storing anything else. The server believes neither: the stored session decides.
type Bearer struct {
	User connect.UserID
	Text string
}

// NewBearer returns a fresh token.
func NewBearer(user connect.UserID, expiresAt time.Time) Bearer {
	secret := make([]byte, 32)
	rand.Read(secret)
	return Bearer{
		user,
		string(user) + "." + base64.RawURLEncoding.EncodeToString(secret) + "." + strconv.FormatInt(expiresAt.Unix(), 36),
	}
}

// ParseBearer checks the shape of s only.
func ParseBearer(s string) (Bearer, bool) {
	parts := strings.Split(s, ".")
	if len(s) > 160 || len(parts) != 3 || !connect.ValidID("u_", parts[0]) || len(parts[1]) != 43 || parts[2] == "" {
		return Bearer{}, false
	}
	return Bearer{connect.UserID(parts[0]), s}, true
}

// Hash is what is stored: SHA-256 of the whole text, in base64url.
func (s Bearer) Hash() string {
	sum := sha256.Sum256([]byte(s.Text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// ID names the session towards its owner; it is of no use as a token.
func (s Bearer) ID() string { return s.Hash()[:16] }

// NewID returns 128 random bits in base64url, to be signed.
func NewID() string {
	b := make([]byte, 16)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
