package rollout

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/mi-telecom/mi-connect/infra/deploy/stage"
)

// certificate has a certificate for the domain issued in us-east-1, the one region that CloudFront takes. It is in no
// stack: its DNS record may wait for a person for days, in which a stack would time out and roll back.
func (r *Rollout) certificate(ctx context.Context) error {
	if r.Stage.Domain == "" {
		r.say("none needed: the stage is served under CloudFront's own name")
		return nil
	}
	if err := r.findZone(ctx); err != nil {
		return err
	}
	if given := r.Stage.Parameters["CertificateArn"]; given != "" {
		r.cert = given
	} else if err := r.ensureCertificate(ctx); err != nil {
		return err
	}
	return r.awaitCertificate(ctx)
}

// FindCertificate returns the stage's certificate in us-east-1, nil for none.
func (r *Rollout) FindCertificate(ctx context.Context) (*types.CertificateDetail, error) {
	pages := acm.NewListCertificatesPaginator(r.Cloud.Certificates, &acm.ListCertificatesInput{
		CertificateStatuses: []types.CertificateStatus{
			types.CertificateStatusIssued, types.CertificateStatusPendingValidation,
		},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, c := range page.CertificateSummaryList {
			if aws.ToString(c.DomainName) != r.Stage.Domain {
				continue
			}
			tags, err := r.Cloud.Certificates.ListTagsForCertificate(ctx, &acm.ListTagsForCertificateInput{
				CertificateArn: c.CertificateArn,
			})
			if err != nil {
				return nil, err
			}
			for _, t := range tags.Tags {
				if aws.ToString(t.Key) == stage.Tag && aws.ToString(t.Value) == r.Stage.Name {
					got, err := r.Cloud.Certificates.DescribeCertificate(ctx, &acm.DescribeCertificateInput{
						CertificateArn: c.CertificateArn,
					})
					if err != nil {
						return nil, err
					}
					return got.Certificate, nil
				}
			}
		}
	}
	return nil, nil
}

func (r *Rollout) ensureCertificate(ctx context.Context) error {
	found, err := r.FindCertificate(ctx)
	if err != nil {
		return err
	}
	if found != nil {
		r.cert = aws.ToString(found.CertificateArn)
		return nil
	}
	r.changed = true
	// The token makes a repeated call within the hour the same certificate, should this be killed before it is tagged.
	got, err := r.Cloud.Certificates.RequestCertificate(ctx, &acm.RequestCertificateInput{
		DomainName: &r.Stage.Domain, ValidationMethod: types.ValidationMethodDns,
		IdempotencyToken: aws.String(token(r.Stage.Name)),
		Tags:             []types.Tag{{Key: aws.String(stage.Tag), Value: &r.Stage.Name}},
	})
	if err != nil {
		return err
	}
	r.cert = aws.ToString(got.CertificateArn)
	r.say("asked for a certificate for %s in us-east-1", r.Stage.Domain)
	return nil
}

// token is a stage's name as an idempotency token, which takes no hyphens.
func token(name string) string {
	out := []byte("miconnect_" + name)
	for i, b := range out {
		if b == '-' {
			out[i] = '_'
		}
	}
	return string(out)
}

// Validation is the DNS record by which AWS sees that the domain is ours; false while AWS has not made one up.
func Validation(c *types.CertificateDetail) (Record, bool) {
	for _, v := range c.DomainValidationOptions {
		if rr := v.ResourceRecord; rr != nil {
			return Record{Name: aws.ToString(rr.Name), Type: string(rr.Type), Value: aws.ToString(rr.Value)}, true
		}
	}
	return Record{}, false
}

func (r *Rollout) awaitCertificate(ctx context.Context) error {
	deadline, recorded := time.Now().Add(r.Wait), false
	for {
		got, err := r.Cloud.Certificates.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &r.cert})
		if err != nil {
			return fmt.Errorf("certificate %s: %w", r.cert, err)
		}
		switch c := got.Certificate; c.Status {
		case types.CertificateStatusIssued:
			r.say("issued: %s", r.cert)
			return nil
		case types.CertificateStatusPendingValidation:
			record, ok := Validation(c)
			if ok && !recorded {
				if err := r.record(ctx, record); err != nil {
					return err
				}
				recorded = true
				r.say("waiting up to %s for AWS to see %s", r.Wait, record)
			}
			if time.Now().After(deadline) {
				return stop(fmt.Sprintf(
					"make this DNS record where %s is managed, wait some minutes, then the same command again:\n        %s",
					r.Stage.Domain, record,
				),
					"the certificate is not issued yet")
			}
		default:
			return stop(fmt.Sprintf(
				"aws acm delete-certificate --region us-east-1 --certificate-arn %s, then the same command again", r.cert,
			),
				"the certificate is at %s %s", c.Status, c.FailureReason)
		}
		if err := sleep(ctx, r.Poll); err != nil {
			return err
		}
	}
}
