package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// A year whose days have long addresses is larger than one answer can be: it comes in parts, each day and month once.
func TestAYearOfLongAddressesIsExported(t *testing.T) {
	f := start(t)
	p := f.Person("year@example.com")
	site := f.Site(p.Account, "Shop", "Europe/London", "https://shop.example")
	f.Clock.Set(time.Date(site.CreatedAt.Year(), 12, 30, 12, 0, 0, 0, time.UTC))
	f.Pass(&p, time.Hour)
	const days = 40
	for n := range days {
		tally, err := f.Store.DayCounts(
			t.Context(), site.ID, connect.DateOf(time.Date(site.CreatedAt.Year(), 3, 1+n, 0, 0, 0, 0, time.UTC)),
		)
		if err != nil {
			t.Fatal(err)
		}
		for k := range 200 {
			tally.Pages[fmt.Sprintf("/%d-%s", k, strings.Repeat("&", 200))] = connect.Entry{Count: connect.Count{Impressions: 1}}
		}
		tally.Total.Impressions = 200
		if err := f.Store.SaveDayCounts(t.Context(), site.ID, tally); err != nil {
			t.Fatal(err)
		}
	}
	seen, largest, parts := map[string]int{}, 0, 0
	for cursor := "statistics/" + string(site.ID) + "/" + fmt.Sprint(site.CreatedAt.Year()); strings.HasPrefix(
		cursor, "statistics/",
	); parts++ {
		a := f.Do(apitest.Request{Method: "GET", Path: "/v1/export?cursor=" + cursor, Bearer: p.Token.Text})
		if a.Status != 200 || parts > 20 {
			t.Fatalf("%d %.300s", a.Status, a.Body)
		}
		var out struct {
			Items []struct{ Date, Month string }
			Next  string
		}
		if err := json.Unmarshal([]byte(a.Body), &out); err != nil {
			t.Fatal(err)
		}
		for _, i := range out.Items {
			seen[i.Date+i.Month]++
		}
		largest, cursor = max(largest, len(a.Body)), out.Next
	}
	t.Logf("%d days and months in %d parts, the largest of %d bytes", len(seen), parts, largest)
	if len(seen) != days+2 || largest > 3<<20 || parts < 3 {
		t.Errorf("%d days and months, the largest part of %d bytes", len(seen), largest)
	}
	for day, n := range seen {
		if n != 1 {
			t.Errorf("%s came %d times", day, n)
		}
	}
}
