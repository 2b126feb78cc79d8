package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"strings"

	"github.com/mi-telecom/mi-connect/shared/keyring"
)

// Links signs and reads the ids in mailed and private links, seals, and makes digests. Each use and each
// purpose has a key of its own, so that a link of one kind cannot be used as another.
type Links struct{ keys *keyring.Keys }

// NewLinks reads a ring that stays as it is. It panics on a key under 32 bytes.
func NewLinks(key []byte) Links {
	keys, err := keyring.Open(keyring.Fixed(key))
	if err != nil {
		panic("token: the key for links: " + err.Error())
	}
	return Links{keys}
}

// MustLinks follows a ring as it changes. It ends the process where there is none.
func MustLinks(source keyring.Source) Links {
	keys, err := keyring.Open(source)
	if err != nil {
		fmt.Fprintln(os.Stderr, "token: the key for links:", err)
		os.Exit(1)
	}
	return Links{keys}
}

// Sign returns "<id>.<version>~<HMAC-SHA-256 of id>".
func (l Links) Sign(purpose, id string) string {
	version, key := l.keys.Writing("link " + purpose)
	return signed(version, key, id)
}

func signed(version int, key []byte, id string) string {
	return id + "." + keyring.Mark(version, base64.RawURLEncoding.EncodeToString(mac(key, id)))
}

// Open returns the id of a link that was signed for purpose with a version that is still in the ring.
func (l Links) Open(purpose, link string) (id string, ok bool) {
	id, version, ok := parseLink(link)
	if !ok {
		return "", false
	}
	key := l.keys.Key(version, "link "+purpose)
	// Compared as text: a decoder skips line breaks, and a link would have many spellings.
	if key == nil || !hmac.Equal([]byte(link), []byte(signed(version, key, id))) {
		return "", false
	}
	return id, true
}

// Ended reports whether a link has the shape of ours and names a version that is no longer in the ring. Whether
// it was ever signed cannot be told any more.
func (l Links) Ended(link string) bool {
	_, version, ok := parseLink(link)
	if !ok {
		return false
	}
	ring := l.keys.RingWith(version)
	current, _ := ring.Current()
	return version < current && ring.Key(version, "link") == nil
}

// sumLength is that of 32 bytes in base64url.
const sumLength = 43

func parseLink(link string) (id string, version int, ok bool) {
	dot := strings.LastIndexByte(link, '.')
	if dot < 1 || len(link) > 300 {
		return "", 0, false
	}
	version, sum, ok := keyring.Unmark(link[dot+1:])
	return link[:dot], version, ok && len(sum) == sumLength
}

// Digest is a keyed hash of text that could be guessed, such as a phone number: "<version>~<hash>".
func (l Links) Digest(purpose, text string) string {
	version, key := l.keys.Writing("digest " + purpose)
	return digest(version, key, text)
}

// Digests are the digests of text under every version of the ring, Digest's first: what was stored before a new
// version is found under its own.
func (l Links) Digests(purpose, text string) []string {
	var out []string
	for _, v := range l.keys.Versions() {
		// A version may be dropped between the two calls.
		if key := l.keys.Key(v, "digest "+purpose); key != nil {
			out = append(out, digest(v, key, text))
		}
	}
	return out
}

func digest(version int, key []byte, text string) string {
	return keyring.Mark(version, base64.RawURLEncoding.EncodeToString(mac(key, text)[:18]))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
