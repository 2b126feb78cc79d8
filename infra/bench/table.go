package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

type verdict string

const (
	met     verdict = "met"
	missed  verdict = "NOT MET"
	unknown verdict = "NOT MEASURED"
	note    verdict = "" // stands beside a budget and has none of its own
)

func within(ok bool) verdict {
	if ok {
		return met
	}
	return missed
}

type row struct {
	what, figure, budget string
	verdict              verdict
}

type table struct{ rows []row }

func (t *table) add(r row) { t.rows = append(t.rows, r) }

// good reports whether every budget was measured and is met.
func (t *table) good() bool {
	return len(t.rows) > 0 &&
		!slices.ContainsFunc(t.rows, func(r row) bool { return r.verdict == missed || r.verdict == unknown })
}

var head = row{"What", "Figure", "Budget", "Verdict"}

func (t *table) print(w io.Writer) {
	var width [3]int
	all := append([]row{head}, t.rows...)
	for _, r := range all {
		for i, s := range []string{r.what, r.figure, r.budget} {
			width[i] = max(width[i], utf8.RuneCountInString(s))
		}
	}
	pad := func(s string, n int) string { return s + strings.Repeat(" ", n-utf8.RuneCountInString(s)) }
	for _, r := range all {
		line := pad(r.what, width[0]) + "  " + pad(r.figure, width[1]) + "  " + pad(r.budget, width[2]) + "  " +
			string(r.verdict)
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	count := map[verdict]int{}
	for _, r := range t.rows {
		count[r.verdict]++
	}
	fmt.Fprintf(w, "\n%d met, %d not met, %d not measured\n", count[met], count[missed], count[unknown])
}

const (
	begin = "<!-- bench: begin -->"
	end   = "<!-- bench: end -->"
)

// document replaces what stands between the markers of a page.
func (b *bench) document(ctx context.Context, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return fmt.Errorf("%s lacks the lines %s and %s", path, begin, end)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n%s, %s, %d cores (load %.1f at the beginning), %s.\n\n", begin,
		time.Now().UTC().Format("2 January 2006"), processor(), runtime.NumCPU(), b.load,
		strings.Join(append([]string{runtime.Version()}, b.tools(ctx)...), ", "))
	for i, r := range append([]row{head}, b.table.rows...) {
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", cell(r.what), cell(r.figure), cell(r.budget), cell(string(r.verdict)))
		if i == 0 {
			out.WriteString("|---|---|---|---|\n")
		}
	}
	out.WriteString(end)
	return os.WriteFile(path, []byte(before+out.String()+after), 0o644)
}

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

// tools are the versions of what a figure depends on.
func (b *bench) tools(ctx context.Context) []string {
	out := slices.Clone(b.versions)
	if v, err := exec.CommandContext(ctx, "node", "--version").Output(); err == nil {
		out = append(out, "Node "+strings.TrimPrefix(strings.TrimSpace(string(v)), "v"))
	}
	v, err := exec.CommandContext(
		ctx, "go", "list", "-m", "-f", "{{.Version}}", "github.com/aws/aws-sdk-go-v2/service/dynamodb",
	).Output()
	if err == nil {
		out = append(out, "DynamoDB SDK "+strings.TrimSpace(string(v)))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// processor is this machine's, as it calls itself.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return runtime.GOOS + "/" + runtime.GOARCH + ", " + strings.TrimSpace(value)
		}
	}
	return runtime.GOOS + "/" + runtime.GOARCH
}

// load is how many processes wanted to run in the last minute.
func load() (n float64) {
	text, _ := os.ReadFile("/proc/loadavg")
	_, _ = fmt.Sscanf(string(text), "%f", &n)
	return n
}

func median[T int | int64 | float64 | time.Duration](list []T) T {
	s := slices.Sorted(slices.Values(list))
	return s[len(s)/2]
}
