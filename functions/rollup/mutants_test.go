package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// mutation is a rollup with a mistake: the same steps as apply, each of which may be done wrong.
type mutation struct {
	applyAgain bool // what was applied is not looked at
	asText     bool // sequence numbers are compared as text
	oneShard   bool // all shards are one
	forgetOld  bool // each record is a new visit
	keepOld    bool // a visit that was replaced continues
	utc        bool // days and hours are not the site's
	blind      bool // a day that another has written in between is taken for saved
	inTwo      bool // what was applied is noted before the counts, in a write of its own
}

// utc is the hour that a visit would have on a clock in Greenwich.
func utc(expiresAt int64) connect.Hour {
	return connect.HourOf(time.Unix(expiresAt, 0).UTC().Add(-connect.VisitLife))
}

func (m mutation) start(w *apitest.World, f *faults) func(context.Context, lambdahttp.Batch) (string, error) {
	s := store.Counts(f.open(w))
	return func(ctx context.Context, b lambdahttp.Batch) (string, error) {
		if m.oneShard {
			b.Shard = ""
		}
		type day struct {
			site connect.SiteID
			date connect.Date
		}
		changes := map[day][]change{}
		for _, rec := range b.Records {
			c, err := read(rec)
			if err != nil {
				return "", err
			}
			if m.forgetOld {
				c.before = connect.NoStep
			}
			if m.keepOld {
				c.before = reached(rec.Old)
			}
			if m.utc {
				c.visit.Hour = utc(rec.New.Int("expiresAt"))
			}
			if m.asText {
				c.sequence += strings.Repeat("0", 20-len(c.sequence)) // the order of numbers is now that of their text
			}
			d := day{c.visit.Site, c.visit.Hour.Date()}
			changes[d] = append(changes[d], c)
		}
		for d, list := range changes {
			for attempt := 0; ; attempt++ {
				t, err := s.DayCounts(ctx, d.site, d.date)
				if err != nil {
					return "", err
				}
				var fresh []change
				for _, c := range list {
					if m.applyAgain || !t.Applied(b.Shard, c.sequence) {
						fresh = append(fresh, c)
						t.SetApplied(b.Shard, c.sequence)
					}
				}
				if len(fresh) == 0 {
					break
				}
				if m.inTwo {
					if err = s.SaveDayCounts(ctx, d.site, t); err == nil {
						t, err = s.DayCounts(ctx, d.site, d.date)
					}
				}
				if err == nil {
					for _, c := range fresh {
						t.Apply(c.visit, c.before)
					}
					err = s.SaveDayCounts(ctx, d.site, t)
				}
				if err == nil || m.blind && errors.Is(err, connect.ErrConflict) {
					break
				}
				if !errors.Is(err, connect.ErrConflict) || attempt == 20 {
					return "", err
				}
			}
		}
		return "", nil
	}
}
