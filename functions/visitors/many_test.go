package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// wire counts the calls of DynamoDB by their name, and fails those that broken says.
type wire struct {
	calls  map[string]int
	broken func(name string, body []byte) bool
}

func (c *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	_, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	c.calls[name]++
	if c.broken != nil && c.broken(name, body) {
		return nil, errors.New("the wire is cut")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return http.DefaultTransport.RoundTrip(r)
}

func (c *wire) total() (n int) {
	for _, v := range c.calls {
		n += v
	}
	return n
}

// wired is the function on a wire.
func (w *world) wired(c *wire) *world {
	s := store.OpenThrough(func(k string) string { return w.Env[k] }, c)
	a := app(w.Logger(), s, w.Links, w.Book, apitest.Origin, web.NewCDN(""), w.Clock.Now)
	return &world{w.Serve(lambdahttp.HTTP(a))}
}

// flood writes n requests of one visitor past the widget, newest at last, each with as long a message as there is.
func (w *world) flood(site *connect.Site, n int, last time.Time, phone string) {
	w.T.Helper()
	model := w.request(site, last, phone, "vera@example.com")
	db, table := localtest.Server(w.T).Client, w.Env["CALLBACKS_TABLE"]
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	out, err := db.GetItem(
		w.T.Context(),
		&dynamodb.GetItemInput{
			TableName: &table,
			Key:       map[string]types.AttributeValue{"pk": text("S#" + string(site.ID)), "sk": text(string(model))},
		},
	)
	if err != nil || out.Item == nil {
		w.T.Fatal(err)
	}
	var batch []types.WriteRequest
	for k := 1; k < n; k++ {
		i := maps.Clone(out.Item)
		i["sk"], i["message"] = text(string(connect.NewCallbackID(last.Add(-time.Duration(k)*time.Second)))),
			text(strings.Repeat("<", 2000))
		batch = append(batch, types.WriteRequest{PutRequest: &types.PutRequest{Item: i}})
		if len(batch) == 25 || k == n-1 {
			if _, err := db.BatchWriteItem(
				w.T.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: batch}},
			); err != nil {
				w.T.Fatal(err)
			}
			batch = nil
		}
	}
}

// everything reads all pages of an export.
func (w *world) everything(bearer, path, who string) (ids map[string]bool, pages, largest int) {
	w.T.Helper()
	ids = map[string]bool{}
	for cursor := ""; ; pages++ {
		body, _ := json.Marshal(map[string]string{"phone": who, "cursor": cursor})
		a := w.Do(apitest.Request{Method: "POST", Path: path + "/export", Body: string(body), Bearer: bearer})
		if a.Status != 200 {
			w.T.Fatalf("page %d: %d %.200s", pages, a.Status, a.Body)
		}
		var out struct {
			Items []struct{ ID string }
			Next  string
		}
		a.Into(w.T, &out)
		for _, i := range out.Items {
			if ids[i.ID] {
				w.T.Errorf("%s is on two pages", i.ID)
			}
			ids[i.ID] = true
		}
		largest = max(largest, len(a.Body))
		if cursor = out.Next; cursor == "" {
			return ids, pages + 1, largest
		}
	}
}

// 3,000 anonymous requests of one number, 300 of them within the last five minutes: all of it can be exported and
// erased, in calls that are bounded each, with one receipt and one entry in the log.
func TestThreeThousandRequestsOfOneNumber(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	const all = 3000
	path, who := "/v1/sites/"+string(site.ID), "07700900123"
	w.flood(site, all, w.Clock.Now(), "+447700900123")
	bystander := w.request(site, w.Clock.Now(), "+447700900555", "")

	c := &wire{calls: map[string]int{}}
	wired := w.wired(c)
	ids, pages, largest := wired.everything(bearer, path, who)
	t.Logf(
		"export: %d requests in %d pages, the largest of %d bytes; %d calls of DynamoDB: %v", len(ids), pages, largest,
		c.total(), c.calls,
	)
	if len(ids) != all || largest > 3<<20 || c.total() > 10*pages {
		t.Errorf("%d of %d exported", len(ids), all)
	}

	for calls := 1; ; calls++ {
		c.calls = map[string]int{}
		got := wired.call(bearer, "POST", path+"/erase", `{"phone":"`+who+`"}`, 200)
		t.Logf("erase, call %d: %v erased so far, %d calls of DynamoDB: %v", calls, got["erased"], c.total(), c.calls)
		if c.total() > 45 {
			t.Errorf("a call of %d calls", c.total())
		}
		// Nobody is told that it is erased before it is.
		if got["more"] == true && got["receipt"] != nil || calls > 5 {
			t.Fatalf("call %d: %v", calls, got)
		}
		if got["more"] == false {
			if got["erased"] != float64(all) || got["receipt"].(map[string]any)["count"] != float64(all) {
				t.Errorf("at last: %v", got)
			}
			break
		}
	}
	if left := w.Items("CALLBACKS_TABLE"); len(left) != 1 || left[0]["sk"] != string(bystander) {
		t.Errorf("%d items are left", len(left))
	}
	if n := w.Count("CONSENTS_TABLE"); n != 1 {
		t.Errorf("%d receipts", n)
	}
	// One entry for the export, one for the erasure; each with a number and nothing of the visitor.
	var log []string
	for _, i := range w.Items("AUDIT_TABLE") {
		log = append(log, fmt.Sprint(i["action"], " ", i["target"], " by ", i["name"]))
	}
	said := strings.Join(log, "; ")
	for _, want := range []string{
		"visitor.exported Shop: 100 requests and more by Pat Example", "visitor.erased Shop: 3000 requests by Pat Example",
	} {
		if strings.Count(said, want) != 1 {
			t.Errorf("the log does not say once %q: %s", want, said)
		}
	}
	if strings.Contains(said, "7700") || strings.Contains(said, "Vera") {
		t.Errorf("the log names the visitor: %s", said)
	}
}

