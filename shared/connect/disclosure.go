package connect

import "slices"

// A business sees who asked for a call, and when. Nothing it sees of visits may say which of them a person made: by
// what page, from where, with which device.
//
// So opens and requests are divided for whole months that are closed, and no other span: two spans of which one holds
// the other differ by a month at least, and a month that is looked at twice has not changed in between. Within a month
// a cell under FewestTold is not told, nor is it what is left of the total when all that is told is taken off. And the
// visits of a day are divided once they are FewestTold, since among fewer a request would be found.

// FewestTold is how many opens or requests a cell has at least that is told.
const FewestTold = 5

// Told is one line of a month's breakdown as it may be shown. Opens and Submits are 0 where they are not told.
type Told struct {
	Named
	OpensTold, SubmitsTold bool
}

// tellsVisits reports whether the visits of a day, or of several, may be divided.
func (c Count) tellsVisits() bool { return c.Impressions >= FewestTold }

// undivided is a breakdown of which nothing may be told.
func undivided(c Count) Summary {
	if c == (Count{}) {
		return Summary{Breakdown: Breakdown{}}
	}
	return Summary{Breakdown: Breakdown{Other: Entry{Count: c}}}
}

// Division returns one of the day's breakdowns, as far as it may be added to others.
func (d *Day) Division(pick func(*Day) Breakdown) Summary {
	if !d.Total.tellsVisits() {
		return undivided(d.Total)
	}
	return pick(d).Summary()
}

// MonthDivision adds up one breakdown of the days of a month. Days of few visits are divided when there are enough of
// them: what the month tells beyond its other days is of all of these.
func MonthDivision(days []*Day, pick func(*Day) Breakdown) Summary {
	var few Count
	for _, d := range days {
		if !d.Total.tellsVisits() {
			few = few.Plus(d.Total)
		}
	}
	list := make([]Summary, len(days))
	for n, d := range days {
		if list[n] = d.Division(pick); few.tellsVisits() {
			list[n] = pick(d).Summary()
		}
	}
	return Merge(list)
}

// Tell returns a month's breakdown with what may be told of opens and requests.
func (s Summary) Tell() []Told {
	list := s.Top()
	opens, submits, seen := make([]int64, len(list)), make([]int64, len(list)), make([]int64, len(list))
	for n, l := range list {
		opens[n], submits[n], seen[n] = l.Opens, l.Submits, l.Impressions
	}
	openTold := tell(opens, seen, nil)
	for n, ok := range openTold {
		if ok {
			seen[n] = opens[n]
		}
	}
	submitTold := tell(submits, seen, openTold)
	out := make([]Told, len(list))
	for n, l := range list {
		if !openTold[n] {
			l.Opens = 0
		}
		if !submitTold[n] {
			l.Submits = 0
		}
		out[n] = Told{l, openTold[n], submitTold[n]}
	}
	return out
}

// tell says which cells of a column are told. Its total is known, and how many each can hold. What is left is none, or
// at least FewestTold that need not be in any one of the others. may is which cells can be told at all, nil for every
// one.
func tell(cells, atMost []int64, may []bool) []bool {
	told := make([]bool, len(cells))
	for n, c := range cells {
		told[n] = c >= FewestTold && (may == nil || may[n])
	}
	for {
		var rest, room, widest int64
		least := -1
		for n, c := range cells {
			switch {
			case !told[n]:
				rest, room, widest = rest+c, room+atMost[n], max(widest, atMost[n])
			case least < 0 || c < cells[least]:
				least = n
			}
		}
		if rest == 0 || rest >= FewestTold && room-widest >= rest || !slices.Contains(told, true) {
			return told
		}
		told[least] = false
	}
}
