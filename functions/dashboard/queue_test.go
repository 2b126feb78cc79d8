package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// queue is an account of two sites, and another's.
type queue struct {
	*fixture
	sites []*connect.Site
}

func newQueue(t *testing.T) *queue {
	q := &queue{fixture: start(t)}
	q.Subscribe(q.pat.Account, connect.Billing{Status: connect.Active, Plan: "business"})
	for _, name := range []string{"North", "South"} {
		q.sites = append(q.sites, q.Site(q.pat.Account, name, "Europe/London", "https://shop.example"))
	}
	return q
}

// add stores a request that was made so long ago, as change has it.
func (q *queue) add(
	site *connect.Site, name string, age time.Duration, change func(*connect.Callback),
) *connect.Callback {
	q.T.Helper()
	at := q.Clock.Now().Add(-age).Truncate(time.Millisecond)
	c := &connect.Callback{
		ID: connect.NewCallbackID(at), Site: site.ID, SiteName: site.Name, Account: site.Account, Name: name,
		Phone: "+447700900123", Page: "/", Status: connect.StatusNew, CreatedAt: at, UpdatedAt: at,
		ExpiresAt: at.AddDate(0, 0, 90),
	}
	if change != nil {
		change(c)
	}
	if _, err := q.Store.AddCallback(q.T.Context(), c, token.NewID(), "d", at); err != nil {
		q.T.Fatal(err)
	}
	return c
}

type inboxPage struct {
	Items []struct {
		ID, Site, Name, Status string
		TryAt                  *time.Time
		Assigned               *struct{ Name string }
	}
	Next    *string
	Reached *time.Time
}

// all reads page after page, and the names in them.
func (q *queue) all(p apitest.Person, query string) (names []string, pages int) {
	q.T.Helper()
	for cursor := ""; ; pages++ {
		a := q.as(p, "GET", "/v1/callbacks/inbox?"+query+"&cursor="+url.QueryEscape(cursor), nil)
		if a.Status != 200 {
			q.T.Fatal(a.Status, a.Body)
		}
		var page inboxPage
		a.Into(q.T, &page)
		for _, i := range page.Items {
			names = append(names, i.Name)
		}
		if page.Next == nil {
			return names, pages + 1
		}
		cursor = *page.Next
	}
}

func (q *queue) wants(query, want string) {
	q.T.Helper()
	if names, _ := q.all(q.pat, query); strings.Join(names, " ") != want {
		q.T.Errorf("?%s lists %v, not %s", query, names, want)
	}
}

func TestAnAccountHasOneInbox(t *testing.T) {
	q := newQueue(t)
	north, south := q.sites[0], q.sites[1]
	now := q.Clock.Now()
	done := func(s connect.CallbackStatus) func(*connect.Callback) {
		return func(c *connect.Callback) { c.Mark(s, "Pat", now) }
	}
	q.add(north, "hour", time.Hour, nil)
	q.add(south, "late", 3*time.Hour, func(c *connect.Callback) { c.Due = now.Add(-2 * time.Hour) })
	q.add(south, "soon", 2*time.Hour, func(c *connect.Callback) { c.Due = now.Add(10 * time.Minute) })
	q.add(north, "tomorrow", 5*time.Hour, func(c *connect.Callback) { c.At = now.Add(24 * time.Hour) })
	q.add(south, "talked", 26*time.Hour, done(connect.StatusCalled))
	q.add(north, "missed", 25*time.Hour, done(connect.StatusMissed))
	q.add(south, "cancelled", 27*time.Hour, done(connect.StatusCancelled))
	q.add(north, "sales", 28*time.Hour, func(c *connect.Callback) {
		c.Department = "Sales"
		done(connect.StatusCalled)(c)
	})
	q.add(q.Site(q.eve.Account, "Eve's", "Europe/London", "https://eve.example"), "another's", time.Hour, nil)

	q.wants("", "late hour soon tomorrow missed talked cancelled sales")
	q.wants("state=waiting", "late hour soon tomorrow")
	q.wants("state=handled", "missed talked cancelled sales")
	q.wants("state=called", "talked sales")
	q.wants("site="+string(south.ID), "late soon talked cancelled")
	q.wants("state=missed&site="+string(south.ID), "")
	q.wants("department=Sales", "sales")
	q.wants("from="+now.Add(-4*time.Hour).Format(time.RFC3339), "late hour soon")
	q.wants("state=handled&to="+now.Add(-26*time.Hour+time.Minute).Format(time.RFC3339), "talked cancelled sales")
	q.wants("person=me", "")
	for query, field := range map[string]string{
		"state=lost": "state", "person=pat": "person", "from=yesterday": "from", "cursor=x": "cursor",
	} {
		if a := q.as(q.pat, "GET", "/v1/callbacks/inbox?"+query, nil); a.Status != 400 || a.Fields() != field {
			t.Errorf("?%s: %d %s", query, a.Status, a.Body)
		}
	}
	a := q.as(q.eve, "GET", "/v1/callbacks/inbox?site="+string(north.ID), nil)
	if a.Status != 404 || strings.Contains(a.Body, "missed") {
		t.Errorf("another's site: %d %s", a.Status, a.Body)
	}
}

