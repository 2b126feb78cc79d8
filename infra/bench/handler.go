package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

var benchLine = regexp.MustCompile(`(?m)^Benchmark\S+\s+\d+\s+.*?([\d.]+) cpu-ns/op\s.*?(\d+) allocs/op`)

// handler compares a beacon with the bare write inside it, by the benchmarks of functions/events. They run
// in turn, since a machine's speed changes by the minute.
func (b *bench) handler(ctx context.Context) error {
	binary := filepath.Join(b.dir, "events.test")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-o", binary, "./functions/events")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go test -c: %w: %s", err, out)
	}
	const rounds = 11
	compare := func(way string) (cpu, allocs float64, figure string, err error) {
		names := []string{"BenchmarkBeacon", "BenchmarkBareUpdate"}
		var times, counts [2][]float64
		for range rounds {
			for i, name := range names {
				cmd := exec.CommandContext(ctx, binary, "-test.run=^$", "-test.bench=^"+name+"$/^"+way+"$", "-test.benchtime=2000x")
				cmd.Dir = filepath.Join(b.root, "functions/events")
				cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
				out, err := cmd.CombinedOutput()
				m := benchLine.FindSubmatch(out)
				if err != nil || m == nil {
					return 0, 0, "", fmt.Errorf("%s/%s: %w: %.500s", name, way, err, out)
				}
				t, _ := strconv.ParseFloat(string(m[1]), 64)
				n, _ := strconv.ParseFloat(string(m[2]), 64)
				times[i], counts[i] = append(times[i], t), append(counts[i], n)
			}
		}
		t, bare := median(times[0])/1000, median(times[1])/1000
		n, bareN := median(counts[0]), median(counts[1])
		ratios := make([]float64, rounds)
		for i := range ratios {
			ratios[i] = times[0][i] / times[1][i]
		}
		return median(ratios), n / bareN, fmt.Sprintf(
			"(medians of %d in turn: %.0f µs, bare %.0f µs; %.0f allocations, bare %.0f)", rounds, t, bare, n, bareN,
		), nil
	}
	cpu, allocs, figure, err := compare("connection")
	if err != nil {
		return err
	}
	b.table.add(row{
		"`events`: CPU against one bare SDK write", fmt.Sprintf("%.2f times %s", cpu, figure), "1.3 times",
		within(cpu <= 1.3),
	})
	b.table.add(row{
		"`events`: allocations against one bare SDK write", fmt.Sprintf("%.2f times", allocs), "1.5 times",
		within(allocs <= 1.5),
	})
	cpu, allocs, figure, err = compare("memory")
	if err != nil {
		return err
	}
	b.table.add(row{
		"… without the connection", fmt.Sprintf("%.2f times, allocations %.2f %s", cpu, allocs, figure), "", note,
	})
	return nil
}
