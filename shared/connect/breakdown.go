package connect

import (
	"cmp"
)

const (
	// MaxBreakdown is how many pages, and how many referrers, a day names; the rest is Other.
	MaxBreakdown = 50
	Other        = "other"
	Direct       = "direct" // a visit that came from nowhere we are told of
)

// Breakdown divides visits by page, referrer or device. It names at most MaxBreakdown of them, by the
// Space-Saving algorithm (Metwally, Agrawal, El Abbadi 2005): a visit to a page without a name takes the
// place of the least visited one, and what was counted there goes to Other. So of n visits, in whatever
// order they come,
//
//   - a page with more than n/MaxBreakdown of them is named,
//   - a named page has at least Count and at most Count plus Missed, step by step,
//   - Missed is at most n/MaxBreakdown, and 0 where no more than MaxBreakdown pages were visited,
//   - all counts, Other's too, add up to the visits.
//
// What is in it depends on the visits and their order alone, so that a replay leaves the same.
type Breakdown map[string]Entry

// Entry is one name of a Breakdown.
type Entry struct {
	Count        // what was counted of it for certain
	Missed int64 `json:"uncertainty,omitempty"` // at most so many more visits of it are in Other
}

// most is the most visits that it can have had.
func (e Entry) most() int64 { return e.Impressions + e.Missed }

// count adds c to name. A step of a visit whose page has lost its name meanwhile is Other's, as its
// impression is.
func (b Breakdown) count(name string, c Count) {
	e, named := b[name]
	full := b.names() >= MaxBreakdown
	if name == Other || !named && full && c.Impressions == 0 {
		b[Other] = Entry{Count: b[Other].Plus(c)}
		return
	}
	if !named && full {
		least := b.least()
		out := b[least]
		delete(b, least)
		b[Other] = Entry{Count: b[Other].Plus(out.Count)}
		e.Missed = out.most()
	}
	e.Count = e.Plus(c)
	b[name] = e
	if e.Missed > 0 {
		b.reclaim(name)
	}
}

// reclaim takes out of Other what a name's later steps prove to be its own: a visit that opened was an
// impression before, and if the name lacks that one, it was missed and is in Other.
func (b Breakdown) reclaim(name string) {
	e, other := b[name], b[Other]
	n := max(0, min(e.Submits-e.Opens, e.Missed, other.Opens))
	e.Opens, other.Opens = e.Opens+n, other.Opens-n
	n = max(0, min(e.Opens-e.Impressions, e.Missed, other.Impressions))
	e.Impressions, other.Impressions = e.Impressions+n, other.Impressions-n
	e.Missed -= n
	b[name], b[Other] = e, other
}

// names is how many there are besides Other.
func (b Breakdown) names() int {
	if _, ok := b[Other]; ok {
		return len(b) - 1
	}
	return len(b)
}

// least is the name with the fewest visits at most; among equals the one of which the least is certain.
func (b Breakdown) least() string {
	least, found := "", false
	for name, e := range b {
		if name == Other {
			continue
		}
		was := b[least]
		order := cmp.Or(
			cmp.Compare(e.most(), was.most()), cmp.Compare(e.Impressions, was.Impressions), -cmp.Compare(name, least),
		)
		if !found || order < 0 {
			least, found = name, true
		}
	}
	return least
}

// Named is one line of a breakdown or a series.
type Named struct {
	Key string `json:"key"`
	Entry
}
