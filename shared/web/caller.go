package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Caller is who sends a request: when, from where and with what browser. It is determined once per request.
type Caller struct {
	At      time.Time  // one time for everything the request does
	Address netip.Addr // the zero Addr when it cannot be read
	// Networks contain the address, narrowest first: /24 or /64. One customer of an IPv6 provider has 256 (/56) or
	// 65,536 (/48) networks of /64 and can send from each of them, so whoever limits callers counts in all of these
	// (Throttles.ThrottleNetworks). Callers without a readable address share one.
	Networks []connect.Prefix
	Family   string             // of the browser
	Client   connect.ClientInfo // for people to read

	attrs []slog.Attr // of the request's log record
}

// Network is the narrowest of a caller's networks.
func (c *Caller) Network() string { return c.Networks[0].Text }

// Note adds an attribute to the request's log record. Never a body, a token, an address or a number.
func (c *Caller) Note(key, value string) { c.attrs = append(c.attrs, slog.String(key, value)) }

// Count adds one to a metric, in the request's log record.
func (c *Caller) Count(metric string) {
	c.attrs = append(c.attrs, slog.Int(metric, 1), Metric(c.At, metric))
}

// AuditEntry returns an entry for the log of the account that who acts in.
func (c *Caller) AuditEntry(who connect.Identity, action connect.AuditAction, target string) connect.AuditEntry {
	return connect.AuditEntry{
		Account: who.Account, At: c.At, Action: action, Actor: who.User, ActorName: who.Name, Target: target,
		Client: c.Client, Plan: who.Plan,
	}
}

// CallerOf returns who sends r.
func CallerOf(r *http.Request) *Caller { return &callOf(r).Caller }

// AuditEntry is Caller.AuditEntry for the caller of r.
func AuditEntry(
	r *http.Request, who connect.Identity, action connect.AuditAction, target string,
) connect.AuditEntry {
	return CallerOf(r).AuditEntry(who, action, target)
}

// newCaller determines who sends r. A trusted request carries the CDN's secret, and names the viewer's address and
// country. Any other comes from whoever connected to the API. X-Forwarded-For is never read: anybody can write it.
func newCaller(r *http.Request, at time.Time, trusted bool) Caller {
	from, browser := address(r, trusted), r.UserAgent()
	return Caller{
		At: at, Address: from, Networks: networks(from), Family: connect.BrowserFamily(browser),
		Client: connect.ClientInfo{Location: location(r, from, trusted), Browser: connect.BrowserName(browser)},
	}
}

// CDN is in front of the API and names the viewer of each request.
type CDN struct{ keys string }

// NewCDN takes the secret that the CDN sends with each request; with an empty secret no request is trusted.
func NewCDN(keys string) CDN { return CDN{keys} }

// trusts reports whether both sides share a key. Each may have several, separated by commas, so that a key can be
// replaced although the two sides never change at the same moment.
func (c CDN) trusts(r *http.Request) bool {
	sent := r.Header.Get("X-Mi-Cdn")
	return sent != "" && len(sent) <= 300 && shared(sent, c.keys)
}

func shared(sent, known string) bool {
	found := false
	for _, s := range strings.Split(sent, ",") {
		for _, k := range strings.Split(known, ",") {
			// Digests of equal length, so that the time reveals nothing about the secret.
			found = equal(s, k) && k != "" || found
		}
	}
	return found
}

func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

func address(r *http.Request, trusted bool) netip.Addr {
	text := r.RemoteAddr
	if trusted {
		// "198.51.100.7:4711", and for IPv6 too the port comes after the last colon, without brackets.
		if v := r.Header.Get("Cloudfront-Viewer-Address"); v != "" {
			text = v[:max(0, strings.LastIndexByte(v, ':'))]
		}
	} else if ap, err := netip.ParseAddrPort(text); err == nil {
		return ap.Addr().Unmap()
	}
	a, _ := netip.ParseAddr(strings.Trim(text, "[]"))
	return a.Unmap()
}

func networks(a netip.Addr) []connect.Prefix {
	a = a.WithZone("")
	if a.Is4() {
		p, _ := a.Prefix(24)
		return []connect.Prefix{{Text: p.String(), Share: 1}}
	}
	if !a.Is6() {
		return []connect.Prefix{{Text: "unknown", Share: 1}}
	}
	all := []connect.Prefix{{Share: 1}, {Share: 4}, {Share: 16}}
	for n, bits := range []int{64, 56, 48} {
		p, _ := a.Prefix(bits)
		all[n].Text = p.String()
	}
	return all
}

// location is a country if the CDN names one, otherwise half of the network address.
func location(r *http.Request, a netip.Addr, trusted bool) string {
	country := r.Header.Get("Cloudfront-Viewer-Country")
	upper := func(c byte) bool { return 'A' <= c && c <= 'Z' }
	switch {
	case trusted && len(country) == 2 && upper(country[0]) && upper(country[1]):
		return country
	case a.Is4():
		b := a.As4()
		return strconv.Itoa(int(b[0])) + "." + strconv.Itoa(int(b[1])) + ".x.x"
	case a.IsValid():
		p, _ := a.WithZone("").Prefix(32)
		return strings.TrimSuffix(p.Addr().String(), "::") + ":x"
	}
	return ""
}
