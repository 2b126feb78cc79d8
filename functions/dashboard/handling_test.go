package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// desk is a site's inbox with one request, and two people who work in it.
type desk struct {
	*fixture
	gina, tom apitest.Person
	path      string
	request   *connect.Callback
}

func newDesk(t *testing.T) *desk {
	d := &desk{fixture: start(t)}
	d.gina, d.tom = d.Person("gina@example.com"), d.Person("tom@example.com")
	site := d.Site(d.pat.Account, "Shop", "Europe/London", "https://shop.example")
	for _, p := range []*apitest.Person{&d.gina, &d.tom} {
		d.Member(*p, d.pat.Account, connect.Agent)
	}
	d.request = d.callback(site, 0)
	d.path = "/v1/sites/" + string(site.ID) + "/callbacks/" + string(d.request.ID)
	return d
}

func (d *desk) stored() *connect.Callback {
	d.T.Helper()
	c, err := d.Store.Callback(d.T.Context(), d.request.Site, d.request.ID, d.Clock.Now())
	if err != nil {
		d.T.Fatal(err)
	}
	return c
}

func (d *desk) mark(p apitest.Person, body map[string]any) apitest.Answer {
	d.T.Helper()
	return d.Do(apitest.Request{
		Method: "PATCH", Path: d.path, Body: body, Bearer: p.Token.Text,
		Header: map[string]string{"Mi-Account": string(d.pat.Account)},
	})
}

type handledRequest struct {
	Status, Note, UpdatedAt string
	Outcome                 *string
	Claim                   *struct {
		Name  string
		Mine  bool
		Until time.Time
	}
	History []struct{ Name, What string }
}

func (d *desk) story(a apitest.Answer) (out handledRequest, story string) {
	d.T.Helper()
	if a.Status != 200 {
		d.T.Fatalf("%d %s", a.Status, a.Body)
	}
	a.Into(d.T, &out)
	for _, h := range out.History {
		story += h.What + " "
	}
	return out, strings.TrimSpace(story)
}

func TestOnlyOneOfTwoCalls(t *testing.T) {
	d := newDesk(t)
	if got, _ := d.story(d.mark(d.gina, map[string]any{"claim": true})); got.Claim == nil || !got.Claim.Mine {
		t.Fatalf("%+v", got)
	}
	a := d.mark(d.tom, map[string]any{"claim": true})
	if a.Status != 409 || a.Code() != "claimed" || !strings.Contains(a.Body, "Pat Example is calling Visitor 000.") {
		t.Error(a)
	}
	if a := d.mark(d.tom, map[string]any{"claim": false}); a.Status != 200 {
		t.Error(a)
	}
	if a := d.mark(d.tom, map[string]any{"claim": true}); a.Status != 409 {
		t.Errorf("he gave up what was hers: %v", a)
	}
	d.Clock.Forward(connect.ClaimLife)
	got, story := d.story(d.mark(d.tom, map[string]any{"claim": true}))
	if got.Claim == nil || !got.Claim.Mine || story != "claimed claimed" {
		t.Errorf("a claim that ended by itself: %+v", got)
	}
	got, story = d.story(d.mark(d.tom, map[string]any{"outcome": "talked", "note": "Wants a quote."}))
	if got.Claim != nil || got.Status != "called" || *got.Outcome != "talked" || got.Note != "Wants a quote." ||
		story != "claimed claimed talked noted" {
		t.Errorf("%+v %s", got, story)
	}
}

func TestManyAtOnceMakeOneClaim(t *testing.T) {
	d := newDesk(t)
	var wait sync.WaitGroup
	var mu sync.Mutex
	got := map[int]int{}
	for n := range 20 {
		wait.Go(func() {
			a := d.mark([]apitest.Person{d.gina, d.tom, d.pat}[n%3], map[string]any{"claim": true})
			mu.Lock()
			got[a.Status]++
			mu.Unlock()
			if a.Status == 409 && a.Code() != "claimed" && a.Code() != "changed" {
				t.Error(a)
			}
		})
	}
	wait.Wait()
	if c := d.stored(); len(c.History) != 1 || got[200]+got[409] != 20 || got[200] == 0 {
		t.Errorf("%v, %+v", got, c.History)
	}
}

