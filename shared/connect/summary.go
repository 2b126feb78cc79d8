package connect

import (
	"cmp"
	"maps"
	"slices"
)

// Summary is a breakdown of a day, or of several that were added up.
type Summary struct {
	Breakdown
	Unnamed  int64 // how many visits a page without a name had at most
	Discount int64 // what names are discounted by, so that those of different days compare fairly
}

// Summary returns the breakdown of one day as it is added to others.
func (b Breakdown) Summary() Summary {
	s := Summary{Breakdown: b}
	other, contested := b[Other]
	if b.names() < MaxBreakdown {
		// A day that is not full has named all; of "other" it was told by that name.
		return s
	}
	missed := false
	for name, e := range b {
		missed = missed || name != Other && e.Missed > 0
	}
	switch s.Discount = b[b.least()].most(); {
	case missed:
		s.Unnamed = s.Discount
	case contested:
		// Stored when names were given to the first who came, or nearly full: all of Other may be one page's.
		s.Unnamed = other.Impressions
	}
	return s
}

// Merge adds up breakdowns: at most MaxBreakdown names, and Other. Of n visits in all of them, a page with more than
// n/MaxBreakdown is named, and the counts hold as in a day: the discounted sums are those of Misra and Gries, which
// add up in any order and grouping (Agarwal and others, "Mergeable Summaries", 2012).
func Merge(list []Summary) Summary {
	type sum struct {
		Entry
		weight int64
	}
	sums := map[string]sum{}
	out := Summary{Breakdown: Breakdown{}}
	var missed int64 // of a name that none has
	for _, b := range list {
		missed += b.Unnamed
		out.Discount += b.Discount
		for name, e := range b.Breakdown {
			s := sums[name]
			s.Count = s.Plus(e.Count)
			s.Missed += e.Missed - b.Unnamed
			s.weight += e.most() - b.Discount
			sums[name] = s
		}
	}
	other, hasOther := sums[Other]
	elsewhere := other.Impressions // all that can have been missed
	delete(sums, Other)
	names := slices.SortedFunc(maps.Keys(sums), func(x, y string) int {
		a, b := sums[x], sums[y]
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(b.Impressions, a.Impressions), cmp.Compare(x, y))
	})
	out.Unnamed = min(missed, elsewhere)
	for n, name := range names {
		s := sums[name]
		e := Entry{s.Count, min(s.Missed+missed, elsewhere)}
		if n < MaxBreakdown {
			out.Breakdown[name] = e
			continue
		}
		if n == MaxBreakdown {
			out.Discount += max(0, s.weight)
		}
		out.Unnamed = max(out.Unnamed, e.most())
		other.Count, hasOther = other.Plus(s.Count), true
	}
	if hasOther {
		out.Breakdown[Other] = Entry{Count: other.Count}
	}
	return out
}

// Top lists a breakdown: most impressions first, Other last.
func (s Summary) Top() []Named {
	list := make([]Named, 0, len(s.Breakdown))
	for name, e := range s.Breakdown {
		if name != Other {
			list = append(list, Named{name, e})
		}
	}
	slices.SortFunc(list, func(a, b Named) int {
		return cmp.Or(cmp.Compare(b.Impressions, a.Impressions), cmp.Compare(a.Key, b.Key))
	})
	if other, ok := s.Breakdown[Other]; ok {
		list = append(list, Named{Other, other})
	}
	return list
}
