package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"
)

// Authenticator codes are RFC 6238's with the parameters that every app knows: SHA-1, 30 seconds, 6 digits.
const (
	totpPeriod = 30 * time.Second
	totpSteps  = 1 // steps before and after now that are accepted, for clocks that are off
)

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

func newTOTPSecret() string {
	b := make([]byte, 20)
	rand.Read(b)
	return base32Plain.EncodeToString(b)
}

func totpCode(secret []byte, step int64) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	m := hmac.New(sha1.New, secret)
	m.Write(counter[:])
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}

// totpStep returns the step that code belongs to, if it is later than the last accepted one: a code works
// once, and so does none from before it.
func totpStep(secret, code string, last int64, now time.Time) (int64, bool) {
	key, err := base32Plain.DecodeString(secret)
	if err != nil {
		return 0, false
	}
	current := now.Unix() / int64(totpPeriod/time.Second)
	found, ok := int64(0), false
	for step := current - totpSteps; step <= current+totpSteps; step++ {
		if subtle.ConstantTimeCompare([]byte(totpCode(key, step)), []byte(code)) == 1 && step > last && !ok {
			found, ok = step, true
		}
	}
	return found, ok
}

// totpURI is what the picture in the page says.
func totpURI(secret, email string) string {
	return "otpauth://totp/" + url.PathEscape("Mi Connect:"+email) + "?secret=" + secret + "&issuer=Mi%20Connect"
}
