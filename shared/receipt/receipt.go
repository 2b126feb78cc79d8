// Package receipt makes receipts that cannot be changed or taken away unseen: each carries an HMAC, and
// each day's are sealed by their number and Merkle root, seal chained to seal.
package receipt

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/secret"
)

// Book signs receipts and seals with one key.
type Book struct {
	key  []byte
	days int
}

// Open panics on a key under 32 bytes: an empty one would sign what anybody writes. days is how long
// receipts are kept.
func Open(key []byte, days int) *Book {
	if len(key) < 32 || days < 1 {
		panic("receipt: the key is shorter than 32 bytes, or receipts would not be kept")
	}
	return &Book{key, days}
}

// FromEnvironment opens the book with CONSENT_KEY and RECEIPT_DAYS, or ends the process.
func FromEnvironment() *Book {
	days, err := strconv.Atoi(os.Getenv("RECEIPT_DAYS"))
	if err != nil || days < 1 {
		fmt.Fprintln(os.Stderr, "receipt: RECEIPT_DAYS must be a number of days")
		os.Exit(1)
	}
	return Open(secret.MustKey("CONSENT_KEY"), days)
}

// Sign fills in a receipt's time, HMAC and expiry. All receipts of a day expire together, so that what is
// left of a day is always all of it.
func (b *Book) Sign(r *connect.Receipt, now time.Time) *connect.Receipt {
	r.At = now.UTC().Truncate(time.Millisecond)
	r.ExpiresAt = r.At.Truncate(24*time.Hour).AddDate(0, 0, b.days+1)
	r.MAC = b.mac(r)
	return r
}

// Genuine reports whether a receipt is as it was signed.
func (b *Book) Genuine(r *connect.Receipt) bool {
	return hmac.Equal([]byte(r.MAC), []byte(b.mac(r)))
}

func (b *Book) mac(r *connect.Receipt) string {
	return b.sum("receipt", string(r.ID), string(r.Kind), string(r.Site), r.Revision, r.Text, string(r.Choice), r.Page, string(r.Via),
		strconv.Itoa(r.Count), strconv.FormatInt(r.At.UnixMilli(), 10))
}

// Seal closes a day.
func (b *Book) Seal(day connect.Date, t *Tree, previous string, now time.Time) *connect.Seal {
	s := &connect.Seal{Day: day, Count: t.Count(), Root: t.Root(), Previous: previous, At: now.UTC().Truncate(time.Millisecond)}
	s.MAC = b.sealMAC(s)
	return s
}

// GenuineSeal reports whether a seal is as it was made.
func (b *Book) GenuineSeal(s *connect.Seal) bool {
	return hmac.Equal([]byte(s.MAC), []byte(b.sealMAC(s)))
}

func (b *Book) sealMAC(s *connect.Seal) string {
	return b.sum("seal", string(s.Day), strconv.Itoa(s.Count), s.Root, s.Previous, strconv.FormatInt(s.At.UnixMilli(), 10))
}

// sum puts each part's length before it, so that no two lists of parts read the same.
func (b *Book) sum(parts ...string) string {
	h := hmac.New(sha256.New, b.key)
	for _, p := range parts {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(p)))
		h.Write(n[:])
		io.WriteString(h, p)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
