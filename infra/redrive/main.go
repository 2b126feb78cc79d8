// Command redrive is the operator's: it counts the visits that function rollup has parked, each exactly
// once, however often it is run or cut off. It reads STATS_TABLE with the AWS credentials of the environment.
//
//	redrive list     one line for each parked record
//	redrive          count them; exit status 1 when some still cannot be
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mi-telecom/mi-connect/shared/store"
)

func main() {
	if os.Getenv("STATS_TABLE") == "" || len(os.Args) > 2 || len(os.Args) == 2 && os.Args[1] != "list" {
		fmt.Fprintln(os.Stderr, "usage: STATS_TABLE=... AWS_REGION=... redrive [list]")
		os.Exit(2)
	}
	parked := store.Parked(store.Open(os.Getenv))
	if err := run(context.Background(), os.Stdout, parked, len(os.Args) == 2, time.Now()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, s store.Parked, list bool, now time.Time) error {
	parked, err := s.ParkedVisits(ctx, now)
	if err != nil {
		return err
	}
	counted, failed := 0, 0
	for _, p := range parked {
		name := fmt.Sprintf("%s %s: site %s, %s", p.Shard, p.Sequence, p.Visit.Site, p.Visit.Hour)
		if list {
			fmt.Fprintln(out, name)
			continue
		}
		switch now, err := s.CountParkedVisit(ctx, p, now); {
		case err != nil:
			failed++
			fmt.Fprintf(out, "%s: still not counted: %v\n", name, err)
		case now:
			counted++
		}
	}
	fmt.Fprintf(out, "%d parked, %d counted\n", len(parked), counted)
	if failed > 0 {
		return fmt.Errorf("%d could not be counted; nothing is lost, run this again once the cause is gone", failed)
	}
	return nil
}
