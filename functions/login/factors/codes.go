// Package factors creates and checks what people log in with besides a password, or instead of one: authenticator
// apps, recovery codes and passkeys. It changes connect.Factors in memory and stores nothing.
package factors

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// Use reports whether code is a valid authenticator or recovery code, and marks it as used in f. It returns
// connect.ErrFactorLost when the authenticator's secret can no longer be read.
func Use(links token.Links, f *connect.Factors, user connect.UserID, code string, now time.Time) (bool, error) {
	code = plain(code)
	if len(code) == totpDigits && f.TOTP != "" {
		secret, err := links.Unseal(sealTOTP, f.TOTP)
		if err != nil {
			return false, connect.ErrFactorLost
		}
		step, ok := totpStep(secret, code, f.Step, now)
		if ok {
			f.Step = step
		}
		if ok && links.Stale(f.TOTP) {
			f.TOTP = links.Seal(sealTOTP, secret)
		}
		return ok, nil
	}
	if len(code) != recoveryLength {
		return false, nil
	}
	at := password.IndexCode(f.Recovery, string(user)+code)
	if at < 0 {
		return false, nil
	}
	f.Recovery = slices.Delete(f.Recovery, at, at+1)
	return true, nil
}

// plain drops the spaces and hyphens that people and apps put between the characters.
func plain(code string) string {
	if len(code) > 64 {
		return ""
	}
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(code))
}

// Authenticator codes are RFC 6238's with the parameters that every app knows: SHA-1, 30 seconds, 6 digits.
const (
	totpPeriod = 30 * time.Second
	totpDigits = 6
	totpSteps  = 1 // steps before and after now that are accepted, for clocks that are off
)

// sealTOTP is the purpose under which the secrets of authenticators are sealed.
const sealTOTP = store.SealTOTP

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

// BeginTOTP makes a secret and puts it into f, sealed and pending. It returns the secret and the URI for the QR code.
// generation is that of the credentials when the person asked.
func BeginTOTP(
	links token.Links, f *connect.Factors, email connect.Email, generation int64, now time.Time,
) (secret, uri string) {
	b := make([]byte, 20)
	rand.Read(b)
	secret = base32Plain.EncodeToString(b)
	f.Pending, f.PendingUntil = links.Seal(sealTOTP, secret), now.Add(connect.FactorSetupLife)
	f.PendingGeneration = generation
	uri = "otpauth://totp/" + url.PathEscape("Mi Connect:"+string(email)) + "?secret=" + secret + "&issuer=Mi%20Connect"
	return secret, uri
}

// ConfirmTOTP activates the pending secret if code proves that the app has it.
func ConfirmTOTP(links token.Links, f *connect.Factors, code string, now time.Time) error {
	var p connect.Problems
	// A secret that can no longer be unsealed has waited too long as well.
	secret, err := links.Unseal(sealTOTP, f.Pending)
	if err != nil || !now.Before(f.PendingUntil) {
		p.Add("code", "This took too long. Start again.")
		return p.Err()
	}
	step, ok := totpStep(secret, plain(code), 0, now)
	if !ok {
		p.Add("code", "This code doesn't match. Check that your device's clock is correct.")
		return p.Err()
	}
	f.TOTP, f.Step, f.Pending, f.PendingUntil = f.Pending, step, "", time.Time{}
	return nil
}

// TOTPLost reports whether the authenticator's secret can no longer be read because its key was dropped.
func TOTPLost(links token.Links, f *connect.Factors) bool {
	if f.TOTP == "" {
		return false
	}
	_, err := links.Unseal(sealTOTP, f.TOTP)
	return err != nil
}

// TOTPCode is what an app shows in a step of 30 seconds.
func TOTPCode(secret []byte, step int64) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	m := hmac.New(sha1.New, secret)
	m.Write(counter[:])
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}

// totpStep returns the step that code belongs to, if it is later than the last accepted one: each code works once, and
// then no earlier one does.
func totpStep(secret, code string, last int64, now time.Time) (int64, bool) {
	key, err := base32Plain.DecodeString(secret)
	if err != nil {
		return 0, false
	}
	current := now.Unix() / int64(totpPeriod/time.Second)
	found, ok := int64(0), false
	for step := current - totpSteps; step <= current+totpSteps; step++ {
		if subtle.ConstantTimeCompare([]byte(TOTPCode(key, step)), []byte(code)) == 1 && step > last && !ok {
			found, ok = step, true
		}
	}
	return found, ok
}

const recoveryLength = 16 // 80 bits

var recoveryAlphabet = base32.NewEncoding("abcdefghjkmnpqrstuvwxyz023456789").WithPadding(base32.NoPadding)

// NewRecoveryCodes puts the hashes of a new set into f and returns the codes, to be shown once. The hashes depend on no
// key of ours: codes on paper outlive any key, and could not be hashed again under the next.
func NewRecoveryCodes(f *connect.Factors, user connect.UserID) *[]string {
	var codes, hashed []string
	for range connect.RecoveryCodes {
		b := make([]byte, 10)
		rand.Read(b)
		code := recoveryAlphabet.EncodeToString(b)
		codes = append(codes, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:])
		hashed = append(hashed, string(user)+code)
	}
	f.Recovery = password.HashCodes(hashed)
	return &codes
}

// FirstRecoveryCodes is NewRecoveryCodes for somebody who has none; nil for anybody else.
func FirstRecoveryCodes(f *connect.Factors, user connect.UserID) *[]string {
	if len(f.Recovery) > 0 {
		return nil
	}
	return NewRecoveryCodes(f, user)
}
