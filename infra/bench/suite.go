package main

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"time"
)

// suite times make test.
func (b *bench) suite(ctx context.Context) error {
	began := time.Now()
	if out, err := exec.CommandContext(ctx, "make", "test").CombinedOutput(); err != nil {
		return fmt.Errorf("make test: %w: %s", err, out[max(0, len(out)-500):])
	}
	took := time.Since(began)
	b.table.add(row{"`make test`", fmt.Sprintf("%.0f s on %d cores", took.Seconds(), runtime.NumCPU()), "5 minutes on 2 cores", within(took <= 5*time.Minute)})
	return nil
}