// Whatever is asked for, pages list each match once, in order, and read a bounded part.
func TestPagesOfTheInboxAreWhole(t *testing.T) {
	q := newQueue(t)
	var waiting, handled []string
	for n := range 230 {
		c := q.add(q.sites[n%2], fmt.Sprintf("r%03d", n), time.Duration(230-n)*time.Minute, func(c *connect.Callback) {
			if n%9 == 0 {
				c.Department = "Rare"
			}
			if status := connect.CallbackStatuses[n%4]; status != connect.StatusNew {
				c.Mark(status, "Pat", q.Clock.Now())
			}
		})
		if c.Status == connect.StatusNew {
			waiting = append(waiting, c.Name)
		} else {
			handled = append(handled, c.Name)
		}
	}
	slices.Reverse(handled)
	want := slices.Concat(waiting, handled)
	names, pages := q.all(q.pat, "")
	if !slices.Equal(names, want) || pages != 5 {
		t.Errorf("%d pages: %v", pages, names)
	}
	names, _ = q.all(q.pat, "department=Rare")
	if rare := slices.DeleteFunc(slices.Clone(want), func(s string) bool {
		var n int
		_, _ = fmt.Sscanf(s, "r%d", &n)
		return n%9 != 0
	}); !slices.Equal(names, rare) {
		t.Errorf("%v, not %v", names, rare)
	}
	half := func(s string) bool { return s[len(s)-1]%2 != 0 }
	ones := slices.DeleteFunc(slices.Clone(want), half)
	if names, _ = q.all(q.pat, "site="+string(q.sites[0].ID)); !slices.Equal(names, ones) {
		t.Errorf("of one site: %v", names)
	}
}

func TestACallIsAssignedAndTriedAgain(t *testing.T) {
	q := newQueue(t)
	gina := q.Person("gina@example.com")
	q.Member(gina, q.pat.Account, connect.Agent)
	c := q.add(q.sites[0], "vera", time.Hour, nil)
	mark := func(body map[string]any) apitest.Answer {
		t.Helper()
		return q.as(q.pat, "PATCH", "/v1/sites/"+string(c.Site)+"/callbacks/"+string(c.ID), body)
	}
	if a := mark(map[string]any{"assign": string(gina.Token.User)}); a.Status != 200 {
		t.Fatal(a.Status, a.Body)
	}
	q.wants("person="+string(gina.Token.User), "vera")
	q.wants("person=me", "")
	if a := mark(map[string]any{"assign": string(q.eve.Token.User)}); a.Status != 400 || a.Fields() != "assign" {
		t.Errorf("to a stranger: %d %s", a.Status, a.Body)
	}
	if a := mark(map[string]any{"assign": ""}); a.Status != 200 || !strings.Contains(a.Body, `"handed-back"`) {
		t.Errorf("handed back: %d %s", a.Status, a.Body)
	}
	again := q.Clock.Now().Add(3 * time.Hour)
	if a := mark(map[string]any{"tryAt": again.Format(time.RFC3339)}); a.Status != 409 || a.Code() != "not-missed" {
		t.Errorf("before a call: %d %s", a.Status, a.Body)
	}
	if a := mark(map[string]any{"outcome": "no-answer", "tryAt": again.Format(time.RFC3339)}); a.Status != 200 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	q.add(q.sites[0], "next", time.Minute, nil)
	q.wants("state=waiting", "next vera")
	q.wants("state=missed", "")
	q.wants("state=handled&site="+string(c.Site), "")
	if a := mark(map[string]any{"tryAt": q.Clock.Now().AddDate(0, 0, 91).Format(time.RFC3339)}); a.Status != 400 {
		t.Errorf("in 91 days: %d %s", a.Status, a.Body)
	}
	if a := mark(map[string]any{"outcome": "talked"}); a.Status != 200 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	q.wants("state=waiting", "next")
	q.wants("state=called", "vera")
}

