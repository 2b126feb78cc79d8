package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/design"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// visitors is how many have asked: each is in a network of their own unless a test says who.
var visitors atomic.Int64

// cdnKey is the CDN's in these tests, which name a visitor's address for each request.
const cdnKey = "the key of the CDN in tests"

const shop = "https://shop.example"

type fixture struct {
	*apitest.Client
	site *connect.Site
	keys int
}

func start(t *testing.T) *fixture {
	w := apitest.New(t)
	f := &fixture{
		Client: w.Serve(
			lambdahttp.HTTP(app(w.Logger(), w.DB, w.Links, w.Book, apitest.Origin, web.NewCDN(cdnKey), w.Clock.Now)),
		),
	}
	f.site = w.Site(connect.NewAccountID(), "The Shop", "Europe/London", shop)
	f.usual(1000)
	for what, text := range map[string]string{
		"name": "Vera Visitor", "number": "7700900123", "email": "vera@example.com", "message": "about my boiler",
	} {
		w.Private(what, text)
	}
	return f
}

func (f *fixture) body(change map[string]any) map[string]any {
	b := map[string]any{
		"site": string(f.site.Key), "name": "Vera Visitor", "phone": "07700 900123", "email": "Vera@Example.com",
		"department": "Heating", "message": "It is\r\nabout my boiler", "page": shop + "/boilers?email=vera@example.com#top",
	}
	maps.Copy(b, change)
	maps.DeleteFunc(b, func(_ string, v any) bool { return v == nil })
	return b
}

// usual makes the site one that has so many requests in an average hour.
func (f *fixture) usual(requests int) {
	f.T.Helper()
	number := func(n int64) types.AttributeValue { return &types.AttributeValueMemberN{Value: fmt.Sprint(n)} }
	hour, name := f.Clock.Now().Truncate(time.Hour), f.Env["MARKS_TABLE"]
	_, err := localtest.Server(f.T).Client.PutItem(f.T.Context(), &dynamodb.PutItemInput{
		TableName: &name, Item: map[string]types.AttributeValue{
			"pk":     &types.AttributeValueMemberS{Value: "Q#" + string(f.site.ID)},
			"begins": number(hour.UnixMilli()), "requests": number(0), "usual": number(int64(requests) * 1000),
			"expiresAt": number(hour.AddDate(1, 0, 0).Unix()),
		},
	})
	if err != nil {
		f.T.Fatal(err)
	}
}

func (f *fixture) key() string {
	f.keys++
	return f.Private("idempotency key", fmt.Sprintf("idempotency-key-%04d", f.keys))
}

func (f *fixture) create(body any, key string, header map[string]string) apitest.Answer {
	f.T.Helper()
	n := visitors.Add(1)
	h := map[string]string{
		"origin": shop, "idempotency-key": key, "x-mi-cdn": cdnKey,
		"cloudfront-viewer-address": fmt.Sprintf("10.%d.%d.7:4711", n/256%256, n%256),
	}
	maps.Copy(h, header)
	maps.DeleteFunc(h, func(_, v string) bool { return v == "" })
	// Each request is about something else, unless a test says what: two about the same are one.
	if m, ok := body.(map[string]any); ok && m["department"] == "Heating" && !strings.HasSuffix(key, "-0001") {
		m["department"] = "Heating " + key[strings.LastIndexByte(key, '-')+1:]
	}
	return f.Do(apitest.Request{Method: "POST", Path: "/v1/callbacks", Body: body, Header: h})
}

// link makes a request and returns the token of its owner's link.
func (f *fixture) link(change map[string]any) string {
	f.T.Helper()
	a := f.create(f.body(change), f.key(), nil)
	if a.Status != 201 {
		f.T.Fatal(a.Status, a.Body)
	}
	return f.tokenOf(a)
}

