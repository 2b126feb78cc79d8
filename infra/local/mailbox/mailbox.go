// Package mailbox receives the mail that functions send and shows it.
package mailbox

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Keep is how many mails are kept; older ones go.
const Keep = 500

// Mail is one received mail.
type Mail struct {
	ID      string    `json:"id"`
	From    string    `json:"from"`
	To      string    `json:"to"` // more than one are separated by ", "
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	Links   []string  `json:"links"`
	At      time.Time `json:"at"`
}

// Box holds mails, one file each.
type Box struct {
	// Refuse tells whether the next mail is refused for now; nil for never.
	Refuse func() bool

	dir string

	mu    sync.Mutex
	mails []Mail // newest first
}

// Open reads the mails in dir.
func Open(dir string) (*Box, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	b := &Box{dir: dir}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var m Mail
		if err := json.Unmarshal(text, &m); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		b.mails = append(b.mails, m)
	}
	slices.SortFunc(b.mails, func(x, y Mail) int { return strings.Compare(y.ID, x.ID) })
	return b, nil
}

// Add keeps a mail. It is in a file when Add returns.
func (b *Box) Add(m Mail) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var r [4]byte
	_, _ = rand.Read(r[:])
	m.At = time.Now().UTC()
	m.ID = m.At.Format("20060102T150405.000000000") + "-" + hex.EncodeToString(r[:])
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(b.dir, m.ID+".json")
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	b.mails = slices.Insert(b.mails, 0, m)
	for len(b.mails) > Keep {
		_ = os.Remove(filepath.Join(b.dir, b.mails[Keep].ID+".json"))
		b.mails = slices.Delete(b.mails, Keep, Keep+1)
	}
	return nil
}

// List gives the mails to an address ("" for all), newest first.
func (b *Box) List(to string) []Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := []Mail{}
	for _, m := range b.mails {
		if to == "" ||
			slices.ContainsFunc(strings.Split(m.To, ", "), func(a string) bool { return strings.EqualFold(a, to) }) {
			out = append(out, m)
		}
	}
	return out
}
