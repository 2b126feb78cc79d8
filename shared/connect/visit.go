package connect

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Step is how far a visit came. A later step implies the earlier ones.
type Step int

const (
	NoStep     Step = iota
	Impression      // the button was seen
	Open            // the panel was opened
	Submit          // a request was stored
)

// ParseStep returns NoStep for a name it does not know.
func ParseStep(s string) Step {
	switch s {
	case "impression":
		return Impression
	case "open":
		return Open
	case "submit":
		return Submit
	}
	return NoStep
}

// Visit is one mc_session on one site until it expires. Hour is its only time.
type Visit struct {
	Site      SiteID
	ID        VisitID
	Hour      Hour // on the site's own clock, of its first event
	ExpiresAt time.Time
	Reached   Step
	Page      string // path only, masked
	Referrer  string // host of the referrer, or utm_source; "" when there was none
	Device    Device
	Reason    FilterReason // why it is counted apart; "" for a visit that counts
}

// Hour is an hour that a site's clock showed, "2006-01-02T15". Where clocks go back, two hours have one name.
type Hour string

const hourFormat = "2006-01-02T15"

// HourOf returns the hour of t in t's own location.
func HourOf(t time.Time) Hour { return Hour(t.Format(hourFormat)) }

// ParseHour returns ok false for text that is not an hour.
func ParseHour(s string) (h Hour, ok bool) {
	_, err := time.Parse(hourFormat, s)
	return Hour(s), err == nil
}

// Date is the day the hour belongs to.
func (h Hour) Date() Date { return Date(h[:len(time.DateOnly)]) }

// OfDay is 0 to 23.
func (h Hour) OfDay() int {
	n, _ := strconv.Atoi(string(h[len(time.DateOnly)+1:]))
	return n
}

// In reports whether clocks in zone showed the hour at all: where they go forward, one is left out.
func (h Hour) In(zone *time.Location) bool {
	// Half past, since there are places that go forward by half an hour.
	t, err := time.ParseInLocation(hourFormat+":04", string(h)+":30", zone)
	return err == nil && HourOf(t) == h
}

// Begin dates a visit whose first event happened age before now: in the hour that the site's clock showed,
// until VisitLife after that hour began. So the expiry tells no finer time than the hour does, in zones of
// half hours too. An age that would have the visit expired already counts as now.
func (v *Visit) Begin(now time.Time, age time.Duration, zone *time.Location) {
	local := now.Add(-max(age, 0)).In(zone)
	if !hourStart(local).Add(VisitLife).After(now) {
		local = now.In(zone)
	}
	v.Hour, v.ExpiresAt = HourOf(local), hourStart(local).Add(VisitLife)
}

// hourStart is when the clock of local's place began to show local's hour, or a little before: the same for
// all times of an hour.
func hourStart(local time.Time) time.Time {
	y, m, d := local.Date()
	start := time.Date(y, m, d, local.Hour(), 0, 0, 0, local.Location())
	before := start.Add(-time.Hour)
	// Where clocks go back, Date may take the second hour of the name; where they go forward over the start
	// of the hour, a time past it.
	if HourOf(before) == HourOf(start) || HourOf(start) != HourOf(local) {
		return before
	}
	return start
}

// VisitID is the value of mc_session: 128 random bits in base64url.
type VisitID string

// ParseVisitID accepts exactly 22 characters of base64url.
func ParseVisitID(s string) (VisitID, error) {
	if len(s) != 22 {
		return "", errors.New("Must be 22 characters of base64url.")
	}
	for i := range len(s) {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return "", errors.New("Must be 22 characters of base64url.")
		}
	}
	return VisitID(s), nil
}

// FilterReason says why a visit is counted apart.
type FilterReason string

const (
	ForeignOrigin FilterReason = "origin"    // sent by a page that is not the site's
	Bot           FilterReason = "bot"       // says itself that it is a robot
	NoOrigin      FilterReason = "no-origin" // sent by no page: browsers name theirs
	Unproven      FilterReason = "unproven"  // without a proof of having loaded the widget's configuration lately
)

// Device is a visitor's kind of screen, as coarse as the user agent's first words.
type Device string

const (
	Phone   Device = "phone"
	Tablet  Device = "tablet"
	Desktop Device = "desktop"
)