func (f *fixture) tokenOf(a apitest.Answer) string {
	f.T.Helper()
	link, ok := strings.CutPrefix(a.Text("manageUrl"), apitest.Origin+"/request?token=")
	if !ok {
		f.T.Fatalf("manageUrl is %q", a.Text("manageUrl"))
	}
	return f.Private("private link", link)
}

func (f *fixture) own(method, link string, body any) apitest.Answer {
	f.T.Helper()
	return f.Do(apitest.Request{Method: method, Path: "/v1/callbacks/" + link, Body: body})
}

func TestConfiguration(t *testing.T) {
	f := start(t)
	a := f.Do(apitest.Request{Method: "GET", Path: "/v1/widget/" + string(f.site.Key)})
	proof := a.Text("proof")
	want := fmt.Sprintf(`{"active":true,"fields":{"name":"needed","email":"optional","message":"optional"},`+
		`"labels":{"ar":"اطلب مكالمة","cy":"Gofyn am alwad","de":"Rückruf anfordern","en":"Request a call",`+
		`"es":"Solicitar una llamada","fr":"Être rappelé","pl":"Zamów rozmowę"},"language":"en","look":"%s",`+
		`"name":"The Shop","privacyUrl":"%s/privacy","promise":true,"proof":"%s","site":"%s","texts":{}}`,
		design.Default().Look(), apitest.Origin, proof, f.site.Key)
	if a.Status != 200 || a.Body != want || len(proof) < 10 || a.Header["cache-control"] != "public, max-age=60" {
		t.Errorf("%d %s %s", a.Status, a.Header, a.Body)
	}
	// It is nobody's: whoever asks within the hour gets the same.
	if again := f.Do(apitest.Request{
		Method: "GET", Path: "/v1/widget/" + string(f.site.Key),
	}); again.Text("proof") != proof {
		t.Error("the proof tells who asked")
	}
	for _, secret := range []string{string(f.site.ID), string(f.site.Account), shop} {
		if strings.Contains(a.Body, secret) {
			t.Errorf("the public configuration holds %q", secret)
		}
	}
	for _, key := range []string{
		"k_00000000000000000000000a", "x", "k_", string(f.site.ID), "k_" + strings.Repeat("a", 500), "K_ABCDEFGHIJ",
		"k_%23site",
	} {
		if a := f.Do(apitest.Request{Method: "GET", Path: "/v1/widget/" + key}); a.Status != 404 ||
			a.Code() != "not-found" || a.Header["cache-control"] != "no-store" {
			t.Errorf("%s: %d %s", key, a.Status, a.Body)
		}
	}
}

// A page that is not the site's shows no button, rather than a form that is refused when it is sent.
func TestNoButtonOnAForeignWebsite(t *testing.T) {
	f := start(t)
	for origin, active := range map[string]bool{
		string(f.site.Origins[0]): true, "https://www.shop.example": true, "https://blog.shop.example": false,
		"https://elsewhere.example": false, "null": false, "": true,
	} {
		a := f.Do(apitest.Request{
			Method: "GET", Path: "/v1/widget/" + string(f.site.Key), Header: map[string]string{"origin": origin},
		})
		if a.Status != 200 || a.JSON()["active"] != active {
			t.Errorf("%q: %d %s", origin, a.Status, a.Body)
		}
	}
}

