package main

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// shardsADay is how many shards of the visits' stream a day meets: an on-demand table starts with four
// partitions, and a shard lives about four hours.
const shardsADay = 24

// names says what pages and sources are called.
type names struct{ page, source func(i int) string }

var (
	plain = names{
		page: func(i int) string {
			words := []string{
				"/", "/pricing", "/contact", "/about-us", "/services", "/services/boilers", "/blog", "/blog/how-to-choose", "/faq",
				"/terms",
			}
			if i < len(words) {
				return words[i]
			}
			return fmt.Sprintf("%s/part-%d", words[i%len(words)], i)
		},
		source: func(i int) string {
			words := []string{
				"google.com", "bing.com", "duckduckgo.com", "facebook.com", "instagram.com", "linkedin.com", "t.co",
				"spring-newsletter",
			}
			if i < len(words) {
				return words[i]
			}
			return fmt.Sprintf("partner-%d.example.com", i)
		},
	}
	longest = names{
		page:   func(i int) string { return fmt.Sprintf("/%03d-%s", i, strings.Repeat("long-page-", 16))[:160] },
		source: func(i int) string { return fmt.Sprintf("s%03d.%s", i, strings.Repeat("long-host.", 7))[:64] },
	}
)

// fullDay applies n visits, one after another, to a day: spread over the hours, pages, sources and devices, a quarter
// of them opening, a tenth submitting, and two in a hundred counted apart.
func fullDay(date connect.Date, pages, sources, n int, called names) *connect.Day {
	d := connect.NewDay(date)
	for i := range n {
		visit(d, i, pages, sources, called)
	}
	return d
}

func visit(d *connect.Day, i, pages, sources int, called names) {
	v := &connect.Visit{
		Page: called.page(i % pages), Referrer: called.source((i / 3) % sources), Reached: connect.Impression,
		Device: []connect.Device{connect.Phone, connect.Desktop, connect.Tablet}[i%3],
	}
	switch {
	case i%50 == 49:
		v.Reason = []connect.FilterReason{connect.Bot, connect.ForeignOrigin}[i/50%2]
	case i%10 == 0:
		v.Reached = connect.Submit
	case i%4 == 0:
		v.Reached = connect.Open
	}
	v.Hour = connect.Hour(fmt.Sprintf("2026-01-01T%02d", i%24))
	d.Apply(v, connect.NoStep)
}

// saveDay stores a day as rollup does, with as many shards' sequence numbers.
func (w *world) saveDay(ctx context.Context, site connect.SiteID, d *connect.Day, shards int) error {
	t, err := w.store.DayCounts(ctx, site, d.Date)
	if err != nil {
		return err
	}
	*t.Day = connect.Day{
		Date: d.Date, Total: d.Total, Hours: maps.Clone(d.Hours), Pages: maps.Clone(d.Pages),
		Referrers: maps.Clone(d.Referrers),
		Devices:   maps.Clone(d.Devices), Filtered: maps.Clone(d.Filtered),
	}
	for i := range shards {
		// Of the length that DynamoDB gives them.
		t.SetApplied(
			fmt.Sprintf("shardId-%020d-%08x", 1_795_442_531_000+i, i), fmt.Sprintf("%d00000000%08d", 1000+i, 87_654_321-i),
		)
	}
	return w.store.SaveDayCounts(ctx, site, t)
}