// Several at once are changed each on its own condition.
func TestSeveralAtOnce(t *testing.T) {
	q := newQueue(t)
	one, two, three := q.add(q.sites[0], "one", 3*time.Hour, nil), q.add(q.sites[1], "two", 2*time.Hour, nil),
		q.add(q.sites[0], "three", time.Hour, nil)
	eves := q.add(q.Site(q.eve.Account, "Eve's", "Europe/London", "https://eve.example"), "eves", time.Hour, nil)
	stale, err := q.Store.Callback(t.Context(), two.Site, two.ID, q.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	stale.SetNote("Gina was here", "Gina", q.Clock.Now())
	if err := q.Store.ChangeCallback(t.Context(), stale, q.Clock.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	item := func(c *connect.Callback) map[string]any {
		return map[string]any{"site": c.Site, "id": c.ID, "updatedAt": c.UpdatedAt}
	}
	a := q.as(q.pat, "POST", "/v1/callbacks/mark", map[string]any{
		"items": []any{item(one), item(two), item(eves), item(three)}, "mark": map[string]any{"outcome": "spam"},
	})
	var got struct {
		Results []struct {
			ID       string
			Callback *struct{ Outcome string }
			Problem  *struct{ Code, Detail string }
		}
	}
	a.Into(t, &got)
	said := ""
	for _, r := range got.Results {
		if r.Callback != nil {
			said += r.Callback.Outcome + " "
		} else {
			said += r.Problem.Code + " "
		}
	}
	if a.Status != 200 || said != "spam changed not-found spam " || !strings.Contains(a.Body, "Gina has changed this") {
		t.Errorf("%d %s: %s", a.Status, said, a.Body)
	}
	q.wants("", "two three one")
	for name, body := range map[string]map[string]any{
		"nothing":  {"items": []any{}, "mark": map[string]any{"outcome": "spam"}},
		"no mark":  {"items": []any{item(one)}, "mark": map[string]any{}},
		"too many": {"items": slices.Repeat([]any{item(one)}, 51), "mark": map[string]any{"outcome": "spam"}},
	} {
		if a := q.as(q.pat, "POST", "/v1/callbacks/mark", body); a.Status != 400 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
}

// What was stored before accounts had one inbox gets into it by being looked for, newest first, and stays there.
func TestRequestsFromBeforeAreFound(t *testing.T) {
	q := newQueue(t)
	site := *q.sites[0]
	site.Account = "" // as they were stored
	for n := range 250 {
		q.add(&site, fmt.Sprintf("r%03d", n), time.Duration(250-n)*time.Minute, nil)
	}
	q.sites[0].InQueue = false
	if err := q.Store.ChangeSite(t.Context(), q.sites[0]); err != nil {
		t.Fatal(err)
	}
	if names, _ := q.all(q.pat, "state=handled"); len(names) != 0 {
		t.Error(names)
	}
	q.wants("state=waiting&department=x", "")
	q.wants("state=handled", "")
	names, _ := q.all(q.pat, "state=waiting")
	if len(names) != 250 || names[0] != "r000" {
		t.Errorf("%d, the first %v", len(names), names[:min(3, len(names))])
	}
	stored, err := q.Store.Site(t.Context(), q.pat.Account, q.sites[0].ID)
	if err != nil || !stored.InQueue || stored.QueuedTo != "" {
		t.Errorf("%+v %v", stored, err)
	}
}
