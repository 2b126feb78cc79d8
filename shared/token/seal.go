package token

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"

	"github.com/mi-telecom/mi-connect/shared/keyring"
)

// ErrSealed is what Unseal returns for what cannot be read: sealed under a version that was dropped, for another
// purpose, or not by us.
var ErrSealed = errors.New("token: sealed under a key that is gone, or for another purpose")

// Seal encrypts what has to be read again, such as the secret of an authenticator, so that no table or
// backup holds it: "<version>~<nonce and AES-256-GCM>". It opens only for the same purpose.
func (l Links) Seal(purpose, text string) string {
	version, key := l.keys.Writing("seal " + purpose)
	gcm := aead(key)
	nonce := make([]byte, gcm.NonceSize())
	rand.Read(nonce)
	return keyring.Mark(version, base64.RawURLEncoding.EncodeToString(gcm.Seal(nonce, nonce, []byte(text), nil)))
}

// Unseal reads what Seal wrote with a version that is still in the ring.
func (l Links) Unseal(purpose, sealed string) (string, error) {
	version, inside, ok := keyring.Unmark(sealed)
	if !ok {
		return "", ErrSealed
	}
	key := l.keys.Key(version, "seal "+purpose)
	b, err := base64.RawURLEncoding.DecodeString(inside)
	if key == nil || err != nil {
		return "", ErrSealed
	}
	gcm := aead(key)
	if len(b) < gcm.NonceSize() {
		return "", ErrSealed
	}
	text, err := gcm.Open(nil, b[:gcm.NonceSize()], b[gcm.NonceSize():], nil)
	if err != nil {
		return "", ErrSealed
	}
	return string(text), nil
}

// Stale reports whether what was sealed, or made a digest of, is not of the version that writes now.
func (l Links) Stale(marked string) bool {
	version, _, ok := keyring.Unmark(marked)
	return !ok || version != l.keys.Versions()[0]
}

func aead(key []byte) cipher.AEAD {
	block, _ := aes.NewCipher(key) // 32 bytes
	gcm, _ := cipher.NewGCM(block)
	return gcm
}