func TestTheSecondIsToldWhoWasFirst(t *testing.T) {
	d := newDesk(t)
	seen := d.request.UpdatedAt.UTC().Format(time.RFC3339Nano)
	first, _ := d.story(d.mark(d.gina, map[string]any{"outcome": "no-answer", "updatedAt": seen}))
	a := d.mark(d.tom, map[string]any{"outcome": "talked", "updatedAt": seen})
	if a.Status != 409 || a.Code() != "changed" || !strings.Contains(a.Body, "Pat Example has changed this request") {
		t.Error(a)
	}
	got, _ := d.story(d.mark(d.tom, map[string]any{"outcome": "talked", "updatedAt": first.UpdatedAt}))
	if got.Status != "called" {
		t.Errorf("%+v", got)
	}
	// A press that is repeated changes nothing, and says no less.
	again, story := d.story(d.mark(d.tom, map[string]any{"outcome": "talked"}))
	if story != "no-answer talked" || again.Status != "called" {
		t.Error(story)
	}
	got, story = d.story(d.mark(d.tom, map[string]any{"status": "new"}))
	if got.Outcome != nil || got.Status != "new" || story != "no-answer talked new" {
		t.Errorf("opened again: %+v", got)
	}
}

func TestHandlingRefusesAndIsBounded(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct {
		body   map[string]any
		fields string
	}{
		{map[string]any{}, "outcome"},
		{map[string]any{"outcome": "sold"}, "outcome"},
		{map[string]any{"outcome": "talked", "status": "missed"}, "status"},
		{map[string]any{"status": "cancelled"}, "status"},
		{map[string]any{"note": strings.Repeat("é", connect.MaxNote+1)}, "note"},
	} {
		if a := d.mark(d.gina, c.body); a.Status != 400 || a.Fields() != c.fields {
			t.Errorf("%v: %v", c.body, a)
		}
	}
	var got handledRequest
	for n := range 30 {
		got, _ = d.story(d.mark(d.gina, map[string]any{"note": fmt.Sprint("note ", n)}))
	}
	if len(got.History) != 12 || got.Note != "note 29" {
		t.Errorf("%+v", got)
	}
	// What is stored, and not only what was answered.
	stored := d.stored()
	if len(stored.History) != 12 || stored.Note != "note 29" {
		t.Errorf("stored: %+v", stored)
	}
	if d.story(d.mark(d.gina, map[string]any{"outcome": "talked"})); d.stored().Outcome != connect.Talked {
		t.Errorf("once the history is full: %+v", d.stored())
	}
}

// A note may still be written on a request that the visitor cancelled; nothing else is done with it, also together
// with a note.
func TestWhatIsCancelledStaysSo(t *testing.T) {
	d := newDesk(t)
	c := d.stored()
	c.Mark(connect.StatusCancelled, "", d.Clock.Now())
	if err := d.Store.ChangeCallback(t.Context(), c, d.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	for _, body := range []map[string]any{{"claim": true}, {"outcome": "talked"}, {"status": "new"}} {
		for _, note := range []any{nil, "Rang anyhow."} {
			body["note"] = note
			if a := d.mark(d.gina, body); a.Status != 409 || a.Code() != "cancelled" {
				t.Errorf("%v: %v", body, a)
			}
		}
	}
	got, _ := d.story(d.mark(d.gina, map[string]any{"note": "Rang off."}))
	if got.Status != "cancelled" || got.Note != "Rang off." {
		t.Errorf("%+v", got)
	}
}

// A press that is repeated writes nothing: who else has read the request is not told that it changed.
func TestARepeatedPressChangesNothing(t *testing.T) {
	d := newDesk(t)
	for _, body := range []map[string]any{{"outcome": "no-answer"}, {"note": "Mornings."}, {"claim": false}} {
		d.story(d.mark(d.gina, body))
		before := d.stored().UpdatedAt
		if d.story(d.mark(d.gina, body)); !d.stored().UpdatedAt.Equal(before) {
			t.Errorf("%v wrote twice", body)
		}
	}
}
