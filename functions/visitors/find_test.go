package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

func TestRequestsAreFound(t *testing.T) {
	w := newWorld(t)
	p := w.Person("owner@example.com")
	north := w.Site(p.Account, "North", "Europe/London", "https://north.example")
	south := w.Site(p.Account, "South", "Europe/London", "https://south.example")
	_, eves := w.owner("eve@example.com")
	add := func(site *connect.Site, n int, name, number, message, page string, status connect.CallbackStatus) {
		t.Helper()
		at := w.Clock.Now().Add(-time.Duration(n) * time.Hour)
		c := &connect.Callback{
			ID: connect.NewCallbackID(at), Site: site.ID, SiteName: site.Name, Account: site.Account, Name: name,
			Phone: number, Message: message, Page: page, Status: status, CreatedAt: at, UpdatedAt: at,
			ExpiresAt: at.AddDate(0, 0, 90), PhoneDigest: w.Links.Digest(store.DigestPhone, number),
		}
		if _, err := w.Store.AddCallback(t.Context(), c, token.NewID(), "d", at); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 400 {
		add(north, n+10, fmt.Sprintf("Filler %d", n), fmt.Sprintf("+441632960%03d", n), "", "/", connect.StatusCalled)
	}
	add(north, 2, "Zara Ahmed", "+447700900461", "The Boiler is cold", "https://north.example/heating", connect.StatusNew)
	add(south, 1, "Zara Singh", "+447700900462", "", "https://south.example/", connect.StatusCalled)
	add(south, 700, "Old Ahmed", "+447700900461", "", "/", connect.StatusCalled)
	add(eves, 1, "Zara Eve", "+447700900461", "", "/", connect.StatusNew)

	find := func(body map[string]any) (names string, next any) {
		t.Helper()
		a := w.Do(apitest.Request{Method: "POST", Path: "/v1/callbacks/find", Body: body, Bearer: p.Token.Text})
		if a.Status != 200 {
			t.Fatal(a.Status, a.Body)
		}
		var page struct {
			Items []struct{ Name string }
			Next  *string
		}
		a.Into(t, &page)
		for _, i := range page.Items {
			names += i.Name + ", "
		}
		if page.Next != nil {
			return names, *page.Next
		}
		return names, nil
	}
	for text, want := range map[string]string{
		"zara": "Zara Ahmed, Zara Singh, ", "BOILER": "Zara Ahmed, ", "/heating": "Zara Ahmed, ", "900 462": "Zara Singh, ",
		// A whole number is found however far back, and in any notation.
		"07700 900461": "Zara Ahmed, Old Ahmed, ", "+44 7700 900 461": "Zara Ahmed, Old Ahmed, ",
	} {
		if names, _ := find(map[string]any{"text": text}); names != want {
			t.Errorf("%s: %s, not %s", text, names, want)
		}
	}
	if names, _ := find(map[string]any{"text": "zara", "site": string(south.ID)}); names != "Zara Singh, " {
		t.Error(names)
	}
	// The rest comes page by page, each of which reads a part.
	names, next := find(map[string]any{"text": "old ahmed"})
	if names != "" || next == nil {
		t.Errorf("400 requests were read at once: %q", names)
	}
	for n := 0; next != nil && n < 20; n++ {
		var more string
		more, next = find(map[string]any{"text": "old ahmed", "cursor": next})
		names += more
	}
	if names != "Old Ahmed, " || next != nil {
		t.Errorf("%q %v", names, next)
	}
	for body, status := range map[string]int{
		`{"text": ""}`: 400, `{"text": "x", "site": "` + string(eves.ID) + `"}`: 404, `{"text": "x", "cursor": "?"}`: 400,
	} {
		a := w.Do(apitest.Request{Method: "POST", Path: "/v1/callbacks/find", Body: body, Bearer: p.Token.Text})
		if a.Status != status {
			t.Errorf("%s: %d %s", body, a.Status, a.Body)
		}
	}
	if strings.Contains(w.Logs.String(), "zara") {
		t.Error("what was looked for is in the log")
	}
}
