// Command rollback takes a deployed release back: every function whose version it brought serves the version before,
// and the pages and the widget are the files that were there before the last upload. It changes nothing of the
// stack's template and no data. It may be cut off anywhere and run again.
//
//	STAGE=prod rollback [-dry] [-only functions|pages]
//
// It reads AWS credentials as the AWS CLI does. STACK names a stack that is not called after its stage.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func main() {
	dry := flag.Bool("dry", false, "say what would be done")
	only := flag.String("only", "", "functions or pages alone")
	flag.Parse()
	stage := os.Getenv("STAGE")
	if stage == "" || flag.NArg() > 0 || *only != "" && *only != "functions" && *only != "pages" {
		fmt.Fprintln(os.Stderr, "usage: STAGE=prod [STACK=...] rollback [-dry] [-only functions|pages]")
		os.Exit(2)
	}
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err == nil {
		err = open(settings, cmp.Or(os.Getenv("STACK"), stackOf(stage)), *dry, os.Stdout).run(ctx, *only)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "rollback:", err)
		os.Exit(1)
	}
}

// stackOf is what make deploy calls the stack of a stage.
func stackOf(stage string) string {
	return "mi-connect-" + stage
}

// errNothing says that there is no release before.
var errNothing = errors.New("there is nothing to go back to")

type rollback struct {
	stacks    *cloudformation.Client
	functions *lambda.Client
	bucket    *s3.Client
	cdn       *cloudfront.Client
	stack     string
	dry       bool
	out       io.Writer
}

func open(settings aws.Config, stack string, dry bool, out io.Writer) *rollback {
	return &rollback{
		stacks: cloudformation.NewFromConfig(settings), functions: lambda.NewFromConfig(settings),
		cdn:    cloudfront.NewFromConfig(settings),
		bucket: s3.NewFromConfig(settings, func(o *s3.Options) { o.UsePathStyle = settings.BaseEndpoint != nil }),
		stack:  stack, dry: dry, out: out,
	}
}

func (r *rollback) say(format string, args ...any) { fmt.Fprintf(r.out, format+"\n", args...) }

func (r *rollback) run(ctx context.Context, only string) error {
	found, err := r.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &r.stack})
	if err != nil {
		return err
	}
	if len(found.Stacks) != 1 {
		return fmt.Errorf("there is no stack %s", r.stack)
	}
	// A release under way takes itself back; changing its aliases meanwhile would confuse it.
	if status := string(found.Stacks[0].StackStatus); strings.HasSuffix(status, "_IN_PROGRESS") {
		return fmt.Errorf(
			"%s is being changed (%s): cancel that (aws cloudformation cancel-update-stack --stack-name %s) or wait for it",
			r.stack, status, r.stack,
		)
	}
	parts, err := r.parts(ctx)
	if err != nil {
		return err
	}
	if only != "pages" {
		if err := r.backFunctions(ctx, parts.functions); err != nil {
			return fmt.Errorf("functions: %w", err)
		}
	}
	if only == "functions" {
		return nil
	}
	// A release need not have changed both.
	err = r.backPages(ctx, parts)
	if only == "" && errors.Is(err, errNothing) {
		r.say("pages: %v", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	return nil
}

// parts are what of the stack is taken back.
type parts struct {
	functions    []string // names
	bucket       string
	distribution string
}

func (r *rollback) parts(ctx context.Context) (p parts, err error) {
	pages := cloudformation.NewListStackResourcesPaginator(
		r.stacks, &cloudformation.ListStackResourcesInput{StackName: &r.stack},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return p, err
		}
		for _, resource := range page.StackResourceSummaries {
			name := aws.ToString(resource.PhysicalResourceId)
			switch aws.ToString(resource.ResourceType) {
			case "AWS::Lambda::Function":
				p.functions = append(p.functions, name)
			case "AWS::S3::Bucket":
				p.bucket = name
			case "AWS::CloudFront::Distribution":
				p.distribution = name
			}
		}
	}
	if len(p.functions) == 0 || p.bucket == "" {
		return p, fmt.Errorf("%s is no stack of Mi Connect: %d functions, bucket %q", r.stack, len(p.functions), p.bucket)
	}
	return p, nil
}
