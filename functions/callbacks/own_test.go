package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// While somebody is calling, the visitor sees it, and moves the call only when that is over; cancelling works.
func TestAVisitorSeesThatSomebodyIsCalling(t *testing.T) {
	f := start(t)
	link := f.link(nil)
	for _, i := range f.Items("CALLBACKS_TABLE") {
		c, err := f.Store.Callback(t.Context(), f.site.ID, connect.CallbackID(i["sk"].(string)), f.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.TakeOn("u_1", "Gina", f.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		if err := f.Store.ChangeCallback(t.Context(), c, f.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	a := f.own("GET", link, nil)
	if a.JSON()["calling"] != true || strings.Contains(a.Body, "Gina") {
		t.Error(a.Body)
	}
	move := map[string]any{"at": f.Clock.Now().Add(3 * time.Hour).Format(time.RFC3339)}
	if a := f.own("PATCH", link, move); a.Status != 409 || a.Code() != "claimed" || a.Fields() != "at" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	f.Clock.Forward(connect.ClaimLife)
	if a := f.own("PATCH", link, move); a.Status != 200 || a.JSON()["calling"] != false {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// A visitor's place counts who is to be called before them, of the same site and department.
func TestAVisitorsPlace(t *testing.T) {
	f := start(t)
	n := 0
	ask := func(department string, at any) string {
		n++
		f.Clock.Forward(time.Minute)
		return f.link(map[string]any{
			"phone": fmt.Sprintf("07700 9001%02d", n), "email": nil, "department": department, "at": at,
		})
	}
	place := func(link string) any { return f.own("GET", link, nil).JSON()["ahead"] }

	first := ask("Boilers", nil)
	ask("", nil)
	ask("Tiles", nil)
	second := ask("Boilers", nil)
	booked := ask("Boilers", f.Clock.Now().Add(2*time.Hour).Format(time.RFC3339))
	third := ask("Boilers", nil)
	for link, want := range map[string]any{first: 0.0, second: 1.0, third: 2.0, booked: nil} {
		if got := place(link); got != want {
			t.Errorf("ahead is %v, not %v", got, want)
		}
	}
	f.own("DELETE", first, nil)
	if a := f.own("PATCH", second, map[string]any{"status": "cancelled"}); a.JSON()["ahead"] != nil {
		t.Error("a cancelled request has a place: ", a.Body)
	}
	if got := place(third); got != 0.0 {
		t.Errorf("with nobody before it, ahead is %v", got)
	}
	for range store.MaxAhead + 5 {
		ask("Boilers", nil)
	}
	if got := place(ask("Boilers", nil)); got != float64(store.MaxAhead) {
		t.Errorf("of more than %d, ahead is %v", store.MaxAhead, got)
	}
}
