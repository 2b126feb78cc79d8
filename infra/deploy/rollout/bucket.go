package rollout

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
	"github.com/mi-telecom/mi-connect/infra/deploy/pack"
	"github.com/mi-telecom/mi-connect/infra/deploy/stage"
)

// builds is the bucket of what was built for a stage. Its name is nobody else's, since it has the account's number.
func (r *Rollout) builds() string {
	return fmt.Sprintf("%s-builds-%s-%s", r.Stage.Stack(), r.Cloud.Account, r.Stage.Region)
}

// bucket makes the bucket and uploads the functions. What is there already, by its digest, is not sent again.
func (r *Rollout) bucket(ctx context.Context) error {
	if err := r.ensureBucket(ctx, r.builds()); err != nil {
		return err
	}
	sent := 0
	for _, f := range r.functions {
		new, err := r.put(ctx, r.builds(), f.Key(), f.Zip)
		if err != nil {
			return err
		}
		if new {
			sent++
		}
	}
	r.say("%s: %d of %d functions are new", r.builds(), sent, len(r.functions))
	return nil
}

func (r *Rollout) ensureBucket(ctx context.Context, name string) error {
	owner := aws.String(r.Cloud.Account) // of somebody else's bucket with this name AWS then says 403
	_, err := r.Cloud.Objects.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name, ExpectedBucketOwner: owner})
	if missing(err) {
		in := &s3.CreateBucketInput{Bucket: &name}
		if r.Stage.Region != "us-east-1" {
			in.CreateBucketConfiguration = &types.CreateBucketConfiguration{
				LocationConstraint: types.BucketLocationConstraint(r.Stage.Region),
			}
		}
		if _, err = r.Cloud.Objects.CreateBucket(ctx, in); err == nil {
			r.changed = true
		}
	}
	if err != nil {
		return fmt.Errorf("bucket %s: %w", name, err)
	}
	// Every time: a run that was killed right after the bucket was made left it without.
	_, err = r.Cloud.Objects.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: &name,
		PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(true), BlockPublicPolicy: aws.Bool(true), IgnorePublicAcls: aws.Bool(true),
			RestrictPublicBuckets: aws.Bool(true),
		}})
	if err != nil {
		return fmt.Errorf("bucket %s: %w", name, err)
	}
	_, err = r.Cloud.Objects.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &name, Tagging: &types.Tagging{
		TagSet: []types.Tag{{Key: aws.String(stage.Tag), Value: &r.Stage.Name}},
	}})
	if err != nil {
		return fmt.Errorf("bucket %s: %w", name, err)
	}
	return nil
}

// put stores what its key names by digest, unless it is there.
func (r *Rollout) put(ctx context.Context, bucket, key string, body []byte) (new bool, err error) {
	_, err = r.Cloud.Objects.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	if !missing(err) {
		return false, err
	}
	r.changed = true
	_, err = r.Cloud.Objects.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(body)})
	if err != nil {
		return false, fmt.Errorf("s3://%s/%s: %w", bucket, key, err)
	}
	return true, nil
}

// missing reports whether S3 has no such thing.
func missing(err error) bool {
	if err == nil {
		return false
	}
	code := cloud.Code(err)
	return code == "NotFound" || code == "NoSuchKey" || code == "NoSuchBucket"
}

// uploadTemplate stores the template, which is too long to be sent by itself, and returns its address.
func (r *Rollout) uploadTemplate(ctx context.Context) (string, error) {
	text, err := os.ReadFile(r.Root + "/template.yaml")
	if err != nil {
		return "", err
	}
	packed, err := pack.Template(string(text), r.builds(), r.functions)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(packed))
	key := "templates/" + hex.EncodeToString(sum[:]) + ".yaml"
	if _, err := r.put(ctx, r.builds(), key, []byte(packed)); err != nil {
		return "", err
	}
	return fmt.Sprintf("https://%s.s3.%s.amazonaws.com/%s", r.builds(), r.Stage.Region, key), nil
}

// pages uploads pages and widget in an order in which nothing names what is not there yet. What the bucket has, with
// the same content and headers, is left alone; what was replaced stays as an older version.
func (r *Rollout) pages(ctx context.Context) error {
	if err := r.buildPages(ctx); err != nil {
		return stop("fix what the build reports, then run the same command again", "%w", err)
	}
	files, err := pack.Pages(r.Root)
	if err != nil {
		return stop("make pages", "%w", err)
	}
	bucket := r.outputs["PagesBucket"]
	if bucket == "" {
		return errors.New("the stack has no output PagesBucket")
	}
	sent := 0
	for _, f := range files {
		same, err := r.has(ctx, bucket, f)
		if err != nil {
			return err
		}
		if same {
			continue
		}
		body, err := os.ReadFile(f.Path)
		if err != nil {
			return err
		}
		sent++
		r.changed = true
		r.say("%s (%s)", f.Key, f.CacheControl)
		_, err = r.Cloud.Objects.PutObject(ctx, &s3.PutObjectInput{
			Bucket: &bucket, Key: &f.Key, Body: bytes.NewReader(body), ContentType: &f.ContentType,
			CacheControl: &f.CacheControl,
			Metadata:     map[string]string{"sha256": f.Sha256},
		})
		if err != nil {
			return fmt.Errorf("s3://%s/%s: %w", bucket, f.Key, err)
		}
	}
	r.say("%d of %d files are new", sent, len(files))
	return nil
}

// buildPages builds widget and dashboard; the public pages name the stage's own address.
func (r *Rollout) buildPages(ctx context.Context) error {
	if r.Packed != "" {
		return nil // built before, as the functions were
	}
	// They are another stage's from now on, or none's: make dev builds its own again.
	if err := os.Remove(filepath.Join(r.Root, ".build", "pages.stamp")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, line := range [][]string{
		{"node", "widget/build.mjs"}, {"npx", "--no-install", "vite", "build", "dashboard", "--logLevel", "warn"},
	} {
		cmd := exec.CommandContext(ctx, line[0], line[1:]...)
		cmd.Dir, cmd.Env = r.Root, append(os.Environ(), "ORIGIN="+r.origin())
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(line, " "), err, out)
		}
	}
	return nil
}

func (r *Rollout) has(ctx context.Context, bucket string, f pack.File) (bool, error) {
	got, err := r.Cloud.Objects.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &f.Key})
	if missing(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("s3://%s/%s: %w", bucket, f.Key, err)
	}
	return got.Metadata["sha256"] == f.Sha256 && aws.ToString(got.ContentType) == f.ContentType &&
		aws.ToString(got.CacheControl) == f.CacheControl, nil
}
