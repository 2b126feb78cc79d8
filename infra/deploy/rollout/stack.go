package rollout

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
	"github.com/mi-telecom/mi-connect/infra/deploy/stage"
)

// stack brings the stack to the template and the stage's parameters.
func (r *Rollout) stack(ctx context.Context) error {
	url, err := r.uploadTemplate(ctx)
	if err != nil {
		return err
	}
	if err := r.readOutputs(ctx); err != nil {
		return err
	}
	first := r.origin()
	if err := r.apply(ctx, url); err != nil {
		return err
	}
	if err := r.readOutputs(ctx); err != nil {
		return err
	}
	// Under CloudFront's own name: it is known only now, and links in mails begin with it.
	if r.origin() != first {
		r.say("the CDN is called %s: once more, with that as Origin", r.outputs["CdnDomain"])
		return r.apply(ctx, url)
	}
	return nil
}

func (r *Rollout) readOutputs(ctx context.Context) error {
	r.outputs = map[string]string{}
	s, err := r.Cloud.Stack(ctx, r.Stage.Stack())
	if errors.Is(err, cloud.ErrNoStack) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, o := range s.Outputs {
		r.outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	return nil
}

// apply makes a change set, and runs it unless it changes nothing.
func (r *Rollout) apply(ctx context.Context, templateURL string) error {
	status, err := r.settle(ctx)
	if err != nil {
		return err
	}
	in := &cloudformation.CreateChangeSetInput{
		StackName: aws.String(r.Stage.Stack()), ChangeSetName: aws.String(fmt.Sprintf("deploy-%d", time.Now().UnixMilli())),
		TemplateURL: &templateURL, ChangeSetType: types.ChangeSetTypeUpdate,
		Capabilities: []types.Capability{types.CapabilityCapabilityIam, types.CapabilityCapabilityAutoExpand},
		Tags:         []types.Tag{{Key: aws.String(stage.Tag), Value: &r.Stage.Name}},
		Parameters:   r.parameters(status != "", templateURL),
	}
	switch status {
	case "":
		in.ChangeSetType = types.ChangeSetTypeCreate
		in.OnStackFailure = types.OnStackFailureDoNothing
	case types.StackStatusCreateFailed, types.StackStatusUpdateFailed:
		// The first creation failed half way. What was made stays, protected tables with it: to roll back would fail
		// at them, so the rest is made on top.
		in.OnStackFailure = types.OnStackFailureDoNothing
	}
	set, err := r.Cloud.Stacks.CreateChangeSet(ctx, in)
	if err != nil {
		return err
	}
	changes, err := r.changeSet(ctx, aws.ToString(set.Id))
	if err != nil {
		return err
	}
	if changes == 0 {
		r.say("nothing to change")
		return nil
	}
	r.changed = true
	r.say("%d resources to make or change", changes)
	begun := time.Now()
	if _, err = r.Cloud.Stacks.ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{
		ChangeSetName: set.Id,
	}); err != nil {
		return err
	}
	r.say("under way; a new CDN takes some minutes")
	return r.follow(ctx, begun)
}

// parameters are those of the stage. One that is not named gets the template's default, so the file is the whole
// truth; what may hold a password stays as it is when it is not given.
func (r *Rollout) parameters(exists bool, templateURL string) (out []types.Parameter) {
	values := maps.Clone(r.Stage.Parameters)
	values["Origin"] = r.origin()
	if r.cert != "" {
		values["CertificateArn"] = r.cert
	}
	values["Build"] = build(templateURL, values)
	for _, key := range r.Stage.Hidden {
		if values[key] == "" && exists {
			out = append(out, types.Parameter{ParameterKey: aws.String(key), UsePreviousValue: aws.Bool(true)})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		out = append(out, types.Parameter{ParameterKey: aws.String(key), ParameterValue: aws.String(values[key])})
	}
	return out
}

// build names what is released: another for each change of code, whose digests are in the template, of the template,
// whose digest is in its address, or of a parameter.
func build(templateURL string, values map[string]string) string {
	sum := sha256.New()
	fmt.Fprintln(sum, path.Base(templateURL))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(sum, "%s=%s\n", key, values[key])
	}
	return hex.EncodeToString(sum.Sum(nil))[:10]
}

// changeSet waits until a change set is worked out, and returns how much it changes. One that changes nothing is
// removed.
func (r *Rollout) changeSet(ctx context.Context, id string) (int, error) {
	for {
		got, err := r.Cloud.Stacks.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: &id})
		if err != nil {
			return 0, err
		}
		reason := aws.ToString(got.StatusReason)
		switch {
		case got.Status == types.ChangeSetStatusCreateComplete:
			return len(got.Changes), nil
		case got.Status == types.ChangeSetStatusFailed &&
			(strings.Contains(reason, "didn't contain changes") || strings.Contains(reason, "No updates are to be performed")):
			_, err = r.Cloud.Stacks.DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{ChangeSetName: &id})
			return 0, err
		case got.Status == types.ChangeSetStatusFailed:
			return 0, stop(again, "CloudFormation refuses the template: %s", reason)
		}
		if err := sleep(ctx, r.Poll); err != nil {
			return 0, err
		}
	}
}

// settle waits for what a run before this one has begun, takes away what cannot be gone on from, and returns the
// state to continue from: "" for no stack.
func (r *Rollout) settle(ctx context.Context) (types.StackStatus, error) {
	name := r.Stage.Stack()
	for told := false; ; told = true {
		s, err := r.Cloud.Stack(ctx, name)
		if errors.Is(err, cloud.ErrNoStack) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		switch status := s.StackStatus; {
		case status == types.StackStatusReviewInProgress: // a change set was made and never run
			return "", nil
		case status == types.StackStatusDeleteFailed:
			return "", stop("make undeploy STAGE="+r.Stage.Name, "the stack is half removed")
		case status == types.StackStatusUpdateRollbackFailed:
			r.say("an older change could not be taken back: trying that again")
			if _, err := r.Cloud.Stacks.ContinueUpdateRollback(
				ctx, &cloudformation.ContinueUpdateRollbackInput{StackName: &name},
			); err != nil {
				return "", err
			}
		case status == types.StackStatusRollbackComplete || status == types.StackStatusRollbackFailed:
			r.say("a first creation was rolled back: removing what it left, to start again")
			if _, err := r.Cloud.Stacks.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &name}); err != nil {
				return "", err
			}
		case !strings.HasSuffix(string(status), "_IN_PROGRESS"):
			return status, nil
		case !told:
			r.say("the stack is at %s since an earlier run: waiting for that", status)
		}
		if err := sleep(ctx, r.Poll); err != nil {
			return "", err
		}
	}
}
