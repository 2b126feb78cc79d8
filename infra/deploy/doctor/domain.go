package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
	"github.com/mi-telecom/mi-connect/infra/deploy/rollout"
)

// delegated compares the servers that the world asks with those that Route 53 gave the zone.
func delegated(ctx context.Context, d *Doctor) Result {
	if d.Stage.Domain == "" {
		return ok("not used: served under CloudFront's own name")
	}
	zone, err := d.rollout.ZoneOf(ctx, d.Stage.Domain)
	if err != nil {
		return unsure(err)
	}
	if zone == "" {
		return d.delegatedElsewhere(ctx)
	}
	got, err := d.Cloud.Zones.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &zone})
	if err != nil {
		return unsure(err)
	}
	name := strings.TrimSuffix(aws.ToString(got.HostedZone.Name), ".")
	want := slices.Sorted(slices.Values(got.DelegationSet.NameServers))
	next := "where " + name + " is registered, name these servers: " + strings.Join(want, ", ")
	servers, err := d.DNS.LookupNS(ctx, name)
	if err != nil && !absent(err) {
		return unsure(err)
	}
	var have []string
	for _, s := range servers {
		have = append(have, strings.TrimSuffix(s.Host, "."))
	}
	slices.Sort(have)
	switch {
	case len(have) == 0:
		return notYet(next, "the world knows no name servers of %s", name)
	case !slices.Equal(have, want):
		return notYet(next, "the world asks %s about %s", strings.Join(have, ", "), name)
	}
	return ok("%s, by Route 53", name)
}

func (d *Doctor) delegatedElsewhere(ctx context.Context) Result {
	for name := d.Stage.Domain; strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
		servers, err := d.DNS.LookupNS(ctx, name)
		if err != nil && !absent(err) {
			return unsure(err)
		}
		if len(servers) > 0 {
			return ok("%s, by %s", name, shown(servers[0].Host))
		}
	}
	return notYet(
		"register the domain, or name its servers where it is registered", "the world knows no name servers of %s",
		d.Stage.Domain,
	)
}

func certificate(ctx context.Context, d *Doctor) Result {
	if d.Stage.Domain == "" {
		return ok("not used: CloudFront's own")
	}
	deploy := "make deploy STAGE=" + d.Stage.Name
	var found *types.CertificateDetail
	var err error
	if given := d.Stage.Parameters["CertificateArn"]; given != "" {
		got, problem := d.Cloud.Certificates.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &given})
		switch {
		case cloud.Code(problem) == "ResourceNotFoundException":
			return notYet(
				"correct CertificateArn in stages/"+d.Stage.Name+".conf, or take the line out to have one made", "there is no %s",
				given,
			)
		case problem == nil:
			found = got.Certificate
		}
		err = problem
	} else {
		found, err = d.rollout.FindCertificate(ctx)
	}
	if err != nil {
		return unsure(err)
	}
	switch {
	case found == nil:
		return notYet(deploy, "none was asked for in us-east-1")
	case found.Status == types.CertificateStatusPendingValidation:
		record, made := rollout.Validation(found)
		if !made {
			return notYet(deploy, "AWS is preparing it")
		}
		return notYet("make this DNS record: "+record.String(), "waiting for its DNS record")
	case found.Status != types.CertificateStatusIssued:
		return notYet("aws acm delete-certificate --region us-east-1 --certificate-arn "+aws.ToString(found.CertificateArn)+
			" && "+deploy,
			"it is at %s %s", found.Status, found.FailureReason)
	}
	return ok("%s", aws.ToString(found.CertificateArn))
}

// leads compares names, or addresses where the domain is an alias, which has no name to compare.
func leads(ctx context.Context, d *Doctor) Result {
	if d.Stage.Domain == "" {
		return ok("not used: served under CloudFront's own name")
	}
	if r, none := d.noStack(); none {
		return r
	}
	cdn := cloud.Output(d.stack, "CdnDomain")
	next := "make this DNS record: " + rollout.Record{Name: d.Stage.Domain, Type: "CNAME", Value: cdn}.String()
	name, err := d.DNS.LookupCNAME(ctx, d.Stage.Domain)
	switch {
	case absent(err):
		return notYet(next, "%s is not in DNS", d.Stage.Domain)
	case err != nil:
		return unsure(err)
	case strings.TrimSuffix(name, ".") == cdn:
		return ok("%s is %s", d.Stage.Domain, cdn)
	}
	have, err := d.DNS.LookupHost(ctx, d.Stage.Domain)
	if err != nil {
		return unsure(err)
	}
	want, err := d.DNS.LookupHost(ctx, cdn)
	if err != nil {
		return unsure(err)
	}
	for _, address := range have {
		if slices.Contains(want, address) {
			return ok("%s has addresses of %s", d.Stage.Domain, cdn)
		}
	}
	return notYet(next, "%s leads to %s", d.Stage.Domain, strings.Join(have, ", "))
}
