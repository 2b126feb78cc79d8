package connect

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// stepTaken is one change of a visit, as the stream tells it.
type stepTaken struct {
	visit  Visit
	before Step
}

// traffic is what a day brings, as an order of visits by page. The steps of a visit come in their order,
// but long after each other.
func traffic(r *rand.Rand, pages []string) (list []stepTaken) {
	type timed struct {
		at float64
		s  stepTaken
	}
	var all []timed
	for n, page := range pages {
		at, before := float64(n), NoStep
		last := Step(1 + r.IntN(3))
		for before < last {
			next := before + 1 + Step(r.IntN(int(last-before)))
			all = append(all, timed{at, stepTaken{Visit{Page: page, Hour: "2026-11-23T10", Reached: next}, before}})
			at, before = at+r.Float64()*float64(len(pages))/3, next
		}
	}
	slices.SortStableFunc(all, func(a, b timed) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	for _, t := range all {
		list = append(list, t.s)
	}
	return list
}

// orders are days that are hard for a list of 50: by chance, and made by somebody who wants to hide a page.
var orders = map[string]func(r *rand.Rand) []string{
	"by chance, a few pages far ahead": func(r *rand.Rand) (list []string) {
		for range 4000 {
			list = append(list, fmt.Sprintf("/%d", int(300*r.Float64()*r.Float64()*r.Float64())))
		}
		return list
	},
	"all pages alike": func(r *rand.Rand) (list []string) {
		for range 4000 {
			list = append(list, fmt.Sprintf("/%d", r.IntN(70)))
		}
		return list
	},
	"60 pages once, then the best seller": func(*rand.Rand) (list []string) {
		for n := range 60 {
			list = append(list, fmt.Sprintf("/once-%d", n))
		}
		return append(list, slices.Repeat([]string{"/best-seller"}, 300)...)
	},
	"the best seller, then a flood of pages that nobody has": func(*rand.Rand) []string {
		return append(slices.Repeat([]string{"/best-seller"}, 100), flood(4800)...)
	},
	"a flood, then pages just above the bound": func(*rand.Rand) (list []string) {
		list = flood(1500)
		for n := range 40 {
			list = append(list, slices.Repeat([]string{fmt.Sprintf("/real-%d", n)}, 88)...)
		}
		return list
	},
	"flood and pages in turn": func(*rand.Rand) (list []string) {
		for n, page := range flood(3000) {
			list = append(list, page, fmt.Sprintf("/real-%d", n%45))
		}
		return list
	},
	"round and round by one more than there is room for": func(*rand.Rand) (list []string) {
		for n := range 4000 {
			list = append(list, fmt.Sprintf("/%d", n%(MaxBreakdown+1)))
		}
		return list
	},
}

func flood(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("/flood-%d", i))
	}
	return list
}

