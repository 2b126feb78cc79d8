package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

const site1 = "https://shop.example"

type fixture struct {
	*apitest.Client
	site *connect.Site
	n    int
}

func start(t *testing.T) *fixture {
	w := apitest.New(t)
	f := &fixture{Client: w.Serve(lambdahttp.HTTP(app(w.Logger(), w.DB, web.NewCDN(""), w.Clock.Now)))}
	f.site = w.Site(connect.NewAccountID(), "Shop", "Europe/London", site1)
	return f
}

// session returns another mc_session. None may reach a log.
func (f *fixture) session() string {
	f.n++
	return f.Private("visit's session", fmt.Sprintf("SesSion_of_a-visit%04d", f.n))
}

// body is a good beacon with some of its fields changed; nil removes one.
func (f *fixture) body(change map[string]any) map[string]any {
	b := map[string]any{
		"site": string(f.site.Key), "session": f.session(), "page": "/pricing", "source": "google.com", "sent": 1500,
		"proof":  f.site.Proof(f.Clock.Now()),
		"events": []any{map[string]any{"type": "impression", "t": 1200}},
	}
	maps.Copy(b, change)
	maps.DeleteFunc(b, func(_ string, v any) bool { return v == nil })
	return b
}

func (f *fixture) send(body any, header map[string]string) apitest.Answer {
	f.T.Helper()
	h := map[string]string{"content-type": "text/plain;charset=UTF-8", "origin": site1}
	maps.Copy(h, header)
	return f.Do(apitest.Request{Method: "POST", Path: "/v1/events", Body: body, Header: h})
}

func steps(visit map[string]any) string {
	s := ""
	for _, name := range []string{"i", "o", "s"} {
		if visit[name] == true {
			s += name
		}
	}
	return s
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// padded is a good beacon of exactly n bytes.
func (f *fixture) padded(n int) string {
	b := f.body(nil)
	short := len(text(b))
	b["page"] = "/pricing" + strings.Repeat("/", n-short)
	return text(b)
}

func TestWhatIsRefusedIsNotStored(t *testing.T) {
	f := start(t)
	event := func(kind string, at any) []any { return []any{map[string]any{"type": kind, "t": at}} }
	thousand := make([]any, 1000)
	for i := range thousand {
		thousand[i] = map[string]any{"type": "impression", "t": i}
	}
	for _, c := range []struct {
		name         string
		body         any
		status       int
		code, fields string
	}{
		{"no body", nil, 400, "malformed", ""},
		{"8 KB and a byte", f.padded(8<<10 + 1), 413, "body-too-large", ""},
		{"broken JSON", `{"site":"` + string(f.site.Key) + `","sess`, 400, "malformed", ""},
		{"not JSON", "visitor@example.com", 400, "malformed", ""},
		{"two JSON values", text(f.body(nil)) + text(f.body(nil)), 400, "malformed", ""},
		{"something after the value", text(f.body(nil)) + "}", 400, "malformed", ""},
		{"an array", `[]`, 400, "malformed", ""},
		{"null", `null`, 400, "malformed", ""},
		{"an unknown field", f.body(map[string]any{"email": "visitor@example.com"}), 400, "unknown-field", "email"},
		{
			"an unknown field of an event",
			f.body(map[string]any{"events": []any{map[string]any{"type": "open", "t": 1, "x": 2}}}), 400, "unknown-field", "x",
		},
		{"an unknown type", f.body(map[string]any{"events": event("purchase", 1)}), 400, "invalid", "events.type"},
		{"a type in capitals", f.body(map[string]any{"events": event("Open", 1)}), 400, "invalid", "events.type"},
		{
			"one good event and a bad one", f.body(map[string]any{"events": append(event("open", 1), event("hover", 2)...)}),
			400, "invalid", "events.type",
		},
		{"no events", f.body(map[string]any{"events": []any{}}), 400, "invalid", "events"},
		{"events left out", f.body(map[string]any{"events": nil}), 400, "invalid", "events"},
		{"1,000 events", f.body(map[string]any{"events": thousand}), 413, "body-too-large", ""},
		{"no session", f.body(map[string]any{"session": nil}), 400, "invalid", "session"},
		{"a short session", f.body(map[string]any{"session": "short"}), 400, "invalid", "session"},
		{"a long session", f.body(map[string]any{"session": strings.Repeat("a", 23)}), 400, "invalid", "session"},
		{
			"a session of other letters", f.body(map[string]any{"session": "#site#session#bot#12345"[:22]}), 400, "invalid",
			"session",
		},
		{"a session that is no text", f.body(map[string]any{"session": 7}), 400, "malformed", "session"},
		{"no page", f.body(map[string]any{"page": ""}), 400, "invalid", "page"},
		{"no site", f.body(map[string]any{"site": nil}), 400, "invalid", "site"},
		{"a site of 65 characters", f.body(map[string]any{"site": strings.Repeat("k", 65)}), 400, "invalid", "site"},
		{"no t", f.body(map[string]any{"events": []any{map[string]any{"type": "open"}}}), 400, "invalid", "events.t"},
		{"t null", f.body(map[string]any{"events": event("open", nil)}), 400, "invalid", "events.t"},
		{"a negative t", f.body(map[string]any{"events": event("open", -1)}), 400, "invalid", "events.t"},
		{"a hugely negative t", strings.Replace(text(f.body(nil)), "1200", "-1e999", 1), 400, "invalid", "events.t"},
		{"t as text", f.body(map[string]any{"events": event("open", "12")}), 400, "malformed", ""},
		{"t not a number", strings.Replace(text(f.body(nil)), "1200", "NaN", 1), 400, "malformed", ""},
		{"a negative sent", f.body(map[string]any{"sent": -5}), 400, "invalid", "sent"},
		{
			"a page of 10,000 characters", f.body(map[string]any{"page": "/" + strings.Repeat("a", 9999)}), 413,
			"body-too-large", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.T = t
			a := f.send(c.body, nil)
			if a.Status != c.status || a.Code() != c.code || a.Fields() != c.fields {
				t.Errorf("%d %s %q, not %d %s %q: %s", a.Status, a.Code(), a.Fields(), c.status, c.code, c.fields, a.Body)
			}
			if strings.Contains(a.Body, "visitor@example.com") {
				t.Errorf("the body repeats what was sent: %s", a.Body)
			}
		})
	}
	f.T = t
	if n := f.Count("VISITS_TABLE"); n != 0 {
		t.Errorf("%d visits were stored", n)
	}
}

