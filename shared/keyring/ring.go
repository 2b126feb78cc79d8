// Package keyring holds the versions of a secret and derives one key from each for each purpose, so that a
// secret can be replaced while what the old one made is still read, and so that a key for one purpose says
// nothing about another.
package keyring

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MinSecret is how long each version's secret is at least: an empty one would verify what anybody signs.
const MinSecret = 32

// maxVersions bounds the reads of whoever looks something up under every version.
const maxVersions = 8

// Ring is a secret's versions at one moment.
type Ring struct {
	current int
	since   time.Time
	secrets map[int]string
}

// document is a ring as the secret's text holds it.
type document struct {
	Current int `json:"current"`
	// Since is when Current begins to be written with: every instance has read it by then, and all begin
	// together. Until then the version before it writes.
	Since *time.Time        `json:"since,omitempty"`
	Keys  map[string]string `json:"keys"`
}

// Parse reads {"current":2,"since":"2026-11-27T10:00:00Z","keys":{"1":"...","2":"..."}}. Any other text is the
// secret of version 1, as a template generates it.
func Parse(text string) (*Ring, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		r := &Ring{current: 1, secrets: map[int]string{1: text}}
		return r, r.check()
	}
	var d document
	// The error of package json would repeat some of the text.
	if json.Unmarshal([]byte(text), &d) != nil {
		return nil, errors.New("keyring: not the JSON of a ring")
	}
	r := &Ring{current: d.Current, secrets: map[int]string{}}
	if d.Since != nil {
		r.since = *d.Since
	}
	for name, secret := range d.Keys {
		v, err := strconv.Atoi(name)
		if err != nil || strconv.Itoa(v) != name || v < 1 {
			return nil, errors.New("keyring: a version is not a number from 1 on")
		}
		r.secrets[v] = secret
	}
	return r, r.check()
}

func (r *Ring) check() error {
	if len(r.secrets) > maxVersions {
		return fmt.Errorf("keyring: more than %d versions", maxVersions)
	}
	for v, secret := range r.secrets {
		if len(secret) < MinSecret {
			return fmt.Errorf("keyring: version %d is shorter than %d bytes", v, MinSecret)
		}
	}
	if r.secrets[r.current] == "" {
		return errors.New("keyring: the current version is not among the keys")
	}
	return nil
}

// Text is the ring as Parse reads it.
func (r *Ring) Text() string {
	d := document{Current: r.current, Keys: map[string]string{}}
	if !r.since.IsZero() {
		d.Since = &r.since
	}
	for v, secret := range r.secrets {
		d.Keys[strconv.Itoa(v)] = secret
	}
	text, _ := json.Marshal(d)
	return string(text)
}

// Current is the newest version, and since when it writes (zero: since ever).
func (r *Ring) Current() (version int, since time.Time) { return r.current, r.since }

// Writing is the version that now signs, seals and makes digests.
func (r *Ring) Writing(now time.Time) int {
	if now.Before(r.since) {
		before := 0
		for v := range r.secrets {
			if v < r.current {
				before = max(before, v)
			}
		}
		if before > 0 {
			return before
		}
	}
	return r.current
}

// Versions lists every version: the one that writes first, then the others from the newest on.
func (r *Ring) Versions(now time.Time) []int {
	writing := r.Writing(now)
	list := []int{writing}
	for v := range r.secrets {
		if v != writing {
			list = append(list, v)
		}
	}
	slices.SortFunc(list[1:], func(a, b int) int { return b - a })
	return list
}

// Key derives the key of a version for a purpose; nil for a version that is not in the ring.
func (r *Ring) Key(version int, purpose string) []byte {
	secret := r.secrets[version]
	if secret == "" {
		return nil
	}
	// The secret is random and long: HKDF needs no salt (RFC 5869, 3.1). 32 bytes never fail.
	key, _ := hkdf.Key(sha256.New, []byte(secret), nil, "mi-connect "+purpose, 32)
	return key
}

// Add returns the ring with one version more, which writes from since on.
func (r *Ring) Add(secret string, since time.Time) (*Ring, error) {
	newest := r.current
	out := &Ring{since: since.UTC().Truncate(time.Second), secrets: map[int]string{}}
	for v, s := range r.secrets {
		out.secrets[v], newest = s, max(newest, v)
	}
	out.current = newest + 1
	out.secrets[out.current] = secret
	return out, out.check()
}

// Settled returns the ring as it is once the current version writes, whatever this machine's clock says.
func (r *Ring) Settled() *Ring { return &Ring{current: r.current, secrets: r.secrets} }

// Drop returns the ring with the current version alone.
func (r *Ring) Drop() *Ring {
	return &Ring{current: r.current, since: r.since, secrets: map[int]string{r.current: r.secrets[r.current]}}
}
