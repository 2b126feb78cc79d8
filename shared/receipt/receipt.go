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
	"github.com/mi-telecom/mi-connect/shared/keyring"
	"github.com/mi-telecom/mi-connect/shared/secret"
)

// Book signs receipts and seals with the newest version of its key, and checks them with the one they name.
type Book struct {
	keys *keyring.Keys
	days int
}

// Open panics on a key under 32 bytes: an empty one would sign what anybody writes. days is how long
// receipts are kept.
func Open(key []byte, days int) *Book {
	keys, err := keyring.Open(keyring.Fixed(key))
	if err != nil || days < 1 {
		panic("receipt: the key is shorter than 32 bytes, or receipts would not be kept")
	}
	return &Book{keys, days}
}

// FromEnvironment opens the book with CONSENT_KEY and RECEIPT_DAYS, or ends the process.
func FromEnvironment() *Book {
	days, err := strconv.Atoi(os.Getenv("RECEIPT_DAYS"))
	if err != nil || days < 1 {
		fmt.Fprintln(os.Stderr, "receipt: RECEIPT_DAYS must be a number of days")
		os.Exit(1)
	}
	keys, err := keyring.Open(secret.Keep("CONSENT_KEY"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "receipt: CONSENT_KEY:", err)
		os.Exit(1)
	}
	return &Book{keys, days}
}

// Sign fills in a receipt's time, HMAC and expiry. All receipts of a day expire together, so that what is
// left of a day is always all of it.
func (b *Book) Sign(r *connect.Receipt, now time.Time) *connect.Receipt {
	r.At = now.UTC().Truncate(time.Millisecond)
	r.ExpiresAt = r.At.Truncate(24*time.Hour).AddDate(0, 0, b.days+1)
	r.MAC = b.sign("receipt", receiptParts(r))
	return r
}

// Genuine reports whether a receipt is as it was signed.
func (b *Book) Genuine(r *connect.Receipt) bool {
	return b.signed(r.MAC, "receipt", receiptParts(r), r.At)
}

// Erasure returns what makes the receipt of an erasure now.
func (b *Book) Erasure(now time.Time) func(site connect.SiteID, via connect.Via, count int) *connect.Receipt {
	return func(site connect.SiteID, via connect.Via, count int) *connect.Receipt {
		return b.Sign(
			&connect.Receipt{ID: connect.NewReceiptID(), Kind: connect.Erasure, Site: site, Via: via, Count: count}, now,
		)
	}
}

func receiptParts(r *connect.Receipt) []string {
	return []string{
		string(r.ID), string(r.Kind), string(r.Site), r.Revision, r.Text, string(r.Choice), r.Page, string(r.Via),
		strconv.Itoa(r.Count), strconv.FormatInt(r.At.UnixMilli(), 10),
	}
}

// Seal closes a day.
func (b *Book) Seal(day connect.Date, t *Tree, previous string, now time.Time) *connect.Seal {
	s := &connect.Seal{
		Day: day, Count: t.Count(), Root: t.Root(), Previous: previous, At: now.UTC().Truncate(time.Millisecond),
	}
	s.MAC = b.sign("seal", sealParts(s))
	return s
}

// GenuineSeal reports whether a seal is as it was made.
func (b *Book) GenuineSeal(s *connect.Seal) bool {
	return b.signed(s.MAC, "seal", sealParts(s), s.At)
}

func sealParts(s *connect.Seal) []string {
	return []string{string(s.Day), strconv.Itoa(s.Count), s.Root, s.Previous, strconv.FormatInt(s.At.UnixMilli(), 10)}
}

// sign returns "<version>~<HMAC-SHA-256>".
func (b *Book) sign(purpose string, parts []string) string {
	version, key := b.keys.Writing(purpose)
	return keyring.Mark(version, sum(key, parts))
}

// overlap is how long after a new version began the one before may still have signed: no instance reads its
// secret less often.
const overlap = 2 * secret.Life

// signed reports whether mac is what a version that wrote at the time makes of the parts. An old version is kept
// for its own receipts only: with a key that leaked nobody signs for today.
func (b *Book) signed(mac, purpose string, parts []string, at time.Time) bool {
	version, inside, ok := keyring.Unmark(mac)
	if !ok {
		return false
	}
	ring := b.keys.RingWith(version)
	key := ring.Key(version, purpose)
	current, since := ring.Current()
	if key == nil || version < current && at.After(since.Add(overlap)) {
		return false
	}
	return hmac.Equal([]byte(inside), []byte(sum(key, parts)))
}

// sum puts each part's length before it, so that no two lists of parts read the same.
func sum(key []byte, parts []string) string {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(p)))
		h.Write(n[:])
		_, _ = io.WriteString(h, p)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