// DeviceOf reads a User-Agent header.
func DeviceOf(userAgent string) Device {
	switch {
	case strings.Contains(userAgent, "iPad"), strings.Contains(userAgent, "Tablet"),
		strings.Contains(userAgent, "Android") && !strings.Contains(userAgent, "Mobile"):
		return Tablet
	case strings.Contains(userAgent, "Mobile"), strings.Contains(userAgent, "iPhone"), strings.Contains(
		userAgent, "Android",
	):
		return Phone
	}
	return Desktop
}

const (
	maxPage     = 160
	maxReferrer = 64
	masked      = "*"
)

// CleanPage reduces an address to its path: query, fragment, host and user are dropped, and a segment that
// looks like an email address, holds a number of six digits or more, or looks like a token becomes "*".
// What cannot be read becomes "/*": a page is never a reason to lose a visit.
func CleanPage(s string) string {
	s, _, _ = strings.Cut(s, "#")
	s, _, _ = strings.Cut(s, "?")
	if _, rest, ok := strings.Cut(s, "://"); ok {
		_, path, _ := strings.Cut(rest, "/")
		s = path
	}
	// What hides behind percent signs, once or more often, is looked at in the open.
	for range 3 {
		decoded, err := url.PathUnescape(s)
		if err != nil || decoded == s {
			break
		}
		s = decoded
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, forbiddenInLine) {
		return "/" + masked
	}
	// A query or fragment that was hidden in the path.
	s, _, _ = strings.Cut(s, "?")
	s, _, _ = strings.Cut(s, "#")
	var b strings.Builder
	for segment := range strings.SplitSeq(s, "/") {
		if segment == "" || segment == "." || segment == ".." {
			continue
		}
		// Matrix parameters are a query by another name (RFC 3986, 3.3).
		segment, _, _ = strings.Cut(segment, ";")
		if personal(segment) || hidden(segment) {
			segment = masked
		}
		if b.Len()+1+len(segment) > maxPage {
			break
		}
		b.WriteByte('/')
		b.WriteString(segment)
	}
	if b.Len() == 0 {
		return "/"
	}
	return b.String()
}

// CleanReferrer keeps a host or a campaign's name, lower-case and without "www.". Anything else that was
// sent is "other", nothing is "".
func CleanReferrer(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		return ""
	}
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s, _, _ = strings.Cut(rest, "/")
	}
	s = strings.TrimPrefix(s, "www.")
	if s == "" || len(s) > maxReferrer || personal(s) && !strings.Contains(s, ".") || digits(s) >= 6 {
		return "other"
	}
	for i := range len(s) {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_' || c == ':') {
			return "other"
		}
	}
	return s
}

// personal reports whether a path segment could name a person: an email address, six digits or more
// (spaces, hyphens, dots and brackets between them do not hide a phone number), or a token.
func personal(s string) bool {
	return strings.Contains(s, "@") || digits(s) >= 6 || tokenLike(s)
}

// hidden reports whether percent signs still hide something, after all that was done to open them.
func hidden(s string) bool {
	for i := strings.IndexByte(s, '%'); i >= 0 && i+2 < len(s); i++ {
		if s[i] == '%' && isHex(s[i+1]) && isHex(s[i+2]) {
			return true
		}
	}
	return false
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

// digits is the length of the longest run of digits, across what people write between those of a number.
func digits(s string) (longest int) {
	run := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			run++
		case strings.ContainsRune(" -.()+_", r) && run > 0:
		default:
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// tokenLike reports whether s is a long run without a word break that mixes letters and digits (hex,
// base64, JWT, UUID) or mixes cases as no word does.
func tokenLike(s string) bool {
	if len(s) < 16 {
		return false
	}
	var digit, lower, upper, turns int
	prev := byte(0)
	for i := range len(s) {
		c := s[i]
		kind := byte(0)
		switch {
		case c >= '0' && c <= '9':
			digit++
			kind = 1
		case c >= 'a' && c <= 'z':
			lower++
			kind = 2
		case c >= 'A' && c <= 'Z':
			upper++
			kind = 3
		}
		if kind != 0 && prev != 0 && kind != prev {
			turns++
		}
		prev = kind
	}
	letters := lower + upper
	return digit >= 3 && letters >= 1 && turns >= 3 || upper >= 3 && lower >= 3 && turns >= 6 ||
		len(s) >= 40 && turns == 0 && !strings.ContainsAny(s, "-_ ")
}
