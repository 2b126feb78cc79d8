// Command sam tries the template with AWS's own tools: SAM CLI validates and builds it, runs every sample of
// events-samples with `sam local invoke`, and serves the API with `sam local start-api`, all against the
// embedded DynamoDB. `make sam-test` runs it.
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
	"syscall"
	"time"
)

func main() {
	tool := flag.String("sam", ".tools/sam/bin/sam", "SAM CLI")
	only := flag.String("only", "", "of the samples only those whose path holds this, and no routes")
	flag.Parse()
	// A closed terminal or pipe must not leave an engine behind either.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	if err := run(ctx, *tool, *only); err != nil {
		fmt.Fprintln(os.Stderr, "sam-test:", err)
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

func run(ctx context.Context, tool, only string) error {
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
	w, err := newWorld(ctx, root, dir, docker)
	if err != nil {
		return err
	}
	defer w.stop()
	cli, err := newCLI(tool, root, dir, docker, w)
	if err != nil {
		return err
	}

	var r result
	step := func(name string, args ...string) error {
		began := time.Now()
		_, err := cli.run(ctx, args...)
		r.check(name, err, time.Since(began))
		return err
	}
	invalid := step("sam validate --lint", "validate", "--lint", "--template-file", "template.yaml")
	if err := step("sam build", append([]string{"build"}, cli.overrides()...)...); err != nil {
		return errors.Join(invalid, err)
	}
	if err := w.samples(ctx, cli, only, &r); err != nil {
		return err
	}
	if only == "" {
		if err := w.routes(ctx, cli, &r); err != nil {
			return err
		}
	}
	fmt.Printf("\n%d passed, %d failed\n", r.passed, r.failed)
	if r.failed > 0 {
		return errors.New("not all passed")
	}
	return ctx.Err()
}
