package doctor

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
)

func credentials(ctx context.Context, d *Doctor) Result {
	arn, err := d.Cloud.Identify(ctx)
	if err != nil {
		return notYet("aws configure   (or: aws sso login)", "AWS does not know who you are: %v", err)
	}
	if d.Stage.Account != "" && d.Stage.Account != d.Cloud.Account {
		return notYet(
			"AWS_PROFILE=<that account's> make doctor STAGE="+d.Stage.Name, "these are of account %s; the stage belongs to %s",
			d.Cloud.Account, d.Stage.Account,
		)
	}
	return ok("%s", arn)
}

func region(ctx context.Context, d *Doctor) Result {
	_, err := d.Cloud.Functions.GetAccountSettings(ctx, &lambda.GetAccountSettingsInput{})
	switch code := cloud.Code(err); {
	case err == nil:
		return ok("%s", d.Stage.Region)
	case code == "UnrecognizedClientException" || code == "InvalidClientTokenId" || code == "OptInRequired":
		return notYet(
			"aws account enable-region --region-name "+d.Stage.Region, "the account has not opted in to %s", d.Stage.Region,
		)
	}
	return unsure(err)
}

// enough executions at once: what AWS gives an account that is not new.
const enough = 1000

func concurrency(ctx context.Context, d *Doctor) Result {
	got, err := d.Cloud.Functions.GetAccountSettings(ctx, &lambda.GetAccountSettingsInput{})
	if err != nil {
		return unsure(err)
	}
	if have := got.AccountLimit.ConcurrentExecutions; have < enough {
		return notYet(d.aws(
			"service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value %d",
			enough,
		),
			"%d functions may run at once; a new account's limit is too low for visitors and logins together", have)
	}
	return ok("%d at once", got.AccountLimit.ConcurrentExecutions)
}

func stackDeployed(ctx context.Context, d *Doctor) Result {
	s, err := d.Cloud.Stack(ctx, d.Stage.Stack())
	deploy := "make deploy STAGE=" + d.Stage.Name
	if errors.Is(err, cloud.ErrNoStack) {
		return notYet(deploy, "%s is not there", d.Stage.Stack())
	}
	if err != nil {
		return unsure(err)
	}
	resources, err := d.Cloud.Resources(ctx, d.Stage.Stack())
	if err != nil {
		return unsure(err)
	}
	switch status := string(s.StackStatus); {
	case strings.HasSuffix(status, "_IN_PROGRESS"):
		return notYet(deploy, "%s is at %s", d.Stage.Stack(), status)
	case status != "CREATE_COMPLETE" && status != "UPDATE_COMPLETE" && status != "UPDATE_ROLLBACK_COMPLETE":
		return notYet(deploy, "%s is at %s: %s", d.Stage.Stack(), status, deref(s.StackStatusReason))
	}
	d.stack, d.resources = s, resources
	return ok("%s, %s, %d resources", d.Stage.Stack(), s.StackStatus, len(resources))
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
