// Command soak runs Mi Connect as `make dev` does, on this machine alone, under mixed traffic of many sites, while
// functions are killed, the database is restarted and throttles, and mails and webhooks fail. It counts on its side
// what was acknowledged, and at the end everything that is stored must equal that. `make soak` runs it (MINUTES).
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	var o options
	flag.DurationVar(&o.length, "for", 10*time.Minute, "how long traffic and faults last")
	flag.IntVar(&o.accounts, "accounts", 6, "accounts, each with four sites")
	flag.IntVar(&o.rate, "rate", 40, "requests a second")
	flag.IntVar(&o.port, "port", 3900, "port of the run; the next one is used too")
	flag.DurationVar(
		&o.settle, "settle", 10*time.Minute, "how long streams, refused mails and failed webhooks may take to come through",
	)
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "of what is random")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if o.length > time.Hour || o.rate < 1 || o.rate > 1000 {
		fmt.Fprintln(os.Stderr, "soak: at most an hour, and 1 to 1000 requests a second")
		os.Exit(2)
	}
	same, err := run(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(2)
	}
	if !same {
		os.Exit(1)
	}
}

type options struct {
	length, settle time.Duration
	accounts, rate int
	port           int
	seed           uint64
}

func run(ctx context.Context, o options) (same bool, err error) {
	fmt.Printf(
		"soak: %v, %d accounts with %d sites each, %d requests a second, seed %d\n", o.length, o.accounts, sitesOfOne, o.rate,
		o.seed,
	)
	s, err := start(ctx, o.port)
	if err != nil {
		return false, err
	}
	defer s.stop()
	w := newWorld(s, o.seed)
	if err := w.open(ctx, o.accounts); err != nil {
		return false, fmt.Errorf("%w\n%s", err, s.output.tail())
	}
	fmt.Printf("soak: %d sites are open; traffic and faults begin\n", len(w.sites))
	traffic, cancel := context.WithTimeout(ctx, o.length)
	defer cancel()
	faults := newFaults(s)
	faults.on(traffic)
	go faults.run(traffic)
	began := time.Now()
	w.traffic(traffic, o.rate)
	if err := ctx.Err(); err != nil {
		return false, err
	}
	faults.off(ctx)
	took := time.Since(began)
	fmt.Println("soak: traffic has ended; what is under way is waited for")
	differences := w.compare(ctx, o.settle)
	w.report(took, s, faults, differences)
	return len(differences) == 0, nil
}
