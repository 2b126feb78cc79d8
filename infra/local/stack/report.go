package stack

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/gateway"
	"github.com/mi-telecom/mi-connect/infra/local/schedule"
)

// console writes lines for whoever watches.
type console struct {
	mu   sync.Mutex
	out  io.Writer
	last map[string]time.Time
}

// say writes a line, but not the same one again within ten seconds: what fails is tried again and again.
func (c *console) say(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if now.Sub(c.last[line]) < 10*time.Second {
		return
	}
	if c.last == nil || len(c.last) > 1000 {
		c.last = map[string]time.Time{}
	}
	c.last[line] = now
	if c.out != nil {
		fmt.Fprintf(c.out, "%s  %s\n", now.Format("15:04:05"), strings.TrimSpace(line))
	}
}

type counts struct {
	engine                      string
	functions, tables, mappings int
	routes                      []gateway.Route
	schedules                   []schedule.Schedule
}

// served are the resources that run here or need no running: what only grants, groups or records.
var served = []string{
	"AWS::Serverless::Function", "AWS::Serverless::HttpApi", "AWS::Serverless::SimpleTable", "AWS::DynamoDB::Table",
	"AWS::SecretsManager::Secret", "AWS::SQS::Queue", "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::S3::BucketPolicy",
	"AWS::SQS::QueuePolicy", "AWS::Lambda::Permission",
}

// findUnrun names what the template declares and nothing here does.
func (s *Stack) findUnrun() error {
	resources, err := s.template.Resources()
	if err != nil {
		return err
	}
	names := map[string][]string{}
	for _, r := range resources {
		kind := strings.TrimPrefix(r.Type, "AWS::")
		if slices.Contains(served, r.Type) || strings.HasPrefix(kind, "CloudFront::") || strings.HasPrefix(kind, "IAM::") {
			continue
		}
		names[kind] = append(names[kind], r.ID)
	}
	var kinds []string
	for kind, ids := range names {
		kinds = append(kinds, fmt.Sprintf("%s (%s)", strings.ReplaceAll(kind, "::", " "), strings.Join(ids, ", ")))
	}
	slices.Sort(kinds)
	if len(kinds) > 0 {
		s.unrun = append(s.unrun, strings.Join(kinds, "; "))
	}
	functions, _, err := s.template.Functions()
	if err != nil {
		return err
	}
	for _, f := range functions {
		for _, e := range f.EventSources {
			if !slices.Contains([]string{"HttpApi", "DynamoDB", "Schedule", "ScheduleV2"}, e.Type) {
				s.unrun = append(s.unrun, fmt.Sprintf("%s.%s: events of type %s", f.ID, e.ID, e.Type))
			}
		}
	}
	return nil
}

// Report says what runs, where, and how to end it.
func (s *Stack) Report(w io.Writer) {
	data := s.options.DataDir
	if here, err := os.Getwd(); err == nil {
		if short, err := filepath.Rel(here, data); err == nil && !strings.HasPrefix(short, "..") {
			data = short
		}
	}
	started := fmt.Sprintf("%s, %s, %s on %s, %s", count(s.counts.functions, "function"),
		count(len(s.counts.routes), "route"),
		count(s.counts.tables, "table"), s.counts.engine, count(s.counts.mappings, "stream mapping"))
	if len(s.counts.schedules) > 0 {
		started += ", " + count(len(s.counts.schedules), "schedule")
	}
	fmt.Fprintf(w, "\nMi Connect runs on this machine.\n\n")
	line := func(name, text string) { fmt.Fprintf(w, "  %-11s %s\n", name, text) }
	line("Dashboard", s.Origin)
	line("Demo site", s.DemoOrigin+"/?site=<key>   (allow this origin: "+s.DemoOrigin+")")
	line("Mail box", s.Origin+"/_local/mail")
	if s.Stripe != nil {
		line(
			"Payments", "a stand-in for Stripe; its state and controls: "+s.Origin+"/_local/stripe/control   (docs/billing.md)",
		)
	}
	line("API", s.Origin+prefix(s.counts.routes)+"   (through the CDN; around it, where it refuses: "+s.API+")")
	fmt.Fprintln(w)
	line("Started", started)
	line("Data", data+"   (functions' logs are in its logs folder; remove it to start again)")
	for i, text := range s.unrun {
		name := ""
		if i == 0 {
			name = "Not run"
		}
		line(name, text)
	}
	line("Stop", "Ctrl-C")
	fmt.Fprintln(w)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// prefix is what all routes' paths begin with: /v1.
func prefix(routes []gateway.Route) string {
	common := ""
	for _, r := range routes {
		if r.Path == "$default" {
			continue
		}
		first, _, _ := strings.Cut(strings.TrimPrefix(r.Path, "/"), "/")
		if common != "" && "/"+first != common {
			return ""
		}
		common = "/" + first
	}
	return common
}
