package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	mapping "github.com/mi-telecom/mi-connect/infra/local/streams"
	"github.com/mi-telecom/mi-connect/infra/local/template"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// poison is a DynamoDB that refuses permanently whatever names a page, as long as it is on.
type poison struct {
	page string
	on   atomic.Bool
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (p *poison) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	writes := strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutItem") ||
		strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems")
	if !p.on.Load() || !writes || !bytes.Contains(body, []byte(`"pages"`)) ||
		!bytes.Contains(body, []byte(`"`+p.page+`"`)) {
		return p.next.RoundTrip(r)
	}
	return &http.Response{
		StatusCode: 400, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Request: r,
		Body: io.NopCloser(
			strings.NewReader(`{"__type":"com.amazon.coral.validate#ValidationException","message":"planted"}`),
		),
	}, nil
}

func (p *poison) store(w *apitest.World) store.Counts {
	return store.Counts(store.OpenThrough(func(k string) string { return w.Env[k] }, p))
}

// mapped runs a rollup on the real stream of visits, as the template maps it, from the stream's beginning.
func mapped(t *testing.T, w *apitest.World, r *rollup) (stop func()) {
	return mappedBy(t, w, r, func(*mapping.Runner) {})
}

// mappedBy is mapped by a runner that is changed before it runs.
func mappedBy(t *testing.T, w *apitest.World, r *rollup, change func(*mapping.Runner)) (stop func()) {
	t.Helper()
	server := localtest.Server(t)
	client := dynamodbstreams.New(dynamodbstreams.Options{
		Region: template.Region, BaseEndpoint: &server.Endpoint, Credentials: dynamo.Credentials,
	})
	table := w.Env["VISITS_TABLE"]
	list, err := client.ListStreams(t.Context(), &dynamodbstreams.ListStreamsInput{TableName: &table})
	if err != nil || len(list.Streams) != 1 {
		t.Fatal(list, err)
	}
	h := lambdahttp.Stream(r.apply)
	dir := t.TempDir()
	runner := &mapping.Runner{
		Client: client, Dir: dir, Queues: filepath.Join(dir, "queues"), Say: func(string) {}, Poll: 10 * time.Millisecond,
		Backoff: 5 * time.Millisecond,
		Invoke:  func(ctx context.Context, _ string, event []byte) ([]byte, error) { return h.Invoke(ctx, event) },
	}
	change(runner)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		runner.Run(ctx, mapping.Mapping{
			Function: "RollupFunction", ID: "Visits", Stream: *list.Streams[0].StreamArn, BatchSize: 500,
			Window:   50 * time.Millisecond,
			Tumbling: time.Minute, Retries: -1, MaxAge: 24 * time.Hour, Bisect: true, Partial: true,
		})
	}()
	return func() { cancel(); <-done }
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 600 {
		if ok() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("half a minute passed and not %s", what)
}

