package rollout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	route53 "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
	"github.com/mi-telecom/mi-connect/infra/deploy/stage"
)

// Down takes the stage away. Its tables and secrets stay unless withData, which cannot be taken back.
func (r *Rollout) Down(ctx context.Context, withData bool) error {
	steps := []step{
		{"Account and credentials", r.identify},
		{"DNS", r.removeAlias},
		{"Pages and widget", r.emptyPages},
		{"Stack", r.removeStack},
		{"Certificate", r.removeCertificate},
		{"Bucket for builds", r.removeBuilds},
	}
	if withData {
		steps = append(steps, step{"Tables and secrets", r.removeData})
	}
	if err := r.run(ctx, steps); err != nil {
		return err
	}
	kept, err := r.kept(ctx)
	if err != nil {
		return explain(err)
	}
	fmt.Fprintf(r.Out, "\n%s is taken away.\n", r.Stage.Name)
	if len(kept) > 0 {
		fmt.Fprintf(r.Out, "Kept, and paid for: %d tables and secrets.\n", len(kept))
		for _, arn := range kept {
			fmt.Fprintf(r.Out, "  %s\n", arn)
		}
		fmt.Fprintf(r.Out, "To delete them as well, permanently:\n  make undeploy STAGE=%s DATA=delete\n", r.Stage.Name)
	}
	return nil
}

// removeAlias takes away the records that lead to this stage's CDN, and no others of the name.
func (r *Rollout) removeAlias(ctx context.Context) error {
	if err := r.readOutputs(ctx); err != nil {
		return err
	}
	if r.Stage.Domain == "" || r.outputs["CdnDomain"] == "" {
		return nil
	}
	if err := r.findZone(ctx); err != nil || r.zone == "" {
		return err
	}
	for _, kind := range []route53.RRType{route53.RRTypeA, route53.RRTypeAaaa} {
		have, err := r.recordSet(ctx, r.Stage.Domain, kind)
		if err != nil {
			return err
		}
		if have != nil && equal(have, r.alias(kind)) {
			r.say("%s %s", kind, r.Stage.Domain)
			if err := r.change(ctx, route53.ChangeActionDelete, have); err != nil {
				return err
			}
		}
	}
	return nil
}

// emptyPages removes all versions of all pages, since AWS deletes no bucket that holds any.
func (r *Rollout) emptyPages(ctx context.Context) error {
	if r.outputs["PagesBucket"] == "" {
		return nil
	}
	return r.empty(ctx, r.outputs["PagesBucket"])
}

func (r *Rollout) empty(ctx context.Context, bucket string) error {
	removed := 0
	for {
		page, err := r.Cloud.Objects.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &bucket})
		if missing(err) {
			return nil
		}
		if err != nil {
			return err
		}
		var all []s3types.ObjectIdentifier
		for _, v := range page.Versions {
			all = append(all, s3types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			all = append(all, s3types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if len(all) == 0 {
			r.say("%s: %d versions removed", bucket, removed)
			return nil
		}
		out, err := r.Cloud.Objects.DeleteObjects(ctx, &s3.DeleteObjectsInput{
			Bucket: &bucket, Delete: &s3types.Delete{Objects: all, Quiet: aws.Bool(true)},
		})
		if err != nil {
			return err
		}
		if len(out.Errors) > 0 {
			return fmt.Errorf("s3://%s/%s: %s", bucket, aws.ToString(out.Errors[0].Key), aws.ToString(out.Errors[0].Message))
		}
		removed += len(all)
	}
}

func (r *Rollout) removeStack(ctx context.Context) error {
	name := r.Stage.Stack()
	s, err := r.Cloud.Stack(ctx, name)
	if errors.Is(err, cloud.ErrNoStack) {
		r.say("there is none")
		return nil
	}
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(s.StackStatus), "DELETE_IN") {
		if _, err := r.settle(ctx); err != nil {
			if _, half := errors.AsType[*Stop](err); !half { // half removed is what this is for
				return err
			}
		}
		if _, err := r.Cloud.Stacks.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &name}); err != nil {
			return err
		}
	}
	r.say("%s; a CDN takes some minutes to go", name)
	return r.follow(ctx, time.Now())
}

func (r *Rollout) removeCertificate(ctx context.Context) error {
	if r.Stage.Domain == "" || r.Stage.Parameters["CertificateArn"] != "" {
		return nil
	}
	found, err := r.FindCertificate(ctx)
	if err != nil || found == nil {
		return err
	}
	_, err = r.Cloud.Certificates.DeleteCertificate(ctx, &acm.DeleteCertificateInput{CertificateArn: found.CertificateArn})
	return err
}

func (r *Rollout) removeBuilds(ctx context.Context) error {
	if err := r.empty(ctx, r.builds()); err != nil {
		return err
	}
	_, err := r.Cloud.Objects.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: aws.String(r.builds())})
	if missing(err) {
		return nil
	}
	return err
}

// kept are the addresses of the stage's tables and secrets, of this stack and of those before it.
func (r *Rollout) kept(ctx context.Context) (arns []string, err error) {
	pages := resourcegroupstaggingapi.NewGetResourcesPaginator(r.Cloud.Tagged, &resourcegroupstaggingapi.GetResourcesInput{
		TagFilters:          []tagging.TagFilter{{Key: aws.String(stage.Tag), Values: []string{r.Stage.Name}}},
		ResourceTypeFilters: []string{"dynamodb:table", "secretsmanager:secret"},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, m := range page.ResourceTagMappingList {
			arns = append(arns, aws.ToString(m.ResourceARN))
		}
	}
	slices.Sort(arns)
	return arns, nil
}

// removeData deletes the tables, their protection first, and the secrets, which AWS keeps for a week more.
func (r *Rollout) removeData(ctx context.Context) error {
	arns, err := r.kept(ctx)
	if err != nil {
		return err
	}
	for _, arn := range arns {
		if strings.Contains(arn, ":secret:") {
			_, err = r.Cloud.Secrets.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{
				SecretId: &arn, RecoveryWindowInDays: aws.Int64(7),
			})
		} else {
			err = r.removeTable(ctx, arn[strings.LastIndex(arn, "/")+1:])
		}
		// Gone, or given up by a run before this one.
		if code := cloud.Code(err); err != nil && code != "ResourceNotFoundException" && code != "InvalidRequestException" {
			return fmt.Errorf("%s: %w", arn, err)
		}
		r.say("deleted %s", arn)
	}
	return nil
}

func (r *Rollout) removeTable(ctx context.Context, name string) error {
	_, err := r.Cloud.Tables.UpdateTable(ctx, &dynamodb.UpdateTableInput{
		TableName: &name, DeletionProtectionEnabled: aws.Bool(false),
	})
	// Says so when it is unprotected already.
	if err != nil && cloud.Code(err) != "ValidationException" {
		return err
	}
	if err := dynamodb.NewTableExistsWaiter(r.Cloud.Tables).Wait(
		ctx, &dynamodb.DescribeTableInput{TableName: &name}, time.Minute,
	); err != nil {
		return err
	}
	_, err = r.Cloud.Tables.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
	return err
}
