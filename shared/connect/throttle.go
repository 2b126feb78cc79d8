package connect

import (
	"fmt"
	"time"
)

// Throttle is a budget that is counted in the database. Its window begins with the first count and expires,
// so that within any hour at most twice the limit of an hourly one passes.
type Throttle struct {
	Name   string // in the key of its count
	Key    string // whose budget it is, in words
	Limit  int
	Window time.Duration
	Why    string
}

// Every throttle of the product; docs/security.md lists them and is tested against this.
//
// No budget is shared by everybody: it would let one attacker lock all others out. How much is refused
// overall is a metric with an alarm (RefusedLogins).
var (
	StrangerGuesses = Throttle{"guess-stranger", "email address, over all sources that never logged in to it", 20,
		time.Hour,
		"Wrong passwords. Ten thousand addresses share one budget for one account."}
	KnownGuesses = Throttle{"guess-known", "person and known source (network prefix and browser family)", 10,
		15 * time.Minute,
		"Wrong passwords from a known device: strangers can't use it up."}
	PrefixGuesses = Throttle{"guess-prefix", "network prefix (/24, /64)", 60, time.Hour,
		"Wrong passwords for any account, from unknown devices."}
	StrangerCodes = Throttle{"code-stranger", "person, over all sources that never logged in", 5, 15 * time.Minute,
		"Authenticator and recovery codes, counted before they are checked."}
	KnownCodes = Throttle{"code-known", "person and known source", 5, 15 * time.Minute,
		"The same from a known device."}
	LinkCodes = Throttle{"code-link", "person, after a mailed login link", 5, 15 * time.Minute,
		"The same for whoever reads the person's email: guesses made elsewhere don't count here."}
	OwnPassword = Throttle{"own-password", "person who is logged in", 10, 15 * time.Minute,
		"Wrong current passwords when something is changed, so that a stolen session can't guess."}
	MailsToAddress = Throttle{"mail-address",
		"kind of mail and email address, over all sources that never logged in to it", 5, time.Hour,
		"Emails that anyone can trigger. Beyond it the response is the same and nothing is sent. Each kind has its own " +
			"budget, so a stranger's sign-ups don't use up login links."}
	MailsToKnown = Throttle{"mail-known", "kind of mail, person and known source", 5, time.Hour,
		"The same from a known device: strangers can't use it up."}
	MailsFromPrefix = Throttle{"mail-prefix", "network prefix (/24, /64)", 300, time.Hour,
		"Sign-ups and requests for emails."}
	PasskeyTries = Throttle{"passkey-try", "network prefix (/24, /64)", 60, time.Hour,
		"Failed passkey logins, counted before they are checked."}
	LoggedRefusals = Throttle{"refusal-log", "person", 50, time.Hour,
		"Refused logins written to the person's audit logs. Beyond it they are still refused, and only counted."}
	PasskeysFromPrefix = Throttle{"passkey-prefix", "network prefix (/24, /64)", 300, time.Hour,
		"Challenges for passkey logins."}
	ComplaintsFromPrefix = Throttle{"complaint-prefix",
		"network prefix (/24; /64, and 4 and 16 times that for its /56 and /48)", 20, time.Hour,
		"Privacy complaints. Beyond it the page asks to write to us instead."}
	AcknowledgementsFromPrefix = Throttle{"complaint-mail-prefix",
		"network prefix (/24; /64, and 4 and 16 times that for its /56 and /48)", 5, time.Hour,
		"Emails that acknowledge a complaint, to addresses that anyone can type. Beyond it complaints are kept and listed " +
			"to the operator once a day."}
	Invitations = Throttle{"invite", "account", 50, 24 * time.Hour,
		"Invitations of members and clients, each of which sends an email."}
	CallbacksQuarter = Throttle{"callback-quarter", "site and visitor's address (keyed digest; /64)", 7, 15 * time.Minute,
		"Callback requests. An office behind one address shares this at each site."}
	CallbacksHour = Throttle{"callback-hour", "site and visitor's address (keyed digest; /64)", 9, time.Hour,
		"The same within an hour."}
	CallbacksDay = Throttle{"callback-day", "site and visitor's address (keyed digest; /64)", 15, 24 * time.Hour,
		"The same within a day."}
	CallbackNumbers = Throttle{"callback-numbers", "site and visitor's address (keyed digest; /64)", 3, time.Hour,
		"Different numbers, so that no one can make a business call a list of strangers."}
	CallbackNumber = Throttle{"callback-number", "site, visitor's address and number (keyed digest)", 1, time.Hour,
		"Marks a number as counted in `callback-numbers`; it refuses nothing itself."}
	VisitorMails = Throttle{"visitor-mail", "visitor's email address (keyed digest), over all sites", 8, 24 * time.Hour,
		"Emails about a request to an address that anyone can type. Beyond it requests are stored and nothing is sent."}
	CallbacksFromPrefix = Throttle{"callback-prefix",
		"network prefix (keyed digest; /24, /64; four times for /56, sixteen times for /48)", 60, time.Hour,
		"Requests from one network across all sites."}
	SiteComplaintsDay = Throttle{"site-complaint-day", "site and visitor's address (keyed digest; /64)", 5, 24 * time.Hour,
		"Complaints to a business."}
	SiteComplaintsFromPrefix = Throttle{"site-complaint-prefix",
		"network prefix (keyed digest; /24, /64; four times for /56, sixteen times for /48)", 20, 24 * time.Hour,
		"The same from one network across all sites: none of them ends before it is answered."}
	ComplaintUpdates = Throttle{"complaint-update", "account", 100, 24 * time.Hour,
		"A business's own words, sent to addresses that nobody has confirmed."}
	ConsentsFromPrefix = Throttle{"consent-prefix",
		"network prefix (keyed digest; /24, /64; four times for /56, sixteen times for /48)", 300, time.Hour,
		"Answers to the cookie notice, each of which is kept for six years."}
)

