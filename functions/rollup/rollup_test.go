package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
)

func visit(change map[string]string) lambdahttp.Image {
	item := map[string]string{
		"pk": "s_abcdefgh#session", "n": "s_abcdefgh", "h": "2026-11-23T10", "p": "/pricing", "r": "", "d": "phone", "f": "",
		"expiresAt": "1795449600", "i": "true",
	}
	maps.Copy(item, change)
	maps.DeleteFunc(item, func(_, v string) bool { return v == "-" })
	return image(item)
}

func TestWhatIsNoVisitDoesNotStopTheOthers(t *testing.T) {
	w := apitest.New(t)
	r := &rollup{store: store.Counts(w.DB), log: w.Logger(), now: time.Now}
	number := visit(nil)
	number["h"] = events.NewNumberAttribute("7")
	var b lambdahttp.Batch
	b.Shard = "shardId-1"
	for n, bad := range []lambdahttp.Image{
		nil, {}, number, visit(map[string]string{"h": "-"}), visit(map[string]string{"h": "yesterday"}),
		visit(map[string]string{"h": "2026-11-23T10:30"}),
		visit(map[string]string{"n": "-"}), visit(map[string]string{"i": "-"}),
	} {
		b.Records = append(
			b.Records, lambdahttp.Record{Sequence: fmt.Sprint(2*n + 1), New: bad},
			lambdahttp.Record{Sequence: fmt.Sprint(2*n + 2), New: visit(nil)},
		)
	}
	if failed, err := r.apply(t.Context(), b); failed != "" || err != nil {
		t.Fatal(failed, err)
	}
	days, err := w.Store.Days(t.Context(), "s_abcdefgh", "2026-11-23", "2026-11-23")
	if err != nil || len(days) != 1 || days[0].Total.Impressions != 8 {
		t.Errorf("%+v, %v", days, err)
	}
	if n := strings.Count(w.Logs.String(), "unreadable visit"); n != 8 {
		t.Errorf("%d of 8 are in the log", n)
	}
	for line := range strings.Lines(w.Logs.String()) {
		if twice := apitest.Duplicate([]byte(line)); twice != "" || !json.Valid([]byte(line)) {
			t.Errorf("a log record says %q twice: %s", twice, line)
		}
	}
}

// Without a shard's name the sequence numbers of two shards would be compared with each other, and visits
// be taken for counted that are not.
func TestABatchOfNoShardIsRefused(t *testing.T) {
	w := apitest.New(t)
	r := &rollup{store: store.Counts(w.DB), log: w.Logger(), now: time.Now}
	if _, err := r.apply(
		t.Context(), lambdahttp.Batch{Records: []lambdahttp.Record{{Sequence: "1", New: visit(nil)}}},
	); err == nil {
		t.Error("taken")
	}
	if w.Count("STATS_TABLE") != 0 {
		t.Error("counted")
	}
}

// A day names so many pages; what finds no room is "other", and nothing is lost from the sum.
func TestABreakdownIsBounded(t *testing.T) {
	w := apitest.New(t)
	r := &rollup{store: store.Counts(w.DB), log: w.Logger(), now: time.Now}
	b := lambdahttp.Batch{Shard: "shardId-1"}
	for n := range 500 {
		b.Records = append(b.Records, lambdahttp.Record{
			Sequence: fmt.Sprint(n + 1),
			New:      visit(map[string]string{"p": fmt.Sprintf("/page-%d", n), "r": fmt.Sprintf("s%d.example", n)}),
		})
	}
	if _, err := r.apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	days, err := w.Store.Days(t.Context(), "s_abcdefgh", "2026-11-23", "2026-11-23")
	if err != nil || len(days) != 1 {
		t.Fatal(err)
	}
	for what, m := range map[string]connect.Breakdown{"pages": days[0].Pages, "sources": days[0].Referrers} {
		var sum int64
		for _, c := range m {
			sum += c.Impressions
		}
		if len(m) != connect.MaxBreakdown+1 || sum != 500 || m[connect.Other].Impressions != 450 {
			t.Errorf("%d %s with %d visits", len(m), what, sum)
		}
	}
}

