package connect

import "slices"

// RequestAlert is how a person hears of the requests to a site.
type RequestAlert string

const (
	AlertAtOnce RequestAlert = "at-once" // one email a request, up to RequestMailsPerHour
	AlertOff    RequestAlert = "off"
)

func (a RequestAlert) Valid() bool { return a == AlertAtOnce || a == AlertOff }

// RequestMailsPerHour is how many requests to a site are told one by one in a clock hour. The rest of the hour's are
// told together when it ends, so that nobody fills a mailbox through a public form: a person gets at most one email
// more than this. Whoever gets so many calls an hour has the inbox open, where all of them are.
const RequestMailsPerHour = 10

// RequestAlert returns what m chose for a site of the account that m is a place in, and else at once for those who
// work the inbox.
func (m Member) RequestAlert(site SiteID) RequestAlert { return m.alert(site, m.Role >= Agent) }

// ClientRequestAlert is the same for a site of a client of m's agency. The client's own people are told of its
// requests; the agency's are while the client has nobody who works its inbox.
func (m Member) ClientRequestAlert(site SiteID, staffed bool) RequestAlert {
	return m.alert(site, m.Role >= Agent && !staffed)
}

func (m Member) alert(site SiteID, unlessChosen bool) RequestAlert {
	switch {
	case slices.Contains(m.Unalerted, site):
		return AlertOff
	case slices.Contains(m.Alerted, site) || unlessChosen:
		return AlertAtOnce
	}
	return AlertOff
}

// Staffed reports whether an account has members who work its inbox.
func Staffed(members []Member) bool {
	return slices.ContainsFunc(members, func(m Member) bool { return m.Role >= Agent })
}
