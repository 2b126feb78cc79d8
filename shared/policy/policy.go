// Package policy holds the one list of what Mi Connect keeps in browsers and which hosts its pages contact.
// The pages' table, GET /v1/policy, the notice customers paste into theirs, the storage modules' allow-lists
// and the crawl that compares all of it with a real browser are made from manifest.json.
package policy

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

//go:embed manifest.json
var file []byte

// Where something is kept or contacted from.
const (
	Own     = "own"     // our own pages
	Site    = "site"    // a customer's page that carries the widget
	Payment = "payment" // Stripe's own pages
)

// Entry is one key or cookie.
type Entry struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind"` // localStorage, sessionStorage or cookie
	Pages    []string `json:"pages"`
	Where    string   `json:"where"`
	Type     string   `json:"type"`
	Purpose  string   `json:"purpose"`
	Duration string   `json:"duration"`
	SetBy    string   `json:"setBy"`
}

// Host is one host that a browser contacts. "{origin}" is where Mi Connect itself runs.
type Host struct {
	Host    string   `json:"host"`
	Pages   []string `json:"pages"`
	Purpose string   `json:"purpose"`
	SetBy   string   `json:"setBy"`
}

// Change is one published revision: Text is the hash of the cookie notice as it was shown then.
type Change struct {
	Revision string   `json:"revision"`
	Date     string   `json:"date"`
	Text     string   `json:"text"`
	Changes  []string `json:"changes"`
}

// Manifest is the file. Its last Change is the revision in force.
type Manifest struct {
	Controller   string                `json:"controller"`
	Contact      string                `json:"contact"`
	Storage      []Entry               `json:"storage"`
	Hosts        []Host                `json:"hosts"`
	CookieNotice string                `json:"notice"`
	Customers    map[string]NoticeText `json:"customers"`
	History      []Change              `json:"history"`
}

// Current is the manifest this binary was built with. A file that does not say what it says in its history
// fails the package's tests; one that cannot be read never starts.
var Current = func() *Manifest {
	m, err := Parse(file)
	if err != nil {
		panic("policy: manifest.json: " + err.Error())
	}
	return m
}()

// Parse refuses unknown fields: nothing may stand in the file that its revision does not cover unseen.
func Parse(text []byte) (*Manifest, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	m := &Manifest{}
	if err := d.Decode(m); err != nil {
		return nil, err
	}
	return m, nil
}

// Revision is a hash of what the manifest means: the storage and the hosts, whatever their order and the
// white space in their words. It is short because the widget carries it.
func (m *Manifest) Revision() string {
	storage, hosts := slices.Clone(m.Storage), slices.Clone(m.Hosts)
	for i := range storage {
		e := &storage[i]
		*e = Entry{
			plain(e.Name), plain(e.Kind), sorted(e.Pages), plain(e.Where), plain(e.Type), plain(e.Purpose), plain(e.Duration),
			plain(e.SetBy),
		}
	}
	for i := range hosts {
		h := &hosts[i]
		*h = Host{plain(h.Host), sorted(h.Pages), plain(h.Purpose), plain(h.SetBy)}
	}
	slices.SortFunc(storage, func(a, b Entry) int { return strings.Compare(a.Kind+" "+a.Name, b.Kind+" "+b.Name) })
	slices.SortFunc(hosts, func(a, b Host) int { return strings.Compare(a.Host, b.Host) })
	return hash(struct {
		Controller, Contact string
		Storage             []Entry
		Hosts               []Host
	}{plain(m.Controller), plain(m.Contact), storage, hosts})[:10]
}

// TextHash is the hash of the notice that our own pages show.
func (m *Manifest) TextHash() string { return hash(plain(m.CookieNotice)) }

// Updated is the date of the revision in force.
func (m *Manifest) Updated() string { return m.History[len(m.History)-1].Date }

// Published finds a revision that is or was in force.
func (m *Manifest) Published(revision string) (Change, bool) {
	for _, c := range slices.Backward(m.History) {
		if c.Revision == revision {
			return c, true
		}
	}
	return Change{}, false
}

// Check says what is wrong with the manifest itself: a meaning or a notice that its history does not know,
// a history out of order, a customers' notice that leaves out a key.
func (m *Manifest) Check() error {
	if len(m.History) == 0 || m.History[len(m.History)-1].Revision != m.Revision() ||
		m.History[len(m.History)-1].Text != m.TextHash() {
		return fmt.Errorf(
			"the manifest has changed: end its history with {\"revision\": %q, \"date\": ..., \"text\": %q, \"changes\": [...]}",
			m.Revision(), m.TextHash(),
		)
	}
	before, seen := "", map[string]bool{}
	for _, c := range m.History {
		if _, err := time.Parse(time.DateOnly, c.Date); err != nil || c.Date < before {
			return fmt.Errorf("history: %s is no date, or is older than the one before", c.Date)
		}
		if len(c.Changes) == 0 {
			return fmt.Errorf("history: %s does not say what changed", c.Revision)
		}
		if seen[c.Revision+c.Text] {
			return fmt.Errorf("history: %s is listed twice", c.Revision)
		}
		before, seen[c.Revision+c.Text] = c.Date, true
	}
	names := map[string]bool{}
	for _, e := range m.Storage {
		if names[e.Kind+e.Name] {
			return fmt.Errorf("storage: %s is listed twice", e.Name)
		}
		names[e.Kind+e.Name] = true
		if !slices.Contains([]string{"localStorage", "sessionStorage", "cookie", "serviceWorker"}, e.Kind) {
			return fmt.Errorf("storage: %s: unknown kind %q", e.Name, e.Kind)
		}
		for _, text := range []string{e.Name, e.Where, e.Type, e.Purpose, e.Duration, e.SetBy} {
			if plain(text) == "" {
				return fmt.Errorf("storage: %s leaves something out", e.Name)
			}
		}
	}
	if _, ok := m.Customers["en"]; !ok {
		return errors.New("customers: there must be a notice in English")
	}
	for language, words := range m.Customers {
		for _, e := range m.onSites() {
			if _, ok := words.Rows[e.Name]; !ok {
				return fmt.Errorf("customers: %s says nothing of %s", language, e.Name)
			}
		}
		if len(words.Rows) != len(m.onSites()) || len(words.Columns) != 4 {
			return fmt.Errorf("customers: %s lists what is not kept on customers' pages, or has not four columns", language)
		}
	}
	return nil
}

func (m *Manifest) onSites() []Entry {
	var on []Entry
	for _, e := range m.Storage {
		if slices.Contains(e.Pages, Site) {
			on = append(on, e)
		}
	}
	slices.SortFunc(on, func(a, b Entry) int { return strings.Compare(b.Kind+b.Name, a.Kind+a.Name) })
	return on
}

func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

func sorted(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return out
}

// hash is 80 bits: enough to tell texts apart, short enough to be quoted.
func hash(v any) string {
	text, _ := json.Marshal(v)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:10])
}
