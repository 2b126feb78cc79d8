package store

import (
	"strconv"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Every item, by table. A partition is the boundary of authorisation: whoever may act in an account reads
// its partition and no other.
//
//	table        pk                     sk                 item
//	Accounts     A#<account>            account            account
//	             A#<account>            member#<user>      member, as the account sees it
//	             A#<account>            site#<site>        site
//	             A#<account>            subscription       what it pays for, and its customer at Stripe
//	             A#<account>            usage#<yyyy-mm>    when it was told that the month's callbacks are over the limit
//	             A#<account>            usage#<yyyy-mm>#<nn>  a sixteenth of the month's callbacks, counted with each
//	             C#<Stripe customer>    customer           whose customer it is
//	             A#<account>            hours#<site>       opening hours of a site
//	             A#<account>            design#<site>      design of a site's widget
//	             A#<account>            gone#<site>        a removed site, whose rest goes with the account
//	             A#<account>            invite#<id>        invitation to become a member; not valid past its expiresAt
//	             A#<account>            client#<account>   client of this agency
//	             A#<account>            agency#<account>   agency of this client
//	             A#<account>            ask#<id>           the same, to become a client
//	             U#<user>               user               user
//	             U#<user>               member#<account>   member, as the person sees it
//	             E#<email>              email              whose address it is; what makes it unique
//	             K#<site key>           key                site, as the widget's calls find it
//	             CLOSING                <time>#<account>   closed account whose data goes at that time
//	             LEFT                   <time>#<user>      person who left an account; if they are in none then, they go
//	Credentials  U#<user>               password           password hash
//	             U#<user>               factors            second factors: sealed TOTP secret, hashed codes, public keys
//	Sessions     U#<user>               session#<hash>     login session
//	             U#<user>               source#<digest>    where the person logged in from before
//	             R#<registration>       registration       sign-up waiting for its email to be confirmed
//	             E#<email>             sign-up            newest mailed sign-up of that address, for sending its link
// again
//	             R#<email>             registration       newest sign-up of that address beyond its budget of mails; not
// mailed
//	             E#<email>             sign-up#unmailed   the same as an address's; makes as many writes
//	             T#<id>                 token             one use of something: mailed link, passkey challenge
//	Marks        I#<site>#<key>         -                  callback made under an idempotency key
//	             D#<site>#<digest>      -                  first request of a number and department
//	             P#<site>#<salt>        -                  request that a puzzle was solved for
//	             Q#<site>               -                  requests of the hour, and of an average one
//	             T#<digest>             -                  that a complaint from an address was acknowledged
//	             W#<Stripe event>       -                  event whose effect is stored
//	             L#<throttle>#<whose>   -                  count of a throttle's window
//	Visits       <site>#<session>       -                  visit; filtered ones at <site>#<session>#<reason>
//	Stats        S#<site>               day#<yyyy-mm-dd>   the day's counts and what was applied to them
//	             S#<site>               month#<yyyy-mm>    what the days of a month add up to, once it is over
//	             S#<site>               months             which month is added up next, and which again
//	             S#<site>               promise#<yyyy-mm-dd> what became of the promises that were due that day
//	             PARKED                 <shard>#<sequence> record of a visit that could not be counted; TTL
//	Callbacks    S#<site>               <callback>         visitor's request; byStatus: inbox = <site>#<status>
//	             byTurn: queue = <account>#<where it is in the inbox>, turn = <instant>#<callback>
//	             byPhone, byEmail: phoneKey, emailKey = <site>#<keyed digest>, so that key logs hold no number
//	             SLOTS#<site>           <start>            which requests hold a place in a slot;
//	                                                       SLOTS#<site>#<name> of a department's
//	             BLOCKED#<site>         <keyed digest>     number that is not to be called
//	             COMPLAINTS#<site>      <complaint>        visitor's complaint to the business; has no end until it is
//	                                                       answered; byTurn: queue = <account>#complaints
//	             ERASING                <site>#<digest>    erasure of a visitor under way, until its receipt
//	Outbox       <id>                   -                  what is to be sent; byRetry: phase, retryAt
//	             <id>.<user>            -                  one person's part of what was for several
//	             o_complaints-<day>     -                  the day's list of unconfirmed complaints
//	             o_hour-<site>-<hour>   -                  requests told one by one; message of the rest
//	             o_complaint-<site>-<hour>  -              message of an hour's first complaint
//	             o_complaints-<site>-<hour> -              the same of the rest
//	             o_risk-<site>-<hour>   -                  the same of reminders
//	Due          D#<shard>              <instant>#<kind>#<what about>  task, until it is done
//	Complaints   <complaint>            -                  complaint about privacy, until it is dealt with; byPending:
// pending, createdAt
//	Consents     R#<receipt>            consent            answer to the cookie notice; append-only like all here
//	             R#<receipt>            withdrawal         the same taken back
//	             S#<site>               erasure#<time>#<receipt> that a visitor's data were erased; holds none of it
//	             S#<site>               published#<version> that the customer published the privacy notice
//	             seals                  <yyyy-mm-dd>       the day's number and Merkle root; byDay: day, entry
//	Audit        A#<account>            <time>#<id>        entry of the audit log
//
// Everything in Sessions, Marks, Visits, Callbacks, Outbox, Complaints, Consents, Due and Audit has expiresAt (seconds
// since 1970), but for a blocked number and a complaint that is open; every read compares it, for the
// table's TTL may be two days late.

func accountKey(id connect.AccountID) string   { return "A#" + string(id) }
func userKey(id connect.UserID) string         { return "U#" + string(id) }
func emailKey(e connect.Email) string          { return "E#" + string(e) }
func siteKeyKey(k connect.SiteKey) string      { return "K#" + string(k) }
func registrationKey(id string) string         { return "R#" + id }
func siteKey(id connect.SiteID) string         { return "S#" + string(id) }
func customerKey(id connect.CustomerID) string { return "C#" + string(id) }
func stripeMarkKey(id string) string           { return "W#" + id }
func receiptKey(id connect.ReceiptID) string   { return "R#" + string(id) }
func tokenKey(id string) string                { return "T#" + id }

func idempotencyKey(site connect.SiteID, key string) string {
	return "I#" + string(site) + "#" + key
}

func acknowledgedKey(digest string) string { return "T#" + digest }

const (
	skAccount         = "account"
	skUser            = "user"
	skEmail           = "email"
	skKey             = "key"
	skPassword        = "password"
	skSubscription    = "subscription"
	skCustomer        = "customer"
	usagePrefix       = "usage#"
	skRegistration    = "registration"
	skFactors         = "factors"
	skToken           = "ticket"
	pkClosing         = "CLOSING"
	pkLeft            = "LEFT"
	memberPrefix      = "member#"
	clientPrefix      = "client#"
	agencyPrefix      = "agency#"
	removedSitePrefix = "gone#"
	skLatest          = "sign-up"
	skUnmailed        = "sign-up#unmailed"
	knownDevicePrefix = "source#"
	sitePrefix        = "site#"
	hoursPrefix       = "hours#"
	designPrefix      = "design#"
	sessionPrefix     = "session#"
	pushPrefix        = "push#"
	dayPrefix         = "day#"
	promisePrefix     = "promise#"
	monthPrefix       = "month#"
	skMonths          = "months"
	pkSeals           = "seals"
	pkErasing         = "ERASING"
	pkParked          = "PARKED"
	skConsent         = "consent"
	skWithdrawal      = "withdrawal"
	erasurePrefix     = "erasure#"
	publishPrefix     = "published#"
)

func inboxKey(site connect.SiteID, s connect.CallbackStatus) string {
	return string(site) + "#" + string(s)
}

func queueKey(account connect.AccountID, s connect.QueueState) string {
	return string(account) + "#" + string(s)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// What a keyed digest is of; the same text of another kind has another one.
const (
	DigestPhone  = "visitor-phone"
	DigestEmail  = "visitor-email"
	DigestSender = "complaint-sender"

	// SealTOTP is for the secrets of authenticators.
	SealTOTP = "totp"
)
