package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
)

const batchVisits = 100

// writes counts the write units of visits that impress, open and submit, and of counting them.
func (b *bench) writes(ctx context.Context) error {
	w, err := b.newWorld(ctx, "writes")
	if err != nil {
		return err
	}
	defer w.stop()
	account, _, err := w.signUp(ctx)
	if err != nil {
		return err
	}
	site, err := w.addSite(ctx, account)
	if err != nil {
		return err
	}
	// What counting a batch costs depends on how much its day already holds.
	if err := w.saveDay(ctx, site.ID, fullDay(today(site), 20, 20, 1000, plain), shardsADay); err != nil {
		return err
	}

	steps := []string{"impression", "open", "submit"}
	var beacons [3]float64
	var reads float64
	sessions := make([]string, batchVisits)
	for i := range sessions {
		sessions[i] = token.NewID()
	}
	for n, step := range steps {
		for i, session := range sessions {
			if err := w.beacon(ctx, site, session, i, step); err != nil {
				return err
			}
		}
		units, err := w.meter.take()
		if err != nil {
			return err
		}
		beacons[n] = total(units, true) / batchVisits
		reads += total(units, false) / batchVisits
	}
	visit := beacons[0] + beacons[1] + beacons[2]
	b.table.add(row{"Write units per beacon (impression, open, submit)",
		fmt.Sprintf("%.2f, %.2f, %.2f", beacons[0], beacons[1], beacons[2]), "1",
		within(max(beacons[0], beacons[1], beacons[2]) <= 1)})
	b.table.add(row{
		"Write units per visit with all three", fmt.Sprintf("%.2f (and %.2f read)", visit, reads), "3", within(visit <= 3),
	})

	one, err := w.rollup(ctx, 3*batchVisits)
	if err != nil {
		return err
	}
	b.table.add(row{
		"Counting: write units per visit, 100 visits of one site a batch",
		fmt.Sprintf("%.2f (the day holds 20 pages, 20 sources)", one), "0.05", within(one <= 0.05),
	})

	// A day at every bound: 50 pages of 160 characters, 50 sources of 64.
	if err := w.saveDay(
		ctx, site.ID, fullDay(today(site), connect.MaxBreakdown, connect.MaxBreakdown, 100_000, longest), shardsADay,
	); err != nil {
		return err
	}
	for i := range batchVisits {
		session := token.NewID()
		for _, step := range steps {
			if err := w.beacon(ctx, site, session, i, step); err != nil {
				return err
			}
		}
	}
	if _, err := w.meter.take(); err != nil {
		return err
	}
	worst, err := w.rollup(ctx, 3*batchVisits)
	if err != nil {
		return err
	}
	b.table.add(row{"… the largest day there can be (50 names at full length each)", fmt.Sprintf("%.2f", worst), "", note})

	for _, sites := range []int{10, 100} {
		many := make([]*connect.Site, sites)
		for i := range many {
			if many[i], err = w.addSite(ctx, account); err != nil {
				return err
			}
		}
		for i := range batchVisits {
			session := token.NewID()
			for _, step := range steps {
				if err := w.beacon(ctx, many[i%sites], session, i, step); err != nil {
					return err
				}
			}
		}
		if _, err := w.meter.take(); err != nil {
			return err
		}
		units, err := w.rollup(ctx, 3*batchVisits)
		if err != nil {
			return err
		}
		b.table.add(row{fmt.Sprintf("… 100 visits of %d sites a batch", sites), fmt.Sprintf("%.2f", units), "", note})
	}
	return nil
}

func (w *world) beacon(ctx context.Context, s *connect.Site, session string, i int, step string) error {
	body, err := json.Marshal(map[string]any{
		"site": s.Key, "session": session, "page": pageOrigin + plain.page(i%20),
		"source": "https://" + plain.source(i%20) + "/", "sent": 1500, "proof": s.Proof(time.Now()),
		"events": []map[string]any{{"type": step, "t": 800}},
	})
	if err != nil {
		return err
	}
	_, err = w.call(
		ctx, "EventsFunction", "POST", "/v1/events",
		map[string]string{"origin": pageOrigin, "content-type": "text/plain;charset=UTF-8"}, string(body), 202,
	)
	return err
}

// rollup counts what is new in the stream of visits, as one batch, and gives the write units per visit.
func (w *world) rollup(ctx context.Context, records int) (float64, error) {
	// A batch never spans two of the mapping's windows: at a minute's turn there are two.
	batches, err := w.batches(ctx, "RollupFunction", records)
	if err != nil {
		return 0, err
	}
	if len(batches) != 1 {
		batches = [][]byte{joined(batches)}
	}
	out, err := w.pools["RollupFunction"].Invoke(ctx, batches[0])
	if err != nil {
		return 0, err
	}
	if !strings.Contains(string(out), `"batchItemFailures":[]`) {
		return 0, fmt.Errorf("rollup answered %s", out)
	}
	units, err := w.meter.take()
	if err != nil {
		return 0, err
	}
	written := total(units, true)
	if written == 0 {
		return 0, fmt.Errorf("rollup wrote nothing: %v", units)
	}
	return written / batchVisits, nil
}

// joined makes one batch of several.
func joined(batches [][]byte) []byte {
	var all map[string]any
	var records []any
	for _, b := range batches {
		var e map[string]any
		if json.Unmarshal(b, &e) != nil {
			continue
		}
		if all == nil {
			all = e
		}
		list, _ := e["Records"].([]any)
		records = append(records, list...)
	}
	all["Records"] = records
	out, _ := json.Marshal(all)
	return out
}

func today(s *connect.Site) connect.Date {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return connect.DateOf(time.Now().In(zone))
}