// Pages that are visited once do not hide the one with most of the visits, whoever comes first; nor do
// sources. The batch comes again and in parts, and leaves the same.
func TestAFloodHidesNoPage(t *testing.T) {
	for name, best := range map[string]int{"the flood first": 60, "the flood last": 0, "among it": 30} {
		w := apitest.New(t)
		r := &rollup{store: store.Counts(w.DB), log: w.Logger(), now: time.Now}
		b := lambdahttp.Batch{Shard: "shardId-1"}
		add := func(page, source string) {
			b.Records = append(b.Records, lambdahttp.Record{
				Sequence: fmt.Sprint(len(b.Records) + 1), New: visit(map[string]string{"p": page, "r": source}),
			})
		}
		for n := range 61 {
			if n == best {
				for range 300 {
					add("/best-seller", "google.com")
				}
			}
			add(fmt.Sprintf("/once-%d", n), fmt.Sprintf("s%d.example", n))
		}
		half := len(b.Records) / 2
		for _, records := range [][]lambdahttp.Record{b.Records[:half], b.Records, b.Records[half:], b.Records} {
			if _, err := r.apply(t.Context(), lambdahttp.Batch{Shard: b.Shard, Records: records}); err != nil {
				t.Fatal(err)
			}
		}
		days, err := w.Store.Days(t.Context(), "s_abcdefgh", "2026-11-23", "2026-11-23")
		if err != nil || len(days) != 1 {
			t.Fatal(err)
		}
		for what, pick := range map[string]func(*connect.Day) connect.Breakdown{
			"/best-seller": func(d *connect.Day) connect.Breakdown { return d.Pages },
			"google.com":   func(d *connect.Day) connect.Breakdown { return d.Referrers },
		} {
			top := pick(days[0]).Summary().Top()
			if top[0].Key != what || top[0].Impressions+top[0].Missed < 300 || top[0].Impressions > 300 ||
				top[0].Missed > 361/connect.MaxBreakdown {
				t.Errorf("%s: %s is not first, but %v", name, what, top[0])
			}
			var sum int64
			for _, n := range top {
				sum += n.Impressions
			}
			if sum != 361 || len(top) > connect.MaxBreakdown+1 {
				t.Errorf("%s: %d lines add up to %d", name, len(top), sum)
			}
		}
	}
}

// Through Lambda's own shape of the event: a window's last call has no records, TTL removals are no visits.
func TestAsLambdaCallsIt(t *testing.T) {
	w := apitest.New(t)
	h := lambdahttp.Stream((&rollup{store: store.Counts(w.DB), log: w.Logger(), now: time.Now}).apply)
	record := func(sequence string, image map[string]any) map[string]any {
		return map[string]any{
			"eventName": "INSERT",
			"dynamodb": map[string]any{
				"SequenceNumber": sequence, "NewImage": image, "ApproximateCreationDateTime": 1795428000.5,
			},
		}
	}
	text := func(s string) map[string]any { return map[string]any{"S": s} }
	good := map[string]any{
		"pk": text("s_abcdefgh#x"), "n": text("s_abcdefgh"), "h": text("2026-11-23T10"), "p": text("/"), "r": text(""),
		"d": text("phone"), "f": text(""),
		"i": map[string]any{"BOOL": true}, "expiresAt": map[string]any{"N": "1795449600"},
	}
	window := map[string]any{"start": "2026-11-23T10:00:00Z", "end": "2026-11-23T10:01:00Z"}
	for _, c := range []struct {
		event map[string]any
		want  string // "" for an error
	}{
		{
			map[string]any{
				"Records": []any{record("21", good)}, "window": window, "state": map[string]any{}, "shardId": "shardId-1",
			},
			`{"batchItemFailures":[]}`,
		},
		{
			map[string]any{
				"Records": []any{record("21", good), record("101", good)}, "window": window, "state": map[string]any{"a": "b"},
				"shardId": "shardId-1",
			},
			`{"state":{"a":"b"},"batchItemFailures":[]}`,
		},
		{
			map[string]any{"Records": []any{}, "window": window, "shardId": "shardId-1", "isFinalInvokeForWindow": true},
			`{"batchItemFailures":[]}`,
		},
		{map[string]any{"Records": []any{record("", good)}, "window": window, "shardId": "shardId-1"}, ""},
		{map[string]any{"hello": "world"}, ""},
	} {
		payload, _ := json.Marshal(c.event)
		out, err := h.Invoke(t.Context(), payload)
		if string(out) != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %s, %v", payload, out, err)
		}
	}
	days, err := w.Store.Days(t.Context(), "s_abcdefgh", "2026-11-23", "2026-11-23")
	if err != nil || len(days) != 1 || days[0].Total.Impressions != 2 {
		t.Errorf("%+v, %v", days, err)
	}
}

// What the operator sees of a batch is what was counted of it.
func TestABatchIsSummedForTheOperator(t *testing.T) {
	step := func(before, reached connect.Step, reason connect.FilterReason) change {
		return change{visit: &connect.Visit{Reached: reached, Reason: reason}, before: before}
	}
	var s sums
	s.add([]change{
		step(connect.NoStep, connect.Impression, ""), step(connect.Impression, connect.Submit, ""),
		step(connect.NoStep, connect.Open, ""),
		step(connect.Open, connect.Open, ""), step(connect.NoStep, connect.Open, connect.Bot),
		step(connect.Impression, connect.Open, connect.Bot),
	})
	if want := (sums{visits: 2, opens: 2, submits: 1, filtered: 1}); s != want {
		t.Errorf("%+v, not %+v", s, want)
	}
	w := apitest.New(t)
	r := &rollup{store: store.Counts(w.DB), log: w.Logger(), now: time.Now}
	if failed, err := r.apply(
		t.Context(),
		lambdahttp.Batch{Shard: "shardId-1", Records: []lambdahttp.Record{{Sequence: "7", At: time.Now(), New: visit(nil)}}},
	); failed != "" ||
		err != nil {
		t.Fatal(failed, err)
	}
	if log := w.Logs.String(); !strings.Contains(log, `"Visits":1`) ||
		!strings.Contains(log, `{"Name":"Visits","Unit":"Count"}`) {
		t.Error(log)
	}
}
