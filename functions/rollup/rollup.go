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
	"github.com/mi-telecom/mi-connect/shared/web"
)

type rollup struct {
	store store.Counts
	log   *slog.Logger
	now   func() time.Time
}

// change is what one record of the stream says: a visit came further than it had.
type change struct {
	visit    *connect.Visit
	before   connect.Step
	sequence string
	at       time.Time
}

// apply counts a batch. Each site's day is read once and written once together with the last sequence
// number it contains, so a batch that is replayed, split or cut off anywhere leaves the same counts: a day
// that was written skips what it has, one that was not has nothing of it. It returns the first record that
// is not counted, from which the batch comes again; days that could be written are not held up by others.
func (r *rollup) apply(ctx context.Context, b lambdahttp.Batch) (failed string, err error) {
	type tallied struct {
		site connect.SiteID
		date connect.Date
	}
	if b.Shard == "" {
		// Sequence numbers of different shards must not be compared; better late than lost.
		return "", errors.New("the event names no shard: the mapping needs a tumbling window")
	}
	parked, err := r.store.ParkedSequences(ctx, b.Shard, b.Records[0].Sequence, b.Records[len(b.Records)-1].Sequence)
	if err != nil {
		return "", err
	}
	byDay := map[tallied][]change{}
	var order []tallied
	for _, rec := range b.Records {
		if parked[rec.Sequence] {
			continue
		}
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
	var sum sums
	for _, k := range order {
		done, err := r.countOrPark(ctx, b, k.site, k.date, byDay[k])
		counted += done
		sum.add(byDay[k][:done])
		if err != nil {
			if !unretryable(err) {
				// DynamoDB is away or busy: the other days would wait for it in vain, and the time is short.
				return "", fmt.Errorf("day %s of %s: %w", k.date, k.site, err)
			}
			r.log.Error("day not counted", "site", k.site, "day", k.date, "error", err.Error())
			if first := byDay[k][done].sequence; failed == "" || store.SequenceAfter(failed, first) {
				failed = first
			}
		}
	}
	r.log.Info("counted", "records", counted, "days", len(order), "shard", b.Shard,
		"Visits", sum.visits, "Opens", sum.opens, "Submits", sum.submits, "FilteredVisits", sum.filtered,
		web.Metric(r.now(), "Visits", "Opens", "Submits", "FilteredVisits"))
	return failed, nil
}

// sums are a batch's, for the operator: a batch that comes again is in them again.
type sums struct{ visits, opens, submits, filtered int }

func (s *sums) add(changes []change) {
	for _, c := range changes {
		reached := func(step connect.Step) int {
			if c.before < step && c.visit.Reached >= step {
				return 1
			}
			return 0
		}
		if c.visit.Reason != "" {
			s.filtered += reached(connect.Impression)
			continue
		}
		s.visits += reached(connect.Impression)
		s.opens += reached(connect.Open)
		s.submits += reached(connect.Submit)
	}
}

const (
	// patience is how old a record gets before it is parked, and so how long it holds up its shard.
	patience = 2 * time.Minute
	// maxTries is how often a record may end the process, once it is in a batch of its own.
	maxTries = 5
)

// countOrPark counts changes of one day. What fails for a reason that no retry fixes is parked, alone,
// when it has become old. It returns how many of the changes are done with.
func (r *rollup) countOrPark(
	ctx context.Context, b lambdahttp.Batch, site connect.SiteID, date connect.Date, changes []change,
) (int, error) {
	old := r.now().Sub(changes[0].at) > patience
	if old && len(b.Records) == 1 {
		tries, err := r.store.CountAttempt(ctx, b.Shard, changes[0].sequence, r.now())
		if err != nil {
			return 0, err
		}
		if tries > maxTries {
			if err := r.park(ctx, b.Shard, changes[0], fmt.Errorf("%d attempts", tries-1)); err != nil {
				return 0, err
			}
			return 1, nil
		}
	}
	err := r.count(ctx, b.Shard, site, date, changes)
	if err == nil {
		return len(changes), nil
	}
	if !old || !unretryable(err) {
		return 0, err
	}
	for n, c := range changes {
		err := r.count(ctx, b.Shard, site, date, changes[n:n+1])
		if unretryable(err) {
			err = r.park(ctx, b.Shard, c, err)
		}
		if err != nil {
			return n, err
		}
	}
	return len(changes), nil
}

// park sets a change aside until `make redrive`, unless it is counted.
func (r *rollup) park(ctx context.Context, shard string, c change, why error) error {
	for attempt := 0; ; attempt++ {
		t, err := r.store.DayCounts(ctx, c.visit.Site, c.visit.Hour.Date())
		if err != nil || t.Applied(shard, c.sequence) {
			return err
		}
		err = r.store.ParkVisit(
			ctx, t, store.ParkedVisit{Shard: shard, Sequence: c.sequence, Visit: c.visit, Before: c.before}, r.now(),
		)
		if err == nil {
			r.log.Error("visit parked", "shard", shard, "sequence", c.sequence, "site", c.visit.Site, "error", why.Error(),
				"ParkedVisits", 1, web.Metric(r.now(), "ParkedVisits"))
			return nil
		}
		if !errors.Is(err, connect.ErrConflict) || attempt == 9 {
			return err
		}
	}
}

// errFault is a mistake of ours that came to light while counting.
var errFault = errors.New("fault")

func unretryable(err error) bool { return errors.Is(err, errFault) || store.Unwritable(err) }

// count applies changes to one site's day. Shards write the same day side by side; whoever comes second
// reads again.
func (r *rollup) count(
	ctx context.Context, shard string, site connect.SiteID, date connect.Date, changes []change,
) error {
	for attempt := 0; ; attempt++ {
		t, err := r.store.DayCounts(ctx, site, date)
		if err != nil {
			return err
		}
		changed := false
		for _, c := range changes {
			if t.Applied(shard, c.sequence) {
				continue
			}
			if err := applied(t, c); err != nil {
				return err
			}
			t.SetApplied(shard, c.sequence)
			changed = true
		}
		if !changed {
			return nil
		}
		if err = r.save(ctx, site, t); !errors.Is(err, connect.ErrConflict) || attempt == 9 {
			return err
		}
		select {
		case <-time.After(time.Duration(5<<attempt) * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// save writes a day. With the first write of each, and what is late, the months before are added up that are over: a
// site's own counting is what moves it on, and one that is silent has no more than its last month's days to be read.
func (r *rollup) save(ctx context.Context, site connect.SiteID, t *store.DayCounts) error {
	late, fresh, write := t.Date.Month().Late(r.now()), t.New(), r.store.SaveDayCounts
	if late {
		write = r.store.SaveLateDay
	}
	err := write(ctx, site, t)
	if err == nil && (late || fresh) {
		if err := r.store.CloseMonths(ctx, site, r.now()); err != nil {
			// The day is counted; the next one tries again.
			r.log.Warn("months not added up", "site", site, "error", err.Error())
		}
	}
	return err
}

// applied counts a change in t; a fault in doing so is that change's alone.
func applied(t *store.DayCounts, c change) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errFault, p)
		}
	}()
	t.Apply(c.visit, c.before)
	return nil
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
		Site: connect.SiteID(n.Text("n")), Hour: hour, Reached: reached(n), Page: n.Text("p"), Referrer: n.Text("r"),
		Device: connect.Device(n.Text("d")), Reason: connect.FilterReason(n.Text("f")),
	}
	if v.Site == "" || v.Reached == connect.NoStep {
		return change{}, errors.New("no site or no step")
	}
	c := change{visit: v, sequence: rec.Sequence, at: rec.At}
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
