// Package token makes and checks the bearer texts of the product: session tokens, of which only a hash is
// stored, and links, which are an id with its HMAC and so are stored nowhere.
package token

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Session is a login token: "<user>.<256 random bits>.<expiry>". It carries the user, so that it is found
// under its owner's key, and its expiry (seconds since 1970 in base 36), so that a page can delete it in
// time without storing anything else. The server believes neither: the stored session decides.
type Session struct {
	User connect.UserID
	Text string
}

// NewSession returns a fresh token.
func NewSession(user connect.UserID, expiresAt time.Time) Session {
	secret := make([]byte, 32)
	rand.Read(secret)
	return Session{user, string(user) + "." + base64.RawURLEncoding.EncodeToString(secret) + "." + strconv.FormatInt(expiresAt.Unix(), 36)}
}

// ParseSession checks the shape of s only.
func ParseSession(s string) (Session, bool) {
	parts := strings.Split(s, ".")
	if len(s) > 160 || len(parts) != 3 || !connect.ValidID("u_", parts[0]) || len(parts[1]) != 43 || parts[2] == "" {
		return Session{}, false
	}
	return Session{connect.UserID(parts[0]), s}, true
}

// Hash is what is stored: SHA-256 of the whole text, in base64url.
func (s Session) Hash() string {
	sum := sha256.Sum256([]byte(s.Text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// ID names the session towards its owner; it is of no use as a token.
func (s Session) ID() string { return s.Hash()[:16] }

// Links signs and reads the ids in mailed and private links. A purpose keeps a link of one kind from
// being used as another.
type Links struct{ key []byte }

// NewLinks panics on a key under 32 bytes: an empty one would verify what anybody signs.
func NewLinks(key []byte) Links {
	if len(key) < 32 {
		panic("token: the key for links is shorter than 32 bytes")
	}
	return Links{key}
}

// Sign returns "<id>.<HMAC-SHA-256 of purpose and id>".
func (l Links) Sign(purpose, id string) string {
	return id + "." + base64.RawURLEncoding.EncodeToString(l.mac(purpose, id))
}

// Open returns the id of a link that was signed for purpose.
func (l Links) Open(purpose, link string) (id string, ok bool) {
	dot := strings.LastIndexByte(link, '.')
	if dot < 1 || len(link) > 300 {
		return "", false
	}
	// Compared as text: a decoder skips line breaks, and a link would have many spellings.
	if id = link[:dot]; !hmac.Equal([]byte(link), []byte(l.Sign(purpose, id))) {
		return "", false
	}
	return id, true
}

// Digest is a keyed hash of text that could be guessed, such as a phone number.
func (l Links) Digest(purpose, text string) string {
	return base64.RawURLEncoding.EncodeToString(l.mac(purpose, text)[:18])
}

func (l Links) mac(purpose, id string) []byte {
	h := hmac.New(sha256.New, l.key)
	h.Write([]byte(purpose + "\x00" + id))
	return h.Sum(nil)
}

// NewID returns 128 random bits in base64url, to be signed.
func NewID() string {
	b := make([]byte, 16)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
