package rollout

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
)

// follow waits for the change that was begun, and says how far it is. A failure is the first thing that failed, in
// AWS's words, with what to do.
func (r *Rollout) follow(ctx context.Context, begun time.Time) error {
	name := r.Stage.Stack()
	said := time.Now()
	for {
		s, err := r.Cloud.Stack(ctx, name)
		if errors.Is(err, cloud.ErrNoStack) {
			return nil // it was a removal
		}
		if err != nil {
			return err
		}
		switch status := string(s.StackStatus); {
		case status == "CREATE_COMPLETE", status == "UPDATE_COMPLETE", status == "DELETE_COMPLETE":
			return nil
		case !strings.HasSuffix(status, "_IN_PROGRESS"):
			return r.failure(ctx, begun, status, aws.ToString(s.StackStatusReason))
		}
		if time.Since(said) > 10*time.Second {
			said = time.Now()
			r.sayProgress(ctx, begun)
		}
		if err := sleep(ctx, r.Poll); err != nil {
			return err
		}
	}
}

// sayProgress counts what is done and names what is under way.
func (r *Rollout) sayProgress(ctx context.Context, begun time.Time) {
	events, err := r.events(ctx, begun)
	if err != nil {
		return // only a line that is not printed; the state itself is asked for with its error
	}
	last := map[string]types.ResourceStatus{}
	for _, e := range events { // oldest first
		last[aws.ToString(e.LogicalResourceId)] = e.ResourceStatus
	}
	delete(last, r.Stage.Stack())
	done, under := 0, []string{}
	for _, id := range slices.Sorted(maps.Keys(last)) {
		if strings.HasSuffix(string(last[id]), "_COMPLETE") {
			done++
		} else {
			under = append(under, id)
		}
	}
	if len(under) > 4 {
		under = append(under[:4], "...")
	}
	r.say("%s: %d done, under way: %s", time.Since(begun).Round(time.Second), done, strings.Join(under, ", "))
}

// events returns what happened to the stack since a time, the oldest first.
func (r *Rollout) events(ctx context.Context, since time.Time) ([]types.StackEvent, error) {
	since = since.Add(-time.Minute) // clocks differ
	var all []types.StackEvent
	pages := cloudformation.NewDescribeStackEventsPaginator(
		r.Cloud.Stacks, &cloudformation.DescribeStackEventsInput{StackName: aws.String(r.Stage.Stack())},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range page.StackEvents { // newest first
			if aws.ToTime(e.Timestamp).Before(since) {
				slices.Reverse(all)
				return all, nil
			}
			all = append(all, e)
		}
	}
	slices.Reverse(all)
	return all, nil
}

// hints are failures of a first deployment that AWS's words do not explain.
var hints = []struct{ words, next string }{
	{
		"ReservedConcurrentExecutions",
		"ask for more concurrency: `aws service-quotas request-service-quota-increase --service-code lambda --quota-code " +
			"L-B99A9384 --desired-value 1000`, then the same command again",
	},
	{
		"CNAMEAlreadyExists",
		"another CloudFront distribution has the domain: take it away there (CloudFront console, Alternate domain names), " +
			"then the same command again",
	},
	{
		"One or more of the CNAMEs",
		"another CloudFront distribution has the domain: take it away there (CloudFront console, Alternate domain names), " +
			"then the same command again",
	},
	{
		"account must be verified",
		"AWS verifies new accounts before they may have a CloudFront distribution: open a case with AWS Support (Account, " +
			"CloudFront), then the same command again",
	},
	{
		"not authorized to perform",
		"ask who administers the account for the right that AWS names; docs/deploy.md lists all that are needed. Then the " +
			"same command again",
	},
	{
		"AccessDenied",
		"ask who administers the account for the right that AWS names; docs/deploy.md lists all that are needed. Then the " +
			"same command again",
	},
	{"LimitExceeded", "raise the quota that AWS names (Service Quotas console), then the same command again"},
}

func (r *Rollout) failure(ctx context.Context, begun time.Time, status, reason string) error {
	events, err := r.events(ctx, begun)
	if err != nil {
		return err
	}
	var first *types.StackEvent
	for i := range events {
		e := &events[i]
		words := aws.ToString(e.ResourceStatusReason)
		if strings.HasSuffix(string(e.ResourceStatus), "_FAILED") && !strings.Contains(words, "cancelled") &&
			aws.ToString(e.LogicalResourceId) != r.Stage.Stack() {
			first = e
			break
		}
	}
	what := fmt.Errorf("the stack is at %s: %s", status, reason)
	if first != nil {
		reason = aws.ToString(first.ResourceStatusReason)
		what = fmt.Errorf(
			"%s (%s) failed: %s; the stack is at %s", aws.ToString(first.LogicalResourceId), aws.ToString(first.ResourceType),
			reason, status,
		)
	}
	for _, h := range hints {
		if strings.Contains(reason, h.words) {
			return &Stop{what, h.next}
		}
	}
	return &Stop{what, again}
}
