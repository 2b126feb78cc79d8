// Command sign signs the samples of Stripe's events afresh, for `sam local invoke`: a signature is good for
// five minutes.
package main

import (
	"fmt"
	"os"
	"time"

	samples "github.com/mi-telecom/mi-connect/events-samples"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	all, err := samples.All("events-samples")
	if err != nil {
		return err
	}
	signed := 0
	for _, s := range all {
		if s.Function != "stripe-webhook" {
			continue
		}
		event, err := samples.Signed(s.Event, time.Now())
		if err != nil {
			return err
		}
		if err := os.WriteFile(s.Path, event, 0o644); err != nil {
			return err
		}
		signed++
	}
	fmt.Printf("signed %d samples with the local secret; they are good for five minutes\n", signed)
	return nil
}