// An erasure is cut off after any of its writes and repeated: in the end there is nothing of the visitor, one
// receipt, and it says how many they were.
func TestAnErasureIsCutOffAnywhere(t *testing.T) {
	for cut := 1; cut <= 5; cut++ {
		t.Run(fmt.Sprint(cut), func(t *testing.T) {
			w := newWorld(t)
			bearer, site := w.owner("owner@example.com")
			const all = 320
			w.flood(site, all, w.Clock.Now().Add(-time.Hour), "+447700900123")
			path, writes := "/v1/sites/"+string(site.ID)+"/erase", 0
			c := &wire{calls: map[string]int{}, broken: func(name string, _ []byte) bool {
				if name == "TransactWriteItems" {
					writes++
				}
				return writes >= cut
			}}
			w.wired(c).call(bearer, "POST", path, `{"phone":"07700900123"}`, 500)
			erased := all - strings.Count(w.dump("CALLBACKS_TABLE"), "Vera Visitor")
			if erased > 0 && w.Count("CONSENTS_TABLE") == 0 && !strings.Contains(w.dump("CALLBACKS_TABLE"), "ERASING") {
				t.Errorf("%d requests are gone and nothing knows of it", erased)
			}
			got := w.call(bearer, "POST", path, `{"phone":"07700900123"}`, 200)
			if got["erased"] != float64(all) || got["more"] != false || w.Count("CALLBACKS_TABLE") != 0 ||
				w.Count("CONSENTS_TABLE") != 1 {
				t.Errorf("%v; left %d, receipts %d", got, w.Count("CALLBACKS_TABLE"), w.Count("CONSENTS_TABLE"))
			}
		})
	}
}

// Whoever began an erasure and went away: the nightly job does the rest, with the receipt and the log's entry.
func TestAnErasureThatWasLeftIsFinished(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	w.flood(site, 1300, w.Clock.Now().Add(-time.Hour), "+447700900123")
	path := "/v1/sites/" + string(site.ID)
	if got := w.call(bearer, "POST", path+"/erase", `{"phone":"07700900123"}`, 200); got["more"] != true {
		t.Fatalf("all at once: %v", got)
	}
	w.Clock.Forward(time.Minute)
	if n, err := w.Store.FinishErasures(t.Context(), w.Book.Erasure(w.Clock.Now()), w.Clock.Now()); n != 0 || err != nil {
		t.Fatalf("%d were taken from their callers, %v", n, err)
	}
	w.Clock.Forward(time.Hour)
	fresh := w.request(site, w.Clock.Now(), "+447700900123", "") // asked again since: not what was to be erased
	if n, err := w.Store.FinishErasures(t.Context(), w.Book.Erasure(w.Clock.Now()), w.Clock.Now()); n != 1 || err != nil {
		t.Fatalf("%d finished, %v", n, err)
	}
	if left := w.Items("CALLBACKS_TABLE"); len(left) != 1 || left[0]["sk"] != string(fresh) {
		t.Errorf("%d items are left", len(left))
	}
	list := w.call(bearer, "GET", path+"/erasures", "", 200)["items"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["count"] != 1300.0 {
		t.Errorf("receipts %v", list)
	}
	if log := w.dump("AUDIT_TABLE"); !strings.Contains(log, "Shop: 1300 requests") ||
		!strings.Contains(log, "Pat Example") {
		t.Errorf("the log: %s", log)
	}
}

// Receipts of erasures come page by page, the newest first.
func TestErasuresPage(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	const all = 130
	for n := range all {
		r := w.Book.Erasure(w.Clock.Now().Add(time.Duration(n)*time.Minute))(site.ID, connect.ViaLink, n+1)
		if err := w.Store.AddReceipt(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	c := &wire{calls: map[string]int{}}
	wired, path := w.wired(c), "/v1/sites/"+string(site.ID)+"/erasures"
	want, pages := float64(all), 0
	for cursor := ""; ; pages++ {
		got := wired.call(bearer, "GET", path+"?cursor="+cursor, "", 200)
		for _, i := range got["items"].([]any) {
			if i.(map[string]any)["count"] != want {
				t.Fatalf("%v, want %v", i, want)
			}
			want--
		}
		if got["next"] == nil {
			break
		}
		cursor = got["next"].(string)
	}
	if want != 0 || pages != 2 || c.calls["Query"] > 3*(pages+1) {
		t.Errorf("%v left after %d pages, %v", want, pages+1, c.calls)
	}
	for _, bad := range []string{"x", "ZXJhc3VyZQ", "c2VhbHM"} {
		w.call(bearer, "GET", path+"?cursor="+bad, "", 400)
	}
}
