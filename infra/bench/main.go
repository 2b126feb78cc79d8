// Command bench measures what docs/performance.md states, against the budgets of the design: counts,
// sizes and ratios within one run, so that a slower machine gives the same answer. `make bench` runs it.
//
// It exits with 1 when a budget is not met or could not be measured.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// bench is what all measurements share.
type bench struct {
	root     string
	dir      string  // for what is thrown away afterwards
	load     float64 // of the machine when it began
	table    table
	versions []string // of the tools that took part
}

// In the order of the table. Each adds its rows, or an error that becomes one.
var measurements = []struct {
	name string
	run  func(*bench, context.Context) error
}{
	{"writes", (*bench).writes},
	{"reads", (*bench).reads},
	{"inbox", (*bench).inbox},
	{"handler", (*bench).handler},
	{"sizes", (*bench).sizes},
	{"start", (*bench).firstPoll},
	{"pages", (*bench).pages},
	{"front", (*bench).front},
	{"webhook", (*bench).webhook},
	{"lighthouse", (*bench).lighthouse},
	{"suite", (*bench).suite},
}

func main() {
	var names []string
	for _, m := range measurements {
		names = append(names, m.name)
	}
	only := flag.String(
		"only", "", "measure only these, separated by commas, and write no document: "+strings.Join(names, ", "),
	)
	tests := flag.Bool("tests", false, "time `make test` too")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ok, err := run(ctx, *only, *tests)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

func run(ctx context.Context, only string, tests bool) (ok bool, err error) {
	if _, err := os.Stat("template.yaml"); err != nil {
		return false, fmt.Errorf("run this in the project's folder: %w", err)
	}
	root, err := os.Getwd()
	if err != nil {
		return false, err
	}
	dir, err := os.MkdirTemp("", "mi-connect-bench-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	b := &bench{root: root, dir: dir, load: load()}
	if b.load > 1 {
		fmt.Fprintf(
			os.Stderr, "This machine is busy (load %.1f): times and ratios of times will be worse than they are.\n", b.load,
		)
	}
	wanted := strings.Split(only, ",")
	for _, m := range measurements {
		if only != "" && !slices.Contains(wanted, m.name) || m.name == "suite" && !tests {
			continue
		}
		fmt.Fprintf(os.Stderr, "%-10s ", m.name)
		began := time.Now()
		err := m.run(b, ctx)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		fmt.Fprintf(os.Stderr, "%.1f s\n", time.Since(began).Seconds())
		if err != nil {
			b.table.add(row{m.name, "not measured: " + err.Error(), "", unknown})
		}
	}
	if !tests && only == "" {
		b.table.add(row{"`make test`", "not timed in this run (`make bench TESTS=1` does)", suiteBudget, note})
	}
	b.table.print(os.Stdout)
	if only == "" {
		if err := b.document(ctx, "docs/performance.md"); err != nil {
			return false, err
		}
	}
	return b.table.good(), nil
}