// The runbook "Parked visits" of docs/operations.md, rehearsed: a fault that no retry fixes holds up
// nothing but what it meets, and once its cause is gone `make redrive` counts exactly that.
func TestRedrive(t *testing.T) {
	w := apitest.New(t)
	command := filepath.Join(t.TempDir(), "redrive")
	if out, err := exec.Command("go", "build", "-o", command, "../../infra/redrive").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	redrive := func(args ...string) (string, error) {
		cmd := exec.Command(command, args...)
		for name, value := range w.Env {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	fault := &poison{page: "/poison", next: http.DefaultTransport}
	fault.on.Store(true)
	var ahead atomic.Int64 // of the clock: minutes
	r := &rollup{
		store: fault.store(w), log: w.Logger(),
		now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load()) * time.Minute) },
	}
	sites := []connect.SiteID{"s_redrive000000001", "s_redrive000000002"}
	zone := time.UTC
	visit := func(n int, page string, reached connect.Step) {
		t.Helper()
		v := &connect.Visit{
			Site: sites[n%2], ID: connect.VisitID(fmt.Sprintf("redrive-%014d", n)), Page: page, Device: connect.Phone,
			Reached: reached,
		}
		v.Begin(time.Now(), 0, zone)
		if err := w.Store.RecordVisit(t.Context(), v, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	today := connect.DateOf(time.Now().In(zone))
	count := func() (all connect.Count, poisoned int64) {
		t.Helper()
		for _, site := range sites {
			days, err := w.Store.Days(t.Context(), site, today.Add(-1), today.Add(1))
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range days {
				all, poisoned = all.Plus(d.Total), poisoned+d.Pages["/poison"].Impressions
			}
		}
		return all, poisoned
	}
	// Fifteen visits, of which eight meet the fault, then more.
	for n := range 15 {
		visit(n, []string{"/good", "/poison"}[n%2], connect.Open)
	}
	visit(17, "/poison", connect.Submit)
	stop := mapped(t, w, r)
	until(t, "what the fault does not meet is counted", func() bool { all, _ := count(); return all.Impressions >= 8 })
	if list, err := w.Store.ParkedVisits(t.Context(), time.Now()); err != nil || len(list) != 0 {
		t.Errorf("parked at once: %v, %v", list, err)
	}
	ahead.Store(20)
	parked := func() []store.ParkedVisit {
		t.Helper()
		list, err := w.Store.ParkedVisits(t.Context(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	until(t, "the poison is parked", func() bool { return len(parked()) == 8 })
	for n := range 20 { // later visits of the same days
		visit(100+n, "/good", connect.Impression)
	}
	until(t, "later visits are counted", func() bool { all, _ := count(); return all.Impressions == 28 })
	stop()
	if all, poisoned := count(); all != (connect.Count{Impressions: 28, Opens: 8}) || poisoned != 0 ||
		!strings.Contains(w.Logs.String(), `"ParkedVisits":1`) {
		t.Errorf("before the redrive %v, of the poison %d", all, poisoned)
	}

	fault.on.Store(false)
	// A mapping that starts again counts nothing twice, and leaves alone what is parked.
	stop = mapped(t, w, r)
	time.Sleep(300 * time.Millisecond)
	until(t, "all was read again", func() bool { return strings.Contains(w.Logs.String(), `"message":"counted"`) })
	stop()
	if all, _ := count(); all.Impressions != 28 || len(parked()) != 8 {
		t.Errorf("read again: %v, %d parked", all, len(parked()))
	}
	if out, err := redrive("list"); err != nil || !strings.Contains(out, "8 parked, 0 counted") ||
		strings.Count(out, "s_redrive") != 8 {
		t.Errorf("%v: %s", err, out)
	}
	// Counting two of them is killed after each of its calls, in turn; then the command runs twice.
	two := parked()[:2]
	for n := range int64(8) {
		ctx, kill := context.WithCancel(t.Context())
		f := &faults{kill: kill, failAt: n, mode: []mode{killedBefore, killedAfter}[n%2]}
		s := store.Parked(f.open(w))
		for _, p := range two {
			if _, err := s.CountParkedVisit(ctx, p, time.Now()); err != nil {
				break
			}
		}
		kill()
	}
	for range 2 {
		out, err := redrive()
		t.Logf("redrive: %s", strings.TrimSpace(out))
		if err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}
	if all, poisoned := count(); all != (connect.Count{Impressions: 36, Opens: 16, Submits: 1}) || poisoned != 8 ||
		len(parked()) != 0 {
		t.Errorf("after the redrive %v, of the poison %d, %d parked", all, poisoned, len(parked()))
	}
	stop = mapped(t, w, r)
	time.Sleep(time.Second)
	stop()
	if all, _ := count(); all.Impressions != 36 {
		t.Errorf("read once more: %v", all)
	}
}

// Visits, some of whose pages nothing can be written of, with kills, replays and splits all along;
// then the redrive, killed too. What is counted before and after is exact.
func TestVisitsWithKillsAndPoison(t *testing.T) {
	start := time.Now()
	w := apitest.New(t)
	visits := apitest.Often(1500, 5000)
	list := beacons(rand.New(rand.NewPCG(5, 1)), visits)
	lines := oldStreams(rand.New(rand.NewPCG(5, 2)), list)
	fault := &poison{page: "/page-07", next: http.DefaultTransport}
	fault.on.Store(true)
	var mu sync.Mutex
	var wg sync.WaitGroup
	var o outcome
	for n, line := range lines {
		wg.Go(func() {
			s := &source{t: t, w: w, r: rand.New(rand.NewPCG(5, uint64(n+3))),
				start: func(w *apitest.World, f *faults) func(context.Context, lambdahttp.Batch) (string, error) {
					f.next = fault
					return (&rollup{store: store.Counts(f.open(w)), log: slog.New(slog.DiscardHandler), now: time.Now}).apply
				}}
			for _, shard := range line {
				s.read(shard)
			}
			mu.Lock()
			defer mu.Unlock()
			o.batches, o.calls, o.kills, o.replays = o.batches+s.batches, o.calls+s.calls, o.kills+s.kills, o.replays+s.replays
		})
	}
	wg.Wait()
	time.Sleep(60 * time.Millisecond)
	fault.on.Store(false)
	parked, err := w.Store.ParkedVisits(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 9))
	for waiting, rounds := parked, 0; len(waiting) > 0 && rounds < 1000; rounds++ {
		ctx, kill := context.WithCancel(t.Context())
		f := &faults{
			kill: kill, failAt: int64(r.IntN(30)), mode: mode(r.IntN(int(modes))),
			delay: time.Duration(r.IntN(10)) * time.Millisecond,
		}
		s := store.Parked(f.open(w))
		for _, p := range waiting {
			if _, err := s.CountParkedVisit(ctx, p, time.Now()); err != nil {
				break
			}
		}
		kill()
		if f.fired.Load() {
			o.kills++
		}
		if waiting, err = w.Store.ParkedVisits(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(60 * time.Millisecond)
	wrong := 0
	for name, day := range truth(list) {
		site, date, _ := strings.Cut(name, " ")
		days, err := w.Store.Days(t.Context(), connect.SiteID(site), connect.Date(date), connect.Date(date))
		if err != nil || len(days) != 1 {
			t.Fatalf("%s: %d days, %v", name, len(days), err)
		}
		for _, line := range differences(name, day, days[0]) {
			wrong++
			t.Error(line)
		}
	}
	t.Logf("%d visits, %d batches, %d calls, %d kills, %d rewinds, %d records parked and redriven, %d differences, %v",
		visits, o.batches, o.calls, o.kills, o.replays, len(parked), wrong, time.Since(start).Round(time.Millisecond))
	if o.kills < int64(apitest.Often(20, 50)) || len(parked) < 20 {
		t.Errorf("%d kills and %d parked records prove little", o.kills, len(parked))
	}
}

// oldStreams is streams with records that are old: what fails permanently is parked.
func oldStreams(r *rand.Rand, list []beacon) []lineage {
	lines := streams(r, list)
	for _, line := range lines {
		for _, s := range line {
			for i := range s.records {
				s.records[i].At = time.Now().Add(-time.Hour)
			}
		}
	}
	return lines
}

// A record that ends the process whenever it comes is tried a few times, alone, and then parked.
func TestWhatEndsTheProcessIsParked(t *testing.T) {
	w := apitest.New(t)
	rec := lambdahttp.Record{Sequence: "7", At: time.Now().Add(-time.Hour), New: visit(nil)}
	calls := 0
	for ; calls < 20; calls++ {
		ctx, kill := context.WithCancel(t.Context())
		f := &faults{kill: kill, failAt: 2, mode: killedBefore} // after the parked, and the note of the attempt
		r := &rollup{store: store.Counts(f.open(w)), log: w.Logger(), now: time.Now}
		if calls > maxTries-1 {
			f.failAt = -1 // parking does none of what ended it
		}
		failed, err := r.apply(ctx, lambdahttp.Batch{Shard: "shardId-1", Records: []lambdahttp.Record{rec}})
		kill()
		if err == nil && failed == "" {
			break
		}
	}
	list, err := w.Store.ParkedVisits(t.Context(), time.Now())
	if err != nil || len(list) != 1 || calls != maxTries {
		t.Errorf("%d calls: %v, %v: %v", calls, list, err, w.Logs.String())
	}
	if days, _ := w.Store.Days(t.Context(), "s_abcdefgh", "2026-11-23", "2026-11-23"); slices.ContainsFunc(
		days, func(d *connect.Day) bool { return d.Total != (connect.Count{}) },
	) {
		t.Error("counted as well")
	}
}
