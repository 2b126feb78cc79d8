package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// maxText leaves room for what encryption adds within the 4,096 bytes that every push service takes.
const maxText = 3000

var errTooLong = errors.New("webpush: the text is too long for one record")

// encrypt seals a text for a browser: the record of aes128gcm (RFC 8188) under the keys of RFC 8291, section 3.4.
func encrypt(d connect.PushDevice, text []byte) ([]byte, error) {
	own, err := curve().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	return seal(d, text, own, salt)
}

func seal(d connect.PushDevice, text []byte, own *ecdh.PrivateKey, salt []byte) ([]byte, error) {
	if len(text) > maxText {
		return nil, errTooLong
	}
	browser, err := curve().NewPublicKey(d.PublicKey)
	if err != nil {
		return nil, err
	}
	shared, err := own.ECDH(browser)
	if err != nil {
		return nil, err
	}
	public := own.PublicKey().Bytes()
	info := "WebPush: info\x00" + string(d.PublicKey) + string(public)
	material, err := hkdf.Key(sha256.New, shared, d.Auth, info, 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, material, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, material, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	// The header: salt, size of a record, and our public key as the id of the key. There is one record, the last (2).
	out := binary.BigEndian.AppendUint32(append([]byte{}, salt...), 4096)
	out = append(append(out, byte(len(public))), public...)
	return gcm.Seal(out, nonce, append(append([]byte{}, text...), 2), nil), nil
}
