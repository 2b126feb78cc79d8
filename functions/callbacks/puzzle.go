package main

import (
	"crypto/rand"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// checkPuzzle returns connect.ErrPuzzleNeeded, with a puzzle, for a request that looks automatic, and for all while
// the site gets more than usual. Nothing that a person sends is lost by it: their browser solves the puzzle and sends
// the same request again. key names the request, so that a solution serves it alone.
func (h *handlers) checkPuzzle(r *http.Request, site *connect.Site, in *api.CallbackRequest, key string) error {
	now := web.Now(r)
	rate, err := h.store.SiteRate(r.Context(), site.ID, now)
	if err != nil {
		return err
	}
	automatic := api.Value(in.Website) != "" ||
		in.Elapsed != nil && time.Duration(*in.Elapsed)*time.Millisecond < connect.LeastElapsed
	if !automatic && rate.Excess() <= 1 {
		return nil
	}
	if in.Puzzle != nil {
		salt, ends, ok := h.solved(site, in.Puzzle, now)
		if ok {
			ok, err = h.store.UsePuzzle(r.Context(), site.ID, salt, key, ends, now)
		}
		if ok || err != nil {
			return err
		}
	}
	web.Count(r, "PuzzlesAsked")
	said := *connect.ErrPuzzleNeeded
	said.Extra = map[string]any{"puzzle": h.puzzle(site, rate.PuzzleMax(), now)}
	return &said
}

// puzzle is signed and not stored: asking for many costs the table nothing.
func (h *handlers) puzzle(site *connect.Site, most int, now time.Time) *api.Puzzle {
	salt := token.NewID()
	n, err := rand.Int(rand.Reader, big.NewInt(int64(most)+1))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	hash := connect.PuzzleHash(salt, int(n.Int64()))
	ends := strconv.FormatInt(now.Add(connect.PuzzleLife).Unix(), 36)
	id := strings.Join([]string{string(site.Key), ends, salt, hash}, "~")
	return &api.Puzzle{Token: h.links.Sign(connect.PurposePuzzle, id), Salt: salt, Hash: hash, Max: most}
}

// solved returns the salt of a puzzle of the site that has not ended, and until when it is good.
func (h *handlers) solved(
	site *connect.Site, s *api.PuzzleSolution, now time.Time,
) (salt string, ends time.Time, ok bool) {
	id, ok := h.links.Open(connect.PurposePuzzle, s.Token)
	parts := strings.Split(id, "~")
	if !ok || len(parts) != 4 || parts[0] != string(site.Key) {
		return "", time.Time{}, false
	}
	unix, err := strconv.ParseInt(parts[1], 36, 64)
	ends = time.Unix(unix, 0)
	return parts[2], ends, err == nil && now.Before(ends) && connect.PuzzleHash(parts[2], s.Number) == parts[3]
}