// exact counts without a bound.
func exact(into map[string]Count, list []stepTaken) map[string]Count {
	for _, s := range list {
		c := into[s.visit.Page]
		for step := s.before + 1; step <= s.visit.Reached; step++ {
			c = c.Plus(Count{Impressions: b2i(step == Impression), Opens: b2i(step == Open), Submits: b2i(step == Submit)})
		}
		into[s.visit.Page] = c
	}
	return into
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// broken says which promise of Breakdown a list breaks.
func broken(truth map[string]Count, got []Named) (out []string) {
	var all, sum Count
	for _, c := range truth {
		all = all.Plus(c)
	}
	share := all.Impressions / MaxBreakdown
	named := map[string]bool{}
	for _, n := range got {
		sum = sum.Plus(n.Count)
		if n.Key == Other {
			continue
		}
		named[n.Key] = true
		c := truth[n.Key]
		for _, p := range [][2]int64{{n.Impressions, c.Impressions}, {n.Opens, c.Opens}, {n.Submits, c.Submits}} {
			if p[0] > p[1] || p[1] > p[0]+n.Missed {
				out = append(out, fmt.Sprintf("%s is %v and at most %d more, in truth %v", n.Key, n.Count, n.Missed, c))
			}
		}
		if n.Missed > share {
			out = append(out, fmt.Sprintf("%s may lack %d of %d visits", n.Key, n.Missed, all.Impressions))
		}
		if n.Submits > n.Opens || n.Opens > n.Impressions {
			out = append(out, fmt.Sprintf("%s opened more often than seen: %v", n.Key, n.Count))
		}
	}
	for page, c := range truth {
		if c.Impressions > share && !named[page] {
			out = append(out, fmt.Sprintf("%s with %d of %d visits is not named", page, c.Impressions, all.Impressions))
		}
	}
	if sum != all {
		out = append(out, fmt.Sprintf("the list adds up to %v, not %v", sum, all))
	}
	if len(named) > MaxBreakdown {
		out = append(out, fmt.Sprintf("%d names", len(named)))
	}
	if !slices.IsSortedFunc(
		slices.DeleteFunc(slices.Clone(got), func(n Named) bool { return n.Key == Other }),
		func(a, b Named) int { return int(b.Impressions - a.Impressions) },
	) {
		out = append(out, "the list is out of order")
	}
	return out
}

// What a day's breakdown and a range's promise holds, whatever comes in whatever order.
func TestABreakdownKeepsItsPromises(t *testing.T) {
	for name, order := range orders {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(6) {
				r := rand.New(rand.NewPCG(seed, 1))
				list := order(r)
				if seed > 2 { // and out of the order that it was made for
					r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
				}
				day := NewDay("2026-11-23")
				steps := traffic(r, list)
				for _, s := range steps {
					day.Apply(&s.visit, s.before)
				}
				for _, line := range broken(exact(map[string]Count{}, steps), day.Pages.Summary().Top()) {
					t.Errorf("seed %d: %s", seed, line)
				}
			}
		})
	}
	t.Run("over days", func(t *testing.T) {
		for seed := range uint64(5) {
			r := rand.New(rand.NewPCG(seed, 2))
			truth := map[string]Count{}
			var days []*Day
			for _, n := range slices.Sorted(maps.Keys(orders)) {
				day := NewDay("2026-11-01")
				list := orders[n](r)
				for i := range list {
					// Half of the names are other ones on other days.
					if strings.HasSuffix(list[i], "1") {
						list[i] += "/" + n
					}
				}
				steps := traffic(r, list)
				for _, s := range steps {
					day.Apply(&s.visit, s.before)
				}
				exact(truth, steps)
				days = append(days, day)
			}
			// As a whole, and by months of which each was added up before, in whatever grouping.
			for _, at := range []int{0, 1, 3, len(days) - 1} {
				got := Merge([]Summary{pagesOf(days[:at]...), pagesOf(days[at:]...)})
				for _, line := range broken(truth, got.Top()) {
					t.Errorf("seed %d, after %d days: %s", seed, at, line)
				}
			}
		}
	})
}

// What counts is what a page has had in truth, not what is certain: a page that was pushed out on one day is
// named before those that are ahead of it in what is certain.
func TestARangeNamesWhatADayHadToForget(t *testing.T) {
	shops := func(each int) (list []string) {
		for n := range MaxBreakdown {
			list = append(list, slices.Repeat([]string{fmt.Sprintf("/shop-%d", n)}, each)...)
		}
		return list
	}
	truth := map[string]Count{}
	var days []*Day
	for _, pages := range [][]string{
		slices.Concat(slices.Repeat([]string{"/forgotten"}, 99), flood(4000), shops(20)),
		slices.Concat(slices.Repeat([]string{"/forgotten"}, 16), shops(10)),
	} {
		day := NewDay("2026-11-23")
		for _, page := range pages {
			s := stepTaken{visit: Visit{Page: page, Hour: "2026-11-23T10", Reached: Impression}}
			day.Apply(&s.visit, NoStep)
			exact(truth, []stepTaken{s})
		}
		days = append(days, day)
	}
	if _, named := days[0].Pages["/forgotten"]; named {
		t.Fatal("the first day has not forgotten it")
	}
	for _, line := range broken(truth, pagesOf(days...).Top()) {
		t.Error(line)
	}
}

// A day that was stored when the first 50 pages got the names is still read: what it cannot know it says.
func TestADayThatNamedTheFirstWhoCame(t *testing.T) {
	old := NewDay("2026-11-22")
	for n := range MaxBreakdown {
		old.Pages[fmt.Sprintf("/first-%d", n)] = Entry{Count: Count{Impressions: 1}}
	}
	old.Pages[Other] = Entry{Count: Count{Impressions: 310, Opens: 300, Submits: 300}}
	day := NewDay("2026-11-23")
	for range 5 {
		day.Apply(&Visit{Page: "/best-seller", Reached: Impression, Hour: "2026-11-23T10"}, NoStep)
	}
	list := pagesOf(old, day).Top()
	if list[0].Key != "/best-seller" || list[0].Impressions != 5 || list[0].Missed != 310 || list[1].Missed != 0 {
		t.Errorf("%v", list[:2])
	}
}

func pagesOf(days ...*Day) Summary {
	var list []Summary
	for _, d := range days {
		list = append(list, d.Pages.Summary())
	}
	return Merge(list)
}
