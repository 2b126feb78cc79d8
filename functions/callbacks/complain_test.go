package main

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// complain is a complaint by whoever holds a link.
func (f *fixture) complain(link, message, email string) apitest.Answer {
	f.T.Helper()
	n := visitors.Add(1)
	return f.Do(apitest.Request{
		Method: "PUT",
		Path:   "/v1/callbacks/" + link + "/complaint",
		Body:   map[string]any{"message": message, "email": email},
		Header: map[string]string{
			"x-mi-cdn": cdnKey, "cloudfront-viewer-address": fmt.Sprintf("10.%d.%d.7:4711", n/256%256, n%256),
		},
	})
}

// complainTo is one by somebody without a link.
func (f *fixture) complainTo(key, ip string, change map[string]any) apitest.Answer {
	f.T.Helper()
	body := map[string]any{"message": "You never answered.", "name": "Vera Visitor", "email": "vera@example.com"}
	maps.Copy(body, change)
	return f.Do(apitest.Request{
		Method: "POST", Path: "/v1/widget/" + string(f.site.Key) + "/complaints", Body: body,
		Header: map[string]string{"idempotency-key": key, "x-mi-cdn": cdnKey, "cloudfront-viewer-address": ip + ":4711"},
	})
}

// register is what is stored of complaints, and which messages about them are asked for.
func (f *fixture) register() (items []map[string]any, mails map[string]int, tasks int) {
	f.T.Helper()
	for _, i := range f.Items("CALLBACKS_TABLE") {
		if strings.HasPrefix(i["pk"].(string), "COMPLAINTS#") {
			items = append(items, i)
		}
	}
	mails = map[string]int{}
	for _, i := range f.Items("OUTBOX_TABLE") {
		if kind := i["kind"].(string); strings.HasPrefix(kind, "site-complaint") {
			mails[kind]++
		}
	}
	for _, i := range f.Items("DUE_TABLE") {
		if strings.HasPrefix(i["kind"].(string), "complaint-") {
			tasks++
		}
	}
	return items, mails, tasks
}

// A complaint is stored once with its clock, acknowledged, told to the owners, and outlives the request.
func TestAComplaintOutlivesItsRequest(t *testing.T) {
	f := start(t)
	f.Clock.Set(time.Date(2026, 11, 1, 23, 30, 0, 0, time.UTC))
	link := f.link(nil)
	const words = "Please stop calling me."
	for range 3 { // sent again after a lost answer
		a := f.complain(link, words, "vera@example.com")
		if a.Status != 200 || a.Text("site") != "The Shop" || a.Text("state") != "open" {
			t.Fatal(a.Status, a.Body)
		}
	}
	items, mails, tasks := f.register()
	if len(items) != 1 || mails["site-complaint"] != 1 || mails["site-complaint-acknowledged"] != 1 || tasks != 3 {
		t.Fatalf("%d complaints, mails %v, %d tasks", len(items), mails, tasks)
	}
	if items[0]["expiresAt"] != nil || items[0]["phone"] != nil || items[0]["phoneKey"] != nil ||
		items[0]["lastDay"] != "2026-11-30" {
		t.Errorf("an open complaint ends, or is found as a request: %v", items[0])
	}
	if a := f.complain(link, "Something else.", ""); a.Status != 409 || a.Code() != "complaint-made" ||
		!strings.Contains(a.Text("detail"), items[0]["sk"].(string)) {
		t.Error(a.Status, a.Body)
	}
	if a := f.own("GET", link, nil); a.Status != 200 || !strings.Contains(a.Body, items[0]["sk"].(string)) {
		t.Error("the visitor's page says nothing of it:", a.Body)
	}
	if a := f.own("DELETE", link, nil); a.Status != 204 {
		t.Fatal(a.Status, a.Body)
	}
	f.Clock.Forward(2 * connect.ComplaintLife) // it is open, and stays
	a := f.own("GET", link+"/complaint", nil)
	if a.Status != 200 || a.Text("id") != items[0]["sk"] {
		t.Fatal(a.Status, a.Body)
	}
	// Its own link shows it, and does nothing else.
	own, _ := strings.CutPrefix(a.Text("link"), apitest.Origin+"/complain?token=")
	if a := f.own("GET", f.Private("link", own)+"/complaint", nil); a.Status != 200 {
		t.Error(a.Status, a.Body)
	}
	for _, method := range []string{"GET", "PATCH"} {
		if a := f.own(method, own, map[string]any{"status": "cancelled"}); a.Status != 404 {
			t.Error(method, a.Status, a.Body)
		}
	}
	_ = f.own("DELETE", own, nil)
	if items, _, _ := f.register(); len(items) != 1 {
		t.Error("the complaint's own link has erased it")
	}
	// What the outbox and the clock hold names it, and holds nothing of it.
	for _, table := range []string{"OUTBOX_TABLE", "DUE_TABLE"} {
		for _, i := range f.Items(table) {
			if s := fmt.Sprint(
				i,
			); strings.Contains(s, "example.com") || strings.Contains(s, words) ||
				strings.Contains(s, "7700900") {
				t.Errorf("%s holds what was written: %s", table, s)
			}
		}
	}
}

