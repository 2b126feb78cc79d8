package billing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Tolerance is how far from now a signature may have been made, before or after.
const Tolerance = 300 * time.Second

// MaxStripeEvent is the largest body that is looked at, in bytes.
const MaxStripeEvent = 1 << 20

// ErrSignature says nothing of the reason: whoever has no secret learns nothing from it.
var ErrSignature = &connect.Error{Kind: connect.Invalid, Code: "bad-signature", Message: "Invalid signature."}

// Secrets are the signing secrets that are good now: while one is being replaced, two.
type Secrets []string

// ParseSecrets reads secrets separated by commas or white space. None at all is refused: with an empty one,
// everybody can sign.
func ParseSecrets(s string) (Secrets, bool) {
	var secrets Secrets
	for _, one := range strings.FieldsFunc(
		s, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' || r == '\r' },
	) {
		if len(one) < len("whsec_")+4 || !strings.HasPrefix(one, "whsec_") {
			return nil, false
		}
		secrets = append(secrets, one)
	}
	return secrets, len(secrets) > 0
}

// Verify checks the header Stripe-Signature ("t=<seconds>,v1=<hex>,...") of a body as it was received.
func (s Secrets) Verify(body []byte, header string, now time.Time) error {
	if len(s) == 0 || len(header) > 4096 {
		return ErrSignature
	}
	var stamp string
	var given [][]byte
	for _, part := range strings.Split(header, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "t":
			if stamp != "" {
				return ErrSignature
			}
			stamp = value
		case "v1":
			if mac, err := hex.DecodeString(value); err == nil && len(mac) == sha256.Size && strings.ToLower(value) == value {
				given = append(given, mac)
			}
		}
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || len(stamp) > 12 || stamp[0] == '+' {
		return ErrSignature
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > Tolerance || age < -Tolerance {
		return ErrSignature
	}
	for _, secret := range s {
		if secret == "" {
			continue
		}
		want := sign(body, secret, stamp)
		for _, mac := range given {
			if hmac.Equal(mac, want) {
				return nil
			}
		}
	}
	return ErrSignature
}

// Sign returns the header that Stripe would send with body.
func Sign(body []byte, secret string, now time.Time) string {
	stamp := strconv.FormatInt(now.Unix(), 10)
	return "t=" + stamp + ",v1=" + hex.EncodeToString(sign(body, secret, stamp))
}

func sign(body []byte, secret, stamp string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(stamp))
	h.Write([]byte{'.'})
	h.Write(body)
	return h.Sum(nil)
}
