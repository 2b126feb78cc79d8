package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

const suiteBudget = "6 minutes on 2 idle cores"

// suite times make test.
func (b *bench) suite(ctx context.Context) error {
	began := time.Now()
	run := exec.CommandContext(ctx, "make", "test")
	run.Env = append(os.Environ(), "GOFLAGS=-count=1 "+os.Getenv("GOFLAGS")) // what passed before counts for nothing
	if out, err := run.CombinedOutput(); err != nil {
		return fmt.Errorf("make test: %w: %s", err, out[max(0, len(out)-500):])
	}
	took := time.Since(began)
	b.table.add(row{
		"`make test`", fmt.Sprintf("%.0f s on %d cores", took.Seconds(), runtime.NumCPU()), suiteBudget,
		within(took <= 6*time.Minute),
	})
	return nil
}
