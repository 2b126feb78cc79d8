package connect

import (
	"strconv"
	"strings"
	"time"
)

// Lifetime is how long items of one kind are kept, from when they are written. What is published of them, in
// docs/privacy.md and on the dashboard's privacy page, is Kept; tests hold the pages and the store to it.
type Lifetime struct {
	Table     string // as template.yaml and the published tables call it
	Item      string // the kind; of a one-time token its purpose
	Life      time.Duration
	Published string // what people read of it: items of one name are published as one
}

// Lifetimes lists every kind of item that has a fixed life. A callback's is its site's, an audit entry's its
// plan's (AuditLife), a receipt's the operator's.
var Lifetimes = []Lifetime{
	{"Accounts", "invitation", InvitationLife, "an invitation"},
	{"Accounts", "client invitation", InvitationLife, "an invitation"},
	{"Sessions", "login session", SessionLife, "a login session"},
	{"Sessions", "sign-up", VerificationLife, "an unconfirmed sign-up"},
	{"Sessions", "known device", KnownDeviceLife, "a device you have logged in from"},
	{"Sessions", "push device", PushDeviceLife, "a browser that shows you notifications, from your last login there"},
	{"Sessions", PurposeLogin, LoginLinkLife, "an emailed link"},
	{"Sessions", PurposeReset, ResetLife, "an emailed link"},
	{"Sessions", PurposeEmail, EmailChangeLife, "an emailed link"},
	{"Sessions", PurposeApprove, EmailChangeLife, "an emailed link"},
	{"Sessions", PurposeRecover, RecoveryLinkLife, "an emailed link"},
	{"Sessions", PurposeDeleted, DeletedLife, "the address that a deletion is confirmed to"},
	{"Sessions", ChallengeLogin, ChallengeLife, "a passkey challenge"},
	{"Sessions", ChallengePasskey, ChallengeLife, "a passkey challenge"},
	{"Marks", "idempotency key", IdempotencyLife, "a request"},
	{"Marks", "acknowledgement", AcknowledgeLife, "an acknowledged complaint"},
	{"Marks", "Stripe event", StripeMarkLife, "a Stripe event"},
	{"Marks", "duplicate", DuplicateLife, "the note of a request that a second one is compared with"},
	{"Marks", "puzzle", PuzzleLife, "a solved puzzle"},
	{"Marks", "site rate", SiteRateLife, "how many requests a site usually has"},
	{"Marks", "throttle", longestWindow(), "a count of attempts"},
	{"Visits", "visit", VisitLife, ""},
	{"Stats", "parked visit", ParkedLife, "a visit that could not be counted at once"},
	{"Stats", "counted visit", CountedLife, "the note that it was counted"},
	{"Callbacks", "erasure", ErasureLife, "an erasure that is under way"},
	{"Callbacks", "slot", SlotLife, "how many calls a slot has, from its start"},
	{"Callbacks", "complaint", ComplaintLife, "a complaint to the business, from its answer"},
	{"Outbox", "message", OutboxLife, ""},
	{"Complaints", "complaint", ComplaintLife, "one that is answered"},
	{"Due", "task", TaskLife, "what could not be done at its time"},
	{"Due", "late calls", LateCallsLife, "when an account was last told of late calls"},
}

// unbounded is what is published of the rest of a table: it has no fixed life.
var unbounded = map[string]string{
	"Accounts":    "until the account is deleted; " + formatLife(AloneGrace) + " for a login that is in no account",
	"Credentials": "until the account is deleted",
	"Stats":       "until the site is deleted",
	"Callbacks":   "the time set for the site, " + strconv.Itoa(DefaultRetention) + " days to begin with, or until erased",
	"Complaints":  "until it is answered",
	"Consents":    "6 years, as the operator has set",
	"Due":         "until it is done",
	"Audit":       formatLife(AuditLife("starter")) + "; " + formatLife(AuditLife(Free.ID)) + " on the free plan",
}

// Life is how long an item of a table lives, 0 for a kind that is not listed.
func Life(table, item string) time.Duration {
	for _, l := range Lifetimes {
		if l.Table == table && l.Item == item {
			return l.Life
		}
	}
	return 0
}

// TokenLife is how long a one-time token of a purpose can be used. It panics on a purpose without one: the
// caller names it in the source.
func TokenLife(purpose string) time.Duration {
	if life := Life("Sessions", purpose); life != 0 {
		return life
	}
	panic("connect: no lifetime of a token for " + purpose)
}

// Kept says how long what a table holds is kept, as it is published.
func Kept(table string) string {
	var said []string
	if text := unbounded[table]; text != "" {
		said = append(said, text)
	}
	seen := map[string]bool{}
	for _, l := range Lifetimes {
		if l.Table != table || seen[l.Published] {
			continue
		}
		seen[l.Published] = true
		least, most := l.Life, l.Life
		for _, other := range Lifetimes {
			if other.Table == table && other.Published == l.Published {
				least, most = min(least, other.Life), max(most, other.Life)
			}
		}
		text := formatLife(most)
		if least != most || l.Item == "throttle" {
			text = "up to " + text
		}
		if l.Published != "" {
			text += " for " + l.Published
		}
		said = append(said, text)
	}
	return strings.Join(said, "; ")
}

// formatLife writes a lifetime as people say it: "5 minutes", "24 hours", "7 days", "1 year".
func formatLife(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == 365*day:
		return "1 year"
	case d > day && d%day == 0:
		return count(int(d/day), "day")
	case d >= time.Hour && d%time.Hour == 0:
		return count(int(d/time.Hour), "hour")
	}
	return count(int(d/time.Minute), "minute")
}

func longestWindow() (longest time.Duration) {
	for _, t := range Throttles {
		longest = max(longest, t.Window)
	}
	return longest
}
