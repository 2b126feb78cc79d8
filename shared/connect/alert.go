package connect

import (
	"slices"
	"strconv"
	"strings"
)

// RequestAlert is how a person hears of the requests to a site.
type RequestAlert string

const (
	AlertAtOnce RequestAlert = "at-once" // one email a request, up to RequestMailsPerHour
	AlertDaily  RequestAlert = "daily"   // one email a day, of all such sites
	AlertOff    RequestAlert = "off"
)

func (a RequestAlert) Valid() bool { return a == AlertAtOnce || a == AlertDaily || a == AlertOff }

// AlertChoice is what a person chose for a site.
type AlertChoice struct {
	Requests RequestAlert
	// Departments are those of whose requests they are told; none stands for all. "" is one of them: requests that
	// name none of the site's departments.
	Departments []string
}

// Covers reports whether the choice is for requests to a department of a site that has those listed. Where all that
// were chosen are gone, it is for all: that a department was renamed must not silence anybody.
func (c AlertChoice) Covers(department string, listed []string) bool {
	lists := func(list []string, name string) bool {
		return slices.ContainsFunc(list, func(one string) bool {
			return strings.EqualFold(strings.TrimSpace(one), strings.TrimSpace(name))
		})
	}
	if !slices.ContainsFunc(c.Departments, func(one string) bool { return one == "" || lists(listed, one) }) {
		return true
	}
	if !lists(listed, department) {
		department = ""
	}
	return lists(c.Departments, department)
}

// AlertTimes are when a person may be told, by the clock of their own zone: it is they who sleep, wherever a site is.
// Times are minutes since midnight.
type AlertTimes struct {
	Zone  string // "" until they have chosen
	Daily int    // of the email a day
	Quiet bool
	// From and To are the quiet hours, past midnight when To is not later.
	From, To int
}

// DefaultDaily is when the email of a day goes unless a person has chosen.
const DefaultDaily = 8 * 60

// RequestMailsPerHour is how many requests to a site are told one by one in a clock hour. The rest of the hour's are
// told together when it ends, so that nobody fills a mailbox through a public form: a person gets at most one email
// more than this. Whoever gets so many calls an hour has the inbox open, where all of them are.
const RequestMailsPerHour = 10

// RequestAlert returns what m chose for a site of the account that m is a place in, and else at once for those who
// work the inbox.
func (m Member) RequestAlert(site SiteID) AlertChoice { return m.alert(site, m.Role >= Agent) }

// ClientRequestAlert is the same for a site of a client of m's agency. The client's own people are told of its
// requests; the agency's are while the client has nobody who works its inbox.
func (m Member) ClientRequestAlert(site SiteID, staffed bool) AlertChoice {
	return m.alert(site, m.Role >= Agent && !staffed)
}

func (m Member) alert(site SiteID, unlessChosen bool) AlertChoice {
	c := AlertChoice{Requests: AlertOff, Departments: m.AlertDepartments[site]}
	switch {
	case slices.Contains(m.Unalerted, site):
	case slices.Contains(m.AlertedDaily, site):
		c.Requests = AlertDaily
	case slices.Contains(m.Alerted, site) || unlessChosen:
		c.Requests = AlertAtOnce
	}
	return c
}

// Staffed reports whether an account has members who work its inbox.
func Staffed(members []Member) bool {
	return slices.ContainsFunc(members, func(m Member) bool { return m.Role >= Agent })
}

// Held is what a person is told of later, together with all else that waits for the same instant: a request, for no
// Callback the rest of a site's hour, or for a Message that calls are late, Late of them.
type Held struct {
	Account  AccountID
	Site     SiteID
	Callback CallbackID
	Late     int
	Message  string
}

// String is what ParseHeld reads.
func (h Held) String() string {
	return strings.Join([]string{
		string(h.Account), string(h.Site), string(h.Callback), strconv.Itoa(h.Late), h.Message,
	}, "/")
}

// ParseHeld returns the zero value for what String did not write.
func ParseHeld(text string) Held {
	p := strings.SplitN(text, "/", 5)
	if len(p) < 5 {
		return Held{}
	}
	late, _ := strconv.Atoi(p[3])
	return Held{AccountID(p[0]), SiteID(p[1]), CallbackID(p[2]), late, p[4]}
}
