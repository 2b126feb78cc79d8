// Command local runs template.yaml on this machine: no Docker, no account.
//
// Package template reads what is declared; stack starts it and is where to read on. Then, each on its
// own: dynamo (tables), lambda (functions), gateway (routes), streams and schedule (what calls functions
// by itself), iam (their rights), secrets, mailbox, cdn and demo (a customer's website).
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/mi-telecom/mi-connect/infra/local/stack"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "\nMi Connect did not start: %v\n", err)
		os.Exit(1)
	}
}

func run() error {
	root := flag.String("root", cmp.Or(os.Getenv("LOCAL_ROOT"), "."), "the project's folder")
	file := flag.String(
		"template", os.Getenv("LOCAL_TEMPLATE"), "the template (default template.yaml in the project's folder)",
	)
	flag.Parse()
	port, err := stack.Number("PORT", 3000)
	if err != nil {
		return err
	}
	instances, err := stack.Number("LOCAL_MAX_INSTANCES", 4)
	if err != nil {
		return err
	}
	concurrency, err := stack.Number("LOCAL_CONCURRENCY", 0)
	if err != nil {
		return err
	}
	shards, err := stack.Number("LOCAL_SHARDS", 3)
	if err != nil {
		return err
	}
	split, err := stack.Number("LOCAL_SPLIT_EVERY", 2000)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	s, err := stack.Start(ctx, stack.Options{
		Root: *root, Template: *file, DataDir: cmp.Or(os.Getenv("DATA_DIR"), ".local"),
		Port: port, MaxInstances: instances, Concurrency: concurrency, Shards: shards, SplitEvery: split,
		Faults: os.Getenv("LOCAL_FAULTS") != "", Out: os.Stdout,
	})
	if err != nil {
		return err
	}
	s.Report(os.Stdout)
	s.Wait(ctx, stop)
	return nil
}
