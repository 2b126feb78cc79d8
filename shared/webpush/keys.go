// Package webpush sends notifications through the push services of browsers: RFC 8030, encrypted as RFC 8291 has it,
// under a key of ours as RFC 8292 does. The cryptography is the standard library's.
package webpush

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"strconv"

	"github.com/mi-telecom/mi-connect/shared/keyring"
)

// Keys are the versions of the key that push services know us by. A browser takes notifications from the one that it
// subscribed under and from no other.
type Keys struct{ ring *keyring.Keys }

// OpenKeys fails where the source holds no ring.
func OpenKeys(source keyring.Source) (Keys, error) {
	ring, err := keyring.Open(source)
	return Keys{ring}, err
}

// Current is the version that browsers subscribe under now, and its public key as they take it.
func (k Keys) Current() (version int, public string, err error) {
	version, _ = k.ring.Writing(purpose)
	key, err := k.private(version)
	if err != nil {
		return 0, "", err
	}
	public, err = publicText(key)
	return version, public, err
}

// Version is that of a public key, 0 for one that is not ours.
func (k Keys) Version(public string) int {
	for _, version := range k.ring.Versions() {
		if key, err := k.private(version); err == nil {
			if text, err := publicText(key); err == nil && text == public {
				return version
			}
		}
	}
	return 0
}

const purpose = "web-push"

// private is nil for a version that the ring has not got.
func (k Keys) private(version int) (*ecdsa.PrivateKey, error) {
	of := purpose
	for n := 1; ; n++ {
		scalar := k.ring.Key(version, of)
		if scalar == nil {
			return nil, nil
		}
		// One text in four thousand million is no scalar of the curve: the next one is.
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
		if err == nil || n == 8 {
			return key, err
		}
		of = purpose + strconv.Itoa(n)
	}
}

func publicText(key *ecdsa.PrivateKey) (string, error) {
	public, err := key.PublicKey.ECDH()
	if err != nil {
		return "", err
	}
	return encoding.EncodeToString(public.Bytes()), nil
}

// encoding is how browsers write keys.
var encoding = base64.RawURLEncoding

func curve() ecdh.Curve { return ecdh.P256() }
