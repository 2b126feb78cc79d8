// Command deploy makes a stage of Mi Connect in an AWS account, changes it, takes it away, and says what only a person
// can do. docs/deploy.md tells the way; `make deploy STAGE=...` calls it.
package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
	"github.com/mi-telecom/mi-connect/infra/deploy/pack"
	"github.com/mi-telecom/mi-connect/infra/deploy/rollout"
	"github.com/mi-telecom/mi-connect/infra/deploy/stage"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	cancel()
	if err == nil {
		return
	}
	if errors.Is(err, errNotYet) {
		os.Exit(2)
	}
	fmt.Fprintf(os.Stderr, "\nStopped: %v\n", err)
	if s, ok := errors.AsType[*rollout.Stop](err); ok && s.Next != "" {
		fmt.Fprintf(os.Stderr, "Next:    %s\n", s.Next)
	}
	os.Exit(1)
}

const usage = "usage: deploy up|down|doctor|pack -stage NAME (make deploy, make undeploy, make doctor)"

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	name := flags.String("stage", "", "which deployment: the name of a file in stages/")
	root := flags.String("root", ".", "the project's folder")
	stages := flags.String("stages", "", "the folder of the stages' files; empty for stages in the project's")
	packed := flags.String("packed", "", "up: a folder of functions that pack built; pack: where to put them")
	architecture := flags.String("architecture", "arm64", "pack: of Lambda, arm64 or x86_64")
	data := flags.String("data", "keep", "down: keep, or delete permanently")
	wait := flags.Duration("wait", 20*time.Minute, "up: how long to wait for a DNS record that a person makes")
	poll := flags.Duration("poll", 5*time.Second, "how often to look at what takes its time")
	base := flags.String(
		"base", os.Getenv("SMOKE_BASE"), "up: where the smoke test finds the stage, where it is not behind its own CDN",
	)
	asJSON := flags.Bool("json", false, "doctor: results as JSON")
	code := flags.String("alarm-code", "", "doctor: the code that a test alarm brought; \"send\" sends one")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if args[0] == "pack" {
		return packInto(ctx, *root, *architecture, *packed, out)
	}
	if *name == "" {
		return errors.New("which stage? STAGE=prod, say")
	}
	s, err := stage.Load(*root, cmp.Or(*stages, filepath.Join(*root, "stages")), *name, os.Getenv)
	if err != nil {
		return err
	}
	c, err := cloud.Open(ctx, s.Region)
	if err != nil {
		return err
	}
	r := &rollout.Rollout{
		Stage: s, Cloud: c, Root: *root, Out: out, Poll: *poll, Wait: *wait, Base: *base, Packed: *packed,
	}
	switch args[0] {
	case "up":
		return r.Up(ctx)
	case "down":
		if *data == "delete" {
			if err := confirm(s.Name, in, out); err != nil {
				return err
			}
		}
		return r.Down(ctx, *data == "delete")
	case "doctor":
		return diagnose(ctx, s, c, out, *asJSON, *code)
	}
	return errors.New(usage)
}

// packInto builds the functions into a folder and prints the digests that Lambda will show.
func packInto(ctx context.Context, root, architecture, folder string, out io.Writer) error {
	functions, err := pack.Functions(ctx, root, architecture)
	if err != nil {
		return err
	}
	for _, f := range functions {
		fmt.Fprintf(out, "%s  %s\n", f.CodeSha256(), f.Name)
	}
	if folder == "" {
		return nil
	}
	return pack.Write(folder, functions)
}

// confirm has a person type what is about to be lost.
func confirm(name string, in io.Reader, out io.Writer) error {
	want := "delete " + name
	fmt.Fprintf(
		out, "This deletes all accounts, requests, statistics and receipts of %s, permanently. Type %q to continue: ", name,
		want,
	)
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(line) != want {
		return errors.New("nothing was deleted: that was not typed")
	}
	return nil
}
