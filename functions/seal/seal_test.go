package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/receipt"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func TestSealsEveryDayThatIsOver(t *testing.T) {
	_, env := localtest.Dynamo(t)
	db := store.Open(func(name string) string { return env[name] })
	s := apitest.AllDoors(db)
	book, ctx := receipt.Open(make([]byte, 32), 400), context.Background()
	now := time.Date(2026, 11, 23, 0, 30, 0, 0, time.UTC)
	var log bytes.Buffer
	job := &sealer{store: open(db), book: book, log: web.Logger(&log), clock: func() time.Time { return now }}
	add := func(b *receipt.Book, at time.Time) *connect.Receipt {
		r := b.Sign(
			&connect.Receipt{ID: connect.NewReceiptID(), Kind: connect.Consent, Revision: "r", Choice: connect.Accepted}, at,
		)
		if err := s.AddReceipt(ctx, r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	run := func() {
		t.Helper()
		if err := job.run(ctx); err != nil {
			t.Fatal(err)
		}
	}
	sealed := func() (list []*connect.Seal) {
		_ = s.Seals(ctx, func(s *connect.Seal) error { list = append(list, s); return nil })
		return list
	}
	audit := func() []receipt.Finding {
		t.Helper()
		rep, err := book.Audit(ctx, s, now)
		if err != nil {
			t.Fatal(err)
		}
		return rep.Findings
	}

	add(book, now.Add(-time.Hour)) // yesterday
	add(book, now)                 // today: not over
	run()
	run() // a second run the same night
	if list := sealed(); len(list) != firstDays || list[len(list)-1].Count != 1 || list[len(list)-1].Day != "2026-11-22" {
		t.Fatalf("seals: %d", len(list))
	}
	// Three nights were missed: the next run makes up for them.
	now = now.AddDate(0, 0, 4)
	run()
	if list := sealed(); len(list) != firstDays+4 || list[firstDays].Count != 1 {
		t.Fatalf("seals after a pause: %d", len(list))
	}
	if found := audit(); len(found) != 0 {
		t.Fatalf("found %v", found)
	}
	// A receipt that was signed with another key stops nothing, and is told.
	forged := add(receipt.Open([]byte(strings.Repeat("x", 32)), 400), now)
	now = now.AddDate(0, 0, 1)
	if err := job.run(ctx); err == nil || !strings.Contains(log.String(), "not genuine") {
		t.Errorf("a forged receipt: %v", err)
	}
	if found := audit(); len(found) != 1 || !strings.Contains(found[0].Entry, string(forged.ID)) {
		t.Errorf("found %v", found)
	}
	if list := sealed(); len(list) != firstDays+5 {
		t.Errorf("seals after a forged receipt: %d", len(list))
	}
}
