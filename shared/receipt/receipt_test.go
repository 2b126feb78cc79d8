package receipt

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

var at = time.Date(2026, 11, 23, 23, 59, 59, 999e6, time.UTC)

func TestMACCoversEveryField(t *testing.T) {
	b := Open(make([]byte, 32), 10)
	full := connect.Receipt{
		ID: "r_1", Kind: "k", Site: "s", Revision: "r", Text: "t", Choice: "c", Page: "p", Via: "v", Count: 1,
	}
	r := b.Sign(&full, at)
	if !b.Genuine(r) {
		t.Fatal("a fresh receipt is not genuine")
	}
	if Open(append(make([]byte, 31), 1), 10).Genuine(r) {
		t.Error("genuine under another key")
	}
	for i := range reflect.TypeOf(*r).NumField() {
		field := reflect.TypeOf(*r).Field(i).Name
		if field == "ExpiresAt" {
			continue // what the seal is for
		}
		changed := *r
		switch v := reflect.ValueOf(&changed).Elem().Field(i); v.Kind() {
		case reflect.String:
			v.SetString(v.String() + "x")
		case reflect.Int:
			v.SetInt(v.Int() + 1)
		default:
			changed.At = changed.At.Add(time.Millisecond)
		}
		if b.Genuine(&changed) {
			t.Errorf("%s can be changed", field)
		}
	}
	moved := *r
	moved.Revision, moved.Text = "rt", ""
	if b.Genuine(&moved) {
		t.Error("text can move from one field to the next")
	}
}

func TestADayExpiresAtOnce(t *testing.T) {
	b := Open(make([]byte, 32), 10)
	early, late := b.Sign(&connect.Receipt{}, at.Truncate(24*time.Hour)), b.Sign(&connect.Receipt{}, at)
	if !early.ExpiresAt.Equal(late.ExpiresAt) || late.ExpiresAt.Sub(late.At) < 10*24*time.Hour {
		t.Errorf("expiry %v and %v", early.ExpiresAt, late.ExpiresAt)
	}
}

// root is the definition, RFC 9162, 2.1.1.
func root(leaves [][]byte) []byte {
	switch n := len(leaves); n {
	case 0:
		s := sha256.Sum256(nil)
		return s[:]
	case 1:
		return leaves[0]
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		s := sha256.Sum256(append(append([]byte{1}, root(leaves[:k])...), root(leaves[k:])...))
		return s[:]
	}
}

func TestRootIsTheDefinition(t *testing.T) {
	for n := range 70 {
		tree, leaves := &Tree{}, [][]byte{}
		for i := range n {
			r := &connect.Receipt{ID: connect.ReceiptID("r_" + string(rune('a'+i))), Kind: connect.Consent, MAC: "m"}
			tree.Add(r)
			s := sha256.Sum256([]byte("\x00consent\x00" + string(r.ID) + "\x00m"))
			leaves = append(leaves, s[:])
		}
		if want := base64.RawURLEncoding.EncodeToString(root(leaves)); tree.Root() != want || tree.Count() != n {
			t.Fatalf("%d leaves: %s (%d), want %s", n, tree.Root(), tree.Count(), want)
		}
	}
}

func TestWeakKeyIsRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an empty key was taken")
		}
	}()
	Open(nil, 10)
}

// memory is a shelf for what needs no table.
type memory struct {
	seals    []*connect.Seal
	receipts []*connect.Receipt
}

func (m *memory) Seals(_ context.Context, yield func(*connect.Seal) error) error {
	for _, s := range m.seals {
		if err := yield(s); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Receipts(_ context.Context, day connect.Date, yield func(*connect.Receipt) error) error {
	for _, r := range m.receipts {
		if r.Day() == day {
			if err := yield(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestAuditKnowsRetentionAndLateSeals(t *testing.T) {
	b, ctx := Open(make([]byte, 32), 10), context.Background()
	day := connect.DateOf(at)
	full := &Tree{}
	full.Add(b.Sign(&connect.Receipt{ID: "r_1", Kind: connect.Consent}, at))
	m := &memory{seals: []*connect.Seal{b.Seal(day, full, "", at)}} // its receipt is gone

	rep, err := b.Audit(ctx, m, at.AddDate(0, 0, 1))
	if err != nil || len(rep.Findings) != 1 || rep.Findings[0].What != "1 of 1 missing" {
		t.Errorf("a missing receipt: %v %v", rep.Findings, err)
	}
	// After the retention it is right to be gone; that no day was sealed since is not.
	rep, err = b.Audit(ctx, m, at.AddDate(0, 0, 12))
	if err != nil || rep.Expired != 1 || len(rep.Findings) != 10 || rep.Findings[0].What != "the seal is missing" {
		t.Errorf("past retention: %v %v", rep, err)
	}
	rep, _ = b.Audit(ctx, &memory{}, at)
	if len(rep.Findings) != 1 {
		t.Errorf("no seal at all: %v", rep.Findings)
	}
	forged := *m.seals[0]
	forged.Count = 0
	rep, _ = b.Audit(ctx, &memory{seals: []*connect.Seal{&forged}}, at.AddDate(0, 0, 1))
	if len(rep.Findings) == 0 || rep.Findings[0].What != "the seal was changed" {
		t.Errorf("a changed seal: %v", rep.Findings)
	}
}

// A receipt names the version that signed it: it stays genuine while that version is kept, and a version that has
// been replaced signs nothing new.
func TestAReceiptOutlivesARotation(t *testing.T) {
	one, two := strings.Repeat("1", 32), strings.Repeat("2", 32)
	since := at.Add(time.Hour)
	ring := func(keys string) []byte {
		return fmt.Appendf(nil, `{"current":2,"since":%q,"keys":{%s}}`, since.Format(time.RFC3339), keys)
	}
	old, both := Open([]byte(one), 10), Open(ring(fmt.Sprintf(`"1":%q,"2":%q`, one, two)), 10)
	r := old.Sign(&connect.Receipt{ID: "r_1", Kind: connect.Consent}, at)
	seal := old.Seal("2026-11-23", &Tree{}, "", at)
	if !both.Genuine(r) || !both.GenuineSeal(seal) || !strings.HasPrefix(r.MAC, "1~") {
		t.Errorf("not genuine after the rotation: %q", r.MAC)
	}
	if forged := old.Sign(&connect.Receipt{ID: "r_2", Kind: connect.Consent}, since.Add(time.Hour)); both.Genuine(forged) {
		t.Error("the replaced version signs for today")
	}
	if Open(ring(fmt.Sprintf(`"2":%q`, two)), 10).Genuine(r) {
		t.Error("genuine without the version that signed it")
	}
	if fresh := both.Sign(&connect.Receipt{ID: "r_3", Kind: connect.Consent}, at); !both.Genuine(fresh) ||
		old.Genuine(fresh) {
		t.Errorf("what is signed now: %q", fresh.MAC)
	}
}
