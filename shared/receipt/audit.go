package receipt

import (
	"context"
	"fmt"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Shelf is where receipts are kept; package store has the real one.
type Shelf interface {
	// Seals calls yield for every seal, oldest first.
	Seals(ctx context.Context, yield func(*connect.Seal) error) error
	// Receipts calls yield for every receipt of a day, always in the same order.
	Receipts(ctx context.Context, day connect.Date, yield func(*connect.Receipt) error) error
}

// Finding is something that is not as it was written.
type Finding struct {
	Day   connect.Date
	What  string
	Entry string // "kind id", "" when it is not about one receipt
}

func (f Finding) String() string {
	if f.Entry == "" {
		return fmt.Sprintf("%s: %s", f.Day, f.What)
	}
	return fmt.Sprintf("%s: %s: %s", f.Day, f.What, f.Entry)
}

// Report is what an audit saw.
type Report struct {
	Receipts, Sealed, Days, Expired int
	Findings                        []Finding
}

// grace is how long after a day's end its seal may take.
const grace = 36 * time.Hour

// Audit reads every receipt that has not expired and compares it with its HMAC, and each closed day with
// its seal. A day that was never sealed shows only changed receipts, not missing ones: that is a finding
// of its own once the seal is late.
func (b *Book) Audit(ctx context.Context, shelf Shelf, now time.Time) (*Report, error) {
	rep := &Report{}
	find := func(day connect.Date, what, entry string) {
		rep.Findings = append(rep.Findings, Finding{day, what, entry})
	}
	day := func(d connect.Date, seal *connect.Seal) error {
		tree := &Tree{}
		err := shelf.Receipts(ctx, d, func(r *connect.Receipt) error {
			entry := string(r.Kind) + " " + string(r.ID)
			switch {
			case !b.Genuine(r):
				find(d, "changed", entry)
			case r.Day() != d:
				find(d, "moved from "+string(r.Day()), entry)
			}
			tree.Add(r)
			rep.Receipts++
			return nil
		})
		if err != nil || seal == nil {
			return err
		}
		switch {
		case tree.Count() < seal.Count:
			find(d, fmt.Sprintf("%d of %d missing", seal.Count-tree.Count(), seal.Count), "")
		case tree.Count() > seal.Count:
			find(d, fmt.Sprintf("%d added after the day was sealed", tree.Count()-seal.Count), "")
		case tree.Root() != seal.Root:
			find(d, "not the receipts that were sealed", "")
		}
		rep.Sealed += seal.Count
		return nil
	}

	var last *connect.Seal
	err := shelf.Seals(ctx, func(s *connect.Seal) error {
		rep.Days++
		if !b.GenuineSeal(s) {
			find(s.Day, "the seal was changed", "")
		}
		switch {
		case last == nil && s.Previous != "":
			find(s.Day, "the seals before it are missing", "")
		case last != nil && (s.Previous != last.MAC || s.Day != last.Day.Add(1)):
			find(s.Day, "does not follow the seal of "+string(last.Day), "")
		}
		last = s
		if start, err := time.Parse(time.DateOnly, string(s.Day)); err == nil && !start.AddDate(0, 0, b.days+1).After(now) {
			rep.Expired++
			return nil
		}
		return day(s.Day, s)
	})
	if err != nil {
		return nil, err
	}
	today := connect.DateOf(now.UTC())
	if last == nil {
		find(today, "there is no seal at all", "")
		return rep, day(today, nil)
	}
	for d := last.Day.Add(1); d <= today; d = d.Add(1) {
		if start, _ := time.Parse(time.DateOnly, string(d)); now.After(start.Add(24*time.Hour + grace)) {
			find(d, "the seal is missing", "")
		}
		if err := day(d, nil); err != nil {
			return nil, err
		}
	}
	return rep, nil
}
