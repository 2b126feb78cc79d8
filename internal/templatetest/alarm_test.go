package templatetest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

var alarmRules = []rule{
	{"alarms can be published",
		"CloudWatch has no right to AWS's own key alias/aws/sns; a key of ours would have to give it one",
		func(d *doc) (out []string) {
			for _, id := range d.of("AWS::SNS::Topic") {
				key := template.String(d.properties[id]["KmsMasterKeyId"])
				own := d.properties[strings.TrimPrefix(key, template.Stack+"-")]
				if key != "" && !strings.Contains(fmt.Sprint(own["KeyPolicy"]), "cloudwatch.amazonaws.com") {
					out = append(out, id+" is under "+key)
				}
			}
			return out
		},
		"    Type: AWS::SNS::Topic\n", "    Type: AWS::SNS::Topic\n    Properties: {KmsMasterKeyId: alias/aws/sns}\n"},
	{"an alarm tells that it rings and that it is over",
		"an alarm without actions is a colour in a console, unless it takes a release back",
		func(d *doc) (out []string) {
			watching := d.releaseAlarms()
			for _, id := range d.of("AWS::CloudWatch::Alarm") {
				p := d.properties[id]
				if watching[id] {
					continue
				}
				if len(template.List(p["AlarmActions"]))+len(template.List(p["InsufficientDataActions"])) == 0 ||
					len(template.List(p["OKActions"])) == 0 {
					out = append(out, id)
				}
			}
			return out
		},
		"      OKActions: [!Ref Alarms]\n", ""},
	{"what runs by itself is watched", "nobody waits for its answer, so nobody would notice",
		func(d *doc) (out []string) {
			for _, id := range d.of("AWS::Serverless::Function") {
				for _, event := range sortedEvents(d.properties[id]) {
					var metrics []string
					switch kind := at(d.properties[id], "Events", event, "Type"); kind {
					case "DynamoDB":
						metrics = []string{"IteratorAge", "Errors"}
					case "Schedule", "ScheduleV2":
						metrics = []string{"Invocations", "Errors"}
					}
					for _, m := range metrics {
						if !d.watched(id, m) {
							out = append(out, id+": no alarm on its "+m)
						}
					}
				}
			}
			return out
		},
		"      MetricName: IteratorAge\n", "      MetricName: Duration\n"},
	{"throttles and failed webhooks are watched",
		"a throttled call and an event that Stripe cannot deliver are nowhere else",
		func(d *doc) (out []string) {
			if !slices.ContainsFunc(
				d.of("AWS::CloudWatch::Alarm"), func(id string) bool { return d.properties[id]["MetricName"] == "Throttles" },
			) {
				out = append(out, "no alarm on throttles")
			}
			if !d.watched("StripeWebhookFunction", "Errors") {
				out = append(out, "no alarm on webhooks")
			}
			return out
		},
		"      MetricName: Throttles\n", "      MetricName: Invocations\n"},
}

// watched tells whether an alarm looks at a function's metric, alone or in an expression.
func (d *doc) watched(function, metric string) bool {
	name := template.Stack + "-" + function
	fits := func(m any) bool {
		for _, dimension := range template.List(at(m, "Dimensions")) {
			if at(dimension, "Value") == name && at(m, "MetricName") == metric {
				return true
			}
		}
		return false
	}
	return slices.ContainsFunc(d.of("AWS::CloudWatch::Alarm"), func(id string) bool {
		return fits(d.properties[id]) || slices.ContainsFunc(template.List(d.properties[id]["Metrics"]), func(m any) bool {
			return fits(at(m, "MetricStat", "Metric"))
		})
	})
}

var page = regexp.MustCompile(`(docs/[a-z]+\.md), "([^"]+)"`)

// Who is woken by an alarm opens the page that its description names.
func TestEveryAlarmHasItsPage(t *testing.T) {
	root := localtest.Root(t)
	d, err := read(mustRead(t, filepath.Join(root, "template.yaml")), nil)
	if err != nil {
		t.Fatal(err)
	}
	alarms := d.of("AWS::CloudWatch::Alarm")
	if len(alarms) < 15 {
		t.Errorf("only %d alarms", len(alarms))
	}
	for _, id := range alarms {
		named := page.FindStringSubmatch(template.String(d.properties[id]["AlarmDescription"]))
		if named == nil {
			t.Errorf("%s names no page", id)
			continue
		}
		text := mustRead(t, filepath.Join(root, named[1]))
		heading := regexp.MustCompile(`(?m)^##+ ` + regexp.QuoteMeta(named[2]) + `$`).FindStringIndex(text)
		if heading == nil {
			t.Errorf("%s: %s has no section %q", id, named[1], named[2])
			continue
		}
		section, _, _ := strings.Cut(text[heading[1]:], "\n#")
		if !strings.Contains(section, "`"+id+"`") {
			t.Errorf("%s: the section %q of %s does not name it", id, named[2], named[1])
		}
	}
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
