package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/mi-telecom/mi-connect/infra/deploy/doctor"
	"github.com/mi-telecom/mi-connect/shared/billing"
)

// zones is DNS as the world sees it, when it asks the emulation's zones of Route 53.
type zones struct {
	w         *world
	delegated bool
}

func (z zones) records(
	ctx context.Context, name string, kind types.RRType,
) (out []types.ResourceRecord, alias *types.AliasTarget, err error) {
	all, err := z.w.Zones.ListHostedZones(ctx, &route53.ListHostedZonesInput{})
	if err != nil {
		return nil, nil, err
	}
	for _, zone := range all.HostedZones {
		sets, err := z.w.Zones.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: zone.Id})
		if err != nil {
			return nil, nil, err
		}
		for _, s := range sets.ResourceRecordSets {
			if strings.TrimSuffix(aws.ToString(s.Name), ".") == name && s.Type == kind {
				out, alias = append(out, s.ResourceRecords...), s.AliasTarget
			}
		}
	}
	if len(out) == 0 && alias == nil {
		err = &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return out, alias, err
}

func (z zones) LookupNS(ctx context.Context, name string) (out []*net.NS, err error) {
	if !z.delegated {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	records, _, err := z.records(ctx, name, types.RRTypeNs)
	for _, r := range records {
		out = append(out, &net.NS{Host: aws.ToString(r.Value)})
	}
	return out, err
}

func (z zones) LookupCNAME(ctx context.Context, name string) (string, error) {
	_, _, err := z.records(ctx, name, types.RRTypeA)
	return name + ".", err
}

// LookupHost gives a distribution one address, and an alias that of what it leads to.
func (z zones) LookupHost(ctx context.Context, name string) ([]string, error) {
	if !strings.HasSuffix(name, ".cloudfront.net") {
		_, alias, err := z.records(ctx, name, types.RRTypeA)
		if err != nil {
			return nil, err
		}
		name = strings.TrimSuffix(aws.ToString(alias.DNSName), ".")
	}
	return []string{"address of " + name}, nil
}

func (z zones) LookupTXT(ctx context.Context, name string) (out []string, err error) {
	records, _, err := z.records(ctx, name, types.RRTypeTxt)
	for _, r := range records {
		out = append(out, strings.Trim(aws.ToString(r.Value), `"`))
	}
	return out, err
}

// account is Stripe, where `make stripe-setup` was or was not run.
type account struct{ made bool }

func (a *account) Inspect(context.Context, string) (billing.Inspection, error) {
	if !a.made {
		return billing.Inspection{Live: true, MissingPrices: []string{"mi_starter_month"}}, nil
	}
	return billing.Inspection{Live: true, Endpoint: "we_1", Enabled: true, APIVersion: billing.APIVersion}, nil
}

// testDoctor does what is left for a person after a first deployment, one thing after another.
func (w *world) testDoctor(t *testing.T) {
	w.in(t)
	ctx := t.Context()
	stripe, dns := &account{}, &zones{w: w}
	d := &doctor.Doctor{
		Stage: w.stage("prod"), Cloud: w.Cloud, DNS: dns, Stripe: func(string) (doctor.Stripe, error) { return stripe, nil },
	}
	w.control(`{"concurrency": 10}`)
	red := w.red(d)
	for _, want := range []string{
		"Lambda concurrency", "domain delegated", "SES: out of the sandbox", "alarms: a test alarm arrived",
		"secrets: filled", "Stripe: key",
	} {
		if red[want] == "" {
			t.Errorf("%s is green", want)
		}
	}
	for _, done := range []string{
		"stack", "certificate issued", "domain leads to the CDN", "SES: DKIM", "SES: MAIL FROM domain", "DNS: SPF",
		"DNS: DMARC",
	} {
		if red[done] != "" {
			t.Errorf("%s is red: %s", done, red[done])
		}
	}

	w.control(`{"concurrency": 1000, "mail": {"ProductionAccessEnabled": true}}`)
	dns.delegated, stripe.made = true, true
	resources, err := w.Resources(ctx, "mi-connect-prod")
	if err != nil {
		t.Fatal(err)
	}
	for id, value := range map[string]string{"StripeSecretKey": "sk_live_1", "StripeWebhookSecrets": "whsec_1"} {
		if _, err := w.Secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
			SecretId: resources[id].PhysicalResourceId, SecretString: &value,
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.SendTestAlarm(ctx); err != nil {
		t.Fatal(err)
	}
	alarm, err := w.Alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: []string{aws.ToString(resources["ThrottlesAlarm"].PhysicalResourceId)},
	})
	if err != nil || len(alarm.MetricAlarms) != 1 {
		t.Fatalf("%d alarms, %v", len(alarm.MetricAlarms), err)
	}
	mailed := regexp.MustCompile(`ALARM_CODE=(\w{6})$`).FindStringSubmatch(aws.ToString(alarm.MetricAlarms[0].StateReason))
	if mailed == nil {
		t.Fatalf("the alarm says %q", aws.ToString(alarm.MetricAlarms[0].StateReason))
	}
	if err := d.AlarmArrived(ctx, mailed[1], time.Now()); err != nil {
		t.Fatal(err)
	}
	if red := w.red(d); len(red) != 0 {
		t.Errorf("still to do: %v", red)
	}

	// The program itself, whose DNS is the machine's: it says so, as JSON too, and its status is not 0.
	cmd := w.command("doctor", "prod", "-json")
	out, err := cmd.Output()
	var results []doctor.Result
	if err == nil || cmd.ProcessState.ExitCode() != 2 || json.Unmarshal(out, &results) != nil || len(results) != 21 {
		t.Errorf("%v, %d results: %s", err, len(results), out)
	}
}

// red is what is not green, by check.
func (w *world) red(d *doctor.Doctor) map[string]string {
	w.t.Helper()
	results := d.Examine(w.t.Context())
	var text bytes.Buffer
	if err := doctor.Print(&text, results, false); err != nil {
		w.t.Fatal(err)
	}
	w.t.Log("\n" + text.String())
	red := map[string]string{}
	for _, r := range results {
		if r.State != doctor.OK {
			red[r.Check] = r.Detail
		}
	}
	return red
}
