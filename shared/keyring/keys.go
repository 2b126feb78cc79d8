package keyring

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

// Source is where a ring's text is read; secret.Value in the functions.
type Source interface {
	// Text returns the secret as it was read a few minutes ago at most.
	Text() string
	// Again returns it as it is now, unless that was read a moment ago.
	Again() string
}

// Fixed is a Source that never changes.
type Fixed string

func (f Fixed) Text() string  { return string(f) }
func (f Fixed) Again() string { return string(f) }

// Keys is a ring that follows its source.
type Keys struct {
	source Source
	clock  func() time.Time

	mu   sync.Mutex
	text string
	ring *Ring
}

// Open fails where the source holds no ring.
func Open(source Source) (*Keys, error) {
	k := &Keys{source: source, clock: time.Now, text: source.Text()} //nolint:forbidigo // tests set it
	var err error
	k.ring, err = Parse(k.text)
	return k, err
}

// Ring is the ring as it is.
func (k *Keys) Ring() *Ring { return k.follow(k.source.Text()) }

// RingWith is the ring in which a version is looked for: read again where it is not known, because another
// instance may have learnt of it first.
func (k *Keys) RingWith(version int) *Ring {
	r := k.Ring()
	if r.secrets[version] == "" {
		r = k.follow(k.source.Again())
	}
	return r
}

// follow takes up a text that changed. One that is no ring is passed over: what was valid stays in use.
func (k *Keys) follow(text string) *Ring {
	k.mu.Lock()
	defer k.mu.Unlock()
	if text != k.text {
		k.text = text
		if r, err := Parse(text); err == nil {
			k.ring = r
		}
	}
	return k.ring
}

// Writing is the version that writes now, and its key for a purpose.
func (k *Keys) Writing(purpose string) (version int, key []byte) {
	r := k.Ring()
	v := r.Writing(k.clock())
	return v, r.Key(v, purpose)
}

// Key is a version's key for a purpose; nil where the ring has not got it.
func (k *Keys) Key(version int, purpose string) []byte {
	return k.RingWith(version).Key(version, purpose)
}

// Versions lists the versions of the ring, the one that writes first.
func (k *Keys) Versions() []int { return k.Ring().Versions(k.clock()) }

// Mark puts a version before what was made with it: "2~text".
func Mark(version int, text string) string { return strconv.Itoa(version) + "~" + text }

// Unmark takes it off again; ok is false for a text without one.
func Unmark(marked string) (version int, text string, ok bool) {
	name, text, found := strings.Cut(marked, "~")
	v, err := strconv.Atoi(name)
	// One spelling only: "+2" and "02" are numbers too.
	return v, text, found && err == nil && v > 0 && strconv.Itoa(v) == name
}
