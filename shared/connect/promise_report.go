package connect

import (
	"cmp"
	"math"
	"slices"
)

// EnoughPromises is how many promises a rate needs before it says anything: under 20, one more or less moves it by more
// than five points.
const EnoughPromises = 20

// PromiseTally adds up what became of promises.
type PromiseTally struct {
	Kept, Broken, Cancelled int64
	late                    map[int]int64 // broken ones by their lateness, those not called since among them
}

// Add counts n promises more.
func (t *PromiseTally) Add(p PromiseCount, n int64) {
	switch p.State {
	case PromiseKept:
		t.Kept += n
	case PromiseCancelled:
		t.Cancelled += n
	case PromiseBroken:
		t.Broken += n
		if t.late == nil {
			t.late = map[int]int64{}
		}
		t.late[p.Late] += n
	}
}

// NotCalled is how many of the broken ones have not been called since.
func (t *PromiseTally) NotCalled() int64 { return t.late[NotCalled] }

// Decided is how many were kept or broken: a visitor who cancels says nothing about the business.
func (t *PromiseTally) Decided() int64 { return t.Kept + t.Broken }

// Lateness returns by how many minutes a share of those that were called late were late at most; ok is false when none
// was.
func (t *PromiseTally) Lateness(share float64) (minutes int, ok bool) {
	var n int64
	var all []int
	for late, count := range t.late {
		if late != NotCalled && count > 0 {
			n, all = n+count, append(all, late)
		}
	}
	slices.Sort(all)
	rank := int64(math.Ceil(share * float64(n)))
	for _, late := range all {
		if rank -= t.late[late]; rank <= 0 {
			return late, true
		}
	}
	return 0, false
}

// WilsonInterval is what the true rate is likely to be, 95 times of 100, when k of n were kept: the score interval,
// which is right for few and for rates near 0 and 1. ok is false for none.
func WilsonInterval(k, n int64) (low, high float64, ok bool) {
	if n <= 0 {
		return 0, 1, false
	}
	const z = 1.959963984540054 // of a normal distribution, 95 % lies within so many deviations
	p, m := float64(k)/float64(n), float64(n)
	middle, reach := p+z*z/(2*m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(0, (middle-reach)/(1+z*z/m)), min(1, (middle+reach)/(1+z*z/m)), true
}

// PromiseReport is what became of a site's promises in some days, as a whole and divided by when they were due and
// for whom.
type PromiseReport struct {
	Total       PromiseTally
	Days        map[Date]*PromiseTally
	Hours       map[int]*PromiseTally
	Departments map[string]*PromiseTally // "" is the site itself
}

// Add counts n promises more, wherever they belong.
func (r *PromiseReport) Add(p PromiseCount, n int64) {
	r.Total.Add(p, n)
	addTo(&r.Days, p.Hour.Date(), p, n)
	addTo(&r.Hours, p.Hour.OfDay(), p, n)
	addTo(&r.Departments, p.Department, p, n)
}

func addTo[K cmp.Ordered](m *map[K]*PromiseTally, key K, p PromiseCount, n int64) {
	if *m == nil {
		*m = map[K]*PromiseTally{}
	}
	t := (*m)[key]
	if t == nil {
		t = &PromiseTally{}
		(*m)[key] = t
	}
	t.Add(p, n)
}
