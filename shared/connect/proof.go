package connect

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// ProofLife is how long a configuration of the widget proves that it was asked for: a page that is left
// open over a weekend still counts.
const ProofLife = 72 * time.Hour

// proofStep is for how long everybody is given the same proof, so that it tells nobody from another.
const proofStep = time.Hour

// NewProofKey returns what a site's proofs are made with: 128 random bits. It is worth no more than the
// proofs, which anybody may ask for, and so is kept with the site.
func NewProofKey() string {
	b := make([]byte, 16)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// Proof is handed out with the widget's configuration and comes back with each beacon: "<hour>.<HMAC of the
// hour>". It shows that whoever sends the beacon has loaded the configuration, not who that is.
func (s *Site) Proof(now time.Time) string {
	if s.ProofKey == "" {
		return ""
	}
	hour := strconv.FormatInt(now.Unix()/int64(proofStep/time.Second), 36)
	h := hmac.New(sha256.New, []byte(s.ProofKey))
	h.Write([]byte("visit\x00" + hour))
	return hour + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:9])
}

// Proves reports whether proof was handed out for the site within ProofLife. A site without a key, which
// was stored before there were proofs and not changed since, asks for none.
func (s *Site) Proves(proof string, now time.Time) bool {
	if s.ProofKey == "" {
		return true
	}
	text, _, _ := strings.Cut(proof, ".")
	hour, err := strconv.ParseInt(text, 36, 32)
	given := time.Unix(hour*int64(proofStep/time.Second), 0)
	// One that is handed out at the end of its hour lives as long; clocks of two machines may differ a little.
	if err != nil || now.Sub(given) > ProofLife+proofStep || given.Sub(now) > time.Minute {
		return false
	}
	return hmac.Equal([]byte(proof), []byte(s.Proof(given)))
}
