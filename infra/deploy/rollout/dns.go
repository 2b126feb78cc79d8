package rollout

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// Record is a DNS record as a person would type it.
type Record struct{ Name, Type, Value string }

func (r Record) String() string {
	return fmt.Sprintf("%s  %s  %s", strings.TrimSuffix(r.Name, "."), r.Type, r.Value)
}

// cloudFrontZone is the zone of every distribution's name, a constant of AWS's.
const cloudFrontZone = "Z2FDTNDATAQYW2"

// findZone looks in this account for the zone of the domain, from the domain itself upwards.
func (r *Rollout) findZone(ctx context.Context) error {
	if r.zone = r.Stage.HostedZone; r.zone != "" {
		return nil
	}
	id, err := r.ZoneOf(ctx, r.Stage.Domain)
	r.zone = id
	if id == "" && err == nil {
		r.say("no zone of Route 53 in this account has %s: records are for you to make", r.Stage.Domain)
	}
	return err
}

// ZoneOf returns the id of the closest public zone that has a name, "" for none.
func (r *Rollout) ZoneOf(ctx context.Context, name string) (string, error) {
	for at := name; strings.Contains(at, "."); _, at, _ = strings.Cut(at, ".") {
		got, err := r.Cloud.Zones.ListHostedZonesByName(ctx, &route53.ListHostedZonesByNameInput{
			DNSName: aws.String(at + "."),
		})
		if err != nil {
			return "", err
		}
		for _, z := range got.HostedZones {
			if aws.ToString(z.Name) == at+"." && (z.Config == nil || !z.Config.PrivateZone) {
				return strings.TrimPrefix(aws.ToString(z.Id), "/hostedzone/"), nil
			}
		}
	}
	return "", nil
}

// record makes a record in the zone, or keeps it for a person to make.
func (r *Rollout) record(ctx context.Context, record Record) error {
	if r.zone == "" {
		if text := record.String(); !slices.Contains(r.records, text) {
			r.records = append(r.records, text)
		}
		return nil
	}
	value := record.Value
	if record.Type == "TXT" {
		value = `"` + value + `"`
	}
	return r.upsert(ctx, &types.ResourceRecordSet{
		Name: &record.Name, Type: types.RRType(record.Type), TTL: aws.Int64(300),
		ResourceRecords: []types.ResourceRecord{{Value: &value}},
	})
}

// upsert writes a record set unless it is there as it should be.
func (r *Rollout) upsert(ctx context.Context, want *types.ResourceRecordSet) error {
	have, err := r.recordSet(ctx, aws.ToString(want.Name), want.Type)
	if err != nil || have != nil && equal(have, want) {
		return err
	}
	r.changed = true
	r.say("%s %s", want.Type, aws.ToString(want.Name))
	return r.change(ctx, types.ChangeActionUpsert, want)
}

func (r *Rollout) change(ctx context.Context, action types.ChangeAction, set *types.ResourceRecordSet) error {
	_, err := r.Cloud.Zones.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: &r.zone,
		ChangeBatch:  &types.ChangeBatch{Changes: []types.Change{{Action: action, ResourceRecordSet: set}}},
	})
	if err != nil {
		return fmt.Errorf("DNS record %s: %w", aws.ToString(set.Name), err)
	}
	return nil
}

// recordSet returns the zone's records of a name and type, nil for none.
func (r *Rollout) recordSet(ctx context.Context, name string, kind types.RRType) (*types.ResourceRecordSet, error) {
	name = strings.TrimSuffix(name, ".") + "."
	got, err := r.Cloud.Zones.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{
		HostedZoneId: &r.zone, StartRecordName: &name, StartRecordType: kind, MaxItems: aws.Int32(1),
	})
	if err != nil {
		return nil, fmt.Errorf("DNS records of %s: %w", name, err)
	}
	for _, s := range got.ResourceRecordSets {
		if strings.TrimSuffix(aws.ToString(s.Name), ".") == strings.TrimSuffix(name, ".") && s.Type == kind {
			return &s, nil
		}
	}
	return nil, nil
}

func equal(a, b *types.ResourceRecordSet) bool {
	if (a.AliasTarget == nil) != (b.AliasTarget == nil) || len(a.ResourceRecords) != len(b.ResourceRecords) {
		return false
	}
	if a.AliasTarget != nil {
		return strings.TrimSuffix(aws.ToString(a.AliasTarget.DNSName), ".") == strings.TrimSuffix(
			aws.ToString(b.AliasTarget.DNSName), ".",
		)
	}
	for i := range a.ResourceRecords {
		if aws.ToString(a.ResourceRecords[i].Value) != aws.ToString(b.ResourceRecords[i].Value) {
			return false
		}
	}
	return true
}

// alias is the domain's record that leads to the CDN.
func (r *Rollout) alias(kind types.RRType) *types.ResourceRecordSet {
	return &types.ResourceRecordSet{Name: aws.String(r.Stage.Domain + "."), Type: kind, AliasTarget: &types.AliasTarget{
		DNSName: aws.String(r.outputs["CdnDomain"]), HostedZoneId: aws.String(cloudFrontZone), EvaluateTargetHealth: false,
	}}
}

// domain leads the domain to the CDN, over IPv4 and IPv6.
func (r *Rollout) domain(ctx context.Context) error {
	switch {
	case r.Stage.Domain == "":
		r.say("nothing to do: the stage is served under %s", r.outputs["CdnDomain"])
		return nil
	case r.zone == "":
		return r.record(ctx, Record{r.Stage.Domain, "CNAME", r.outputs["CdnDomain"]})
	}
	for _, kind := range []types.RRType{types.RRTypeA, types.RRTypeAaaa} {
		if err := r.upsert(ctx, r.alias(kind)); err != nil {
			return err
		}
	}
	r.say("%s leads to %s", r.Stage.Domain, r.outputs["CdnDomain"])
	return nil
}