// What a business asks for is needed, and a request without a name is called by its number.
func TestAsksForWhatTheBusinessChose(t *testing.T) {
	f := start(t)
	d := design.Default()
	d.Fields = design.Fields{Name: design.Off, Email: design.Needed, Message: design.Optional}
	d.PrivacyURL, d.Triggers.AfterSeconds = "https://shop.example/privacy", 20
	if err := f.Store.ChangeDesign(t.Context(), f.site, d, design.Default()); err != nil {
		t.Fatal(err)
	}
	a := f.Do(apitest.Request{Method: "GET", Path: "/v1/widget/" + string(f.site.Key)})
	for _, want := range []string{`"name":"off"`, `"privacyUrl":"https://shop.example/privacy"`, `"afterSeconds":20`} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("no %s in %s", want, a.Body)
		}
	}
	body := f.body(map[string]any{"email": nil})
	delete(body, "name")
	if a := f.create(body, f.key(), nil); a.Status != 400 || a.Fields() != "email" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	body["email"] = "vera@example.com"
	a = f.create(body, f.key(), nil)
	if a.Status != 201 {
		t.Fatal(a.Status, a.Body)
	}
	id := connect.CallbackID(a.Text("id"))
	c, err := f.Store.Callback(t.Context(), f.site.ID, id, f.Clock.Now())
	if err != nil || c.Name != c.PhoneShown {
		t.Errorf("called %q: %v", c.Name, err)
	}
}

func TestCreateStoresWhatWasAsked(t *testing.T) {
	f := start(t)
	f.Subscribe(f.site.Account, connect.Billing{Status: connect.Active, Plan: "starter"})
	at := f.Clock.Now().Add(24 * time.Hour).Format(time.RFC3339)
	a := f.create(f.body(map[string]any{"at": at}), f.key(), nil)
	if a.Status != 201 || a.Text("status") != "new" {
		t.Fatal(a.Status, a.Body)
	}
	f.tokenOf(a)
	items := f.Items("CALLBACKS_TABLE")
	if len(items) != 1 {
		t.Fatal(items)
	}
	c := items[0]
	for name, want := range map[string]string{
		"pk": "S#" + string(f.site.ID), "sk": a.Text("id"), "name": "Vera Visitor", "phone": "+447700900123",
		"email":      "vera@example.com",
		"department": "Heating", "message": "It is\nabout my boiler", "page": shop + "/boilers", "status": "new",
		"siteName": "The Shop",
	} {
		if c[name] != want {
			t.Errorf("%s is %q, not %q", name, c[name], want)
		}
	}
	if days := expiry(c).Sub(f.Clock.Now()).Hours() / 24; days < 89.9 || days > 90.1 {
		t.Errorf("kept for %v days", days)
	}
	for _, what := range []string{"Vera", "7700", "vera", "boiler"} {
		if strings.Contains(a.Body, what) {
			t.Errorf("the answer repeats %q", what)
		}
	}
	// The mark of the key must not become a second place for personal data.
	for _, mark := range f.Items("MARKS_TABLE") {
		if s := fmt.Sprint(mark); strings.Contains(s, "idempotency-key") || strings.Contains(s, "7700900") ||
			strings.Contains(s, "Vera") {
			t.Errorf("the mark holds what it was made from: %s", s)
		}
	}
}

func expiry(i map[string]any) time.Time {
	n, _ := i["expiresAt"].(json.Number).Int64()
	return time.Unix(n, 0)
}