func TestWhatIsTakenBecomesOneVisit(t *testing.T) {
	f := start(t)
	now := f.Clock.Now()
	hour := now.Truncate(time.Hour).Format("2006-01-02T15")
	ev := func(kinds ...string) (list []any) {
		for i, k := range kinds {
			list = append(list, map[string]any{"type": k, "t": i * 100})
		}
		return list
	}
	other := f.Site(connect.NewAccountID(), "Another", "Europe/London", site1)
	raw := func(t string) string { return strings.Replace(text(f.body(nil)), "1200", t, 1) }
	for _, c := range []struct {
		name   string
		body   any
		header map[string]string
		want   map[string]any // of the stored visit; nil: none is stored
	}{
		{
			"impression", f.body(nil), nil,
			map[string]any{
				"steps": "i", "p": "/pricing", "r": "google.com", "d": "desktop", "f": "", "h": hour, "n": string(f.site.ID),
			},
		},
		{
			"all in one", f.body(map[string]any{"events": ev("impression", "open", "submit")}), nil,
			map[string]any{"steps": "ios"},
		},
		{
			"in reverse order", f.body(map[string]any{"events": ev("submit", "open", "impression")}), nil,
			map[string]any{"steps": "ios"},
		},
		{
			"submit alone implies the others", f.body(map[string]any{"events": ev("submit")}), nil,
			map[string]any{"steps": "ios"},
		},
		{"open alone", f.body(map[string]any{"events": ev("open")}), nil, map[string]any{"steps": "io"}},
		{"exactly 8 KB", f.padded(8 << 10), nil, map[string]any{"steps": "i", "p": "/pricing"}},
		{
			"380 events", f.body(map[string]any{"events": ev(slices.Repeat([]string{"open"}, 250)...)}), nil,
			map[string]any{"steps": "io"},
		},
		{"as JSON", f.body(nil), map[string]string{"content-type": "application/json"}, map[string]any{"steps": "i"}},
		{
			"an origin in capitals", f.body(nil), map[string]string{"origin": "HTTPS://SHOP.EXAMPLE"},
			map[string]any{"steps": "i", "f": ""},
		},
		{"t of 1e999", raw("1e999"), nil, map[string]any{"steps": "i", "h": hour}},
		{"t of 1e308", raw("1e308"), nil, map[string]any{"steps": "i", "h": hour}},
		{"t of 1e-999", raw("1e-999"), nil, map[string]any{"steps": "i", "h": hour}},
		{"t of 0", raw("0"), nil, map[string]any{"steps": "i", "h": hour}},
		{"fractions of a millisecond", raw("1199.8999999985099"), nil, map[string]any{"steps": "i", "h": hour}},
		{
			"sent of 1e999", strings.Replace(text(f.body(nil)), "1500", "1e999", 1), nil,
			map[string]any{"steps": "i", "h": hour},
		},
		{"no sent", f.body(map[string]any{"sent": nil}), nil, map[string]any{"steps": "i", "h": hour}},
		{
			"an event of an hour ago", f.body(map[string]any{"sent": 3_600_000 + 1200}), nil,
			map[string]any{"steps": "i", "h": now.Add(-time.Hour).Format("2006-01-02T15")},
		},
		{
			"an event of yesterday counts as now", f.body(map[string]any{"sent": 86_400_000 + 1200}), nil,
			map[string]any{"steps": "i", "h": hour},
		},
		{"no source", f.body(map[string]any{"source": nil}), nil, map[string]any{"r": ""}},
		{
			"a source with a path", f.body(map[string]any{"source": "https://www.google.com/search?q=me@example.com"}), nil,
			map[string]any{"r": "google.com"},
		},
		{
			"a source that is the page's own site",
			f.body(map[string]any{"source": "www.shop.example:80", "page": "https://shop.example:80/checkout"}), nil,
			map[string]any{"r": ""},
		},
		{"a source that is a person", f.body(map[string]any{"source": "me@example.com"}), nil, map[string]any{"r": "other"}},
		{
			"a page of 7,000 characters", f.body(map[string]any{"page": "/pricing/" + strings.Repeat("long-word-", 700)}), nil,
			map[string]any{"p": "/pricing"},
		},
		{
			"a page with query and fragment",
			f.body(map[string]any{"page": "https://user:pw@shop.example/checkout?email=pat@example.com&tel=07700900123#pat"}),
			nil, map[string]any{"p": "/checkout"},
		},
		{
			"personal segments",
			f.body(map[string]any{"page": "/u/pat@example.com/order/1234567/07700-900-123/eyJhbGciOiJIUzI1NiJ9x1y2Z3/end"}), nil,
			map[string]any{"p": "/u/*/order/*/*/*/end"},
		},
		{
			"hidden by percent signs", f.body(map[string]any{"page": "/u/pat%2540example.com%3Fq=pat"}), nil,
			map[string]any{"p": "/u/*"},
		},
		{"a page that is no text", f.body(map[string]any{"page": "/\u202egnp.exe"}), nil, map[string]any{"p": "/*"}},
		{
			"a phone", f.body(nil),
			map[string]string{
				"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 " +
					"Safari/604.1",
			},
			map[string]any{"d": "phone", "f": ""},
		},

		{
			"a foreign origin is counted apart", f.body(nil), map[string]string{"origin": "https://thief.example"},
			map[string]any{"steps": "i", "f": "origin"},
		},
		{
			"a longer origin is a foreign one", f.body(nil), map[string]string{"origin": site1 + ".thief.example"},
			map[string]any{"f": "origin"},
		},
		{
			"www. is the same site", f.body(nil), map[string]string{"origin": "https://www.shop.example"},
			map[string]any{"steps": "i", "f": ""},
		},
		{
			"another subdomain is a foreign one", f.body(nil), map[string]string{"origin": "https://blog.shop.example"},
			map[string]any{"f": "origin"},
		},
		{
			"the other scheme is a foreign one", f.body(nil), map[string]string{"origin": "http://shop.example"},
			map[string]any{"f": "origin"},
		},
		{"Origin: null is a foreign one", f.body(nil), map[string]string{"origin": "null"}, map[string]any{"f": "origin"}},
		{
			"a bot is counted apart", f.body(nil),
			map[string]string{"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
			map[string]any{"f": "bot"},
		},

		{"without an origin", f.body(nil), map[string]string{"origin": ""}, map[string]any{"steps": "i", "f": "no-origin"}},
		{"without a proof", f.body(map[string]any{"proof": nil}), nil, map[string]any{"steps": "i", "f": "unproven"}},
		{"an empty proof", f.body(map[string]any{"proof": ""}), nil, map[string]any{"f": "unproven"}},
		{
			"a forged proof", f.body(map[string]any{"proof": f.site.Proof(now)[:10] + "xxxxxxx"}), nil,
			map[string]any{"f": "unproven"},
		},
		{
			"a proof of another hour's number",
			f.body(map[string]any{"proof": f.site.Proof(now.Add(-time.Hour))[:4] + f.site.Proof(now)[4:]}), nil,
			map[string]any{"f": "unproven"},
		},
		{"another site's proof", f.body(map[string]any{"proof": other.Proof(now)}), nil, map[string]any{"f": "unproven"}},
		{
			"a proof of last weekend", f.body(map[string]any{"proof": f.site.Proof(now.Add(-72 * time.Hour))}), nil,
			map[string]any{"f": ""},
		},
		{
			"a proof that is too old", f.body(map[string]any{"proof": f.site.Proof(now.Add(-74 * time.Hour))}), nil,
			map[string]any{"f": "unproven"},
		},
		{
			"a proof of tomorrow", f.body(map[string]any{"proof": f.site.Proof(now.Add(24 * time.Hour))}), nil,
			map[string]any{"f": "unproven"},
		},
		{
			"a proof of the year 9999999", f.body(map[string]any{"proof": "zzzzzz." + f.site.Proof(now)[5:]}), nil,
			map[string]any{"f": "unproven"},
		},
		{
			"a robot without an origin", f.body(nil), map[string]string{"origin": "", "user-agent": "Googlebot/2.1"},
			map[string]any{"f": "bot"},
		},
		{
			"a phone by Cubot", f.body(nil),
			map[string]string{
				"user-agent": "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36",
			},
			map[string]any{"d": "phone", "f": ""},
		},

		{"an unknown key", f.body(map[string]any{"site": "k_000000000000000000000000"}), nil, nil},
		{"a key of another shape", f.body(map[string]any{"site": "K#../../etc"}), nil, nil},
		{"Global Privacy Control", f.body(nil), map[string]string{"sec-gpc": "1"}, nil},
		{"Do Not Track", f.body(nil), map[string]string{"dnt": "1"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.T = t
			before := f.Count("VISITS_TABLE")
			a := f.send(c.body, c.header)
			if a.Status != 202 || a.Body != "{}" {
				t.Fatalf("%d: %s", a.Status, a.Body)
			}
			var v map[string]any
			for _, i := range f.Items("VISITS_TABLE") {
				if strings.Contains(i["pk"].(string), fmt.Sprintf("visit%04d", sessionOf(c.body))) {
					v = i
				}
			}
			if c.want == nil {
				if n := f.Count("VISITS_TABLE"); n != before || a.Record["filtered"] == nil {
					t.Errorf("stored %d, logged %v", n-before, a.Record)
				}
				return
			}
			for name, want := range c.want {
				got := v[name]
				if name == "steps" {
					got = steps(v)
				}
				if got != want {
					t.Errorf("%s is %v, not %v: %v", name, got, want, v)
				}
			}
			for k := range v {
				if !strings.Contains(" pk n h p r d f i o s expiresAt ", " "+k+" ") {
					t.Errorf("a visit has no attribute %q", k)
				}
			}
			if len(text(v)) > 1000 {
				t.Errorf("a visit of %d bytes", len(text(v)))
			}
			if c.want["f"] != "" && c.want["f"] != nil && a.Record["filtered"] != c.want["f"] {
				t.Errorf("logged %v", a.Record)
			}
		})
	}
}

// sessionOf finds the number that session gave.
func sessionOf(body any) (n int) {
	s, ok := body.(string)
	if !ok {
		s = text(body)
	}
	_, rest, _ := strings.Cut(s, "SesSion_of_a-visit")
	n, _ = strconv.Atoi(rest[:min(4, len(rest))])
	return n
}

func TestTheSameBeaconTenTimesInParallel(t *testing.T) {
	f := start(t)
	body := f.body(map[string]any{"events": []any{map[string]any{"type": "open", "t": 5}}})
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if a := f.send(body, nil); a.Status != 202 {
				t.Errorf("%d: %s", a.Status, a.Body)
			}
		})
	}
	wg.Wait()
	visits := f.Items("VISITS_TABLE")
	if len(visits) != 1 || steps(visits[0]) != "io" {
		t.Errorf("%d visits: %v", len(visits), visits)
	}
}

