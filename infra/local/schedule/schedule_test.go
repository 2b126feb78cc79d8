package schedule_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/schedule"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

func TestNextTime(t *testing.T) {
	const layout = "2006-01-02 15:04 Mon"
	for _, c := range []struct{ expression, after, want string }{
		{"rate(5 minutes)", "2026-11-23 10:00 Mon", "2026-11-23 10:05 Mon"},
		{"rate(1 day)", "2026-11-23 10:00 Mon", "2026-11-24 10:00 Tue"},
		{"cron(0 3 * * ? *)", "2026-11-23 10:00 Mon", "2026-11-24 03:00 Tue"},
		{"cron(0/15 * * * ? *)", "2026-11-23 10:01 Mon", "2026-11-23 10:15 Mon"},
		{"cron(30 8 ? * MON-FRI *)", "2026-11-20 09:00 Fri", "2026-11-23 08:30 Mon"},
		{"cron(0 0 ? * FRI-MON *)", "2026-11-24 09:00 Tue", "2026-11-27 00:00 Fri"},
		{"cron(0 12 L * ? *)", "2027-02-01 00:00 Mon", "2027-02-28 12:00 Sun"},
		{"cron(0 12 29 2 ? *)", "2026-11-23 10:00 Mon", "2028-02-29 12:00 Tue"},
		{"cron(0 9 ? * 2#1 *)", "2026-11-23 10:00 Mon", "2026-12-07 09:00 Mon"},
		{"cron(0 9 ? * 6L *)", "2026-11-23 10:00 Mon", "2026-11-27 09:00 Fri"},
		{"cron(0 9 1W * ? *)", "2027-04-15 10:00 Thu", "2027-05-03 09:00 Mon"}, // 1 May 2027 is a Saturday
		{"cron(0 9 1 1,7 ? 2027-2028)", "2027-02-01 00:00 Mon", "2027-07-01 09:00 Thu"},
		{"cron(0 9 1 1 ? 2025)", "2027-02-01 00:00 Mon", ""},
		{"at(2027-01-31T09:00:00)", "2026-11-23 10:00 Mon", "2027-01-31 09:00 Sun"},
		{"at(2026-01-31T09:00:00)", "2026-11-23 10:00 Mon", ""},
	} {
		after, err := time.Parse(layout, c.after)
		if err != nil {
			t.Fatal(err)
		}
		when, err := schedule.Parse(c.expression, time.UTC)
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		got := ""
		if next := when(after); !next.IsZero() {
			got = next.Format(layout)
		}
		if got != c.want {
			t.Errorf("%s after %s is %q, want %q", c.expression, c.after, got, c.want)
		}
	}
	for _, expression := range []string{"", "rate()", "rate(0 minutes)", "rate(5 years)", "cron(0 3 * * ?)", "cron(60 3 * * ? *)", "cron(x 3 * * ? *)", "cron(0 3 * * 9 *)", "cron(0/0 3 * * ? *)", "every(5 minutes)"} {
		if _, err := schedule.Parse(expression, time.UTC); err == nil {
			t.Errorf("%s is accepted", expression)
		}
	}
}

func TestZone(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Skip("no time zones on this machine")
	}
	when, err := schedule.Parse("cron(0 9 * * ? *)", london)
	if err != nil {
		t.Fatal(err)
	}
	if got := when(time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC)).UTC(); got != time.Date(2026, 7, 2, 8, 0, 0, 0, time.UTC) {
		t.Errorf("nine in London in summer is %v", got)
	}
}

func TestCallsAndTriesAgain(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	once := true
	s := schedule.Schedule{Function: "Worker", ID: "Nightly", When: func(after time.Time) time.Time {
		if !once {
			return time.Time{}
		}
		once = false
		return after
	}}
	s.Run(ctx, func(_ context.Context, function string, event []byte) ([]byte, error) {
		var e map[string]any
		if err := json.Unmarshal(event, &e); err != nil || function != "Worker" || e["detail-type"] != "Scheduled Event" || e["source"] != "aws.events" {
			t.Errorf("%s %s", function, event)
		}
		if calls++; calls == 1 {
			return nil, errors.New("once")
		}
		return nil, nil
	})
	cancel()
	if calls != 2 {
		t.Errorf("%d calls", calls)
	}
}

func TestDeclared(t *testing.T) {
	event := func(kind string, p map[string]any) template.Function {
		return template.Function{ID: "W", Events: []template.Event{{ID: "E", Type: kind, Properties: p}}}
	}
	got, problems := schedule.Schedules([]template.Function{
		event("Schedule", map[string]any{"Schedule": "rate(1 hour)"}),
		event("ScheduleV2", map[string]any{"ScheduleExpression": "rate(1 hour)", "Input": `{"a":1}`}),
		event("Schedule", map[string]any{"Schedule": "rate(1 hour)", "Enabled": false}),
		event("ScheduleV2", map[string]any{"ScheduleExpression": "rate(1 hour)", "State": "DISABLED"}),
		event("Schedule", map[string]any{"Schedule": "sometimes"}),
	})
	if len(got) != 2 || got[1].Input != `{"a":1}` || len(problems) != 1 {
		t.Errorf("%+v, %v", got, problems)
	}
}
