package main

import (
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

type homePage struct {
	Waiting struct {
		Waiting, Overdue int
		More             bool
		Sites            []struct {
			Site             string
			Waiting, Overdue int
		}
	}
	First, Bookings []struct{ Name string }
	AtRisk          int
	Sites           []struct {
		Name    string
		Waiting int
		State   *string
		Figures *struct {
			Days   []int
			Totals struct{ Impressions, Submits int }
			Rate   *float64
		}
	}
	Clients []struct {
		Name    string
		Waiting int
		Since   *time.Time
	}
}

func TestHomeShowsWhoWaits(t *testing.T) {
	q := newQueue(t)
	noon := q.Clock.Now().UTC().Truncate(24 * time.Hour).Add(36 * time.Hour)
	q.Pass(&q.pat, noon.Sub(q.Clock.Now()))
	north, south := q.sites[0], q.sites[1]
	q.add(south, "late", 3*time.Hour, func(c *connect.Callback) { c.Due = noon.Add(-time.Hour) })
	q.add(south, "risk", time.Hour, func(c *connect.Callback) { c.Due = noon.Add(20 * time.Minute) })
	q.add(north, "booked", time.Hour, func(c *connect.Callback) { c.At = noon.Add(2 * time.Hour) })
	q.add(south, "tomorrow", time.Hour, func(c *connect.Callback) { c.At = noon.Add(26 * time.Hour) })
	q.add(south, "done", time.Hour, func(c *connect.Callback) { c.Mark(connect.StatusCalled, "Pat", noon) })
	q.add(q.Site(q.eve.Account, "Eve's", "Europe/London", "https://eve.example"), "another's", time.Hour, nil)

	a := q.as(q.pat, "GET", "/v1/home", nil)
	var got homePage
	a.Into(t, &got)
	if a.Status != 200 || got.Waiting.Waiting != 4 || got.Waiting.Overdue != 1 || got.AtRisk != 1 ||
		len(got.First) != 4 || got.First[0].Name != "late" || len(got.Bookings) != 1 || got.Bookings[0].Name != "booked" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if s := got.Sites; len(s) != 2 || s[0].Name != "South" || s[0].Waiting != 3 || *s[0].State != "unseen" ||
		len(s[0].Figures.Days) != 14 || s[0].Figures.Rate != nil || len(got.Clients) != 0 {
		t.Errorf("%+v", s)
	}
	a = q.as(q.pat, "GET", "/v1/callbacks/waiting", nil)
	if a.Status != 200 || a.JSON()["waiting"] != 4.0 || len(a.JSON()["sites"].([]any)) != 2 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := q.as(q.eve, "GET", "/v1/callbacks/waiting", nil); a.JSON()["waiting"] != 1.0 {
		t.Errorf("another's: %s", a.Body)
	}
}

// More than a hundred are "100 and more", and cost no more to count.
func TestWhatWaitsIsCountedToAHundred(t *testing.T) {
	q := newQueue(t)
	for n := range 101 {
		q.add(q.sites[n%2], "one", time.Duration(n)*time.Minute, nil)
	}
	a := q.as(q.pat, "GET", "/v1/callbacks/waiting", nil)
	if a.JSON()["waiting"] != 100.0 || a.JSON()["more"] != true {
		t.Error(a.Body)
	}
}

func TestAnAgencySeesItsClientsRequests(t *testing.T) {
	q := newQueue(t)
	q.Subscribe(q.pat.Account, connect.Billing{Status: connect.Active, Plan: "agency"})
	a := q.as(q.pat, "POST", "/v1/clients", map[string]any{"name": "Rossi Dental", "payer": "agency"})
	client := connect.AccountID(a.Text("id"))
	q.add(q.Site(client, "Rossi", "Europe/London", "https://rossi.example"), "vera", 2*time.Hour, nil)
	q.add(q.sites[0], "own", time.Hour, nil)
	var got homePage
	q.as(q.pat, "GET", "/v1/home", nil).Into(t, &got)
	if got.Waiting.Waiting != 1 || len(got.Clients) != 1 || got.Clients[0].Waiting != 1 || got.Clients[0].Since == nil {
		t.Errorf("%+v", got)
	}
	in := apitest.Request{
		Method: "GET", Path: "/v1/home", Bearer: q.pat.Token.Text, Header: map[string]string{"Mi-Account": string(client)},
	}
	got = homePage{}
	q.Do(in).Into(t, &got)
	if got.Waiting.Waiting != 1 || got.First[0].Name != "vera" || len(got.Clients) != 0 {
		t.Errorf("inside the client: %+v", got)
	}
}