func TestLaterBeaconsChangeNothingButSteps(t *testing.T) {
	f := start(t)
	body := f.body(nil)
	send := func(kind, page string) {
		t.Helper()
		b := maps.Clone(body)
		b["page"], b["events"] = page, []any{map[string]any{"type": kind, "t": 1}}
		if a := f.send(b, nil); a.Status != 202 {
			t.Fatal(a.Status, a.Body)
		}
	}
	send("submit", "/first")
	first := f.Items("VISITS_TABLE")[0]
	f.Clock.Forward(2 * time.Hour)
	send("open", "/second")
	send("impression", "/third")
	after := f.Items("VISITS_TABLE")
	if len(after) != 1 || text(after[0]) != text(first) {
		t.Errorf("was %v, is %v", first, after)
	}
}

func TestAnExpiredVisitIsReplaced(t *testing.T) {
	f := start(t)
	body := f.body(map[string]any{"sent": nil, "events": []any{map[string]any{"type": "submit", "t": 5}}})
	f.send(body, nil)
	old := f.Items("VISITS_TABLE")[0]
	f.Clock.Forward(5*time.Hour + 39*time.Minute) // 20 past: the visit's hour ends with the sixth
	body["events"] = []any{map[string]any{"type": "impression", "t": 5}}
	f.send(body, nil)
	if got := f.Items("VISITS_TABLE"); text(got[0]) != text(old) {
		t.Errorf("a minute before it expires: %v", got)
	}
	f.Clock.Forward(time.Minute)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() { f.send(body, nil) })
	}
	wg.Wait()
	got := f.Items("VISITS_TABLE")
	if len(got) != 1 || steps(got[0]) != "i" || got[0]["h"] != f.Clock.Now().Format("2006-01-02T15") {
		t.Errorf("after it expired: %v", got)
	}
}

