package token

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
)

// Seal encrypts what has to be read again, such as the secret of an authenticator, so that no table or
// backup holds it. It opens only for the same purpose.
func (l Links) Seal(purpose, text string) string {
	gcm := l.gcm(purpose)
	nonce := make([]byte, gcm.NonceSize())
	rand.Read(nonce)
	return base64.RawURLEncoding.EncodeToString(gcm.Seal(nonce, nonce, []byte(text), nil))
}

// Unseal reads what Seal wrote.
func (l Links) Unseal(purpose, sealed string) (string, error) {
	gcm := l.gcm(purpose)
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(b) < gcm.NonceSize() {
		return "", errors.New("token: nothing sealed")
	}
	text, err := gcm.Open(nil, b[:gcm.NonceSize()], b[gcm.NonceSize():], nil)
	if err != nil {
		return "", errors.New("token: sealed under another key or for another purpose")
	}
	return string(text), nil
}

func (l Links) gcm(purpose string) cipher.AEAD {
	block, _ := aes.NewCipher(l.mac("seal", purpose)) // 32 bytes
	gcm, _ := cipher.NewGCM(block)
	return gcm
}
