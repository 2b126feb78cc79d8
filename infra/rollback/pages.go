package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// pause is the longest between two files of one upload.
const pause = 10 * time.Minute

// file is what a key shows now, and whether something was there before.
type file struct {
	key, version string
	at           time.Time
	earlier      bool
}

// backPages takes back the last upload that replaced or removed something. A file is taken back by removing its newest
// version, so that a run that was cut off continues with the rest, and the next one goes back one upload more. Files
// that the upload brought again stay: pages that are open still ask for them, and no page before knows them.
func (r *rollback) backPages(ctx context.Context, p parts) error {
	files, err := r.files(ctx, p.bucket)
	if err != nil {
		return err
	}
	files = slices.DeleteFunc(files, func(f file) bool { return !f.earlier })
	slices.SortFunc(files, func(a, b file) int { return b.at.Compare(a.at) })
	upload := files
	for i := 1; i < len(files); i++ {
		if files[i-1].at.Sub(files[i].at) > pause {
			upload = files[:i]
			break
		}
	}
	if len(upload) == 0 {
		return errNothing
	}
	// Newest first: an upload puts what others name before what names it.
	for _, f := range upload {
		r.say("%s: as before %s", f.key, f.at.UTC().Format(time.RFC3339))
		if r.dry {
			continue
		}
		if _, err := r.bucket.DeleteObject(ctx, &s3.DeleteObjectInput{
			Bucket: &p.bucket, Key: &f.key, VersionId: &f.version,
		}); err != nil {
			return err
		}
	}
	if r.dry || p.distribution == "" {
		return nil
	}
	_, err = r.cdn.CreateInvalidation(ctx, &cloudfront.CreateInvalidationInput{DistributionId: &p.distribution,
		InvalidationBatch: &types.InvalidationBatch{
			CallerReference: aws.String("rollback-" + strconv.FormatInt(time.Now().UnixNano(), 36)),
			Paths:           &types.Paths{Quantity: aws.Int32(1), Items: []string{"/*"}},
		}})
	if err != nil {
		return fmt.Errorf("the files are as before, but the CDN keeps its copies for up to an hour: %w", err)
	}
	return nil
}

// files reads what each key of the bucket shows: a version, or a mark that it was removed.
func (r *rollback) files(ctx context.Context, bucket string) ([]file, error) {
	versions := map[string][]file{}
	add := func(key, version *string, at *time.Time) {
		k := aws.ToString(key)
		versions[k] = append(versions[k], file{key: k, version: aws.ToString(version), at: aws.ToTime(at)})
	}
	pages := s3.NewListObjectVersionsPaginator(r.bucket, &s3.ListObjectVersionsInput{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, v := range page.Versions {
			add(v.Key, v.VersionId, v.LastModified)
		}
		for _, m := range page.DeleteMarkers {
			add(m.Key, m.VersionId, m.LastModified)
		}
	}
	var out []file
	for _, list := range versions {
		slices.SortStableFunc(list, func(a, b file) int { return b.at.Compare(a.at) })
		list[0].earlier = len(list) > 1
		out = append(out, list[0])
	}
	return out, nil
}
