package connect

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strconv"
	"time"
)

const (
	// DuplicateLife is how long a second request of the same number and department is the first one.
	DuplicateLife = 10 * time.Minute
	// LeastElapsed is the shortest time in which people fill in the form.
	LeastElapsed = 2 * time.Second
	// PuzzleLife is how long a puzzle can be solved.
	PuzzleLife = 5 * time.Minute
	// SiteRateLife is how long a site's usual rate is remembered without a request.
	SiteRateLife = 14 * 24 * time.Hour

	// puzzleMax takes a phone about a second on average: half of it is tried.
	puzzleMax = 100_000
	// hardest bounds how much longer a puzzle may take.
	hardest = 8
	// freeRate is how many requests an hour are usual for every site.
	freeRate = 20
	// surge is how many times the usual rate is no surprise: most sites are asked in the day and not in the night.
	surge = 10
)

// Errors of a request that is not stored.
var (
	ErrDuplicate = &Error{
		Kind: Conflict, Code: "duplicate",
		Message: "We already have a request for a call to this number. There is no need to send it again.",
		Fields:  []FieldError{{"phone", "We already have a request for a call to this number."}},
	}
	ErrNumberRefused = &Error{
		Kind: Forbidden, Code: "number-refused",
		Message: "Calls to this number are turned off for this website. Use another number, " +
			"or the other contact details on this website.",
		Fields: []FieldError{{"phone", "Calls to this number are turned off for this website."}},
	}
	ErrPuzzleNeeded = &Error{
		Kind: Forbidden, Code: "puzzle-needed",
		Message: "We couldn't check that this request isn't automatic. Try again in a moment, " +
			"or use the other contact details on this website.",
	}
	// ErrLimit is the code of a request over a visitor's budget.
	ErrLimit = &Error{Kind: TooMany, Code: "limit"}
)

// SiteRate is how many requests a site has had in an hour, and has in an average one: an average over about a week,
// so that no attack of a day makes itself usual.
type SiteRate struct {
	Hour  time.Time
	Count int
	Usual float64
}

// weeks is the share that an hour has in the average.
const weeks = 1.0 / (7 * 24)

// At returns the rate as of now's hour.
func (r SiteRate) At(now time.Time) SiteRate {
	hour := now.UTC().Truncate(time.Hour)
	passed := int(hour.Sub(r.Hour) / time.Hour)
	if r.Hour.IsZero() || passed > int(SiteRateLife/time.Hour) {
		return SiteRate{Hour: hour}
	}
	if passed <= 0 {
		return r
	}
	usual := r.Usual + weeks*(float64(r.Count)-r.Usual)
	return SiteRate{Hour: hour, Usual: usual * math.Pow(1-weeks, float64(passed-1))}
}

// Excess is by how much the hour is over what is usual: up to 1 is not.
func (r SiteRate) Excess() float64 {
	return float64(r.Count+1) / max(freeRate, surge*r.Usual)
}

// PuzzleMax is how large the number of a puzzle can be at a rate.
func (r SiteRate) PuzzleMax() int {
	return int(puzzleMax * min(max(r.Excess(), 1), hardest))
}

// PuzzleHash is what a puzzle's solver looks for: that of its salt and the number.
func PuzzleHash(salt string, n int) string {
	sum := sha256.Sum256([]byte(salt + strconv.Itoa(n)))
	return hex.EncodeToString(sum[:])
}

// SolvePuzzle returns the number from 0 to most whose hash is given, -1 for none.
func SolvePuzzle(salt, hash string, most int) int {
	for n := range most + 1 {
		if PuzzleHash(salt, n) == hash {
			return n
		}
	}
	return -1
}
