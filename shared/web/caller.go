package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// CDN knows where a request comes from. Only a request that carries the CDN's secret is believed when it
// names the viewer's address or country; any other comes from whoever connected to the API. X-Forwarded-For
// is never read: anybody can write it.
type CDN struct{ keys string }

// NewCDN takes the secret that the CDN sends with each request; with an empty one no request is believed.
func NewCDN(keys string) CDN { return CDN{keys} }

// trusts looks for a key that both sides have: each may name several, separated by commas, so that one can be
// replaced although the two never change at the same moment.
func (c CDN) trusts(r *http.Request) bool {
	sent := r.Header.Get("X-Mi-Cdn")
	return sent != "" && len(sent) <= 300 && shared(sent, c.keys)
}

func shared(sent, known string) bool {
	found := false
	for _, s := range strings.Split(sent, ",") {
		for _, k := range strings.Split(known, ",") {
			// Digests of one length, so that the time says nothing about the secret.
			found = equal(s, k) && k != "" || found
		}
	}
	return found
}

// Address is the caller's, the zero Addr when it cannot be read.
func (c CDN) Address(r *http.Request) netip.Addr {
	text := r.RemoteAddr
	if c.trusts(r) {
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

// Prefix is the caller's network, which budgets are counted for: /24 or /64. Callers without a readable
// address share one.
func (c CDN) Prefix(r *http.Request) string { return c.Prefixes(r)[0].Text }

// Prefixes are the networks that the caller is in, narrowest first. One customer of an IPv6 provider is given
// 256 (/56) or 65,536 (/48) networks of /64 and may ask from each: whoever bounds callers counts in all of
// these, store.TakeFrom.
func (c CDN) Prefixes(r *http.Request) []connect.Prefix {
	a := c.Address(r).WithZone("")
	prefix := func(bits, share int) connect.Prefix {
		p, _ := a.Prefix(bits)
		return connect.Prefix{Text: p.String(), Share: share}
	}
	switch {
	case a.Is4():
		return []connect.Prefix{prefix(24, 1)}
	case a.Is6():
		return []connect.Prefix{prefix(64, 1), prefix(56, 4), prefix(48, 16)}
	}
	return []connect.Prefix{{Text: "unknown", Share: 1}}
}

// ClientInfo is where a request comes from, for people to read: a country when the CDN says it, else half the
// network address.
func (c CDN) ClientInfo(r *http.Request) connect.ClientInfo {
	w := connect.ClientInfo{Browser: connect.BrowserName(r.UserAgent())}
	if country := r.Header.Get("Cloudfront-Viewer-Country"); c.trusts(r) && len(country) == 2 && country[0] >= 'A' && country[0] <= 'Z' && country[1] >= 'A' && country[1] <= 'Z' {
		w.Location = country
		return w
	}
	a := c.Address(r)
	switch {
	case a.Is4():
		b := a.As4()
		w.Location = strconv.Itoa(int(b[0])) + "." + strconv.Itoa(int(b[1])) + ".x.x"
	case a.IsValid():
		p, _ := a.WithZone("").Prefix(32)
		w.Location = strings.TrimSuffix(p.Addr().String(), "::") + ":x"
	}
	return w
}

// AuditEntry is an entry for the audit log of the account that who acts in.
func (c CDN) AuditEntry(r *http.Request, who connect.Identity, action connect.AuditAction, target string) connect.AuditEntry {
	return connect.AuditEntry{
		Account: who.Account, At: Now(r), Action: action, Actor: who.User, ActorName: who.Name, Target: target, Client: c.ClientInfo(r), Plan: who.Plan,
	}
}

func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