func TestCreateRefuses(t *testing.T) {
	f := start(t)
	now := f.Clock.Now()
	for _, c := range []struct {
		name         string
		body         any
		header       map[string]string
		status       int
		code, fields string
	}{
		{"no body", nil, nil, 400, "malformed", ""},
		{"nothing", map[string]any{}, nil, 400, "invalid", "name phone page"},
		{
			"a visit's session", f.body(map[string]any{"session": strings.Repeat("a", 22)}), nil, 400, "unknown-field",
			"session",
		},
		{"no name", f.body(map[string]any{"name": "  "}), nil, 400, "invalid", "name"},
		{"a long name", f.body(map[string]any{"name": strings.Repeat("x", 101)}), nil, 400, "invalid", "name"},
		{"a name of two lines", f.body(map[string]any{"name": "Vera\nBcc: x"}), nil, 400, "invalid", "name"},
		{"no number", f.body(map[string]any{"phone": nil}), nil, 400, "invalid", "phone"},
		{"words for a number", f.body(map[string]any{"phone": "call me"}), nil, 400, "invalid", "phone"},
		{"a number that is too short", f.body(map[string]any{"phone": "0770090012"}), nil, 400, "invalid", "phone"},
		{"a premium number", f.body(map[string]any{"phone": "0909 8790123"}), nil, 400, "invalid", "phone"},
		{"a long number", f.body(map[string]any{"phone": strings.Repeat("1", 41)}), nil, 400, "invalid", "phone"},
		{"a wrong address", f.body(map[string]any{"email": "vera@"}), nil, 400, "invalid", "email"},
		{
			"a long department", f.body(map[string]any{"department": strings.Repeat("x", 61)}), nil, 400, "invalid",
			"department",
		},
		{"a long message", f.body(map[string]any{"message": strings.Repeat("x", 2001)}), nil, 400, "invalid", "message"},
		{"a message that turns the text", f.body(map[string]any{"message": "\u202eabc"}), nil, 400, "invalid", "message"},
		{"a time that is none", f.body(map[string]any{"at": "tomorrow"}), nil, 400, "invalid", "at"},
		{"a time without a zone", f.body(map[string]any{"at": "2026-11-23T14:30:00"}), nil, 400, "invalid", "at"},
		{"yesterday", f.body(map[string]any{"at": now.Add(-24 * time.Hour).Format(time.RFC3339)}), nil, 400, "invalid", "at"},
		{
			"in 91 days", f.body(map[string]any{"at": now.Add(91 * 24 * time.Hour).Format(time.RFC3339)}), nil, 400, "invalid",
			"at",
		},
		{"no page", f.body(map[string]any{"page": nil}), nil, 400, "invalid", "page"},
		{"a page that is a program", f.body(map[string]any{"page": "javascript:alert(1)"}), nil, 400, "invalid", "page"},
		{"a page without a scheme", f.body(map[string]any{"page": "//thief.example/x"}), nil, 400, "invalid", "page"},
		{
			"a page whose host turns the text", f.body(map[string]any{"page": "https://\u202eshop.example/"}), nil, 400,
			"invalid", "page",
		},
		{
			"a page of 3,000 characters", f.body(map[string]any{"page": shop + "/" + strings.Repeat("x", 3000)}), nil, 400,
			"invalid", "page",
		},
		{
			"all at once", f.body(map[string]any{"name": "", "phone": "1", "email": "x", "at": "x", "page": ""}), nil, 400,
			"invalid", "name phone email at page",
		},
		{"no key", f.body(nil), map[string]string{"idempotency-key": ""}, 400, "idempotency-key-missing", ""},
		{"a short key", f.body(nil), map[string]string{"idempotency-key": "1234567"}, 400, "idempotency-key-missing", ""},
		{
			"a long key", f.body(nil), map[string]string{"idempotency-key": strings.Repeat("x", 256)}, 400,
			"idempotency-key-missing", "",
		},
		{"an unknown site", f.body(map[string]any{"site": "k_00000000000000000000000a"}), nil, 404, "not-found", ""},
		{"no site", f.body(map[string]any{"site": nil}), nil, 404, "not-found", ""},
		{"a foreign page", f.body(nil), map[string]string{"origin": "https://thief.example"}, 403, "foreign-origin", ""},
		{
			"a foreign subdomain", f.body(nil), map[string]string{"origin": "https://blog.shop.example"},
			403, "foreign-origin", "",
		},
		{"Origin: null", f.body(nil), map[string]string{"origin": "null"}, 403, "foreign-origin", ""},
		{"64 KB and more", f.body(map[string]any{"message": strings.Repeat("x", 64<<10)}), nil, 413, "body-too-large", ""},
		{"an unknown field", f.body(map[string]any{"status": "called"}), nil, 400, "unknown-field", "status"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.T = t
			a := f.create(c.body, f.key(), c.header)
			if a.Status != c.status || a.Code() != c.code || a.Fields() != c.fields {
				t.Errorf("%d %s %q, not %d %s %q: %s", a.Status, a.Code(), a.Fields(), c.status, c.code, c.fields, a.Body)
			}
			for _, what := range []string{"Vera", "vera", "90012", "boiler"} {
				if strings.Contains(a.Body, what) {
					t.Errorf("the body repeats %q: %s", what, a.Body)
				}
			}
		})
	}
	f.T = t
	if f.Count("CALLBACKS_TABLE") != 0 || f.Count("MARKS_TABLE") != 1 { // usual
		t.Errorf("a refused request has stored something: %v", f.Sizes())
	}
}

