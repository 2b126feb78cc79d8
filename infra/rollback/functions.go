package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// alias is what everything calls; template.yaml says so.
const alias = "live"

// version is a function's version that a release brought.
type version struct {
	function string
	number   int
}

// backFunctions takes back the newest release that still serves. A release leaves alone the functions that it did
// not change, so going back by one version each would mix releases: the stack's events say which it brought.
func (r *rollback) backFunctions(ctx context.Context, functions []string) error {
	serving := map[string]int{}
	for _, name := range functions {
		out, err := r.functions.GetAlias(ctx, &lambda.GetAliasInput{FunctionName: &name, Name: aws.String(alias)})
		if err != nil {
			return err
		}
		if serving[name], err = strconv.Atoi(aws.ToString(out.FunctionVersion)); err != nil {
			return fmt.Errorf("%s serves %s: %w", name, aws.ToString(out.FunctionVersion), err)
		}
	}
	releases, err := r.releases(ctx)
	if err != nil {
		return err
	}
	for _, release := range releases {
		back := map[string]int{}
		for _, v := range release {
			if serving[v.function] != v.number {
				continue // taken back before, by us or by its canary
			}
			before, err := r.before(ctx, v)
			if err != nil {
				return err
			}
			if before > 0 { // 0 for a function that is new
				back[v.function] = before
			}
		}
		if len(back) > 0 {
			return r.point(ctx, serving, back)
		}
	}
	return errNothing
}

func (r *rollback) point(ctx context.Context, serving, back map[string]int) error {
	for _, name := range sorted(back) {
		r.say("%s: version %d, after %d", name, back[name], serving[name])
		if r.dry {
			continue
		}
		_, err := r.functions.UpdateAlias(ctx, &lambda.UpdateAliasInput{
			FunctionName: &name, Name: aws.String(alias), FunctionVersion: aws.String(strconv.Itoa(back[name])),
			RoutingConfig: &types.AliasRoutingConfiguration{AdditionalVersionWeights: map[string]float64{}},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// before is the highest version below v, 0 for none.
func (r *rollback) before(ctx context.Context, v version) (int, error) {
	before := 0
	pages := lambda.NewListVersionsByFunctionPaginator(
		r.functions, &lambda.ListVersionsByFunctionInput{FunctionName: &v.function},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		for _, f := range page.Versions {
			if n, err := strconv.Atoi(aws.ToString(f.Version)); err == nil && n < v.number { // $LATEST is no number
				before = max(before, n)
			}
		}
	}
	return before, nil
}

// releases are the versions that each change of the stack brought, the newest change first. CloudFormation keeps its
// events for 90 days.
func (r *rollback) releases(ctx context.Context) (out [][]version, err error) {
	var under []version
	pages := cloudformation.NewDescribeStackEventsPaginator(
		r.stacks, &cloudformation.DescribeStackEventsInput{StackName: &r.stack},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range page.StackEvents {
			status := string(e.ResourceStatus)
			switch aws.ToString(e.ResourceType) {
			case "AWS::Lambda::Version":
				if v, ok := parseVersion(aws.ToString(e.PhysicalResourceId)); ok && status == "CREATE_COMPLETE" {
					under = append(under, v)
				}
			case "AWS::CloudFormation::Stack": // the stack's own, at the beginning of a change
				if aws.ToString(e.PhysicalResourceId) == aws.ToString(e.StackId) &&
					(status == "UPDATE_IN_PROGRESS" || status == "CREATE_IN_PROGRESS") {
					out, under = append(out, under), nil
				}
			}
		}
	}
	return append(out, under), nil
}

// parseVersion reads arn:aws:lambda:eu-west-2:1234:function:name:7.
func parseVersion(arn string) (version, bool) {
	parts := strings.Split(arn, ":")
	if len(parts) != 8 {
		return version{}, false
	}
	n, err := strconv.Atoi(parts[7])
	return version{parts[6], n}, err == nil
}

func sorted(m map[string]int) []string {
	var out []string
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
