package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// strict refuses a transaction while another one holds one of its items, as DynamoDB does, and lets
// processes die before or after one of their calls.
type strict struct {
	mu        sync.Mutex
	held      map[string]bool
	conflicts int
	calls     int
	dieEvery  int
}

func (s *strict) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.mu.Lock()
	s.calls++
	n := s.calls
	s.mu.Unlock()
	dies := s.dieEvery > 0 && n%s.dieEvery < 3 // the library tries three times by itself
	if dies && (n/s.dieEvery)%2 == 0 {
		return nil, fmt.Errorf("died before the call")
	}
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems") {
		keys := itemsOf(body)
		s.mu.Lock()
		for _, k := range keys {
			if s.held[k] {
				s.conflicts++
				s.mu.Unlock()
				return conflict(len(keys)), nil
			}
		}
		for _, k := range keys {
			s.held[k] = true
		}
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			for _, k := range keys {
				delete(s.held, k)
			}
			s.mu.Unlock()
		}()
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if dies && err == nil {
		answer.Body.Close()
		return nil, fmt.Errorf("died after the call")
	}
	return answer, err
}

func itemsOf(body []byte) (keys []string) {
	var in struct {
		TransactItems []map[string]struct {
			TableName string
			Key, Item map[string]map[string]string
		}
	}
	_ = json.Unmarshal(body, &in)
	for _, write := range in.TransactItems {
		for _, w := range write {
			k := w.Key
			if k == nil {
				k = w.Item
			}
			keys = append(keys, w.TableName+"/"+k["pk"]["S"]+"/"+k["sk"]["S"])
		}
	}
	return keys
}

func conflict(items int) *http.Response {
	reasons := make([]map[string]string, items)
	for n := range reasons {
		reasons[n] = map[string]string{"Code": "None"}
	}
	reasons[items-1]["Code"] = "TransactionConflict"
	text, _ := json.Marshal(map[string]any{
		"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "Message": "Transaction cancelled",
		"CancellationReasons": reasons,
	})
	return &http.Response{
		StatusCode: 400, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(bytes.NewReader(text)), ContentLength: int64(len(text)),
	}
}

// through is the fixture behind another way to the database.
func (f *fixture) through(way http.RoundTripper) *fixture {
	s := store.OpenThrough(func(k string) string { return f.Env[k] }, way)
	other := *f
	other.Client = f.Serve(
		lambdahttp.HTTP(app(f.Logger(), s, f.Links, f.Book, apitest.Origin, web.NewCDN(cdnKey), f.Clock.Now)),
	)
	return &other
}

func (f *fixture) used() int64 {
	f.T.Helper()
	usage, err := f.Store.Usage(f.T.Context(), f.site.Account, f.Clock.Now())
	if err != nil {
		f.T.Fatal(err)
	}
	return usage.Callbacks
}

// Sixty visitors of one account ask at one moment, on a database that refuses transactions which meet in an item:
// all are stored, and all are counted.
func TestABurstOfRequests(t *testing.T) {
	f := start(t)
	way := &strict{held: map[string]bool{}}
	burst := f.through(way)
	f.Subscribe(f.site.Account, connect.Billing{Status: connect.Active, Plan: "business"})
	const parallel = 60
	rounds := apitest.Often(2, 5)
	for round := range rounds {
		keys := make([]string, parallel)
		for n := range keys {
			keys[n] = f.key()
		}
		var all sync.WaitGroup
		for _, key := range keys {
			all.Go(func() {
				if a := burst.create(f.body(nil), key, nil); a.Status != 201 {
					t.Errorf("%d %s", a.Status, a.Body)
				}
			})
		}
		all.Wait()
		if got, want := f.used(), int64(parallel*(round+1)); got != want {
			t.Errorf("%d counted of %d", got, want)
		}
	}
	fmt.Printf(
		"callbacks: %d times 60 requests of one account at once: all stored and counted, %d transactions met another and "+
			"were tried again\n",
		rounds, way.conflicts,
	)
}

// Processes die before and after calls of the database, and visitors send again what was not answered: as many are
// counted as are stored.
func TestUsageIsExactUnderCrashes(t *testing.T) {
	f := start(t)
	f.Subscribe(f.site.Account, connect.Billing{Status: connect.Active, Plan: "business"})
	fragile := f.through(&strict{held: map[string]bool{}, dieEvery: 29})
	requests := apitest.Often(60, 200)
	died := 0
	for range requests {
		key := f.key()
		for {
			a := fragile.create(f.body(nil), key, nil)
			if a.Status == 201 {
				break
			}
			died++
		}
		f.create(f.body(nil), key, nil) // and once more
	}
	if died == 0 {
		t.Error("nothing died")
	}
	if got := f.used(); got != int64(requests) || f.Count("CALLBACKS_TABLE") != requests {
		t.Errorf("%d counted, %d stored, of %d", got, f.Count("CALLBACKS_TABLE"), requests)
	}
	fmt.Printf("callbacks: %d requests, %d answers lost to crashes: %d counted\n", requests, died, f.used())
}
