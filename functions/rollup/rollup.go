package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
)

type rollup struct {
	store *store.Store
	log   *slog.Logger
}

// change is what one record of the stream says: a visit came further than it had.
type change struct {
	visit    *connect.Visit
	before   connect.Step
	sequence string
}

// apply counts a batch. Each site's day is read once and written once together with the last sequence
// number it contains, so a batch that is replayed, split or cut off anywhere leaves the same counts: a day
// that was written skips what it has, one that was not has nothing of it.
func (r *rollup) apply(ctx context.Context, b lambdahttp.Batch) (string, error) {
	type tallied struct {
		site connect.SiteID
		date connect.Date
	}
	if b.Shard == "" {
		// Sequence numbers of different shards must not be compared; better late than lost.
		return "", errors.New("the event names no shard: the mapping needs a tumbling window")
	}
	byDay := map[tallied][]change{}
	var order []tallied
	for _, rec := range b.Records {
		c, err := read(rec)
		if err != nil {
			// No later attempt reads it better, and a record that is not a visit must not stop the others.
			r.log.Error("unreadable visit", "sequence", rec.Sequence, "error", err.Error())
			continue
		}
		k := tallied{c.visit.Site, c.visit.Hour.Date()}
		if byDay[k] == nil {
			order = append(order, k)
		}
		byDay[k] = append(byDay[k], c)
	}
	counted := 0
	for _, k := range order {
		if err := r.count(ctx, b.Shard, k.site, k.date, byDay[k]); err != nil {
			return "", fmt.Errorf("day %s of %s: %w", k.date, k.site, err)
		}
		counted += len(byDay[k])
	}
	r.log.Info("counted", "records", counted, "days", len(order), "shard", b.Shard)
	return "", nil
}

// count applies changes to one site's day. Shards write the same day side by side; whoever comes second
// reads again.
func (r *rollup) count(ctx context.Context, shard string, site connect.SiteID, date connect.Date, changes []change) error {
	for attempt := 0; ; attempt++ {
		t, err := r.store.Tally(ctx, site, date)
		if err != nil {
			return err
		}
		changed := false
		for _, c := range changes {
			if t.Applied(shard, c.sequence) {
				continue
			}
			t.Apply(c.visit, c.before)
			t.SetApplied(shard, c.sequence)
			changed = true
		}
		if !changed {
			return nil
		}
		err = r.store.SaveTally(ctx, site, t)
		if !errors.Is(err, connect.ErrConflict) || attempt == 9 {
			return err
		}
		select {
		case <-time.After(time.Duration(5<<attempt) * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// read understands a record. The old image is an earlier state of the same visit only when it has the same
// hour: otherwise it is a visit that expired before and was replaced.
func read(rec lambdahttp.Record) (change, error) {
	n := rec.New
	hour, ok := connect.ParseHour(n.Text("h"))
	if !ok {
		return change{}, fmt.Errorf("no hour: %q", n.Text("h"))
	}
	v := &connect.Visit{
		Site: connect.SiteID(n.Text("n")), Hour: hour, Reached: reached(n), Page: n.Text("p"), Source: n.Text("r"),
		Device: connect.Device(n.Text("d")), Reason: connect.FilterReason(n.Text("f")),
	}
	if v.Site == "" || v.Reached == connect.NoStep {
		return change{}, errors.New("no site or no step")
	}
	c := change{visit: v, sequence: rec.Sequence}
	if rec.Old.Text("h") == n.Text("h") {
		c.before = reached(rec.Old)
	}
	return c, nil
}

func reached(i lambdahttp.Image) connect.Step {
	switch {
	case i.Has("s"):
		return connect.Submit
	case i.Has("o"):
		return connect.Open
	case i.Has("i"):
		return connect.Impression
	}
	return connect.NoStep
}
