// Package connect states what Mi Connect is, in its own words. It holds types, rules and kinds of error, and needs
// nothing but the standard library.
//
// An account begins as a Registration, which is nothing until its address is confirmed. Then there are a person, who
// logs in, and an Account, in which that person is a Member with the Role of owner. Members are invited, promoted and
// removed; an agency holds a Client link to an account of somebody else's. An account that is closed can be restored
// for ClosingGrace, and is then purged with all that it has.
//
// A Site has a public key. Each page view that sees its widget is a visit, told by beacons: seen, opened, asked. It is
// counted once, into the day of the site's own zone, and never names a person; nothing joins it to a request.
//
// A Callback is what a visitor asks for: who, which number, when. It is promised a time (Due) and somebody claims it,
// calls and notes an Outcome; the visitor may move, cancel or erase it by a private link. It lives for its site's
// retention.
//
// A Subscription is what Stripe says an account pays for. The Entitlement that follows from it, not the plan's name, is
// what every limit asks. What people are told of all this is a Message, written in the transaction of its cause and
// sent afterwards; what they did is an AuditEntry. How long each kind of thing is kept is in Lifetimes.
//
// A value that exists is valid: text from outside becomes an Email, an Origin or a Page only through its Parse
// function. Times are passed in; nothing here reads a clock.
package connect

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
	"time"
)

type (
	UserID     string // a person, "u_..."
	AccountID  string // who pays and who sees, "a_..."
	SiteID     string // a customer's website, "s_..."
	SiteKey    string // a site's public key, in its snippet, "k_..."
	CallbackID string // a visitor's request, "c_..."; sorts by time of creation
)

// Lifetimes, each compared at every read; the tables' TTL only tidies up afterwards.
const (
	SessionLife      = 7 * 24 * time.Hour
	VerificationLife = 24 * time.Hour
	VisitLife        = 6 * time.Hour
	IdempotencyLife  = 24 * time.Hour
	OutboxLife       = 3 * 24 * time.Hour
	ParkedLife       = 14 * 24 * time.Hour
	// CountedLife outlasts the stream, which keeps a record for a day: as long as it can come again it is known.
	CountedLife    = 3 * 24 * time.Hour
	SlotLife       = 24 * time.Hour      // from a slot's start
	ErasureLife    = 30 * 24 * time.Hour // an erasure may wait so long to be finished
	TaskLife       = 30 * 24 * time.Hour // from when it is due
	LateCallsLife  = 30 * 24 * time.Hour // from when the account's owners were told
	StripeMarkLife = 35 * 24 * time.Hour // Stripe lets an event be sent again for 30 days
)

var base32Lower = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// random returns n random bytes in lower-case base32. crypto/rand never fails.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base32Lower.EncodeToString(b)
}

func NewUserID() UserID       { return UserID("u_" + random(10)) }
func NewAccountID() AccountID { return AccountID("a_" + random(10)) }
func NewSiteID() SiteID       { return SiteID("s_" + random(10)) }
func NewSiteKey() SiteKey     { return SiteKey("k_" + random(15)) }

// NewCallbackID returns an id that sorts by now, to the millisecond.
func NewCallbackID(now time.Time) CallbackID {
	ms := uint64(now.UnixMilli())
	var b [6]byte
	for i := range b {
		b[i] = byte(ms >> (40 - 8*i))
	}
	return CallbackID("c_" + base32Lower.EncodeToString(b[:]) + random(10)) // 48 bits of time are 10 letters
}

// FirstCallbackID is smaller than any id made at t or later, and greater than any made before t.
func FirstCallbackID(t time.Time) CallbackID { return NewCallbackID(t)[:len("c_")+10] }

// NewOutboxID returns an id for something to be sent.
func NewOutboxID() string { return "o_" + random(15) }

// ValidID reports whether s has the shape of an id with the given prefix, so that no text from outside
// reaches a key expression unread.
func ValidID(prefix, s string) bool {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok || len(rest) < 8 || len(rest) > 40 {
		return false
	}
	for i := range len(rest) {
		c := rest[i]
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z') {
			return false
		}
	}
	return true
}