// Throttles lists them all.
var Throttles = []Throttle{
	StrangerGuesses, KnownGuesses, PrefixGuesses, StrangerCodes, KnownCodes, LinkCodes, OwnPassword,
	MailsToAddress, MailsToKnown, MailsFromPrefix, PasskeyTries, LoggedRefusals, PasskeysFromPrefix,
	ComplaintsFromPrefix, AcknowledgementsFromPrefix, Invitations,
	CallbacksQuarter, CallbacksHour, CallbacksDay, CallbackNumbers, CallbackNumber, CallbacksFromPrefix,
	VisitorMails, SiteComplaintsDay, SiteComplaintsFromPrefix, ComplaintUpdates, ConsentsFromPrefix,
}

// Prefix is a network that a budget is counted for. A wider one holds more callers: it has Share times what the
// narrowest has.
type Prefix struct {
	Text  string // "198.51.100.0/24"
	Share int
}

// Times returns t with n times its limit.
func (t Throttle) Times(n int) Throttle {
	t.Limit *= n
	return t
}

// ErrTooMany is the code of every throttled request.
var ErrTooMany = &Error{Kind: TooMany, Code: "too-many"}

// DescribeWait is how long somebody must wait, in words.
func DescribeWait(d time.Duration) string {
	switch minutes := int(d.Minutes()) + 1; {
	case minutes == 1:
		return "a minute"
	case minutes < 120:
		return fmt.Sprintf("%d minutes", minutes)
	default:
		return fmt.Sprintf("%d hours", int(d.Hours())+1)
	}
}

// Exceeded is what a throttled request returns.
func (t Throttle) Exceeded(retryAfter time.Duration) error {
	retryAfter = max(retryAfter, time.Second).Round(time.Second)
	return &Error{
		Kind: TooMany, Code: ErrTooMany.Code, Message: "Too many attempts. Try again in " + DescribeWait(retryAfter) + ".",
		RetryAfter: retryAfter,
	}
}
