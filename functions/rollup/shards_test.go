package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mapping "github.com/mi-telecom/mi-connect/infra/local/streams"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// The real stream of visits in three shards, each divided time and again while it is read, is counted to the truth:
// shards write the same days side by side, and the mapping is stopped and reads all of it again.
func TestThreeShards(t *testing.T) {
	w := apitest.New(t)
	list := beacons(rand.New(rand.NewPCG(3, 3)), 900)
	r := &rollup{store: store.Counts(w.DB), log: slog.New(slog.DiscardHandler), now: time.Now}
	shards := map[string]bool{}
	var done atomic.Int64
	var mu sync.Mutex
	split := func(runner *mapping.Runner) {
		runner.Shards, runner.SplitEvery = 3, 150
		invoke := runner.Invoke
		runner.Invoke = func(ctx context.Context, function string, event []byte) ([]byte, error) {
			answer, err := invoke(ctx, function, event)
			if err == nil {
				mu.Lock()
				shards[shardNamed.FindString(string(event))] = true
				mu.Unlock()
				done.Add(int64(strings.Count(string(event), `"eventID"`)))
			}
			return answer, err
		}
	}
	stop := mappedBy(t, w, r, split)
	for i, b := range list {
		if err := w.Store.RecordVisit(t.Context(), &b.visit, b.at); err != nil {
			t.Fatal(err)
		}
		if i == len(list)/2 {
			stop()
			done.Store(0)
			stop = mappedBy(t, w, r, split)
		}
	}
	changes := 0
	for _, rec := range realStream(t, w) {
		if old, new := flat(rec.Dynamodb.OldImage), flat(rec.Dynamodb.NewImage); fmt.Sprint(old) != fmt.Sprint(new) {
			changes++
		}
	}
	until(t, "everything is counted", func() bool { return done.Load() >= int64(changes) })
	stop()
	for name, day := range truth(list) {
		site, date, _ := strings.Cut(name, " ")
		days, err := w.Store.Days(t.Context(), connect.SiteID(site), connect.Date(date), connect.Date(date))
		if err != nil || len(days) != 1 {
			t.Fatalf("%s: %d days, %v", name, len(days), err)
		}
		for _, line := range differences(name, day, days[0]) {
			t.Error(line)
		}
	}
	t.Logf("%d beacons, %d changes, %d shards", len(list), changes, len(shards))
	if len(shards) < 20 {
		t.Errorf("%d shards prove little", len(shards))
	}
}
