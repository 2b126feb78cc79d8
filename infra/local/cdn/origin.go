package cdn

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/http"
	"slices"
	"strings"
)

// edge is where the API sees requests come from: an address that documents use, so that none takes it for the
// visitor's.
const edge = "192.0.2.1:443"

// toAPI answers from the cache, or asks the API and keeps what may be kept.
func (c *CDN) toAPI(w http.ResponseWriter, r *http.Request, i int, b behavior) {
	cacheable := r.Method == http.MethodGet || r.Method == http.MethodHead
	if cacheable && r.ContentLength > 0 {
		refuse(w, http.StatusForbidden, "Bad request: a "+r.Method+" has no body.")
		return
	}
	key := b.keep.key(i, r)
	if cacheable {
		if kept, age, ok := c.cache.get(key); ok {
			kept.write(w, "Hit from cloudfront", age, b.headers, r)
			return
		}
	}
	got := &answer{header: http.Header{}}
	c.api.ServeHTTP(got, b.request(r))
	if cacheable {
		c.cache.put(key, got, b.keep.life(got, c.errors))
	}
	said := "Miss from cloudfront"
	if got.status >= 400 {
		said = "Error from cloudfront"
	}
	got.write(w, said, -1, b.headers, r)
}

// request is what the origin is sent for r: what the policies name, and what CloudFront adds itself.
func (b behavior) request(r *http.Request) *http.Request {
	out := r.Clone(r.Context())
	out.Host, out.RemoteAddr, out.Header = b.api.domain, edge, http.Header{}
	if !b.keep.query && !b.forward.query {
		out.URL.RawQuery = ""
	}
	viewer, port, _ := net.SplitHostPort(r.RemoteAddr)
	for _, name := range slices.Concat(b.keep.headers, b.forward.headers) {
		switch {
		case name == "cloudfront-viewer-address":
			out.Header.Set(name, viewer+":"+port)
		case strings.HasPrefix(name, "cloudfront-"): // a country and its like are not known of this machine
		default:
			if values := r.Header.Values(name); len(values) > 0 {
				out.Header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
			}
		}
	}
	if out.Header.Get("User-Agent") == "" {
		out.Header.Set("User-Agent", "Amazon CloudFront")
	}
	if accepts := b.keep.accepts(r); accepts != "" {
		out.Header.Set("Accept-Encoding", accepts)
	}
	out.Header.Set("Via", "1.1 local.cloudfront.net (CloudFront)")
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	out.Header.Set("X-Amz-Cf-Id", hex.EncodeToString(id))
	forwarded := viewer
	if claimed := r.Header.Get("X-Forwarded-For"); claimed != "" {
		forwarded = claimed + ", " + viewer
	}
	out.Header.Set("X-Forwarded-For", forwarded)
	for name, values := range b.api.custom {
		out.Header[name] = values
	}
	return out
}

// accepts is Accept-Encoding as the cache tells it apart.
func (p cachePolicy) accepts(r *http.Request) string {
	var out []string
	for _, coding := range p.encoding {
		if strings.Contains(r.Header.Get("Accept-Encoding"), coding) {
			out = append(out, coding)
		}
	}
	return strings.Join(out, ",")
}

// answer is one of the API's.
type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}