func TestCreateTakes(t *testing.T) {
	f := start(t)
	for name, change := range map[string]map[string]any{
		"least":                {"email": nil, "department": nil, "message": nil},
		"a number from abroad": {"phone": "+1 212 555 0123"},
		"a path for a page":    {"page": "/contact"},
		"now":                  {"at": f.Clock.Now().Format(time.RFC3339)},
		"in another zone":      {"at": "2026-11-30T14:30:00+05:30"},
		"in 90 days":           {"at": f.Clock.Now().Add(90 * 24 * time.Hour).Format(time.RFC3339)},
		"another script":       {"name": "Βέρα", "message": "日本語 🙂\n\tok"},
	} {
		if name == "in another zone" {
			change["at"] = f.Clock.Now().Add(48 * time.Hour).In(time.FixedZone("", 19800)).Format(time.RFC3339)
		}
		if a := f.create(f.body(change), f.key(), nil); a.Status != 201 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		} else {
			f.tokenOf(a)
		}
	}
	if a := f.create(f.body(nil), f.key(), map[string]string{"origin": ""}); a.Status != 201 {
		t.Errorf("without an origin: %d %s", a.Status, a.Body)
	}
}

func TestIdempotency(t *testing.T) {
	f := start(t)
	key := f.key()
	first := f.create(f.body(nil), key, nil)
	again := f.create(f.body(nil), key, nil)
	if first.Status != 201 || again.Status != 201 || first.Body != again.Body {
		t.Errorf("%s\n%s", first.Body, again.Body)
	}
	f.tokenOf(first)
	if a := f.create(f.body(map[string]any{"phone": "07700 900124"}), key, nil); a.Status != 422 ||
		a.Code() != "idempotency-key-reused" {
		t.Errorf("another request under the same key: %d %s", a.Status, a.Body)
	}
	if n := f.Count("CALLBACKS_TABLE"); n != 1 {
		t.Errorf("%d requests", n)
	}
	// The same number written in another way is the same request.
	if a := f.create(f.body(map[string]any{"phone": "+44 (0)7700 900 123"}), key, nil); a.Body != first.Body {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	// Another site's visitor may use the same key.
	other := f.Site(connect.NewAccountID(), "Other", "Europe/London", shop)
	if a := f.create(f.body(map[string]any{"site": string(other.Key)}), key, nil); a.Status != 201 ||
		a.Text("id") == first.Text("id") {
		t.Errorf("another site: %d %s", a.Status, a.Body)
	} else {
		f.tokenOf(a)
	}
	f.Clock.Forward(connect.IdempotencyLife)
	after := f.create(f.body(nil), key, nil)
	if after.Status != 201 || after.Text("id") == first.Text("id") || f.Count("CALLBACKS_TABLE") != 3 {
		t.Errorf("after the key expired: %d %s", after.Status, after.Body)
	}
	f.tokenOf(after)
}

func TestTwentyAtOnceUnderOneKey(t *testing.T) {
	f := start(t)
	key := f.key()
	for round, body := range []any{f.body(nil), f.body(map[string]any{"phone": "07700 900125"})} {
		var mu sync.Mutex
		answers := map[string]int{}
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				a := f.create(body, key, nil)
				mu.Lock()
				defer mu.Unlock()
				answers[fmt.Sprint(a.Status, a.Text("id"))]++
			})
		}
		wg.Wait()
		if len(answers) != 1 || f.Count("CALLBACKS_TABLE") != round+1 || claims(f) != 1 {
			t.Errorf("%v, %v", answers, f.Sizes())
		}
		f.Clock.Forward(connect.IdempotencyLife) // the second round claims an expired key
	}
}