func TestAComplaintWithoutALink(t *testing.T) {
	f := start(t)
	for n, c := range []struct {
		change map[string]any
		status int
		field  string
	}{
		{nil, 201, ""}, {nil, 201, ""},
		{map[string]any{"message": "Another."}, 422, ""},
		{map[string]any{"message": " "}, 400, "message"},
		{map[string]any{"email": nil}, 400, "email"},
		{map[string]any{"email": "vera@"}, 400, "email"},
		{map[string]any{"phone": "12"}, 400, "phone"},
	} {
		a := f.complainTo("complaint-key-1", "203.0.113.9", c.change)
		if a.Status != c.status || c.field != "" && !strings.Contains(a.Body, `"field":"`+c.field+`"`) {
			t.Errorf("%d: %d %s", n, a.Status, a.Body)
		}
	}
	items, mails, _ := f.register()
	if len(items) != 1 || mails["site-complaint-acknowledged"] != 1 {
		t.Errorf("%d complaints, mails %v", len(items), mails)
	}
	// By phone alone it is taken, and nothing is mailed to anybody but the owners: of the hour's second, later.
	if a := f.complainTo(
		"complaint-key-2",
		"203.0.113.9",
		map[string]any{"email": nil, "phone": "07700 900123"},
	); a.Status != 201 {
		t.Error(a.Status, a.Body)
	}
	_, mails, _ = f.register()
	if mails["site-complaint"] != 1 || mails["site-complaints"] != 1 || mails["site-complaint-acknowledged"] != 1 {
		t.Error(mails)
	}
	if a := f.complainTo("short", "203.0.113.9", nil); a.Status != 400 || a.Code() != "idempotency-key-missing" {
		t.Error(a.Status, a.Body)
	}
}

// Forty from one client and two hundred from many: what is stored and mailed is bounded, and one of another is taken.
func TestComplaintsAreBounded(t *testing.T) {
	f := start(t)
	taken := 0
	for n := range 40 {
		a := f.complainTo(
			fmt.Sprintf("one-client-%02d", n),
			"203.0.113.9",
			map[string]any{"email": fmt.Sprintf("s%d@example.com", n)},
		)
		switch a.Status {
		case 201:
			taken++
		case 429:
			if a.Code() != "limit" || a.Header["retry-after"] == "" {
				t.Error(a.Body)
			}
		default:
			t.Fatal(a.Status, a.Body)
		}
	}
	for n := range 200 {
		f.complainTo(fmt.Sprintf("many-clients-%03d", n), fmt.Sprintf("198.18.%d.9", n), nil)
	}
	items, mails, _ := f.register()
	if taken != connect.SiteComplaintsDay.Limit || len(items) != taken+200 {
		t.Errorf("%d taken, %d stored", taken, len(items))
	}
	// One box gets no more than its budget; the owners hear of the first and, once, of the rest.
	if mails["site-complaint-acknowledged"] != taken+connect.VisitorMails.Limit || mails["site-complaint"] != 1 ||
		mails["site-complaints"] != 1 {
		t.Error(mails)
	}
}

// Twenty copies at once are one complaint.
func TestOneComplaintOfManyCopies(t *testing.T) {
	f := start(t)
	link := f.link(nil)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if a := f.complain(link, "Please stop.", "vera@example.com"); a.Status != 200 && a.Status != 503 {
				t.Error(a.Status, a.Body)
			}
		})
	}
	all.Wait()
	items, mails, tasks := f.register()
	if len(items) != 1 || mails["site-complaint-acknowledged"] != 1 || mails["site-complaint"] != 1 || tasks != 3 {
		t.Errorf("%d complaints, mails %v, %d tasks", len(items), mails, tasks)
	}
}

// Wherever the function ends while it takes a complaint: what was acknowledged is stored with its mails and reminders,
// and who sends it again has one, with one mail in all.
func TestACrashAnywhereLosesNoComplaint(t *testing.T) {
	f := start(t)
	crashes, answeredYes := 0, 0
	for _, answered := range []bool{false, true} {
		for at := 1; ; at++ {
			link := f.link(nil)
			before, was, _ := f.register()
			wire := &apitest.Dying{At: at, Answered: answered}
			if a := f.through(
				wire,
			).complain(
				link,
				"Please stop.",
				fmt.Sprintf("v%d%t@example.com", at, answered),
			); a.Status == 200 {
				answeredYes++
				if now, _, _ := f.register(); len(now) != len(before)+1 {
					t.Errorf("died at call %d: acknowledged and not stored", at)
				}
			}
			if a := f.complain(link, "Please stop.", fmt.Sprintf("v%d%t@example.com", at, answered)); a.Status != 200 {
				t.Fatal(at, a.Status, a.Body)
			}
			after, mails, tasks := f.register()
			if len(after) != len(before)+1 || tasks != 3*len(after) ||
				mails["site-complaint-acknowledged"] != was["site-complaint-acknowledged"]+1 {
				t.Errorf("died at call %d: %d complaints, mails %v, %d tasks", at, len(after), mails, tasks)
			}
			f.Clock.Forward(time.Hour)
			if !wire.Died() {
				break
			}
			crashes++
		}
	}
	if crashes < 16 {
		t.Errorf("only %d crashes", crashes)
	}
	t.Logf(
		"%d crashes, %d answered: each complaint once, with one acknowledgement and three reminders",
		crashes,
		answeredYes,
	)
}