func TestAForeignPageCannotSpoilAVisit(t *testing.T) {
	f := start(t)
	body := f.body(nil)
	f.send(body, map[string]string{"origin": "https://thief.example"})
	f.send(body, map[string]string{"user-agent": "curl bot"})
	f.send(body, nil)
	reasons := map[string]int{}
	for _, v := range f.Items("VISITS_TABLE") {
		reasons[v["f"].(string)]++
	}
	if len(reasons) != 3 || reasons[""] != 1 || reasons["origin"] != 1 || reasons["bot"] != 1 {
		t.Errorf("%v", reasons)
	}
}

func TestSitesAreKeptAMinute(t *testing.T) {
	f := start(t)
	count := func(key connect.SiteKey) int {
		t.Helper()
		before := f.Count("VISITS_TABLE")
		if a := f.send(f.body(map[string]any{"site": string(key)}), nil); a.Status != 202 {
			t.Fatal(a.Status)
		}
		return f.Count("VISITS_TABLE") - before
	}
	if count(f.site.Key) != 1 {
		t.Fatal("not counted")
	}
	if err := f.Store.RemoveSite(context.Background(), f.site); err != nil {
		t.Fatal(err)
	}
	if count(f.site.Key) != 1 {
		t.Error("the site was read again within a minute")
	}
	f.Clock.Forward(time.Minute)
	if count(f.site.Key) != 0 {
		t.Error("a site that was removed counts after a minute")
	}
}

