package templatetest

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

var (
	counted = regexp.MustCompile(`web\.(?:Count\(r, |Metric\([^"\n]*)((?:"[A-Za-z]+"(?:, )?)+)`)
	counter = regexp.MustCompile(`\b[cC]ount\("([A-Za-z]+)"\)`) // deliver's own, and a web.Caller's
	quoted  = regexp.MustCompile(`"([A-Za-z]+)"`)
)

// emitted are the names of the metrics that functions count, and log filters.
func emitted(t *testing.T, d *doc, root string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(root, "functions"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range counted.FindAllStringSubmatch(string(text), -1) {
			for _, name := range quoted.FindAllStringSubmatch(m[1], -1) {
				out[name[1]] = true
			}
		}
		for _, m := range counter.FindAllStringSubmatch(string(text), -1) {
			out[m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range d.of("AWS::Logs::MetricFilter") {
		for _, m := range template.List(d.properties[id]["MetricTransformations"]) {
			out[template.String(at(m, "MetricName"))] = true
		}
	}
	return out
}

// The dashboard shows what is counted, all of it and nothing else.
func TestTheDashboardShowsWhatIsCounted(t *testing.T) {
	root := localtest.Root(t)
	d, err := read(mustRead(t, filepath.Join(root, "template.yaml")), nil)
	if err != nil {
		t.Fatal(err)
	}
	boards := d.of("AWS::CloudWatch::Dashboard")
	if len(boards) != 1 {
		t.Fatalf("dashboards: %v", boards)
	}
	var body struct {
		Widgets []struct {
			X, Y, Width, Height int
			Properties          struct {
				Title, Region string
				Metrics       [][]any
			}
		}
	}
	if err := json.Unmarshal([]byte(template.String(d.properties[boards[0]]["DashboardBody"])), &body); err != nil {
		t.Fatal(err)
	}
	shown, functions, tables := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, w := range body.Widgets {
		p := w.Properties
		if p.Title == "" || p.Region == "" || len(p.Metrics) == 0 || w.X+w.Width > 24 {
			t.Errorf("%q at %d,%d is not whole", p.Title, w.X, w.Y)
		}
		for _, m := range p.Metrics {
			text := make([]string, 0, len(m))
			for _, v := range m {
				s, _ := v.(string)
				text = append(text, s)
			}
			switch namespace := text[0]; namespace {
			case "MiConnect/staging":
				shown[text[1]] = true
			case "AWS/Lambda":
				if len(text) > 3 && text[1] == "Errors" {
					functions[strings.TrimPrefix(text[3], template.Stack+"-")] = true
				}
			case "AWS/DynamoDB":
				tables[strings.TrimPrefix(text[3], template.Stack+"-")] = true
			case "AWS/ApiGateway", "AWS/SQS", "AWS/CloudFront":
			default:
				t.Errorf("%q shows %s", p.Title, namespace)
			}
		}
	}
	counts := emitted(t, d, root)
	if len(counts) < 14 {
		t.Errorf("only %d metrics are counted: this test no longer sees them", len(counts))
	}
	for _, c := range []struct {
		what      string
		got, want map[string]bool
	}{
		{"metrics", shown, counts},
		{"functions", functions, set(d.of("AWS::Serverless::Function"))},
		{"tables", tables, set(d.of("AWS::DynamoDB::Table"))},
	} {
		if !maps.Equal(c.got, c.want) {
			t.Errorf("%s shown: %v\nthere are: %v", c.what, slices.Sorted(maps.Keys(c.got)), slices.Sorted(maps.Keys(c.want)))
		}
	}
}

func set(list []string) map[string]bool {
	out := map[string]bool{}
	for _, v := range list {
		out[v] = true
	}
	return out
}
