// Command sam tries the template with AWS's own tools: SAM CLI validates and builds it, runs every sample of
// events-samples with `sam local invoke`, and serves the API with `sam local start-api`, all against the
// embedded DynamoDB. `make sam-test` runs it. With -local (`make sam-local`) it prepares all that for a person, and
// prints the lines to type.
//
// It needs Docker. Where no engine answers and we are root, it starts dockerd for itself and ends it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

func main() {
	tool := flag.String("sam", ".tools/sam/bin/sam", "SAM CLI")
	byHand := flag.Bool("local", false, "prepare for `sam local` by hand, and stay")
	only := flag.String(
		"only", "",
		"of the samples only those whose path holds this, and no more; \"by-hand\" for the lines of make sam-local alone",
	)
	times := flag.Int("times", 1, "how often each sample is sent")
	flag.Parse()
	// A closed terminal or pipe must not leave an engine behind either.
	ctx, stop := signal.NotifyContext(
		context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE,
	)
	defer stop()
	if err := run(ctx, *tool, *only, *times, *byHand); err != nil {
		fmt.Fprintln(os.Stderr, "sam:", err)
		os.Exit(1)
	}
}

// result counts checks, one line each.
type result struct{ passed, failed int }

func (r *result) check(name string, err error, took time.Duration) {
	if err == nil {
		r.passed++
		fmt.Printf("pass  %s (%.1f s)\n", name, took.Seconds())
		return
	}
	r.failed++
	fmt.Printf("FAIL  %s (%.1f s)\n      %v\n", name, took.Seconds(), err)
}

func run(ctx context.Context, tool, only string, times int, byHand bool) error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	if _, err := os.Stat("template.yaml"); err != nil {
		return fmt.Errorf("run this in the project's folder: %w", err)
	}
	if tool, err = filepath.Abs(tool); err != nil {
		return err
	}
	if _, err := os.Stat(tool); err != nil {
		return fmt.Errorf("SAM CLI is missing (make sam-test installs it): %w", err)
	}
	dir, err := os.MkdirTemp("", "mi-connect-sam-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	docker, err := openDocker(ctx, root, dir)
	if err != nil {
		return err
	}
	defer docker.close()
	if err := docker.baseImage(ctx, dir); err != nil {
		return err
	}
	if byHand {
		return local(ctx, root, tool, docker)
	}
	var r result
	err = within(ctx, root, dir, docker, tool, func(_ *world, c *cli) error {
		step := func(name string, args ...string) error {
			began := time.Now()
			_, err := c.run(ctx, args...)
			r.check(name, err, time.Since(began))
			return err
		}
		invalid := step("sam validate --lint", "validate", "--lint", "--template-file", "template.yaml")
		return errors.Join(invalid, step("sam build", append([]string{"build"}, c.overrides()...)...))
	}, func(w *world, c *cli) error {
		if only == linesAlone {
			return nil
		}
		return w.samples(ctx, c, only, times, &r)
	}, func(w *world, c *cli) error {
		if only != "" {
			return nil
		}
		return w.routes(ctx, c, &r)
	}, func(w *world, c *cli) error {
		if only != "" && only != linesAlone {
			return nil
		}
		return w.tryLines(ctx, c, w.dir, docker, &r)
	})
	if err != nil {
		return err
	}
	fmt.Printf("\n%d passed, %d failed\n", r.passed, r.failed)
	if r.failed > 0 {
		return errors.New("not all passed")
	}
	return ctx.Err()
}

// within gives each part a world of its own: what one leaves in the tables is nothing to the next.
func within(ctx context.Context, root, dir string, d *docker, tool string, parts ...func(*world, *cli) error) error {
	for i, part := range parts {
		own := filepath.Join(dir, strconv.Itoa(i))
		if err := os.Mkdir(own, 0o755); err != nil {
			return err
		}
		w, err := newWorld(ctx, root, own, d)
		if err != nil {
			return err
		}
		c, err := newCLI(tool, root, own, d, w)
		if err == nil {
			err = part(w, c)
		}
		w.stop()
		if err != nil {
			return err
		}
	}
	return nil
}
