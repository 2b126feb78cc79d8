// Package rollout makes a stage, changes it and takes it away. Each step looks at what is there before it does
// anything, so that a run may be killed anywhere and the next one continues from there.
package rollout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
	"github.com/mi-telecom/mi-connect/infra/deploy/pack"
	"github.com/mi-telecom/mi-connect/infra/deploy/stage"
)

// Stop is a failure that says what to do next.
type Stop struct {
	What error
	Next string
}

func (s *Stop) Error() string { return s.What.Error() }
func (s *Stop) Unwrap() error { return s.What }

func stop(next, format string, args ...any) error {
	return &Stop{fmt.Errorf(format, args...), next}
}

// Rollout is one run of a command on one stage.
type Rollout struct {
	Stage *stage.Stage
	Cloud *cloud.Cloud
	Root  string // the project's folder
	Out   io.Writer
	Poll  time.Duration // between two looks at something that takes its time
	Wait  time.Duration // for what a person has to do, such as a DNS record
	Base  string        // where the stage is reached by the smoke test; "" for its own address through the CDN

	Packed string // a folder of functions that Pack built before; "" builds them now

	functions []pack.Function
	zone      string // of the domain in Route 53, "" for none in this account
	cert      string
	outputs   map[string]string
	records   []string // for a person to make
	changed   bool
}

// say prints a line of progress.
func (r *Rollout) say(format string, args ...any) { fmt.Fprintf(r.Out, "      "+format+"\n", args...) }

type step struct {
	name string
	run  func(context.Context) error
}

// run takes steps in turn and says which one it is at.
func (r *Rollout) run(ctx context.Context, steps []step) error {
	for i, s := range steps {
		fmt.Fprintf(r.Out, "[%d/%d] %s\n", i+1, len(steps), s.name)
		if err := s.run(ctx); err != nil {
			return explain(err)
		}
	}
	return nil
}

// Up deploys the stage: from nothing, over an older one, or on from where a run before it ended.
func (r *Rollout) Up(ctx context.Context) error {
	err := r.run(ctx, []step{
		{"Account and credentials", r.identify},
		{"Functions: build and zip", r.build},
		{"Bucket for builds", r.bucket},
		{"Certificate", r.certificate},
		{"Stack: tables, functions, API, alarms, CDN", r.stack},
		{"Mail domain", r.mail},
		{"Pages and widget", r.pages},
		{"DNS", r.domain},
		{"Smoke test through the CDN", r.smoke},
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(r.Out, "\n%s is deployed: %s\n", r.Stage.Name, r.origin())
	if !r.changed {
		fmt.Fprintln(r.Out, "Nothing had to be changed.")
	}
	if len(r.records) > 0 {
		fmt.Fprintf(
			r.Out, "\nMake these DNS records where their domains are managed:\n  %s\n", strings.Join(r.records, "\n  "),
		)
	}
	fmt.Fprintf(r.Out, "\nWhat only a person can do is listed by\n  make doctor STAGE=%s\n", r.Stage.Name)
	return nil
}

// identify makes sure that this is the account that is meant.
func (r *Rollout) identify(ctx context.Context) error {
	arn, err := r.Cloud.Identify(ctx)
	if err != nil {
		return stop("`aws configure` (or `aws sso login`), then the same command again; AWS_PROFILE chooses among several "+
			"accounts",
			"AWS does not know who you are: %w", err)
	}
	if want := r.Stage.Account; want != "" && want != r.Cloud.Account {
		return stop("choose the other account's credentials (AWS_PROFILE=...), or correct Account in stages/"+r.Stage.Name+
			".conf",
			"these are credentials of account %s; stages/%s.conf names %s", r.Cloud.Account, r.Stage.Name, want)
	}
	r.say("%s in %s, stack %s", arn, r.Stage.Region, r.Stage.Stack())
	return nil
}

func (r *Rollout) build(ctx context.Context) (err error) {
	architecture := cmp.Or(r.Stage.Parameters["Architecture"], "arm64") // the template's default
	if r.Packed != "" {
		r.functions, err = pack.Read(r.Packed)
	} else {
		r.functions, err = pack.Functions(ctx, r.Root, architecture)
	}
	if err != nil {
		return stop("fix what the compiler reports", "the functions do not build: %w", err)
	}
	r.say("%d functions for %s", len(r.functions), architecture)
	return nil
}

// origin is where people open the dashboard.
func (r *Rollout) origin() string {
	if r.Stage.Domain != "" {
		return "https://" + r.Stage.Domain
	}
	if d := r.outputs["CdnDomain"]; d != "" {
		return "https://" + d
	}
	return "https://not-yet.invalid"
}

// sleep waits, or ends with the context.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// again is the next step of most failures.
const again = "once that is put right, the same command again: it continues from here"

// explain gives an error of AWS's a next step where it has none.
func explain(err error) error {
	if _, ok := errors.AsType[*Stop](err); ok {
		return err
	}
	switch {
	case errors.Is(err, context.Canceled):
		return stop("the same command again: it continues from here", "stopped by you")
	case cloud.Denied(err):
		return stop(
			"ask who administers the account for the right that AWS names above; docs/deploy.md lists all that are needed",
			"not allowed: %w", err,
		)
	case strings.Contains(cloud.Code(err), "ExpiredToken"):
		return stop(
			"log in to AWS again (`aws sso login`), then the same command again: it continues from here",
			"the credentials have expired: %w", err,
		)
	}
	return stop(again, "%w", err)
}
