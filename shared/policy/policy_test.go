package policy

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func TestManifestSaysWhatItsHistorySays(t *testing.T) {
	if err := Current.Check(); err != nil {
		t.Fatal(err)
	}
}

func again(t *testing.T) *Manifest {
	t.Helper()
	m, err := Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestRevisionIgnoresOrderAndWhiteSpace(t *testing.T) {
	for range 50 {
		m := again(t)
		rand.Shuffle(len(m.Storage), func(i, j int) { m.Storage[i], m.Storage[j] = m.Storage[j], m.Storage[i] })
		rand.Shuffle(len(m.Hosts), func(i, j int) { m.Hosts[i], m.Hosts[j] = m.Hosts[j], m.Hosts[i] })
		for i := range m.Storage {
			e := &m.Storage[i]
			e.Purpose = "  " + strings.ReplaceAll(e.Purpose, " ", "\n\t ")
			rand.Shuffle(len(e.Pages), func(i, j int) { e.Pages[i], e.Pages[j] = e.Pages[j], e.Pages[i] })
		}
		text, _ := json.MarshalIndent(m, "\t", "    ")
		if m, err := Parse(text); err != nil || m.Revision() != Current.Revision() {
			t.Fatalf("revision %s of the same meaning, want %s (%v)", m.Revision(), Current.Revision(), err)
		}
	}
}

func TestRevisionCoversEveryField(t *testing.T) {
	seen := map[string]string{Current.Revision(): "the manifest"}
	try := func(what string, m *Manifest) {
		t.Helper()
		if other, ok := seen[m.Revision()]; ok {
			t.Errorf("%s has the revision of %s", what, other)
		}
		seen[m.Revision()] = what
	}
	for list, of := range map[string]func(*Manifest) reflect.Value{
		"storage": func(m *Manifest) reflect.Value { return reflect.ValueOf(m.Storage) },
		"hosts":   func(m *Manifest) reflect.Value { return reflect.ValueOf(m.Hosts) },
	} {
		for i := range of(Current).Len() {
			for f := range of(Current).Index(i).NumField() {
				m := again(t)
				field := of(m).Index(i).Field(f)
				name := of(m).Index(i).Type().Field(f).Name
				if field.Kind() == reflect.String {
					field.SetString(field.String() + " x")
				} else {
					field.Set(reflect.AppendSlice(reflect.ValueOf([]string{"elsewhere"}), field))
				}
				try(list+" "+name, m)
			}
		}
	}
	m := again(t)
	m.Storage = m.Storage[1:]
	try("one key less", m)
	m = again(t)
	m.Contact = "elsewhere"
	try("contact", m)
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	for name, spoil := range map[string]func(*Manifest){
		"changed purpose":      func(m *Manifest) { m.Storage[0].Purpose = "Another." },
		"changed notice":       func(m *Manifest) { m.CookieNotice += " More." },
		"empty history":        func(m *Manifest) { m.History = nil },
		"change without words": func(m *Manifest) { m.History[len(m.History)-1].Changes = nil },
		"no date":              func(m *Manifest) { m.History[len(m.History)-1].Date = "soon" },
		"key not told":         func(m *Manifest) { delete(m.Customers["en"].Rows, "mc_session") },
		"key told in vain":     func(m *Manifest) { m.Customers["en"].Rows["mc_other"] = Row{} },
		"no English":           func(m *Manifest) { delete(m.Customers, "en") },
	} {
		m := again(t)
		spoil(m)
		if m.Check() == nil {
			t.Errorf("%s: nothing found", name)
		}
	}
	if _, err := Parse(bytes.Replace(file, []byte(`"contact"`), []byte(`"more": 1, "contact"`), 1)); err == nil {
		t.Error("an unknown field was taken")
	}
}

func TestNoticeNamesEveryKeyOnCustomersPages(t *testing.T) {
	for _, n := range Current.PrivacyNotices() {
		for _, e := range Current.Storage {
			onSite := false
			for _, p := range e.Pages {
				onSite = onSite || p == Site
			}
			if got := strings.Contains(n.Text, e.Name) && strings.Contains(n.HTML, e.Name); got != onSite {
				t.Errorf("%s: names %s: %v, want %v", n.Language, e.Name, got, onSite)
			}
		}
		d := xml.NewDecoder(strings.NewReader(n.HTML))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: not well-formed: %v\n%s", n.Language, err, n.HTML)
			}
		}
	}
	m := again(t)
	w := m.Customers["en"]
	w.Intro = `<script>"&`
	m.Customers["en"] = w
	if html := m.PrivacyNotices()[0].HTML; strings.Contains(html, "<script") || !strings.Contains(html, "&lt;script&gt;") {
		t.Error("words become markup")
	}
	if m.PrivacyNoticeVersion() == Current.PrivacyNoticeVersion() {
		t.Error("other words, same version")
	}
}