func TestTheVisitorsOwnLink(t *testing.T) {
	f := start(t)
	link := f.link(nil)
	a := f.own("GET", link, nil)
	if a.Status != 200 || a.Text("phone") != "+44 ••• 123" || a.Text("name") != "Vera Visitor" ||
		a.Text("site") != "The Shop" || a.JSON()["at"] != nil {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	for _, what := range []string{"7700900", "vera@", "boiler", "Heating", string(f.site.ID)} {
		if strings.Contains(a.Body, what) {
			t.Errorf("the link's page holds %q", what)
		}
	}
	at := f.Clock.Now().Add(3 * time.Hour).Truncate(time.Second)
	f.Clock.Forward(time.Minute)
	a = f.own("PATCH", link, map[string]any{"at": at.Format(time.RFC3339)})
	if moved, _ := time.Parse(time.RFC3339, a.Text("at")); a.Status != 200 || !moved.Equal(at) {
		t.Errorf("move: %d %s", a.Status, a.Body)
	}
	if a = f.own("PATCH", link, map[string]any{"at": ""}); a.Status != 200 || a.JSON()["at"] != nil {
		t.Errorf("move to now: %d %s", a.Status, a.Body)
	}
	before := f.Dump()
	for name, c := range map[string]struct {
		body         any
		code, fields string
	}{
		"nothing":           {map[string]any{}, "invalid", "at"},
		"called":            {map[string]any{"status": "called"}, "invalid", "status"},
		"new":               {map[string]any{"status": "new"}, "invalid", "status"},
		"yesterday":         {map[string]any{"at": f.Clock.Now().Add(-24 * time.Hour).Format(time.RFC3339)}, "invalid", "at"},
		"another's phone":   {map[string]any{"phone": "07700900999"}, "unknown-field", "phone"},
		"a status and more": {`{"status":"cancelled"}{}`, "malformed", ""},
	} {
		if a := f.own("PATCH", link, c.body); a.Status != 400 || a.Code() != c.code || a.Fields() != c.fields {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if f.Dump() != before {
		t.Error("a refused change has changed something")
	}
	for range 2 {
		if a = f.own("PATCH", link, map[string]any{"status": "cancelled"}); a.Status != 200 ||
			a.Text("status") != "cancelled" {
			t.Errorf("cancel: %d %s", a.Status, a.Body)
		}
	}
	if a = f.own("PATCH", link, map[string]any{
		"at": f.Clock.Now().Add(time.Hour).Format(time.RFC3339),
	}); a.Status != 409 ||
		a.Code() != "already-done" {
		t.Errorf("move what is cancelled: %d %s", a.Status, a.Body)
	}
	if inbox := f.Items("CALLBACKS_TABLE")[0]["inbox"]; inbox != string(f.site.ID)+"#cancelled" {
		t.Errorf("the inbox has it under %v", inbox)
	}
	for range 2 {
		if a = f.own("DELETE", link, nil); a.Status != 204 || a.Body != "" {
			t.Errorf("erase: %d %s", a.Status, a.Body)
		}
	}
	for _, method := range []string{"GET", "PATCH"} {
		var body any
		if method == "PATCH" {
			body = map[string]any{"status": "cancelled"}
		}
		if a := f.own(method, link, body); a.Status != 404 || a.Code() != "not-found" {
			t.Errorf("%s after it was erased: %d %s", method, a.Status, a.Body)
		}
	}
	if s := f.Dump(); strings.Contains(s, "Vera") || strings.Contains(s, "7700900123") {
		t.Errorf("after it was erased: %s", s)
	}
}

func TestWhatWasCalledCannotBeMoved(t *testing.T) {
	f := start(t)
	link := f.link(nil)
	c, err := f.Store.Callback(
		t.Context(), f.site.ID, connect.CallbackID(f.Items("CALLBACKS_TABLE")[0]["sk"].(string)), f.Clock.Now(),
	)
	if err != nil {
		t.Fatal(err)
	}
	c.Status = connect.StatusCalled
	if err := f.Store.ChangeCallback(t.Context(), c, f.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	for _, body := range []map[string]any{{"status": "cancelled"}, {"at": ""}} {
		if a := f.own("PATCH", link, body); a.Status != 409 || a.Code() != "already-done" {
			t.Errorf("%v: %d %s", body, a.Status, a.Body)
		}
	}
	if a := f.own("DELETE", link, nil); a.Status != 204 {
		t.Errorf("erase: %d", a.Status)
	}
}

func TestLinksThatAreNot(t *testing.T) {
	f := start(t)
	link := f.link(nil)
	id, mac, _ := strings.Cut(link, ".")
	otherSite := string(connect.NewSiteID()) + "~" + strings.Split(id, "~")[1]
	before := f.Dump()
	for name, bad := range map[string]string{
		"no signature": id, "an empty signature": id + ".", "another id": otherSite + "." + mac,
		"of another purpose": f.Links.Sign(connect.PurposeVerify, id),
		"of another key":     token.NewLinks([]byte(strings.Repeat("k", 32))).Sign(connect.PurposeRequest, id),
		"cut short":          link[:len(link)-2],
		"more":               link + "AA", "one word": "x", "very long": strings.Repeat("x", 4000),
		"another site's, signed": f.Links.Sign(connect.PurposeRequest, otherSite),
		"signed, no request":     f.Links.Sign(connect.PurposeRequest, string(f.site.ID)+"~"),
		"signed, no site":        f.Links.Sign(connect.PurposeRequest, "x"),
		"escaped":                strings.Replace(link, "~", "%7E%2F", 1), "with capitals": strings.ToUpper(link),
	} {
		for _, method := range []string{"GET", "PATCH", "DELETE"} {
			var body any
			if method == "PATCH" {
				body = map[string]any{"status": "cancelled"}
			}
			a := f.own(method, bad, body)
			// To erase what is not there is no error, for a link that was truly signed.
			if name == "another site's, signed" && method == "DELETE" && a.Status == 204 {
				continue
			}
			if a.Status != 404 || a.Code() != "not-found" {
				t.Errorf("%s %s: %d %s", method, name, a.Status, a.Body)
			}
		}
	}
	if f.Dump() != before {
		t.Error("a wrong link has changed something")
	}
}

func TestAfterTheRetention(t *testing.T) {
	f := start(t)
	link := f.link(nil)
	f.Clock.Forward(time.Duration(f.site.RetentionDays) * 24 * time.Hour)
	f.Clock.Forward(2 * time.Hour) // whatever a day of 23 or 25 hours adds
	if a := f.own("GET", link, nil); a.Status != 404 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

func TestTwoChangesAtOnce(t *testing.T) {
	f := start(t)
	link := f.link(nil)
	f.Clock.Forward(time.Second)
	var mu sync.Mutex
	codes := map[int]int{}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			a := f.own("PATCH", link, map[string]any{
				"at": f.Clock.Now().Add(time.Duration(i+1) * time.Hour).Format(time.RFC3339),
			})
			mu.Lock()
			defer mu.Unlock()
			codes[a.Status]++
		})
	}
	wg.Wait()
	if codes[200] < 1 || codes[200]+codes[409] != 8 {
		t.Errorf("%v", codes)
	}
}

// claims is how many idempotency keys are stored.
func claims(f *fixture) (n int) {
	for _, mark := range f.Items("MARKS_TABLE") {
		if strings.HasPrefix(fmt.Sprint(mark["pk"]), "I#") {
			n++
		}
	}
	return n
}
