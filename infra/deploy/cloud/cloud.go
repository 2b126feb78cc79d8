// Package cloud holds the clients of the AWS services that a deployment is made with, and the two questions that
// all of its commands ask first: whose account is it, and what is in the stack.
//
// It calls AWS's SDK rather than the sam and aws programs: who deploys then needs Go, Node and nothing else, what is
// uploaded is byte for byte what was built, and a failure is a code to act on instead of a text to guess from.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// Cloud is one account in one region.
type Cloud struct {
	Region  string
	Account string

	Stacks       *cloudformation.Client
	Objects      *s3.Client
	Certificates *acm.Client // of us-east-1: CloudFront takes no other region's
	Zones        *route53.Client
	Mail         *sesv2.Client
	Topics       *sns.Client
	Alarms       *cloudwatch.Client
	Logs         *cloudwatchlogs.Client
	Functions    *lambda.Client
	Secrets      *secretsmanager.Client
	Tables       *dynamodb.Client
	Tagged       *resourcegroupstaggingapi.Client

	identity *sts.Client
}

// New returns the clients for a configuration.
func New(c aws.Config, endpoint string) *Cloud {
	virginia := c.Copy()
	virginia.Region = "us-east-1"
	return &Cloud{
		Region: c.Region,
		Stacks: cloudformation.NewFromConfig(c),
		// An emulation has no name for each bucket.
		Objects:      s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = endpoint != "" }),
		Certificates: acm.NewFromConfig(virginia),
		Zones:        route53.NewFromConfig(virginia),
		Mail:         sesv2.NewFromConfig(c),
		Topics:       sns.NewFromConfig(c),
		Alarms:       cloudwatch.NewFromConfig(c),
		Logs:         cloudwatchlogs.NewFromConfig(c),
		Functions:    lambda.NewFromConfig(c),
		Secrets:      secretsmanager.NewFromConfig(c),
		Tables:       dynamodb.NewFromConfig(c),
		Tagged:       resourcegroupstaggingapi.NewFromConfig(c),
		identity:     sts.NewFromConfig(c),
	}
}

// Open loads credentials the way every tool of AWS does: environment, profile, single sign-on.
func Open(ctx context.Context, region string) (*Cloud, error) {
	// A deployment lasts many minutes, in which AWS says "slow down" more than three times.
	patient := func() aws.Retryer {
		return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
			o.StandardOptions = append(o.StandardOptions, func(o *retry.StandardOptions) { o.MaxAttempts = 8 })
		})
	}
	c, err := config.LoadDefaultConfig(ctx, config.WithRegion(region), config.WithRetryer(patient),
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(time.Minute)))
	if err != nil {
		return nil, err
	}
	return New(c, os.Getenv("AWS_ENDPOINT_URL")), nil
}

// Identify asks whose credentials these are, and fills in Account.
func (c *Cloud) Identify(ctx context.Context) (arn string, err error) {
	got, err := c.identity.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", err
	}
	c.Account = aws.ToString(got.Account)
	return aws.ToString(got.Arn), nil
}

// ErrNoStack says that there is no stack of the name.
var ErrNoStack = errors.New("no such stack")

// Stack returns what CloudFormation says of a stack, or ErrNoStack.
func (c *Cloud) Stack(ctx context.Context, name string) (*types.Stack, error) {
	got, err := c.Stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	switch {
	case err != nil && Code(err) == "ValidationError" && strings.Contains(err.Error(), "does not exist"):
		return nil, ErrNoStack
	case err != nil:
		return nil, err
	case len(got.Stacks) == 0:
		return nil, ErrNoStack
	}
	return &got.Stacks[0], nil
}

// Output returns a stack's output, "" where it has none.
func Output(s *types.Stack, key string) string {
	for _, o := range s.Outputs {
		if aws.ToString(o.OutputKey) == key {
			return aws.ToString(o.OutputValue)
		}
	}
	return ""
}

// Resources returns the physical ids of a stack's resources by their names in the template.
func (c *Cloud) Resources(ctx context.Context, stack string) (map[string]types.StackResourceSummary, error) {
	all := map[string]types.StackResourceSummary{}
	pages := cloudformation.NewListStackResourcesPaginator(
		c.Stacks, &cloudformation.ListStackResourcesInput{StackName: &stack},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("resources of %s: %w", stack, err)
		}
		for _, r := range page.StackResourceSummaries {
			all[aws.ToString(r.LogicalResourceId)] = r
		}
	}
	return all, nil
}

// Code is AWS's name for an error, "" where the error is not AWS's.
func Code(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

// Denied reports whether an error says that the caller may not.
func Denied(err error) bool {
	code := Code(err)
	return strings.Contains(code, "AccessDenied") || strings.Contains(code, "Unauthorized") ||
		code == "AuthorizationError" || code == "Forbidden"
}