func TestOtherRoutesAndMethods(t *testing.T) {
	f := start(t)
	for _, r := range []apitest.Request{
		{Method: "GET", Path: "/v1/events"}, {Method: "PUT", Path: "/v1/events"}, {Method: "POST", Path: "/v1/events/1"},
	} {
		if a := f.Raw(r); a.Status != 404 || a.Code() != "not-found" {
			t.Errorf("%s %s: %d %s", r.Method, r.Path, a.Status, a.Body)
		}
	}
}

func TestABase64Body(t *testing.T) {
	f := start(t)
	a := f.Do(apitest.Request{
		Method: "POST", Path: "/v1/events", Body: f.body(nil), Base64: true, Header: map[string]string{"origin": site1},
	})
	if a.Status != 202 || f.Count("VISITS_TABLE") != 1 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

func TestTheCacheOfSitesIsBounded(t *testing.T) {
	f := start(t)
	c := newSiteCache(store.Widgets(f.DB))
	for i := range cacheMax {
		c.sites[connect.SiteKey(fmt.Sprint(i))] = cachedSite{}
	}
	if _, _, err := c.find(context.Background(), f.site.Key, f.Clock.Now()); err != nil || len(c.sites) > cacheMax {
		t.Error(err, len(c.sites))
	}
}

// The day and the hour are those that the site's clock shows, to the second, in zones of half and quarter
// hours and when clocks change.
func TestAVisitIsOfTheSitesOwnDayAndHour(t *testing.T) {
	f := start(t)
	for _, c := range []struct {
		zone string
		at   string // UTC
		want string
	}{
		{"America/St_Johns", "2026-11-24T03:30:20Z", "2026-11-24T00"},
		{"America/St_Johns", "2026-11-24T03:29:59Z", "2026-11-23T23"},
		{"Asia/Kolkata", "2026-11-23T18:30:00Z", "2026-11-24T00"}, {"Asia/Kolkata", "2026-11-23T18:29:00Z", "2026-11-23T23"},
		{"Asia/Kathmandu", "2026-11-23T18:15:00Z", "2026-11-24T00"},
		{"Asia/Kathmandu", "2026-11-23T18:59:59Z", "2026-11-24T00"},
		{"Australia/Adelaide", "2026-11-23T13:31:00Z", "2026-11-24T00"},
		{"Pacific/Chatham", "2026-11-23T10:15:00Z", "2026-11-24T00"},
		// An hour that comes twice, one that is left out, and Lord Howe's half hours.
		{"Europe/London", "2026-10-25T00:30:00Z", "2026-10-25T01"},
		{"Europe/London", "2026-10-25T01:30:00Z", "2026-10-25T01"},
		{"Europe/London", "2026-03-29T01:00:00Z", "2026-03-29T02"},
		{"Australia/Lord_Howe", "2026-04-04T15:15:00Z", "2026-04-05T01"},
		{"Australia/Lord_Howe", "2026-10-03T15:30:00Z", "2026-10-04T02"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		f.Clock.Set(at)
		f.site = f.Site(connect.NewAccountID(), c.zone, c.zone, site1)
		body := f.body(map[string]any{"sent": 5, "events": []any{map[string]any{"type": "impression", "t": 5}}})
		f.send(body, nil)
		visit := f.visit(f.site)
		if visit["h"] != c.want {
			t.Errorf("%s at %s: counted in %v, not %s", c.zone, c.at, visit["h"], c.want)
		}
		// A site that moves to another zone does not count its visits again.
		moved := *f.site
		moved.TimeZone = "Pacific/Kiritimati"
		if err := f.Store.ChangeSite(t.Context(), &moved); err != nil {
			t.Fatal(err)
		}
		f.Clock.Forward(2 * time.Minute)
		body["events"] = []any{map[string]any{"type": "open", "t": 5}}
		f.send(body, nil)
		if after := f.visit(f.site); after["h"] != visit["h"] || after["expiresAt"] != visit["expiresAt"] ||
			steps(after) != "io" {
			t.Errorf("%s: after the site moved the visit is %v, was %v", c.zone, after, visit)
		}
	}
}

// visit is the one visit of a site.
func (f *fixture) visit(site *connect.Site) (found map[string]any) {
	f.T.Helper()
	for _, i := range f.Items("VISITS_TABLE") {
		if i["n"] == string(site.ID) {
			if found != nil {
				f.T.Fatalf("two visits: %v, %v", found, i)
			}
			found = i
		}
	}
	return found
}

// 300 posts with a program and no page, that calls itself a browser, were 300 visits that all asked for a call.
func TestAProgramCannotForgeTheFigures(t *testing.T) {
	f := start(t)
	for n := range 300 {
		body := f.body(map[string]any{"events": []any{map[string]any{"type": "submit", "t": 5}}, "proof": nil})
		header := map[string]string{"origin": ""} // and a browser's agent
		if n%2 == 1 {
			header["origin"] = site1 // and one that claims to be the page
		}
		f.send(body, header)
	}
	reasons := map[any]int{}
	for _, v := range f.Items("VISITS_TABLE") {
		reasons[v["f"]]++
	}
	if reasons[""] != 0 || reasons["no-origin"] != 150 || reasons["unproven"] != 150 {
		t.Errorf("counted by reason: %v", reasons)
	}
}
