package connect

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Site is a customer's website that carries the widget.
type Site struct {
	ID            SiteID
	Account       AccountID
	Key           SiteKey
	Name          string
	Origins       []Origin // where the widget may run
	TimeZone      string   // IANA name; days and hours of the statistics are the site's own
	ProofKey      string   // what Proof is made with; never shown
	RetentionDays int      // how long a visitor's request is kept
	Version       int      // counts changes; a change is made on condition of the version it was made from
	CreatedAt     time.Time
	// InQueue says that all its requests are in the account's inbox; those of a site from before are put there.
	InQueue  bool
	QueuedTo string    // how far that has come
	ChosenAt time.Time // when somebody chose that it runs while others pause; zero for never
}

const (
	MaxOrigins       = 20
	maxHost          = 253 + len(":65535") // a name of the DNS, and a port
	DefaultTimeZone  = "Europe/London"
	DefaultRetention = 90
)

// Origin is a scheme, host and port as browsers write it in the Origin header (RFC 6454, 6.2).
type Origin string

// ParseOrigin returns the origin of an http or https address. People paste the address of a page: what follows the
// host is cut off, and the caller shows what is left.
func ParseOrigin(s string) (Origin, error) {
	u, err := url.Parse(withoutPage(s))
	if err == nil && !validHost(u.Hostname(), u.Port(), strings.HasSuffix(u.Host, ":")) {
		return "", errors.New("Enter a website address, such as https://www.example.com.")
	}
	if err != nil || len(u.Host) > maxHost || u.Hostname() == "" || u.User != nil ||
		(u.Scheme != "http" && u.Scheme != "https") {
		return "", errors.New("Enter a website address, such as https://www.example.com.")
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	for _, c := range host {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == ':') {
			return "", errors.New(
				"Use only letters, digits, dots and hyphens. Enter an internationalised domain name in its xn-- form.",
			)
		}
	}
	if u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		port = ""
	}
	switch {
	case port != "":
		host = net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	return Origin(u.Scheme + "://" + host), nil
}

// withoutPage cuts path, query and fragment off an address, and adds the scheme that people leave out.
func withoutPage(s string) string {
	scheme, rest, ok := strings.Cut(strings.TrimSpace(s), "://")
	if !ok || strings.ContainsAny(scheme, "/?#") {
		scheme, rest = "https", strings.TrimSpace(s)
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return scheme + "://" + rest
}

// validHost reports whether a browser could have a page of that host: labels of 1 to 63 characters, an IPv4 or
// IPv6 address written as browsers write it, and a port from 1 to 65535.
func validHost(host, port string, emptyPort bool) bool {
	if emptyPort {
		return false
	}
	if port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || port[0] == '0' {
			return false
		}
	}
	if strings.Contains(host, ":") {
		a, err := netip.ParseAddr(host)
		return err == nil && a.Zone() == "" && a.String() == strings.ToLower(host)
	}
	labels := strings.Split(host, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
	}
	// A last label that is a number makes it an IPv4 address, however it is written (WHATWG URL, 3.5).
	if last := labels[len(labels)-1]; last[0] >= '0' && last[0] <= '9' {
		a, err := netip.ParseAddr(host)
		return err == nil && a.Is4()
	}
	return len(labels) > 1 || host == "localhost"
}

// Allows reports whether a page of origin may use the site's widget. A call without an Origin header
// comes from no web page; it is not a foreign one.
func (s *Site) Allows(origin string) bool {
	return origin == "" || s.lists(Origin(strings.ToLower(origin)))
}

// lists reports whether an origin is one of the site's, with or without a leading "www.". No other subdomain is: on
// a host that many share (github.io, a shop platform) it would be somebody else's. "www" there is the platform's own.
func (s *Site) lists(o Origin) bool {
	return slices.ContainsFunc(s.Origins, func(listed Origin) bool { return listed.bare() == o.bare() })
}

// bare returns the origin without a leading "www.", unless only a top-level domain would be left.
func (o Origin) bare() Origin {
	scheme, host, _ := strings.Cut(string(o), "://")
	if rest, ok := strings.CutPrefix(host, "www."); ok && strings.Contains(rest, ".") {
		return Origin(scheme + "://" + rest)
	}
	return o
}

// Has reports whether an address is of one of the site's pages. A path alone is.
func (s *Site) Has(page string) bool {
	origin, path := cutOrigin(page)
	return origin == "" || path != "" && s.lists(Origin(origin))
}

// PagePath is an address without its origin.
func PagePath(page string) string {
	_, path := cutOrigin(page)
	return path
}

// PageHost is the host and port of an address, "" of a path.
func PageHost(page string) string {
	origin, _ := cutOrigin(page)
	_, host, _ := strings.Cut(origin, "://")
	return host
}

func cutOrigin(page string) (origin, path string) {
	scheme, rest, ok := strings.Cut(page, "://")
	if !ok {
		return "", page
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return scheme + "://" + rest[:i], rest[i:]
	}
	return page, "/"
}
