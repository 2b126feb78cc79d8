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
		{"rate(1 minute)", "2026-11-23 23:59 Mon", "2026-11-24 00:00 Tue"},
		{"rate(3 hours)", "2026-11-23 22:00 Mon", "2026-11-24 01:00 Tue"},
		{"rate(1 day)", "2026-11-23 10:00 Mon", "2026-11-24 10:00 Tue"},
		{"cron(0 3 * * ? *)", "2026-11-23 10:00 Mon", "2026-11-24 03:00 Tue"},
		{"cron(30 0 * * ? *)", "2026-11-23 00:29 Mon", "2026-11-23 00:30 Mon"},
		{"cron(30 0 * * ? *)", "2026-11-30 00:30 Mon", "2026-12-01 00:30 Tue"},
		{"cron(59 23 * * ? *)", "2026-12-31 23:59 Thu", "2027-01-01 23:59 Fri"},
	} {
		after, err := time.Parse(layout, c.after)
		if err != nil {
			t.Fatal(err)
		}
		when, err := schedule.Parse(c.expression)
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		if got := when(after).Format(layout); got != c.want {
			t.Errorf("%s after %s is %q, want %q", c.expression, c.after, got, c.want)
		}
	}
	// What AWS refuses, and what it takes and the template does not use: none is guessed.
	for _, expression := range []string{
		"", "rate()", "rate(0 minutes)", "rate(5 years)", "rate(1 minutes)", "rate(5 minute)", "cron(0 3 * * ?)",
		"cron(60 3 * * ? *)", "cron(x 3 * * ? *)",
		"cron(0 24 * * ? *)", "cron(-1 3 * * ? *)", "every(5 minutes)", "rate(5 minutes",
		"cron(0/15 * * * ? *)", "cron(30 8 ? * MON-FRI *)", "cron(0 12 L * ? *)", "cron(0 9 ? * 2#1 *)", "cron(0 9 1W * ? *)",
		"cron(0 9 1 1,7 ? 2027-2028)",
		"cron(0 * * * ? *)", "at(2027-01-31T09:00:00)",
	} {
		if _, err := schedule.Parse(expression); err == nil {
			t.Errorf("%s is accepted", expression)
		}
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
		if err := json.Unmarshal(event, &e); err != nil || function != "Worker" || e["detail-type"] != "Scheduled Event" ||
			e["source"] != "aws.events" {
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
		return template.Function{ID: "W", EventSources: []template.EventSource{{ID: "E", Type: kind, Properties: p}}}
	}
	got, problems := schedule.Schedules([]template.Function{
		event("Schedule", map[string]any{"Schedule": "rate(1 hour)"}),
		event("ScheduleV2", map[string]any{"ScheduleExpression": "rate(1 hour)", "Input": `{"a":1}`}),
		event("Schedule", map[string]any{"Schedule": "rate(1 hour)", "Enabled": false}),
		event("ScheduleV2", map[string]any{"ScheduleExpression": "rate(1 hour)", "State": "DISABLED"}),
		event("Schedule", map[string]any{"Schedule": "sometimes"}),
		event("ScheduleV2", map[string]any{
			"ScheduleExpression": "rate(1 hour)", "ScheduleExpressionTimezone": "Europe/London",
		}),
	})
	if len(got) != 2 || got[1].Input != `{"a":1}` || len(problems) != 2 {
		t.Errorf("%+v, %v", got, problems)
	}
}
