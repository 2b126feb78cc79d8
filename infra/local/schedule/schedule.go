package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// Schedule is one function's call at declared times.
type Schedule struct {
	Function, ID string
	Expression   string
	When         When
	Input        string // "" for the event that AWS makes
}

// Schedules gives the schedules of the functions' events, and what of them cannot run.
func Schedules(functions []template.Function) (out []Schedule, problems []string) {
	for _, f := range functions {
		for _, e := range f.EventSources {
			p := e.Properties
			switch e.Type {
			case "Schedule":
				if v, ok := p["Enabled"]; ok && !template.Bool(v) {
					continue
				}
			case "ScheduleV2":
			default:
				continue
			}
			if template.String(p["State"]) == "DISABLED" {
				continue
			}
			s := Schedule{Function: f.ID, ID: e.ID, Input: template.String(p["Input"])}
			if s.Expression = template.String(p["Schedule"]); s.Expression == "" {
				s.Expression = template.String(p["ScheduleExpression"])
			}
			var err error
			if s.When, err = Parse(s.Expression); err == nil && p["ScheduleExpressionTimezone"] != nil {
				err = fmt.Errorf("time zone %v is not known here", p["ScheduleExpressionTimezone"])
			}
			if err != nil {
				problems = append(problems, fmt.Sprintf("%s.%s: %v", f.ID, e.ID, err))
				continue
			}
			out = append(out, s)
		}
	}
	return out, problems
}

// Run calls the function at its times until ctx ends. A failed call is made twice more, as Lambda does.
func (s Schedule) Run(
	ctx context.Context, invoke func(ctx context.Context, function string, event []byte) ([]byte, error),
) {
	for at := s.When(time.Now()); !at.IsZero(); at = s.When(at) {
		timer := time.NewTimer(time.Until(at))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		for attempt := 0; attempt < 3 && ctx.Err() == nil; attempt++ {
			if _, err := invoke(ctx, s.Function, s.event(at)); err == nil {
				break
			}
			time.Sleep(time.Second)
		}
	}
}

func (s Schedule) event(at time.Time) []byte {
	if s.Input != "" {
		return []byte(s.Input)
	}
	text, _ := json.Marshal(map[string]any{
		"version": "0", "id": fmt.Sprintf("%s-%d", s.ID, at.Unix()), "detail-type": "Scheduled Event", "source": "aws.events",
		"account": template.AccountID, "time": at.UTC().Format(time.RFC3339), "region": template.Region,
		"resources": []string{
			"arn:aws:events:" + template.Region + ":" + template.AccountID + ":rule/" + template.Stack + "-" + s.Function + s.ID,
		},
		"detail": map[string]any{},
	})
	return text
}
